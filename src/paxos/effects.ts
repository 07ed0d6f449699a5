/**
 * What the Paxos object wants done. It does nothing itself: the server carries the effects out in their order.
 */
import type { Ballot, Round, ServerId } from './ballot';
import type { AcceptedValue, Answer, BroadcastMessage, CrashVector, Question, Standing } from './messages';

/** What has to survive a crash besides the accepted values. */
export interface HardState {
  /** The highest ballot promised. */
  readonly promised: Ballot;
  /** A hint that may lag: every round < committed is chosen, and its value is in the log. */
  readonly committed: Round;
  /** 0: this server has no incarnation yet. */
  readonly incarnation: number;
  readonly standing: Standing;
  readonly vector: CrashVector;
}

/** What one durable write holds: the fields that changed. All of it is on disk, or nothing of it. */
export interface DurableWrite {
  readonly state?: HardState;
  readonly accepted?: readonly AcceptedValue[];
  /** Rounds below are cut off: a snapshot, durable before, stands for them. Promises and ballots stay. */
  readonly cut?: Round;
}

/** What a server finds in its storage when it starts. */
export interface StoredState {
  readonly state: HardState;
  /** The lowest round kept: what is below was cut off, and is chosen. */
  readonly first: Round;
  /** Every accepted value from `first` on, rounds ascending; there may be holes above `state.committed`. */
  readonly accepted: readonly AcceptedValue[];
}

/** Names one question of one peer, for the answer to find its way. Opaque here. */
export type QuestionId = number;

export type Effect =
  /** Write, and once it is durable carry out `then`. Writes become durable in the order in which they were asked. */
  | { readonly type: 'persist'; readonly write: DurableWrite; readonly then: readonly Effect[] }
  /** Publish to every peer. Never comes back to the sender. */
  | { readonly type: 'broadcast'; readonly message: BroadcastMessage }
  /** Step the message into this very object, as from itself: how a leader counts its own vote, once it is durable. */
  | { readonly type: 'loopback'; readonly message: BroadcastMessage }
  /** Ask one peer. The answer comes by `step`, or never: whoever needs it asks again. */
  | { readonly type: 'ask'; readonly to: ServerId; readonly message: Question }
  /** Answer a question that came by `step`. */
  | { readonly type: 'reply'; readonly to: ServerId; readonly question: QuestionId; readonly message: Answer }
  /** A round is committed: apply its value. Comes once for each round, in order, without a hole. */
  | { readonly type: 'commit'; readonly round: Round; readonly ballot: Ballot; readonly value: Uint8Array }
  /**
   * The leader is another one now, or there is none (NO_BALLOT). Whatever was proposed and not committed may be lost:
   * propose it again.
   */
  | { readonly type: 'leader'; readonly ballot: Ballot }
  /**
   * That peer's log starts above what is missing here. Others are asked for the rounds meanwhile, but it may be that only
   * a snapshot helps: get one, then call `install`. Comes again once this server got further, or another peer says so.
   */
  | { readonly type: 'behind'; readonly peer: ServerId; readonly first: Round }
  /** f+1 servers lost their memory. Nothing that this object could do is safe: stop, and tell a person. */
  | { readonly type: 'halt'; readonly reason: string };
