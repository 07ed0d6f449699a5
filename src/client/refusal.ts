/** What to say of a connection that one of the two did not want. */
import type { Refusal, RefusalReason } from '../transport/security';

const OF_THE_OTHER: Readonly<Record<RefusalReason, string>> = {
  key: 'its key is not on the list of those who may',
  'other key': 'it expects somebody with another key here',
  mechanism: 'it does not speak CURVE',
  'broken off': 'it broke off',
};

/** @param self who says it, where the other end does not let it in */
export function refusalInWords({ address, bound, why }: Refusal, self = 'this process'): string {
  if (bound) return `refused a connection to ${address}: ${OF_THE_OTHER[why]}`;
  switch (why) {
    case 'key':
      return `${address} does not admit ${self}'s key: is it on the list of this cluster?`;
    case 'mechanism':
      return `${address} and ${self} do not agree on encryption: does one of them run with --insecure?`;
    case 'other key':
    case 'broken off':
      return `${address} has another key than ${self} expects, or is just ending`;
  }
}
