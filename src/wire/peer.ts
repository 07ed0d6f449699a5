/** The payloads between servers: a Paxos message in the envelope of its cluster, or a question about the server itself. */
import type { PaxosMessage } from '../paxos/messages';

/** How a server is. The order is the protocol: a state's number is its place. */
export const SERVER_STATES = [
  'new',
  'recovering',
  'restoring',
  'catching-up',
  'follower',
  'candidate',
  'leader',
] as const;

export interface PeerEnvelope {
  /** The sender. */
  readonly from: number;
  /** The birth id of the log that the sender holds; empty: it holds none yet. */
  readonly birth: string;
  /** On REQ/REP: the question's number, the same in its answer. 0 on PUB/SUB. */
  readonly question: number;
  readonly message: PaxosMessage | StatusRequest | StatusReply | RestoreMessage;
}

/** What a server asks of a peer, and hears from it, to get the snapshot and the history that it has not. */
export type RestoreMessage = FetchSnapshot | SnapshotPart | FetchHistory | HistoryPart;

/** Asks for a part of the snapshot at that round; of the latest one when it is 0 or not there any more. */
export interface FetchSnapshot {
  readonly type: 'FetchSnapshot';
  readonly round: number;
  readonly part: number;
}

export interface SnapshotPart {
  readonly type: 'SnapshotPart';
  /** Which snapshot it is: 0 when there is none at all. */
  readonly snapshot: SnapshotInfo;
  readonly part: number;
  /** Empty when the part is not there, nothing was given yet (then there is a wait), or no part was asked for. */
  readonly bytes: Uint8Array;
  /** Not to be asked again for so many milliseconds. */
  readonly waitMs: number;
}

/** A snapshot of the chat after all rounds below `round`. */
export interface SnapshotInfo {
  readonly round: number;
  /** Of the last event in it. */
  readonly position: number;
  /** Of the values of all rounds below: what follows is taken at rounds that follow from it. */
  readonly size: number;
  readonly parts: number;
  /** Of the size and all parts: equal on all servers that took one at that round. */
  readonly digest: string;
}

/**
 * Blocks of the history with events in (after, through], from a place on: room by room, as the answering server has them
 * in order, within a room by position. `room` '': from the first room on.
 */
export interface HistoryStretch {
  readonly after: number;
  readonly through: number;
  readonly room: string;
  readonly position: number;
}

export interface FetchHistory extends HistoryStretch {
  readonly type: 'FetchHistory';
}

export interface HistoryPart {
  readonly type: 'HistoryPart';
  /** What was asked for: an answer to an earlier question does not count for the present one. */
  readonly asked: HistoryStretch;
  /** Keys and blocks in turn. */
  readonly records: readonly Uint8Array[];
  /** Not to be asked again for so many milliseconds. */
  readonly waitMs: number;
  /** Where the next part starts. '': this was the last; with a wait and without records: nothing was given yet. */
  readonly room: string;
  readonly position: number;
  /** How much of all there is has been told by now, 0 to 1000. */
  readonly permille: number;
}

/** Asked by `synod status`, from no server (`from` 0). */
export interface StatusRequest {
  readonly type: 'StatusRequest';
}

export interface StatusReply {
  readonly type: 'StatusReply';
  readonly status: ServerStatus;
}

/** A server at a glance. */
export interface ServerStatus {
  readonly id: number;
  readonly pid: number;
  readonly state: (typeof SERVER_STATES)[number];
  /** While it is restoring: how much of the history has come, 0 to 1000. Else 1000. */
  readonly restored: number;
  /** `counter.server`, the ballot it follows or leads. */
  readonly ballot: string;
  readonly leader: number;
  readonly committed: number;
  readonly applied: number;
  readonly clients: number;
  readonly uptimeMs: number;
  readonly birth: string;
  /** The last position applied and a digest of the chat state there: equal on all servers at equal rounds. */
  readonly position: number;
  readonly digest: string;
}
