/**
 * Sessions: who a client is across reconnects, which of its commands the log has, and what became of them.
 * (The session table of Ongaro's dissertation, Consensus: Bridging Theory and Practice, section 6.3.)
 */
import type { PersonKey, SessionId } from './commands';
import type { Editable } from './editable';
import { OutcomeList, type Outcomes } from './outcomes';

/** From which position to which a session was in a room; `to` is infinite as long as it is. */
export interface Membership {
  readonly room: string;
  /** The position of its join. */
  readonly from: number;
  /** The position of its leaving. */
  readonly to: number;
}

export interface Session {
  readonly id: SessionId;
  /** Whose it is. */
  readonly key: PersonKey;
  readonly nick: string;
  /** Where the log was when it was opened. */
  readonly since: number;
  readonly server: number;
  readonly attachment: string;
  readonly online: boolean;
  /** The text of being away; '' when it is not. */
  readonly away: string;
  /** The highest sequence applied. */
  readonly lastSeq: number;
  /** What became of the latest commands. */
  readonly outcomes: Outcomes;
  /** The log's time when it last gave a sign of life. */
  readonly lastActive: number;
  /** Keys of the rooms that it is in, in the order of joining. */
  readonly rooms: ReadonlyMap<string, Membership>;
  /** Memberships that have ended: what a client that resumes may not have seen yet. Replaced, never changed. */
  readonly past: readonly Membership[];
}

/** As `ChatState.edit` gives it. */
export interface EditableSession extends Editable<Omit<Session, 'outcomes' | 'rooms'>> {
  outcomes: OutcomeList;
  rooms: Map<string, Membership>;
}

/** `to` of a membership that goes on. */
export const ONGOING = Number.MAX_SAFE_INTEGER;
/** Ended memberships kept for a session that never resumes. */
const MAX_PAST = 1024;

export function newSession(id: SessionId, key: PersonKey, nick: string, since: number, time: number): Session {
  return {
    id,
    key,
    nick,
    since,
    server: 0,
    attachment: '',
    online: true,
    away: '',
    lastSeq: 0,
    outcomes: new OutcomeList(),
    lastActive: time,
    rooms: new Map(),
    past: [],
  };
}

/** One that shares nothing with it that is edited in place. */
export function editableSession(session: Session, edition: number): EditableSession {
  // Field by field: with objects made by spreading, a walk over all of them was measured to take ten times as long.
  const { id, key, nick, since, server, attachment, online, away, lastSeq, outcomes, lastActive, rooms, past } =
    session;
  return {
    id,
    key,
    nick,
    since,
    server,
    attachment,
    online,
    away,
    lastSeq,
    outcomes: new OutcomeList(outcomes, outcomes.droppedThrough),
    lastActive,
    rooms: new Map(rooms),
    past,
    edition,
  };
}

/** Whether the session was in the room at that position: whether it was, or would have been, told of an event there. */
export function wasMember(session: Session, room: string, position: number): boolean {
  const present = session.rooms.get(room);
  if (present && position >= present.from) return true;
  return session.past.some((past) => past.room === room && position >= past.from && position <= past.to);
}

export function endMembership(session: EditableSession, room: string, position: number): void {
  const membership = session.rooms.get(room);
  if (!membership) return;
  session.rooms.delete(room);
  session.past = [...session.past, { ...membership, to: position }].slice(-MAX_PAST);
}

/** The client has seen everything up to `position`: what ended before it is not asked for any more. */
export function forgetPast(session: EditableSession, position: number): void {
  session.past = session.past.filter(({ to }) => to > position);
}
