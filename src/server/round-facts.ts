/**
 * What this server saw of the latest rounds, so that it can say how each was agreed on: when which message came, from
 * whom, in which ballot. Looks at what goes into the Paxos object and what comes out, and decides nothing.
 *
 * A ring of numbers: a few of them are set a round, nothing is made, and the memory is the same from the start.
 * Always holds: a round that is committed here keeps the ballot in which it was.
 */
import type { Ballot, Round, ServerId } from '../paxos/ballot';
import type { AcceptedValue, BroadcastMessage, PaxosMessage, RoundRange } from '../paxos/messages';
import type { StepKind } from '../wire/agreement';
import type { RestoreMessage } from '../wire/peer';

/** Rounds that are kept: about half a megabyte. */
export const FACT_ROUNDS = 4096;
/** Of them above what is committed: as many as a leader ever has in flight. What is said of others is not noted. */
export const FACT_ROUNDS_AHEAD = 1024;

/** What a round has, a number each; NaN for what did not happen. Then come the servers: when each accepted it. */
const ROUND = 0;
const COUNTER = 1;
const LEADER = 2;
const TAKEN = 3;
const PROPOSED = 4;
const ACCEPT = 5;
const REPEATS = 6;
const TOLD = 7;
const TELLER = 8;
const COMMITTED = 9;
const DELIVERED = 10;
const VOTES = 11;

export interface SeenStep {
  readonly what: StepKind;
  readonly server: ServerId;
  /** Monotonic. */
  readonly atMs: number;
}

/** What was seen of a round. */
export interface SeenRound {
  readonly ballot: Ballot;
  /** Who was heard to have accepted it in that ballot, ascending. */
  readonly accepted: readonly ServerId[];
  readonly repeats: number;
  /** By time. */
  readonly steps: readonly SeenStep[];
}

export class RoundFacts {
  private readonly cells: Float64Array;
  private readonly width: number;
  /** Every round below is committed here; undefined while what was stored is replayed, which nobody saw happen now. */
  private committed: Round | undefined;

  /** @param servers all of the cluster, ascending, this one among them */
  constructor(
    private readonly me: ServerId,
    private readonly servers: readonly ServerId[],
  ) {
    this.width = VOTES + servers.length;
    this.cells = new Float64Array(FACT_ROUNDS * this.width).fill(Number.NaN);
  }

  /** From here on rounds are seen as they happen, the first one after `committed`. */
  begin(committed: Round): void {
    this.committed = committed;
  }

  /** A peer's message, before the Paxos object gets it. */
  onHeard(from: ServerId, message: PaxosMessage | RestoreMessage, nowMs: number): void {
    if (message.type === 'Accept') this.noteAccept(message.round, message.ballot, nowMs);
    else if (message.type === 'Accepted') this.noteVotes(from, message.rounds, message.ballot, nowMs);
    else if (message.type === 'Values') this.noteValues(from, message.values, nowMs);
  }

  /** What this server tells all others: a vote of its own is durable by then. */
  onSaid(message: BroadcastMessage, nowMs: number): void {
    if (message.type === 'Accept') this.noteAsked(message.round, message.ballot, nowMs);
    else if (message.type === 'Accepted') this.noteVotes(this.me, message.rounds, message.ballot, nowMs);
  }

  onCommitted(round: Round, ballot: Ballot, nowMs: number): void {
    if (this.committed === undefined) return;
    const at = this.placeOf(round, ballot, true);
    this.committed = round + 1;
    if (at >= 0) this.cells[at + COMMITTED] = nowMs;
  }

  /** Commands of this server's clients are in that round, which is being applied. Monotonic times, the first ones count. */
  onOwn(round: Round, takenMs: number, proposedMs: number): void {
    const at = this.heldAt(round);
    if (at < 0 || this.cell(at + TAKEN) <= takenMs) return;
    this.cells[at + TAKEN] = takenMs;
    this.cells[at + PROPOSED] = proposedMs;
  }

  onDelivered(round: Round, nowMs: number): void {
    const at = this.heldAt(round);
    if (at >= 0) this.cells[at + DELIVERED] = nowMs;
  }

