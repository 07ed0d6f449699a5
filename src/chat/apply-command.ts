/** What each command of a session does. A refusal changes nothing. */
import { unreachable } from '../lib/assert';
import type { Application } from './apply';
import type { Command, GroupCommand, Lines, PersonKey } from './commands';
import type { Refusal } from './events';
import { moderate, refuseVoice } from './moderation';
import { badRoom, fold, isConversation, nickName, roomName } from './names';
import { give, refuseNick, release, takeNick } from './nicks';
import { retentionText } from './retention';
import { conversationKey, conversationOf, type EditableRoom, newRoom } from './rooms';
import { type EditableSession, ONGOING, type Session } from './sessions';
import type { ChatState } from './state';
import { excerpt, refuseNote, refuseText } from './text';

/** Speakers that a slow room remembers: beyond them the earliest may speak again. */
const MAX_SPOKE = 10_000;

type CommandOf<Type extends Command['type']> = Extract<Command, { readonly type: Type }>;

export function applyCommand(
  application: Application,
  session: EditableSession,
  seq: number,
  command: Exclude<GroupCommand, Lines>,
): Refusal | undefined {
  switch (command.type) {
    case 'direct':
      return direct(application, session, seq, command);
    case 'join':
      return join(application, session, seq, command);
    case 'leave':
      return leave(application, session, seq, command);
    case 'topic':
      return topic(application, session, seq, command);
    case 'nick':
      return nick(application, session, seq, command);
    case 'away':
      return away(application, session, seq, command);
    case 'close':
      return close(application, session, seq, command);
    case 'retain':
      return retain(application, session, seq, command);
    case 'release':
      return release(application, session, command);
    case 'give':
      return give(application, session, command);
    case 'read':
      return read(application.state, session, command);
    case 'kick':
    case 'rule':
    case 'pardon':
    case 'shut':
    case 'reopen':
    case 'slow':
    case 'access':
    case 'strip':
      return moderate(application, session, seq, command);
    default:
      return unreachable(command);
  }
}

function direct(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'direct'>,
): Refusal | undefined {
  const { state } = application;
  const refusal = refuseText(command.text, state.limits) ?? refuseVoice(state, session.key);
  if (refusal) return refusal;
  const to = state.sessions.get(state.nicks.get(fold(command.nick)) ?? '');
  if (!to) return noSuchNick(command.nick);
  const key = conversationKey(session.id, to.id);
  const full = refuseRoom(state, key);
  if (full) return full;
  if (!state.roomsByKey.has(key)) state.addRoom({ ...newRoom(key, key, state.birth), parties: partiesOf(state, key) });
  const room = state.editRoom(key);
  // An id was found that somebody had before: what those two said is not for whoever found it.
  if (!state.canRead(session.id, key) || !state.canRead(to.id, key)) return noSuchNick(command.nick);
  application.happen(room, { kind: command.action ? 'action' : 'message', session, seq, text: command.text, to });
  return undefined;
}

function join(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'join'>,
): Refusal | undefined {
  const { state } = application;
  const name = roomName(command.room, state.limits);
  if (name === undefined) return badRoom(command.room, state.limits);
  const key = fold(name);
  if (session.rooms.has(key)) return undefined;
  if (session.rooms.size >= state.limits.roomsPerSession) {
    return { code: 'too-many-rooms', message: `a session is in at most ${state.limits.roomsPerSession} rooms` };
  }
  const full = refuseRoom(state, key);
  if (full) return full;
  const room = roomOfKey(state, key, name);
  if (room.shut) return { code: 'room-shut', message: `#${room.name} was closed by an operator` };
  room.members = [...room.members, session.id];
  session.rooms.set(key, { room: key, from: state.position + 1, to: ONGOING });
  application.happen(room, { kind: 'join', session, seq, text: '' });
  return undefined;
}

function leave(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'leave'>,
): Refusal | undefined {
  const refusal = refuseNote(command.text, application.state.limits);
  if (refusal) return refusal;
  const room = roomOf(application.state, session, command.room);
  if (!room) return notInRoom(command.room);
  const unheard = command.text === '' ? undefined : refuseHearing(application, session, [room.key]);
  application.happen(room, { kind: 'leave', session, seq, text: unheard ? '' : command.text });
  application.remove(session, room);
  return undefined;
}

function topic(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'topic'>,
): Refusal | undefined {
  const { state } = application;
  const refusal = refuseNote(command.text, state.limits);
  if (refusal) return refusal;
  const room = roomOf(state, session, command.room);
  if (!room) return notInRoom(command.room);
  const unheard = refuseHearing(application, session, [room.key]);
  if (unheard) return unheard;
  room.topic = command.text;
  application.happen(room, { kind: 'topic', session, seq, text: command.text });
  return undefined;
}

function nick(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'nick'>,
): Refusal | undefined {
  const { state } = application;
  const asking = { key: session.key, session: session.id, reclaim: false };
  const refusal = refuseNick(state, command.nick, asking);
  if (refusal) return refusal;
  const shown = nickName(command.nick, state.limits) as string;
  const unheard = shown === session.nick ? undefined : refuseHearing(application, session, session.rooms.keys());
  if (unheard) return unheard;
  takeNick(application, asking, shown);
  if (shown !== session.nick) application.rename(session, shown, seq);
  return undefined;
}

