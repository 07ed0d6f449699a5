/** Applying one batch: each entry in its order, and what comes of it. */
import { unreachable } from '../lib/assert';
import { applyCommand } from './apply-command';
import type { Batch, Detach, Entry, Group, Open, SessionId, Touch } from './commands';
import { Digest } from './digest';
import type { Applied, ChatEvent, EventKind, Gap, Opened, Outcome, Refusal } from './events';
import { conversationOf, isConversation, type Room } from './rooms';
import {
  continues,
  endMembership,
  forgetPast,
  newSession,
  recordedOutcomes,
  recordOutcome,
  type Session,
} from './sessions';
import type { ChatState } from './state';
import { fold, nameRule, nickName } from './text';

/** What an event says besides where and when. */
export interface Saying {
  readonly kind: EventKind;
  readonly session: Session;
  readonly seq: number;
  readonly text: string;
  /** Of a direct message: whom it is for. */
  readonly to?: Session;
}

/** The events, outcomes and the rest of one batch while it is being applied. */
export class Application implements Applied {
  readonly events: ChatEvent[] = [];
  readonly audiences: (readonly SessionId[])[] = [];
  readonly outcomes: Outcome[] = [];
  readonly gaps: Gap[] = [];
  readonly opened: Opened[] = [];
  readonly closed: SessionId[] = [];

  constructor(
    readonly state: ChatState,
    readonly round: number,
    readonly time: number,
  ) {}

  /** One thing happens in one room: the next position, and the next index when it is a line. */
  happen(room: Room, saying: Saying): void {
    const { kind, session, seq, text, to } = saying;
    const { state } = this;
    state.position += 1;
    if (kind === 'message' || kind === 'action') room.lines += 1;
    this.events.push({
      kind,
      position: state.position,
      round: this.round,
      time: this.time,
      room: room.key,
      index: room.lines,
      session: session.id,
      nick: session.nick,
      seq,
      text,
      ...(to && { to: { session: to.id, nick: to.nick } }),
    });
    this.audiences.push(isConversation(room.key) ? conversationOf(room.key) : room.members);
  }

  /** The same thing happens in every room that the session is in, in the order of joining. */
  happenEverywhere(saying: Saying): void {
    for (const key of saying.session.rooms.keys()) this.happen(this.state.roomsByKey.get(key) as Room, saying);
  }

  /** The session ends: it leaves its rooms and its nick, and nothing of it is kept. */
  end(session: Session, seq: number, text: string): void {
    this.happenEverywhere({ kind: 'quit', session, seq, text });
    for (const key of [...session.rooms.keys()]) this.remove(session, this.state.roomsByKey.get(key) as Room);
    this.state.nicks.delete(fold(session.nick));
    this.state.sessions.delete(session.id);
    this.closed.push(session.id);
  }

  /** Takes the session out of a room, without a word. */
  remove(session: Session, room: Room): void {
    room.members = room.members.filter((id) => id !== session.id);
    endMembership(session, room.key, this.state.position);
  }

  /** Gives the session another nick, which must be free. */
  rename(session: Session, nick: string, seq: number): void {
    this.happenEverywhere({ kind: 'nick', session, seq, text: nick });
    this.state.nicks.delete(fold(session.nick));
    this.state.nicks.set(fold(nick), session.id);
    session.nick = nick;
  }
}

/** @see ChatState.apply */
export function applyBatch(state: ChatState, round: number, batch: Batch): Applied {
  state.time = Math.max(state.time, batch.time);
  const application = new Application(state, round, state.time);
  for (const entry of batch.entries) applyEntry(application, entry);
  if (application.events.length > 0) {
    const digest = new Digest().text(state.chain);
    for (const { room, session, seq, text } of application.events)
      digest.text(room).text(session).number(seq).text(text);
    state.chain = digest.hex();
  }
  return application;
}

function applyEntry(application: Application, entry: Entry): void {
  const { state } = application;
  if (entry.type === 'birth') {
    // The first birth counts; a leader that did not know of it yet may have proposed another one.
    if (state.birth === '') state.birth = entry.id;
    return;
  }
  if (state.birth === '') return;
  switch (entry.type) {
    case 'group':
      return applyGroup(application, entry);
    case 'open':
      return applyOpen(application, entry);
    case 'touch':
      return applyTouch(state, entry);
    case 'detach':
      return applyDetach(application, entry);
    case 'sweep':
      return applySweep(application);
    default:
      return unreachable(entry);
  }
}

/**
 * Exactly once and in order: what was applied before gives the same outcome again, what comes next is applied, and
 * what comes too early is not taken. Taking it would make a repeat of what is missing, when that comes: a lost post.
 */