  /** undefined: it is not kept, or was not seen. */
  of(round: Round): SeenRound | undefined {
    const at = this.heldAt(round);
    if (at < 0 || Number.isNaN(this.cell(at + COMMITTED))) return undefined;
    const leader = this.cell(at + LEADER);
    const one = (what: StepKind, server: ServerId, cell: number): SeenStep => ({ what, server, atMs: this.cell(cell) });
    const votes = this.servers.map((server, position) => one('accepted', server, at + VOTES + position)).filter(isSeen);
    const steps = [
      one('taken', this.me, at + TAKEN),
      one('proposed', this.me, at + PROPOSED),
      one('accept', leader, at + ACCEPT),
      ...votes,
      one('told', this.cell(at + TELLER), at + TOLD),
      one('committed', this.me, at + COMMITTED),
      one('delivered', this.me, at + DELIVERED),
    ];
    return {
      ballot: { counter: this.cell(at + COUNTER), server: leader },
      accepted: votes.map(({ server }) => server),
      repeats: this.cell(at + REPEATS) || 0,
      steps: steps.filter(isSeen).sort((one, other) => one.atMs - other.atMs),
    };
  }

  private noteAccept(round: Round, ballot: Ballot, nowMs: number): void {
    const at = this.placeOf(round, ballot);
    if (at >= 0 && Number.isNaN(this.cell(at + ACCEPT))) this.cells[at + ACCEPT] = nowMs;
  }

  /** This server leads: what it says again is a repetition. */
  private noteAsked(round: Round, ballot: Ballot, nowMs: number): void {
    const at = this.placeOf(round, ballot);
    if (at < 0) return;
    if (Number.isNaN(this.cell(at + ACCEPT))) this.cells[at + ACCEPT] = nowMs;
    else this.cells[at + REPEATS] = (this.cell(at + REPEATS) || 0) + 1;
  }

  private noteVotes(voter: ServerId, rounds: readonly RoundRange[], ballot: Ballot, nowMs: number): void {
    const position = this.servers.indexOf(voter);
    if (position < 0 || this.committed === undefined) return;
    for (const { from, to } of rounds) {
      const last = Math.min(to, this.committed + FACT_ROUNDS_AHEAD - 1);
      for (let round = Math.max(from, this.committed - FACT_ROUNDS); round <= last; round += 1) {
        const at = this.placeOf(round, ballot);
        if (at >= 0 && Number.isNaN(this.cell(at + VOTES + position))) this.cells[at + VOTES + position] = nowMs;
      }
    }
  }

  private noteValues(teller: ServerId, values: readonly AcceptedValue[], nowMs: number): void {
    for (const { round, ballot } of values) {
      if (this.committed === undefined || round < this.committed) continue;
      const at = this.placeOf(round, ballot);
      if (at < 0 || !Number.isNaN(this.cell(at + TOLD))) continue;
      this.cells[at + TOLD] = nowMs;
      this.cells[at + TELLER] = teller;
    }
  }

  /**
   * Where a round is noted in a ballot; what was noted of it in a lower one is over.
   * @param decided it is committed in this ballot, whatever other was heard of
   * @returns −1: it is not to be noted
   */
  private placeOf(round: Round, ballot: Ballot, decided = false): number {
    const { committed, cells } = this;
    if (committed === undefined || (!decided && round >= committed + FACT_ROUNDS_AHEAD)) return -1;
    const at = (round % FACT_ROUNDS) * this.width;
    if (this.cell(at + ROUND) === round) {
      const order = ballot.counter - this.cell(at + COUNTER) || ballot.server - this.cell(at + LEADER);
      if (order === 0) return at;
      if (!decided && (order < 0 || round < committed)) return -1;
    } else if (round < committed) return -1;
    cells.fill(Number.NaN, at, at + this.width);
    cells[at + ROUND] = round;
    cells[at + COUNTER] = ballot.counter;
    cells[at + LEADER] = ballot.server;
    return at;
  }

  private heldAt(round: Round): number {
    const at = (round % FACT_ROUNDS) * this.width;
    return this.cell(at + ROUND) === round ? at : -1;
  }

  private cell(at: number): number {
    return this.cells[at] as number;
  }
}

function isSeen({ atMs }: SeenStep): boolean {
  return !Number.isNaN(atMs);
}
