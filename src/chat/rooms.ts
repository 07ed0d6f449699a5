/** Rooms, and conversations of two, which are rooms that nobody else can see. */
import type { PersonKey, SessionId } from './commands';
import type { Editable } from './editable';
import { FOR_EVER, type Mark, NO_MARK, type Retention } from './retention';
import { emptyRoomDigest, type RoomDigest } from './room-digest';

/** When somebody said something in a room. */
export interface Spoke {
  readonly key: PersonKey;
  /** The log's. */
  readonly time: number;
}

export interface Room {
  /** The folded name, or the key of a conversation. */
  readonly key: string;
  /** As it was first written. */
  readonly name: string;
  readonly topic: string;
  /** Lines said so far: the index of the last. */
  readonly lines: number;
  /** Of all lines so far. */
  readonly digest: RoomDigest;
  /** Of its last event; 0: there was none. */
  readonly lastPosition: number;
  readonly lastTime: number;
  /** Of all its events so far, as retention counts them. */
  readonly bytes: number;
  /** Who is in it, in the order of joining. Replaced, never changed: whoever holds one may keep it. */
  readonly members: readonly SessionId[];
  readonly retention: Retention;
  /** What is at or below it is gone. */
  readonly floor: Mark;
  /** Where the floor can come to, ascending. Replaced, never changed. */
  readonly marks: readonly Mark[];
  /** Of a conversation: the persons of its two sessions, in the order of its key. Of others: nobody. */
  readonly parties: readonly PersonKey[];
  /** Nobody comes in. */
  readonly shut: boolean;
  /** Each person says one thing in so many milliseconds; 0: as much as they like. */
  readonly pauseMs: number;
  /** Who has to wait, the earliest first. Replaced, never changed. */
  readonly spoke: readonly Spoke[];
}

/** As `ChatState.editRoom` gives it. */
export type EditableRoom = Editable<Room>;

/** @param birth the log's */
export function newRoom(key: string, name: string, birth: string): Room {
  return {
    key,
    name,
    topic: '',
    lines: 0,
    digest: emptyRoomDigest(key, birth),
    lastPosition: 0,
    lastTime: 0,
    bytes: 0,
    members: [],
    retention: FOR_EVER,
    floor: NO_MARK,
    marks: [],
    parties: [],
    shut: false,
    pauseMs: 0,
    spoke: [],
  };
}

/** One that is not edited with it. Field by field, as that of a session. */
export function editableRoom(room: Room, edition: number): EditableRoom {
  const { key, name, topic, lines, digest, lastPosition, lastTime, bytes, members, retention, floor } = room;
  const { marks, parties, shut, pauseMs, spoke } = room;
  return {
    key,
    name,
    topic,
    lines,
    digest,
    lastPosition,
    lastTime,
    bytes,
    members,
    retention,
    floor,
    marks,
    parties,
    shut,
    pauseMs,
    spoke,
    edition,
  };
}

/** The key of the conversation of two sessions, or of one with itself: the same from both sides. */
export function conversationKey(a: SessionId, b: SessionId): string {
  return a < b ? `@${a}${b}` : `@${b}${a}`;
}

/** The two sessions of a conversation. */
export function conversationOf(key: string): readonly [SessionId, SessionId] {
  return [key.slice(1, 17), key.slice(17)];
}
