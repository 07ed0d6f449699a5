/** What a client's session tells whoever shows it: the `--json` events, and answers to what was asked. */

import type { Command } from '../chat/commands';
import type { EventKind } from '../chat/events';
import type { ServerGlance, StepKind } from '../wire/agreement';
import type { QueryKind, QueryRow } from '../wire/client';

export interface WelcomeEvent {
  readonly type: 'welcome';
  readonly session: string;
  readonly server: number;
  readonly nick: string;
  readonly position: number;
  /** Rooms that it is in since before this process. */
  readonly rooms?: readonly string[];
}

/** Whence a command or a question came: comes back in what becomes of it. */
export interface Origin {
  /** '' for none. */
  readonly id: string;
  /** Of the input, counted from 1; 0: it came from no line. */
  readonly line: number;
}

export const NO_ORIGIN: Origin = { id: '', line: 0 };

/** The id as a field of an event, when there is one. */
export function idOf({ id }: Origin = NO_ORIGIN): { readonly id?: string } {
  return id === '' ? {} : { id };
}

/** A line said in a room. */
export interface MessageEvent {
  readonly type: 'message';
  /** In the one order of everything. */
  readonly position: number;
  /** The room's name; of a conversation `@` and the other one's nick. */
  readonly room: string;
  /** Counts the room's lines without a gap. */
  readonly index: number;
  readonly round: number;
  readonly nick: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly session: string;
  readonly seq: number;
  /** Said as an action (`/me`). */
  readonly action?: true;
  /** From before this client joined the room. */
  readonly earlier?: true;
}

export interface AckEvent {
  readonly type: 'ack';
  /** The id that the post was given with; '' when it had none. */
  readonly id: string;
  readonly seq: number;
  readonly position: number;
  readonly round: number;
  /** How often it was sent again before it was known; missing: it was sent once. */
  readonly resends?: number;
  /** Milliseconds from the post to this; missing: it was posted in a window that is not there any more. */
  readonly afterMs?: number;
}

/** Posts leave, those of one group. A step on their way, of interest to a window only: no event of `--json`. */
export interface SentEvent {
  readonly type: 'sent';
  /** `again`: how often it was sent before. */
  readonly posts: readonly { readonly id: string; readonly again: number }[];
}

/** Posts that a window before this one left behind, in their order. No event of `--json`. */
export interface KeptEvent {
  readonly type: 'kept';
  readonly posts: readonly KeptPost[];
}

export interface KeptPost {
  readonly id: string;
  readonly command: Extract<Command, { readonly type: 'say' | 'direct' }>;
  /** It may have been sent: it is on its way as far as anybody knows. */
  readonly sent: boolean;
}

/** A post that was never sent is taken back. No event of `--json`. */
export interface CancelledEvent {
  readonly type: 'cancelled';
  readonly id: string;
}

export type LinkState = 'connecting' | 'waiting' | 'rerouted' | 'online' | 'no-majority' | 'slowed';

export interface StatusEvent {
  readonly type: 'status';
  readonly state: LinkState;
  /** The server that serves this client; 0: none. */
  readonly server: number;
  readonly reason: string;
  /** Servers that the balancer has, when there is none for this client. */
  readonly connected?: number;
}

/**
 * Why a session went on elsewhere, or anew: its server was `lost`, was stopped as it should be (`left`), or could not serve
 * (`cannot-serve`); this client read too slowly; its own connection to the balancer broke; or, for none of these, it was
 * given another attachment.
 */
export type SeamReason = 'lost' | 'left' | 'cannot-serve' | 'too-slow' | 'connection' | 'moved';

/** The session goes on after it was without a server. */
export interface SeamEvent {
  readonly type: 'seam';
  readonly reason: SeamReason;
  /** The server that served before, and the one that serves now. */
  readonly from: number;
  readonly to: number;
  /** From the last sign that one was served until all that was missed had been read, milliseconds. */
  readonly afterMs: number;
  /** Lines of one's own rooms that should have come and did not, and own ones of which nobody knows what became. */
  readonly lost: number;
  /** Own lines that were sent again. */
  readonly resent: number;
  /** Own lines that the log has twice. */
  readonly doubled: number;
}

/** Somebody comes, goes, or changes. */
export interface PresenceEvent {
  readonly type: 'presence';
  readonly position: number;
  readonly room: string;
  readonly nick: string;
  readonly event: Exclude<EventKind, 'message' | 'action' | 'audit'>;
  /** The new nick, the topic, the reason. */
  readonly text: string;
  readonly time: number;
  readonly session: string;
  readonly index: number;
}

export interface ErrorEvent {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  /** Of the post or the question that it is about. */
  readonly id?: string;
  /** The line of input that it is about, counted from 1. */
  readonly line?: number;
}

/** Earlier lines of a room, as they were asked for. */
export interface HistoryEvent {
  readonly type: 'history';
  readonly room: string;
  readonly lines: readonly (MessageEvent | PresenceEvent)[];
  /** There are still earlier ones. */
  readonly more: boolean;
  /** That they were asked for with. */
  readonly id?: string;
}

