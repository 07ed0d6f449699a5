/** What somebody may be called, and what follows from being called so. */
import type { Application } from './apply';
import type { Claim } from './claims';
import type { Command, PersonKey, SessionId } from './commands';
import type { Refusal } from './events';
import { badNick, fold, nickName } from './names';
import { personOf } from './person';
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
  return state.claims.of(nick) ? undefined : refuseClaim(state, key);
}

/** The nick is the person's from here on, and the session's, which another one gives it up for. It must be allowed. */
export function takeNick(application: Application, { key, session }: Omit<Asking, 'reclaim'>, nick: string): void {
  const { state, time } = application;
  const holder = state.nicks.get(fold(nick));
  if (holder !== undefined && holder !== session) displace(application, holder);
  state.setClaim({ nick: state.claims.of(nick)?.nick ?? nick, key, seen: time });
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
  if (claim?.key !== session.key) return notYours(command.nick);
  state.removeClaim(claim);
  displaceFrom(application, claim);
  return undefined;
}

/** @see Command */
export function give(
  application: Application,
  session: EditableSession,
  command: CommandOf<'give'>,
): Refusal | undefined {
  const { state, time } = application;
  const claim = state.claims.of(command.nick);
  if (claim?.key !== session.key) return notYours(command.nick);
  const to = personOf(state, command.to);
  if (!to) return { code: 'no-such-person', message: `${excerpt(command.to)} is neither a nick nor a key` };
  if (to.key === session.key) return undefined;
  const refusal = refuseGift(state, claim, to.key) ?? refuseClaim(state, to.key);
  if (refusal) return refusal;
  state.setClaim({ ...claim, key: to.key, seen: time });
  displaceFrom(application, claim);
  return undefined;
}

/** Forgets nicks that nobody was called for too long. */
export function forgetNicks({ state, time }: Application): void {
  for (const claim of [...state.claims.seenBefore(time - state.limits.nickTtlMs)]) {
    if (state.nicks.has(fold(claim.nick))) state.setClaim({ ...claim, seen: time });
    else state.removeClaim(claim);
  }
}

/** One nick more than there may be. */
function refuseClaim({ claims, people, limits }: ChatState, key: PersonKey): Refusal | undefined {
  if (claims.size >= limits.nicks && !people.isListed(key))
    return { code: 'too-many-nicks', message: `the cluster has ${limits.nicks} nicks, and no more` };
  if (people.isUnlimited(key) || claims.countOf(key) < limits.nicksPerKey) return undefined;
  return { code: 'too-many-nicks', message: `one person has at most ${limits.nicksPerKey} nicks; /release one` };
}

function notYours(nick: string): Refusal {
  return { code: 'not-your-nick', message: `${excerpt(nick)} is no nick of yours` };
}

/** The nick would not be that of one person only, to the eye. */
function refuseGift({ claims }: ChatState, { nick, key }: Claim, to: PersonKey): Refusal | undefined {
  for (const claim of claims.alike(nick)) {
    if (claim.nick === nick || claim.key === to) continue;
    const whose = claim.key === key ? 'is yours too; release that one first' : 'belongs to somebody else';
    return { code: 'nick-in-use', message: `${nick} looks like ${claim.nick}, which ${whose}` };
  }
  return undefined;
}

/** Whoever is called so is called otherwise. */
function displaceFrom(application: Application, { nick }: Claim): void {
  const holder = application.state.nicks.get(fold(nick));
  if (holder !== undefined) displace(application, holder);
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
