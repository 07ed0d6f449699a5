/** What somebody may be called, and what follows from being called so. */
import { isKeyText } from '../lib/signer';
import type { Application } from './apply';
import { type Claim, lapsesAt } from './claims';
import type { Command, PersonKey, SessionId } from './commands';
import type { Refusal } from './events';
import { badNick, fold, nickName } from './names';
import { keyOf } from './person';
import type { EditableSession, Session } from './sessions';
import type { ChatState } from './state';
import { excerpt } from './text';

/** Who wants to be called so. */
export interface Asking {
  readonly key: PersonKey;
  readonly session: SessionId;
  /** Whether another session of the same person gives it up, though it is online. */
  readonly reclaim: boolean;
}

/** Why somebody cannot be called so, or undefined. */
export function refuseNick(state: ChatState, asked: string, { key, session, reclaim }: Asking): Refusal | undefined {
  const nick = nickName(asked, state.limits);
  if (nick === undefined) return badNick(asked, state.limits);
  if (isKeyText(nick)) return { code: 'bad-nick', message: 'a nick does not look like a key' };
  const clash = state.claims.clashing(nick, key);
  if (clash) {
    const whose = fold(clash.nick) === fold(nick) ? clash.nick : `${nick} looks like ${clash.nick}, which`;
    return { code: 'nick-in-use', message: `${whose} belongs to somebody else` };
  }
  const holder = state.sessions.get(state.nicks.get(fold(nick)) ?? '');
  if (holder?.online && holder.id !== session && !(reclaim && holder.key === key)) {
    const whose = holder.key === key ? ', in another session of yours' : '';
    return { code: 'nick-in-use', message: `${holder.nick} is here already${whose}` };
  }
  return state.claims.of(nick)?.key === key ? undefined : refuseClaim(state, key, nick);
}

/** The nick is the person's from here on, and the session's, which another one gives it up for. It must be allowed. */
export function takeNick(application: Application, { key, session }: Omit<Asking, 'reclaim'>, nick: string): void {
  const { state, time } = application;
  const holder = state.nicks.get(fold(nick));
  if (holder !== undefined && holder !== session) displace(application, holder);
  const known = state.claims.of(nick);
  const claim = known?.key === key ? known : { nick: known?.nick ?? nick, key, since: time };
  state.setClaim({ ...claim, offered: '', seen: time });
}

/** The session is not called so any more: that keeps the nick its person's for a while. */
export function leaveNick({ state, time }: Application, { nick, key }: Session): void {
  const claim = state.claims.of(nick);
  if (claim?.key === key) state.setClaim({ ...claim, seen: time });
}

type CommandOf<Type extends Command['type']> = Extract<Command, { readonly type: Type }>;

/** @see Command */
export function release(
  application: Application,
  session: EditableSession,
  command: CommandOf<'release'>,
): Refusal | undefined {
  const { state } = application;
  const claim = state.claims.of(command.nick);
  if (claim?.key === session.key) free(application, claim);
  else return notYours(command.nick);
  return undefined;
}

/** @see Command */
export function give(
  application: Application,
  session: EditableSession,
  command: CommandOf<'give'>,
): Refusal | undefined {
  const { state } = application;
  const claim = state.claims.of(command.nick);
  if (claim?.key !== session.key) return notYours(command.nick);
  const to = keyOf(state, command.to);
  if (to === undefined)
    return { code: 'no-such-person', message: `${excerpt(command.to)} is neither a nick nor a key` };
  const alike = [...state.claims.alike(claim.nick)].find(({ nick, key }) => nick !== claim.nick && key !== to);
  if (alike) {
    const message = `${claim.nick} looks like ${alike.nick}, which is yours too; release that one first`;
    return { code: 'nick-in-use', message };
  }
  state.setClaim({ ...claim, offered: to });
  return undefined;
}

/** Nobody has the nick any more, and nobody is called so. */
export function free(application: Application, claim: Claim): void {
  const { state } = application;
  state.removeClaim(claim);
  const holder = state.nicks.get(fold(claim.nick));
  if (holder !== undefined) displace(application, holder);
}

/** The person has no nicks any more. */
export function freeNicks(application: Application, key: PersonKey): void {
  for (const claim of [...application.state.claims]) if (claim.key === key) free(application, claim);
}

/** Those nicks that nobody was called for too long, and nobody is. */
export function* forgotten({ claims, nicks, limits }: ChatState, time: number): Generator<Claim> {
  for (const claim of claims) {
    if (lapsesAt(claim, limits.nickTtlMs) < time && !nicks.has(fold(claim.nick))) yield claim;
  }
}

/** Forgets them. */
export function forgetNicks({ state, time }: Application): void {
  for (const claim of [...forgotten(state, time)]) state.removeClaim(claim);
}

/** One nick more than there may be. */
function refuseClaim({ claims, people, limits }: ChatState, key: PersonKey, nick: string): Refusal | undefined {
  // Whoever takes all there are does not keep operators out.
  if (claims.size >= limits.nicks && !claims.of(nick) && !people.isListed(key)) {
    return { code: 'too-many-nicks', message: `the cluster has ${limits.nicks} nicks, and no more` };
  }
  if (people.isUnlimited(key) || claims.countOf(key) < limits.nicksPerKey) return undefined;
  return { code: 'too-many-nicks', message: `one person has at most ${limits.nicksPerKey} nicks; /release one` };
}

function notYours(nick: string): Refusal {
  return { code: 'not-your-nick', message: `${excerpt(nick)} is no nick of yours` };
}

/** The session gives its nick up. */
function displace(application: Application, id: SessionId): void {
  const session = application.state.edit(id);
  application.rename(session, freeNick(application.state, session), 0);
}

/** What a session is called once it has lost its nick; nobody's own. */
function freeNick(state: ChatState, { nick, key }: Session): string {
  for (let number = 2; ; number += 1) {
    const suffix = `_${number}`;
    const candidate = [...nick].slice(0, state.limits.nameChars - suffix.length).join('') + suffix;
    if (!state.claims.clashing(candidate, key) && !state.nicks.has(fold(candidate))) return candidate;
  }
}
