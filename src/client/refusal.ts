/** What to say when the balancer does not let a client in. */
import type { RefusalReason } from '../transport/security';

/** @param where the balancer's address, or a word for it */
export function refusalInWords(why: RefusalReason, where: string): string {
  switch (why) {
    case 'key':
      return `${where} does not admit this client's key: is it on the list of this cluster?`;
    case 'mechanism':
      return `${where} and this client do not agree on encryption: does one of them run with --insecure?`;
    case 'other key':
    case 'broken off':
      return `${where} has another key than this client expects, or no balancer is there`;
  }
}
