/** Whom a command is about. */
import { isKeyText } from '../lib/signer';
import type { PersonKey } from './commands';
import { fold } from './names';
import type { ChatState } from './state';

/** Somebody by key, and by what a record says besides: a nick, '' for one that has none. */
export interface Person {
  readonly key: PersonKey;
  readonly nick: string;
}

/** The key of the person with that key, or that is called so, or whose nick that is; undefined: nobody. */
export function keyOf(state: ChatState, who: string): PersonKey | undefined {
  return isKeyText(who) ? who : calledSo(state, who)?.key;
}

/** The same with a nick. For a key without a session that takes a walk over all nicks. */
export function personOf(state: ChatState, who: string): Person | undefined {
  return isKeyText(who) ? { key: who, nick: nickOf(state, who) } : calledSo(state, who);
}

function calledSo(state: ChatState, who: string): Person | undefined {
  const session = state.sessions.get(state.nicks.get(fold(who)) ?? '');
  if (session) return { key: session.key, nick: session.nick };
  return state.claims.of(who);
}

/** A nick of the person: one that it has now, rather than one that it had; '' for none. */
function nickOf(state: ChatState, key: PersonKey): string {
  const [session] = state.sessionsOf(key);
  if (session) return session.nick;
  for (const claim of state.claims) if (claim.key === key) return claim.nick;
  return '';
}
