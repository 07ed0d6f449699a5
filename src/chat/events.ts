/** What applying a batch brings about: what members of a room see, and what became of each command. */
import type { SessionId } from './commands';
import type { RoomDigest } from './room-digest';
import type { Texts } from './texts';

export type EventKind =
  /** A line said; counted by the room's index. */
  | 'message'
  /** A line said as an action (`/me`); counted by the room's index. */
  | 'action'
  | 'join'
  | 'leave'
  | 'quit'
  | 'nick'
  | 'topic'
  | 'away'
  | 'back'
  | 'offline'
  | 'online'
  /** How long the room is kept was set; the text says it in words. */
  | 'retain'
  /** Somebody was taken out of a room by an operator. */
  | 'kick'
  /** An operator lets somebody say nothing, or again. */
  | 'mute'
  | 'unmute'
  /** A room was closed by an operator, with nobody in it any more; or is open again. */
  | 'shut'
  | 'reopen'
  /** How often one may post in a room. */
  | 'slow'
  /** What an operator did, in the audit room; counted by the room's index. */
  | 'audit';

/** Those that are counted by their room's index: they can be paged through. */
export const LINES: ReadonlySet<EventKind> = new Set<EventKind>(['message', 'action', 'audit']);

/** One thing that happened in one room. Never changes once applied. */
export interface ChatEvent {
  readonly kind: EventKind;
  /** Its place in the one total order of all events of the log: 1, 2, 3, … without a gap. */
  readonly position: number;
  readonly round: number;
  /** Milliseconds since the epoch, as the leader stamped it; never less than that of the event before. */
  readonly time: number;
  /** The room's name, or the key of a conversation of two (see rooms.ts). */
  readonly room: string;
  /** Of a line: its place among the room's lines, 1, 2, 3, … without a gap. Of others: that of the line before. */
  readonly index: number;
  readonly session: SessionId;
  readonly nick: string;
  /** The sequence of the command that caused it; 0 when no command did. */
  readonly seq: number;
  /** What was said, the topic, the new nick, the reason. */
  readonly text: string;
  /** Of a direct message: whom it is for. */
  readonly to?: { readonly session: SessionId; readonly nick: string } | undefined;
}

/**
 * Events in a row that are alike: lines of one speaker in one room and round. What is said of it is said of the first;
 * the others have each a position, an index and a sequence one above the one before. An event that is no line is by itself.
 */
export interface EventRun extends Omit<ChatEvent, 'text'> {
  readonly texts: Texts;
}

/** A run as it was applied. */
export interface ChainedRun extends EventRun {
  /** Of the lines of its room before it. */
  readonly digest: RoomDigest;
}

/** Stable codes of refusals. Part of the `--json` contract: added to, never changed. */
export type RefusalCode =
  | 'bad-text'
  | 'text-too-long'
  | 'bad-room'
  | 'bad-nick'
  | 'nick-in-use'
  | 'no-such-nick'
  | 'no-such-line'
  | 'not-in-room'
  | 'too-many-rooms'
  | 'too-many-sessions'
  | 'session-gone'
  | 'too-many-nicks'
  | 'not-your-nick'
  | 'no-such-person'
  | 'not-operator'
  | 'not-listed'
  | 'banned'
  | 'muted'
  | 'room-shut'
  | 'slow-mode'
  | 'too-many-rulings'
  | 'is-operator';

export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

/**
 * What became of `count` commands with consecutive sequences: committed, each at a position one above the one before,
 * or refused (then `count` is 1). The same again for a repeated command.
 */
export interface Outcome {
  readonly session: SessionId;
  readonly firstSeq: number;
  readonly count: number;
  /** The round in which they were applied first. */
  readonly round: number;
  /** The position of the first one's event; for a command without an event of its own, the last position before it. */
  readonly firstPosition: number;
  readonly refusal?: Refusal | undefined;
}

/** A group that came before its predecessors: nothing of it was taken, the session goes on at `expectedSeq`. */
export interface Gap {
  readonly session: SessionId;
  readonly expectedSeq: number;
}

/** The result of an `Open`. */
export interface Opened {
  readonly session: SessionId;
  readonly server: number;
  readonly attachment: string;
  /** What comes after it, in the same round even, is for this client: where the log was when the session was opened first, or is resumed. */
  readonly position: number;
  /** Why there is no session. */
  readonly refusal?: Refusal & {
    /** What it asked to be called. */
    readonly nick: string;
  };
}

/** A session that ended. */
export interface Closed {
  readonly session: SessionId;
  /** Why it has no session any more, for its client. */
  readonly refusal: Refusal;
}

/** Everything that one round brought about, in order. */
export interface Applied {
  readonly round: number;
  readonly time: number;
  readonly runs: readonly ChainedRun[];
  /** For each run those whom it is for. Runs in a row that are for the same ones have the very same list. */
  readonly audiences: readonly (readonly SessionId[])[];
  readonly outcomes: readonly Outcome[];
  readonly gaps: readonly Gap[];
  readonly opened: readonly Opened[];
  readonly closed: readonly Closed[];
}
