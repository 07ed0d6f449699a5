/**
 * Every message that Paxos objects exchange. PUB/SUB carries what every peer must hear and may lose it; REQ/REP asks
 * one peer one question, and the question or the answer may be lost too.
 *
 * `committed` is everywhere a count: every round < committed is chosen.
 */
import type { Ballot, Round } from './ballot';

/** A value that an acceptor accepted in a round: what it votes for. The empty value is the Nop. */
export interface AcceptedValue {
  readonly round: Round;
  readonly ballot: Ballot;
  readonly value: Uint8Array;
}

/**
 * The highest incarnation known of each server, by position in the sorted list of ids. 0: never heard of.
 * (Michael, Ports, Sharma, Szekeres: Recovering Shared Objects Without Stable Storage, DISC 2017.)
 */
export type CrashVector = readonly number[];

/** An inclusive range of rounds. */
export interface RoundRange {
  readonly from: Round;
  readonly to: Round;
}

// ---- PUB/SUB ------------------------------------------------------------------------------------------------------

/** Phase 2a: the leader asks the acceptors to accept a value. */
export interface Accept {
  readonly type: 'Accept';
  readonly ballot: Ballot;
  readonly round: Round;
  readonly value: Uint8Array;
  readonly committed: Round;
}

/** Phase 2b: an acceptor has accepted these rounds in this ballot, durably. All learners hear it. */
export interface Accepted {
  readonly type: 'Accepted';
  readonly ballot: Ballot;
  readonly rounds: readonly RoundRange[];
  readonly vector: CrashVector;
}

/** The leader is alive. */
export interface Heartbeat {
  readonly type: 'Heartbeat';
  readonly ballot: Ballot;
  readonly committed: Round;
  /** Counts the leader's heartbeats, so that an answer tells which one it answers. */
  readonly beat: number;
  readonly clients: number;
}

/** A follower's answer to a heartbeat: feeds check-quorum, lag and occupancy. */
export interface Alive {
  readonly type: 'Alive';
  readonly ballot: Ballot;
  readonly committed: Round;
  readonly beat: number;
  readonly clients: number;
}

export type BroadcastMessage = Accept | Accepted | Heartbeat | Alive;

// ---- REQ/REP: questions --------------------------------------------------------------------------------------------

/** Would you vote for me in this ballot? Asked before the ballot is raised, so that no healthy leader is deposed. */
export interface PreVote {
  readonly type: 'PreVote';
  readonly ballot: Ballot;
  readonly committed: Round;
}

/** Phase 1a over every round ≥ from at once; `from` moves on with each page of the same ballot. */
export interface Prepare {
  readonly type: 'Prepare';
  readonly ballot: Ballot;
  readonly from: Round;
}

/** Catch-up: the committed values from a round on. */
export interface RequestValue {
  readonly type: 'RequestValue';
  readonly from: Round;
}

/** Commands of a server's clients, for the leader to propose. */
export interface Forward {
  readonly type: 'Forward';
  /** Numbers the batches of one server, the same when one is asked again: an answer names the batch that it answers. */
  readonly serial: number;
  readonly commands: readonly Uint8Array[];
}

/**
 * A server without its memory asks to come back. `incarnation` 0: it does not know yet whether it was ever here.
 * Otherwise: note this incarnation of me, and tell what you know.
 */
export interface Recover {
  readonly type: 'Recover';
  readonly incarnation: number;
  /** Accepted values from this round on are asked for, in pages. */
  readonly from: Round;
}

export type Question = PreVote | Prepare | RequestValue | Forward | Recover;

// ---- REQ/REP: answers ----------------------------------------------------------------------------------------------

export interface PreVoteReply {
  readonly type: 'PreVoteReply';
  /** The ballot of the question. */
  readonly ballot: Ballot;
  readonly granted: boolean;
  /** The highest ballot promised here: a refused candidate raises its counter above it. */
  readonly promised: Ballot;
  /** The ballot of the leader that the answering server follows; NO_BALLOT: none. */
  readonly leader: Ballot;
  readonly committed: Round;
}

/** Phase 1b. `granted` false: a higher ballot is promised here. */
export interface PromiseMessage {
  readonly type: 'Promise';
  /** The ballot of the question. */
  readonly ballot: Ballot;
  readonly granted: boolean;
  readonly promised: Ballot;
  /** The `from` of the question: which page this is. */
  readonly from: Round;
  readonly accepted: readonly AcceptedValue[];
  /** Where the next page starts; -1: this was the last. */
  readonly next: Round;
  readonly committed: Round;
  readonly vector: CrashVector;
}

export interface Values {
  readonly type: 'Values';
  /** The `from` of the question. */
  readonly from: Round;
  /** Committed values in order without a hole, starting at `from`; empty when there is none. */
  readonly values: readonly AcceptedValue[];
  readonly committed: Round;
  /** The lowest round of the answering server's log: what is below was cut off, and only its snapshot has it. */
  readonly first: Round;
}

/** The leader has queued the forwarded commands. A promise of nothing: it may still die. */
export interface Taken {
  readonly type: 'Taken';
  readonly serial: number;
}

/**
 * The commands were not taken. `leader` is the ballot of the one it follows, NO_BALLOT when it knows none; its own
 * when it leads and has no room for them now.
 */
export interface NotLeader {
  readonly type: 'NotLeader';
  readonly serial: number;
  readonly leader: Ballot;
}

export interface RecoverReply {
  readonly type: 'RecoverReply';
  /** The incarnation of the question: an answer to another one never counts. */
  readonly incarnation: number;
  /** The incarnation of the asking server known here before the question; 0: never heard of it. */
  readonly known: number;
  /** The state of the answering server; only voters' answers count for the quorum. */
  readonly standing: Standing;
  readonly promised: Ballot;
  /** The `from` of the question, its page of accepted values, and where the next starts (-1: no more). */
  readonly from: Round;
  readonly accepted: readonly AcceptedValue[];
  readonly next: Round;
  /** The lowest round of the answering server's log: of rounds below it tells nothing, whatever it accepted there. */
  readonly first: Round;
  readonly committed: Round;
  readonly vector: CrashVector;
}

/**
 * Whether a server may vote. `new`: it never was part of this cluster as far as it knows, and waits for all peers to
 * note it. `recovering`: it was, lost its memory, and waits for f+1 voters. `voter`: it votes.
 */
export type Standing = 'new' | 'recovering' | 'voter';

export type Answer = PreVoteReply | PromiseMessage | Values | Taken | NotLeader | RecoverReply;

export type PaxosMessage = BroadcastMessage | Question | Answer;