function applyGroup(application: Application, { session: id, firstSeq, commands }: Group): void {
  const { state, outcomes, round, time } = application;
  const session = state.sessions.get(id);
  if (!session) {
    const refusal: Refusal = { code: 'session-gone', message: 'the session has ended' };
    for (let seq = firstSeq; seq < firstSeq + commands.length; seq += 1) {
      outcomes.push({ session: id, firstSeq: seq, count: 1, round, firstPosition: state.position, refusal });
    }
    return;
  }
  if (firstSeq > session.lastSeq + 1) {
    application.gaps.push({ session: id, expectedSeq: session.lastSeq + 1 });
    return;
  }
  session.lastActive = time;
  const repeated = Math.min(commands.length, session.lastSeq - firstSeq + 1);
  if (repeated > 0) outcomes.push(...recordedOutcomes(session, firstSeq, repeated));
  for (let offset = repeated; offset < commands.length; offset += 1) {
    const seq = firstSeq + offset;
    const before = state.position;
    const command = commands[offset] as Group['commands'][number];
    const refusal = state.sessions.has(id)
      ? applyCommand(application, session, seq, command)
      : ({ code: 'session-gone', message: 'the session has ended' } as const);
    session.lastSeq = seq;
    const firstPosition = state.position > before ? before + 1 : before;
    const outcome = { session: id, firstSeq: seq, count: 1, round, firstPosition, ...(refusal && { refusal }) };
    recordOutcome(session, outcome, state.limits.sessionWindow);
    pushOutcome(outcomes, outcome);
  }
}

/** Adds an outcome to a list, as one run with the last where it continues it. */
function pushOutcome(outcomes: Outcome[], next: Outcome): void {
  const last = outcomes[outcomes.length - 1];
  if (last && continues(last, next)) outcomes[outcomes.length - 1] = { ...last, count: last.count + 1 };
  else outcomes.push(next);
}

function applyOpen(application: Application, open: Open): void {
  const { state, opened } = application;
  const { session: id, server, attachment } = open;
  const existing = state.sessions.get(id);
  const refusal = existing ? undefined : refuseNew(application, open);
  if (refusal) {
    opened.push({ session: id, server, attachment, refusal });
    return;
  }
  const session = existing ?? createSession(application, open);
  session.server = server;
  session.attachment = attachment;
  session.lastActive = application.time;
  if (!session.online) {
    session.online = true;
    application.happenEverywhere({ kind: 'online', session, seq: 0, text: '' });
  }
  forgetPast(session, open.position);
  opened.push({ session: id, server, attachment });
}

function refuseNew({ state }: Application, { nick, resume }: Open): Refusal | undefined {
  if (resume) return { code: 'session-gone', message: 'the session has ended' };
  if (state.sessions.size >= state.limits.sessions)
    return { code: 'too-many-sessions', message: 'the cluster is full' };
  const shown = nickName(nick, state.limits);
  if (shown === undefined) return { code: 'bad-nick', message: `a nick is ${nameRule(state.limits)}` };
  const owner = state.sessions.get(state.nicks.get(fold(shown)) ?? '');
  if (owner?.online) return { code: 'nick-in-use', message: `${owner.nick} is here already` };
  return undefined;
}

function createSession(application: Application, { session: id, nick }: Open): Session {
  const { state, time } = application;
  const shown = nickName(nick, state.limits) as string;
  const owner = state.sessions.get(state.nicks.get(fold(shown)) ?? '');
  if (owner) application.rename(owner, freeNick(state, owner.nick), 0);
  const session = newSession(id, shown, time);
  state.sessions.set(id, session);
  state.nicks.set(fold(shown), id);
  return session;
}

/** What an offline session is called once somebody else has taken its nick. */
function freeNick(state: ChatState, nick: string): string {
  for (let number = 2; ; number += 1) {
    const suffix = `_${number}`;
    const candidate = [...nick].slice(0, state.limits.nameChars - suffix.length).join('') + suffix;
    if (!state.nicks.has(fold(candidate))) return candidate;
  }
}

function applyTouch(state: ChatState, { server, sessions }: Touch): void {
  for (const id of sessions) {
    const session = state.sessions.get(id);
    if (session?.online && session.server === server) session.lastActive = state.time;
  }
}

function applyDetach(application: Application, { session: id, attachment }: Detach): void {
  const session = application.state.sessions.get(id);
  if (session?.online && session.attachment === attachment) goOffline(application, session);
}

function goOffline(application: Application, session: Session): void {
  session.online = false;
  session.lastActive = application.time;
  application.happenEverywhere({ kind: 'offline', session, seq: 0, text: '' });
}

/** Looks at every session, which at the largest number allowed takes milliseconds and happens a few times a minute. */
function applySweep(application: Application): void {
  const { state, time } = application;
  for (const session of [...state.sessions.values()]) {
    if (session.online) {
      if (session.lastActive < time - state.limits.offlineAfterMs) goOffline(application, session);
    } else if (session.lastActive < time - state.limits.sessionTtlMs) {
      application.end(session, 0, 'was away too long');
    }
  }
}
