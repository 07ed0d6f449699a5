/** Applying one batch: each entry in its order, and what comes of it. */
import { unreachable } from '../lib/assert';
import { applyCommand } from './apply-command';
import { applyLines } from './apply-lines';
import {
  type Batch,
  countOf,
  countOfAll,
  type Detach,
  type Entry,
  type Group,
  type GroupCommand,
  type Open,
  type PersonKey,
  type SessionId,
  type Touch,
} from './commands';
import {
  type Applied,
  type ChainedRun,
  type Closed,
  type EventKind,
  type Gap,
  LINES,
  type Opened,
  type Outcome,
  type Refusal,
} from './events';
import { endUnwelcome, recordRules, refuseEntry } from './moderation';
import { nickName } from './names';
import { forgetNicks, leaveNick, refuseNick, takeNick } from './nicks';
import { pushOutcome } from './outcomes';
import { dueFloor, EVENT_BYTES, marksBefore } from './retention';
import { digestAfter } from './room-digest';
import { conversationOf, type EditableRoom } from './rooms';
import { type EditableSession, endMembership, forgetPast, newSession, type Session } from './sessions';
import type { ChatState } from './state';
import { Texts } from './texts';

const SESSION_GONE: Refusal = { code: 'session-gone', message: 'the session has ended' };

/** What an event says besides where and when. */
export interface Saying {
  readonly kind: EventKind;
  readonly session: Pick<Session, 'id' | 'nick'>;
  readonly seq: number;
  readonly text: string;
  /** Of a direct message: whom it is for. */
  readonly to?: Session;
}

/** The same of several in a row; the sequence is the first one's. Only lines come in several. */
export interface SayingRun extends Omit<Saying, 'text'> {
  readonly texts: Texts;
}

/** The events, outcomes and the rest of one batch while it is being applied. */
export class Application implements Applied {
  readonly runs: ChainedRun[] = [];
  readonly audiences: (readonly SessionId[])[] = [];
  readonly outcomes: Outcome[] = [];
  readonly gaps: Gap[] = [];
  readonly opened: Opened[] = [];
  readonly closed: Closed[] = [];

  constructor(
    readonly state: ChatState,
    readonly round: number,
    readonly time: number,
  ) {}

  /** One thing happens in one room: the next position, and the next index when it is a line. */
  happen(room: EditableRoom, { text, ...saying }: Saying): void {
    this.happenInARow(room, { ...saying, texts: Texts.of([text]) });
  }

  /** Things happen in one room one after the other, each as if it came alone. */
  happenInARow(room: EditableRoom, { kind, session, seq, texts, to }: SayingRun): void {
    const { state, round, time } = this;
    const isLine = LINES.has(kind);
    const position = state.position + 1;
    const index = isLine ? room.lines + 1 : room.lines;
    for (let offset = 0; offset < texts.count; offset += 1) {
      room.marks = marksBefore(room, time);
      state.position += 1;
      room.lastPosition = state.position;
      room.lastTime = time;
      room.bytes += EVENT_BYTES + texts.lengthOf(offset);
      if (isLine) room.lines += 1;
    }
    const { id, nick } = session;
    const whom = to && { session: to.id, nick: to.nick };
    const { key, digest } = room;
    const run = { kind, position, round, time, room: key, index, session: id, nick, seq, texts, to: whom, digest };
    if (isLine) room.digest = digestAfter(digest, run);
    this.runs.push(run);
    this.audiences.push(to ? conversationOf(room.key) : room.members);
  }

  /** The same thing happens in every room that the session is in, in the order of joining. */
  happenEverywhere(saying: Saying & { readonly session: Session }): void {
    for (const key of saying.session.rooms.keys()) this.happen(this.state.editRoom(key), saying);
  }

  /** These sessions, which are going to end, hear nothing more of their rooms. */
  leaveRooms(sessions: ReadonlySet<SessionId>): void {
    const rooms = new Set<string>();
    for (const id of sessions) for (const key of this.state.sessions.get(id)?.rooms.keys() ?? []) rooms.add(key);
    for (const key of rooms) {
      const room = this.state.editRoom(key);
      room.members = room.members.filter((id) => !sessions.has(id));
    }
  }

