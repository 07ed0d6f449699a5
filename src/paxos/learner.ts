/**
 * The learner finds out which values are chosen, and commits them in order.
 *
 *   Accepted ─▶ tally       Accept, Heartbeat (the leader's committed prefix)       Values (catch-up.ts)
 *
 * Always holds: a round is committed once, after all rounds below it; and a committed value that is held in ballot b
 * was chosen in a ballot no higher than b. That is what makes the three ways of learning agree:
 * - by votes: a quorum accepted in b, and the value held here was accepted in b too;
 * - by the leader of b: it says that the round is chosen, and the value held here was accepted in b. A leader stops
 *   leading when it comes to hold a value of a higher ballot (memory.ts), so what it proposed is what was chosen;
 * - by Values: the peer committed (round, ballot, value), and the same holds for it.
 * A snapshot tells no ballots. So a leader that installs one stops leading as well (election.ts): somebody may hold what
 * it proposed in its ballot, in a round that another value was chosen for.
 */
import { invariant } from '../lib/assert';
import { checkSame } from './acceptor';
import { type Ballot, compareBallots, type Round, type ServerId, sameBallot } from './ballot';
import type { Accepted, AcceptedValue, CrashVector, RoundRange } from './messages';
import { ROUNDS_AHEAD } from './options';
import type { Parts } from './parts';
import { Quorum } from './quorum';

/** Who voted in the highest ballot that this round was voted for in. */
interface Tally {
  readonly ballot: Ballot;
  readonly voters: Quorum;
}

export class Learner {
  private readonly tallies = new Map<Round, Tally>();

  constructor(private readonly parts: Parts) {}

  /** Hands out what was known to be committed when this server stopped. */
  start(): void {
    const { log } = this.parts.memory;
    for (let round = log.first; round < log.committed; round += 1) {
      const entry = log.get(round);
      invariant(entry, `round ${round} is committed and its value is not here`);
      this.parts.outbox.emit({ type: 'commit', ...entry });
    }
  }

  /** A vote. Its crash vector is merged before. */
  onAccepted(from: ServerId, { ballot, rounds, vector }: Accepted): void {
    // Without an incarnation of its own this server keeps no crash vector, and cannot tell which votes are worth nothing.
    if (this.parts.memory.incarnation === 0) return this.parts.ignore('not a voter');
    const incarnation = vector[this.parts.membership.position(from)] ?? 0;
    if (incarnation === 0 || incarnation < this.parts.incarnationOf(from))
      return this.parts.ignore('stale incarnation');
    for (const range of rounds) this.count(range, ballot, from, incarnation);
    this.commitChosen();
  }

  /** The leader of this ballot knows that every round below is chosen. */
  onLeaderCommitted(ballot: Ballot, committed: Round): void {
    const { memory } = this.parts;
    while (memory.committed < committed) {
      const held = memory.log.get(memory.committed);
      // Accepted in another ballot it may be another value: catch-up asks for what was chosen.
      if (!held || !sameBallot(held.ballot, ballot)) break;
      this.commitNext();
    }
    this.commitChosen();
  }

  /** Values that a peer committed, in order from a round that is not above the committed prefix. */
  onValues(values: readonly AcceptedValue[]): void {
    for (const value of values) {
      const { memory } = this.parts;
      if (value.round > memory.committed) break;
      const held = memory.log.get(value.round);
      const order = held ? compareBallots(held.ballot, value.ballot) : -1;
      if (held && (order >= 0 || value.round < memory.committed)) checkSame(held, value);
      if (value.round < memory.committed) continue;
      if (order < 0) memory.hold(value);
      this.commitNext();
    }
    this.commitChosen();
  }

  /** The log goes on from a snapshot: nothing below is counted any more. */
  onInstalled(): void {
    const { committed } = this.parts.memory;
    for (const round of this.tallies.keys()) if (round < committed) this.tallies.delete(round);
    this.commitChosen();
  }

  /** Some incarnations are over: their votes do not count any more. */
  onIncarnations(vector: CrashVector): void {
    for (const tally of this.tallies.values()) tally.voters.discardStale(vector);
  }

  /** Every round below is known to be chosen, as far as votes tell: one more than committed when its value is missing. */
  get chosen(): Round {
    const { committed } = this.parts.memory;
    return this.tallies.get(committed)?.voters.reached ? committed + 1 : committed;
  }

  /** How many rounds are being counted: bounded by ROUNDS_AHEAD. */
  get counting(): number {
    return this.tallies.size;
  }

  private count({ from: first, to }: RoundRange, ballot: Ballot, voter: ServerId, incarnation: number): void {
    const { committed } = this.parts.memory;
    const last = Math.min(to, committed + ROUNDS_AHEAD - 1);
    for (let round = Math.max(first, committed); round <= last; round += 1) {
      this.tallyOf(round, ballot)?.voters.add(voter, incarnation);
    }
  }

  /** Votes are counted in the highest ballot only: a lower one has a leader no more that would need them. */
  private tallyOf(round: Round, ballot: Ballot): Tally | undefined {
    const tally = this.tallies.get(round);
    const order = tally ? compareBallots(tally.ballot, ballot) : -1;
    if (order > 0) return undefined;
    if (tally && order === 0) return tally;
    const fresh = { ballot, voters: new Quorum(this.parts.membership) };
    this.tallies.set(round, fresh);
    return fresh;
  }

  private commitChosen(): void {
    for (;;) {
      const { memory } = this.parts;
      const tally = this.tallies.get(memory.committed);
      if (!tally?.voters.reached) return;
      const held = memory.log.get(memory.committed);
      if (!held || !sameBallot(held.ballot, tally.ballot)) return;
      this.commitNext();
    }
  }

  private commitNext(): void {
    const entry = this.parts.memory.commitNext();
    this.tallies.delete(entry.round);
    this.parts.outbox.emit({ type: 'commit', round: entry.round, ballot: entry.ballot, value: entry.value });
  }
}