/** Lines of a room that have a text in them, as they were asked for. */
export interface FoundEvent {
  readonly type: 'found';
  readonly room: string;
  readonly text: string;
  readonly lines: readonly MessageEvent[];
  /** Only lines from this index on have been searched; 0: all of the room. */
  readonly before: number;
  /** That they were asked for with. */
  readonly id?: string;
}

export interface AnswerEvent {
  readonly type: 'answer';
  readonly what: Exclude<QueryKind, 'markers'>;
  /** Of `rooms`: the only one that was asked for, '' for all. */
  readonly name: string;
  readonly rows: readonly QueryRow[];
  /** That it was asked for with. */
  readonly id?: string;
}

/** How a line was agreed on, as the server knows that serves this client. */
export interface WhyEvent {
  readonly type: 'why';
  readonly room: string;
  readonly position: number;
  readonly round: number;
  /** As the log says, milliseconds since the epoch. */
  readonly time: number;
  /** `counter.server`, in which the round was chosen; '': that is not kept. */
  readonly ballot: string;
  /** Whose ballot it was; 0: that is not kept. */
  readonly leader: number;
  /** The servers that are known to have written it down in that ballot, ascending. */
  readonly accepted: readonly number[];
  /** How many there are. */
  readonly servers: number;
  /** The server that tells it. */
  readonly server: number;
  /** How often it asked again to accept the round, being the leader. */
  readonly repeats: number;
  /** What it saw of the round, by time. Empty: it keeps that of the latest rounds only, since it was started. */
  readonly steps: readonly WhyStep[];
  /** Of a post of this client: how often it was sent again before it was known. Missing: this client does not know. */
  readonly resends?: number;
  /** Then: milliseconds from the post to its acknowledgement. */
  readonly afterMs?: number;
  /** That it was asked for with. */
  readonly id?: string;
}

export interface WhyStep {
  readonly what: StepKind;
  /** Who did it. */
  readonly server: number;
  /** Milliseconds since the epoch with a fraction, by the clock of the server that tells it. */
  readonly time: number;
}

/** How the servers are, as the one knows that serves this client. */
export interface ClusterEvent {
  readonly type: 'cluster';
  /** The server that tells it. */
  readonly server: number;
  /** 0: it knows none. */
  readonly leader: number;
  /** `counter.server`, of the leader; '': there is none. */
  readonly ballot: string;
  /** All of them, by id. */
  readonly servers: readonly ServerGlance[];
  /** That it was asked for with. */
  readonly id?: string;
}

/** The digest of a room through a line. */
export interface DigestEvent {
  readonly type: 'digest';
  readonly room: string;
  /** Of the line; 0: before the first. */
  readonly index: number;
  /** Of the line, or of the end of what the room has let go. */
  readonly position: number;
  /** 16 hexadecimal digits: the same for everybody who has the same lines. Of those that the server has. */
  readonly digest: string;
  /** Of those that were told here; missing: not known through that line. */
  readonly ours?: string;
  /** That it was asked for with. */
  readonly id?: string;
}

/** What this client was told of a room is not what the server has that serves it: one of them is wrong. */
export interface DigestDiffersEvent {
  readonly type: 'digest-differs';
  readonly room: string;
  /** Of the line through which they were compared. */
  readonly index: number;
  /** 16 hexadecimal digits, of the lines that were told. */
  readonly ours: string;
  /** The same, of those that the server has. */
  readonly theirs: string;
}

/** Lines of a room that the log has did not come, and what is after them did: the server has a bug, or this client. */
export interface DiscontinuityEvent {
  readonly type: 'discontinuity';
  readonly room: string;
  /** The indexes of the lines that did come before them and after them. */
  readonly after: number;
  readonly before: number;
  /** How many they are. */
  readonly missing: number;
}

/** The first line of a room at or after a time. */
export interface PlaceEvent {
  readonly type: 'place';
  readonly room: string;
  /** Milliseconds since the epoch, as it was asked for. */
  readonly time: number;
  /** 0: there is no such line yet. */
  readonly index: number;
  /** That it was asked for with. */
  readonly id?: string;
}

/** How far the person has read, at this place or another. */
export interface MarkersEvent {
  readonly type: 'markers';
  /** That in which they read on least recently first. Of each the index of the last line that was read. */
  readonly markers: readonly { readonly room: string; readonly index: number }[];
  /** That it was asked for with. */
  readonly id?: string;
}

/** The session is over, and will not come back by itself. */
export interface EndedEvent {
  readonly type: 'ended';
  /** 0 when it was asked to end. */
  readonly status: number;
}

export type ClientEvent =
  | WelcomeEvent
  | MessageEvent
  | AckEvent
  | SentEvent
  | KeptEvent
  | CancelledEvent
  | StatusEvent
  | SeamEvent
  | PresenceEvent
  | ErrorEvent
  | HistoryEvent
  | FoundEvent
  | AnswerEvent
  | WhyEvent
  | ClusterEvent
  | DigestEvent
  | DigestDiffersEvent
  | DiscontinuityEvent
  | PlaceEvent
  | MarkersEvent
  | EndedEvent;