  /**
   * The session ends: it leaves its rooms, and nothing of it is kept; its nick stays its person's.
   * @param text for the others
   * @param refusal for its client
   */
  end(session: EditableSession, seq: number, text: string, refusal: Refusal = SESSION_GONE): void {
    this.happenEverywhere({ kind: 'quit', session, seq, text });
    for (const key of [...session.rooms.keys()]) this.remove(session, this.state.editRoom(key));
    leaveNick(this, session);
    this.state.removeSession(session.id);
    this.closed.push({ session: session.id, refusal });
  }

  /** Takes the session out of a room, without a word. */
  remove(session: EditableSession, room: EditableRoom): void {
    room.members = room.members.filter((id) => id !== session.id);
    endMembership(session, room.key, this.state.position);
  }

  /** Gives the session another nick, which must be free. */
  rename(session: EditableSession, nick: string, seq: number): void {
    this.happenEverywhere({ kind: 'nick', session, seq, text: nick });
    leaveNick(this, session);
    this.state.renameSession(session, nick);
  }
}

/** @see ChatState.apply */
export function applyBatch(state: ChatState, round: number, batch: Batch): Applied {
  state.time = Math.max(state.time, batch.time);
  const application = new Application(state, round, state.time);
  for (const entry of batch.entries) applyEntry(application, entry);
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
    case 'limits':
      state.limits = entry.limits;
      return;
    case 'access':
      state.setRules(entry.rules);
      recordRules(application, entry.rules);
      return endUnwelcome(application);
    case 'open':
      return applyOpen(application, entry);
    case 'touch':
      return applyTouch(application, entry);
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
 * Outcomes that the client knows are dropped, and others once there are too many: a repeat then has none.
 */
function applyGroup(application: Application, { session: id, firstSeq, settled, commands }: Group): void {
  const { state, outcomes, round, time } = application;
  const known = state.sessions.get(id);
  const count = countOfAll(commands);
  if (!known) {
    const [firstPosition, refusal] = [state.position, SESSION_GONE];
    for (let seq = firstSeq; seq < firstSeq + count; seq += 1) {
      outcomes.push({ session: id, firstSeq: seq, count: 1, round, firstPosition, refusal });
    }
    return;
  }
  if (firstSeq > known.lastSeq + 1) {
    application.gaps.push({ session: id, expectedSeq: known.lastSeq + 1 });
    return;
  }
  const session = state.edit(id);
  session.lastActive = time;
  const repeated = Math.min(count, session.lastSeq - firstSeq + 1);
  if (repeated < count) comeOnline(application, id);
  if (repeated > 0) outcomes.push(...session.outcomes.of(firstSeq, repeated));
  const fresh: Outcome[] = [];
  let seq = firstSeq;
  for (const command of commands) {
    const next = seq + countOf(command);
    if (next - 1 > session.lastSeq) applyFresh(application, session, command, session.lastSeq + 1 - seq, fresh);
    seq = next;
  }
  for (const outcome of fresh) {
    session.outcomes.add(outcome);
    pushOutcome(outcomes, outcome);
  }
  // Nobody knows an outcome that there is not yet, whatever it says.
  session.outcomes.drop(Math.max(Math.min(settled, session.lastSeq), session.lastSeq - state.limits.sessionWindow));
}

/** @param repeated so many of its lines were applied before */
function applyFresh(
  application: Application,
  session: EditableSession,
  command: GroupCommand,
  repeated: number,
  fresh: Outcome[],
): void {
  const { state, round } = application;
  const { id } = session;
  const tell = (count: number, firstPosition: number, refusal?: Refusal) => {
    pushOutcome(fresh, { session: id, firstSeq: session.lastSeq + 1, count, round, firstPosition, refusal });
    session.lastSeq += count;
  };
  let { position } = state;
  if (!state.sessions.has(id)) {
    for (let left = countOf(command) - repeated; left > 0; left -= 1) tell(1, position, SESSION_GONE);
  } else if (command.type === 'lines') {
    const texts = command.texts.slice(repeated, command.texts.count);
    for (const { count, refusal } of applyLines(application, session, { ...command, texts })) {
      tell(count, refusal ? position : position + 1, refusal);
      if (!refusal) position += count;
    }
  } else {
    const refusal = applyCommand(application, session, session.lastSeq + 1, command);
    tell(1, state.position > position ? position + 1 : position, refusal);
  }
}

function applyOpen(application: Application, open: Open): void {
  const { state, opened } = application;
  const { session: id, server, attachment } = open;
  const exists = state.sessions.has(id);
  const refusal = refuseEntry(state, open.key) ?? (exists ? refuseResumed(state, open) : refuseNew(state, open));
  if (refusal) {
    opened.push({
      session: id,
      server,
      attachment,
      position: state.position,
      refusal: { ...refusal, nick: open.nick },
    });
    return;
  }
  const before = state.position;
  if (!exists) createSession(application, open, before);
  const session = state.edit(id);
  // Who asks once more for a new session was not told of it: what was said to it meanwhile is for it all the same.
  const position = open.resume ? before : session.since;
  session.server = server;
  session.attachment = attachment;
  session.lastActive = application.time;
  comeOnline(application, id);
  forgetPast(session, open.position);
  opened.push({ session: id, server, attachment, position });
}

/** A session's id follows from the key, so this happens to nobody who did not look for such an id for an age. */
function refuseResumed({ sessions }: ChatState, { session: id, key }: Open): Refusal | undefined {
  return sessions.get(id)?.key === key ? undefined : SESSION_GONE;
}

function refuseNew(state: ChatState, { session, key, nick, resume, reclaim }: Open): Refusal | undefined {
  if (resume) return SESSION_GONE;
  const { sessions, people, limits } = state;
  // Whoever fills it up does not keep operators out.
  if (sessions.size >= limits.sessions && !people.isListed(key)) {
    return { code: 'too-many-sessions', message: 'the cluster is full' };
  }
  if (isPersonFull(state, key) && !longestOffline(state, key)) {
    return { code: 'too-many-sessions', message: `one person has at most ${limits.sessionsPerKey} sessions` };
  }
  return refuseNick(state, nick, { key, session, reclaim });
}

/** One session of the person more than there may be. */
function isPersonFull(state: ChatState, key: PersonKey): boolean {
  return !state.people.isUnlimited(key) && state.sessionsOf(key).length >= state.limits.sessionsPerKey;
}

/** The session of the person that has been away for the longest time; undefined: none is away. */
function longestOffline(state: ChatState, key: PersonKey): Session | undefined {
  const away = state.sessionsOf(key).filter(({ online }) => !online);
  return away.reduce<Session | undefined>((found, session) => {
    return found && found.lastActive <= session.lastActive ? found : session;
  }, undefined);
}

function createSession(application: Application, { session: id, key, nick }: Open, since: number): void {
  const { state, time } = application;
  const shown = nickName(nick, state.limits) as string;
  const last = isPersonFull(state, key) ? longestOffline(state, key) : undefined;
  if (last) application.end(state.edit(last.id), 0, 'gave way to another session');
  takeNick(application, { key, session: id }, shown);
  state.addSession(newSession(id, key, shown, since, time));
}

function applyTouch(application: Application, { server, sessions }: Touch): void {
  const { state } = application;
  for (const id of sessions) {
    const session = state.sessions.get(id);
    if (session?.server !== server) continue;
    comeOnline(application, id);
    state.edit(id).lastActive = state.time;
  }
}

function applyDetach(application: Application, { session: id, attachment }: Detach): void {
  const session = application.state.sessions.get(id);
  if (session?.online && session.attachment === attachment) goOffline(application, id);
}

/** Whoever was taken for gone, for want of a sign of life, is back with the first one. */
function comeOnline(application: Application, id: SessionId): void {
  if (application.state.sessions.get(id)?.online !== false) return;
  const session = application.state.edit(id);
  session.online = true;
  application.happenEverywhere({ kind: 'online', session, seq: 0, text: '' });
}

function goOffline(application: Application, id: SessionId): void {
  const session = application.state.edit(id);
  session.online = false;
  session.lastActive = application.time;
  application.happenEverywhere({ kind: 'offline', session, seq: 0, text: '' });
}

/** Looks at every session, which at the largest number allowed takes milliseconds and happens a few times a minute. */
function applySweep(application: Application): void {
  const { state, time } = application;
  for (const { id, online, lastActive } of [...state.sessions.values()]) {
    if (online) {
      if (lastActive < time - state.limits.offlineAfterMs) goOffline(application, id);
    } else if (lastActive < time - state.limits.sessionTtlMs) {
      application.end(state.edit(id), 0, 'was away too long');
    }
  }
  forgetNicks(application);
  for (const room of state.roomsByKey.values()) {
    const floor = dueFloor(room, time);
    if (!floor) continue;
    const edited = state.editRoom(room.key);
    edited.floor = floor;
    edited.marks = room.marks.filter(({ position }) => position > floor.position);
  }
}