function away(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'away'>,
): Refusal | undefined {
  const refusal = refuseNote(command.text, application.state.limits);
  if (refusal) return refusal;
  if (session.away === command.text) return undefined;
  const unheard = command.text === '' ? undefined : refuseHearing(application, session, session.rooms.keys());
  if (unheard) return unheard;
  session.away = command.text;
  application.happenEverywhere({ kind: command.text === '' ? 'back' : 'away', session, seq, text: command.text });
  return undefined;
}

function close(
  application: Application,
  session: EditableSession,
  seq: number,
  command: CommandOf<'close'>,
): Refusal | undefined {
  const refusal = refuseNote(command.text, application.state.limits);
  const isHeard = !refusal && (command.text === '' || !refuseHearing(application, session, session.rooms.keys()));
  application.end(session, seq, isHeard ? command.text : '');
  return undefined;
}

function retain(
  application: Application,
  session: Session,
  seq: number,
  command: CommandOf<'retain'>,
): Refusal | undefined {
  const room = roomOf(application.state, session, command.room);
  if (!room) return notInRoom(command.room);
  const unheard = refuseHearing(application, session, [room.key]);
  if (unheard) return unheard;
  const { ageMs, count, bytes } = command;
  room.retention = { ageMs, count, bytes };
  application.happen(room, { kind: 'retain', session, seq, text: retentionText(room.retention) });
  return undefined;
}

/** Who has read farther already, at another place, has read that far. */
function read(state: ChatState, session: Session, { room: name, index }: CommandOf<'read'>): Refusal | undefined {
  const room = state.roomsByKey.get(state.resolveRoom(session.id, name) ?? '');
  const isOwn = room && (isConversation(room.key) ? state.canRead(session.id, room.key) : session.rooms.has(room.key));
  if (!isOwn) return notInRoom(name);
  if (index > room.lines) {
    return {
      code: 'no-such-line',
      message: `${excerpt(name)} has ${room.lines} lines so far, there is no line ${index}`,
    };
  }
  state.advanceMarker(session.key, { room: room.key, index });
  return undefined;
}

/**
 * Why the person may not be heard in these rooms now, or undefined: then it is heard in all of them. In a slow room each
 * person, whatever the session, is heard once and then waits; operators do not.
 */
export function refuseHearing(
  { state, time }: Application,
  { key }: Session,
  rooms: Iterable<string>,
): Refusal | undefined {
  const muted = refuseVoice(state, key);
  if (muted || state.people.isOperator(key)) return muted;
  const slow: EditableRoom[] = [];
  for (const room of rooms) if ((state.roomsByKey.get(room)?.pauseMs ?? 0) > 0) slow.push(state.editRoom(room));
  for (const { name, pauseMs, spoke } of slow) {
    const last = spoke.findLast((one) => one.key === key);
    if (!last || last.time <= time - pauseMs) continue;
    const leftS = Math.ceil((last.time + pauseMs - time) / 1000);
    return { code: 'slow-mode', message: `#${name} is slow: one post in ${pauseMs / 1000} s; ${leftS} s to go` };
  }
  for (const room of slow) {
    const waiting = room.spoke.filter((one) => one.key !== key && one.time > time - room.pauseMs);
    room.spoke = [...waiting, { key, time }].slice(-MAX_SPOKE);
  }
  return undefined;
}

/** The room of that name, when the session is in it. */
export function roomOf(state: ChatState, session: Session, name: string): EditableRoom | undefined {
  // Most clients write the name as they were told it: then there is nothing to compose or fold.
  const key = session.rooms.has(name) ? name : fold(roomName(name, state.limits) ?? '');
  return session.rooms.has(key) ? state.editRoom(key) : undefined;
}

/** The room of that key, made now if there is none. */
function roomOfKey(state: ChatState, key: string, name: string): EditableRoom {
  if (!state.roomsByKey.has(key)) state.addRoom(newRoom(key, name, state.birth));
  return state.editRoom(key);
}

/** One room more than there may be. */
function refuseRoom({ roomsByKey, limits }: ChatState, key: string): Refusal | undefined {
  if (roomsByKey.has(key) || roomsByKey.size < limits.rooms) return undefined;
  return { code: 'too-many-rooms', message: `the cluster has ${limits.rooms} rooms and conversations, and no more` };
}

function noSuchNick(nick: string): Refusal {
  return { code: 'no-such-nick', message: `nobody here is called ${excerpt(nick)}` };
}

/** Whose a conversation is, in the order of its key. */
function partiesOf({ sessions }: ChatState, key: string): readonly PersonKey[] {
  return conversationOf(key).map((id) => sessions.get(id)?.key ?? '');
}

export function notInRoom(name: string): Refusal {
  return { code: 'not-in-room', message: `you are not in ${excerpt(name) || 'any room'}; /join it first` };
}
