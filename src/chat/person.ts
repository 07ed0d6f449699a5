/** Whom a command is about. */
import { isKeyText } from '../lib/signer';
import type { PersonKey } from './commands';
import { fold } from './names';
import type { ChatState } from './state';

/** The person with that key, or that is called so, or whose nick that is; undefined: nobody. */
export function personOf(
  state: ChatState,
  who: string,
): { readonly key: PersonKey; readonly nick: string } | undefined {
  if (isKeyText(who)) return { key: who, nick: nickOf(state, who) };
  const session = state.sessions.get(state.nicks.get(fold(who)) ?? '');
  if (session) return { key: session.key, nick: session.nick };
  return state.claims.of(who);
}

/** A nick of the person: one that it has now, rather than one that it had; '' for none. */
function nickOf(state: ChatState, key: PersonKey): string {
  for (const session of state.sessions.values()) if (session.key === key) return session.nick;
  for (const claim of state.claims) if (claim.key === key) return claim.nick;
  return '';
}
