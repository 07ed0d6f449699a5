/**
 * The acceptor promises ballots and accepts values: the memory of the cluster. (Lamport, Paxos Made Simple, 2001.)
 *
 *   Prepare ─▶ Promise        Accept ─▶ Accepted, to everybody
 *
 * Always holds: it never accepts, and never promises, below what it promised; nobody hears of a promise or a vote that
 * is not durable; a server that is not a voter does neither, for it may have forgotten what it said (recovery.ts).
 */
import { invariant } from '../lib/assert';
import { type Ballot, compareBallots, type Round, sameBallot } from './ballot';
import type { QuestionId } from './effects';
import type { AcceptedValue, BroadcastMessage, Prepare, PromiseMessage, RoundRange } from './messages';
import { ROUNDS_AHEAD } from './options';
import type { Parts } from './parts';

export class Acceptor {
  /** The votes of the present step, and the ballot that they are in: one Accepted tells them all. */
  private votes: { ballot: Ballot; rounds: RoundRange[] } | undefined;

  constructor(private readonly parts: Parts) {}

  /**
   * Phase 1. To who asks from below the log nothing is promised: it would not hear of what was cut off, and is chosen.
   * @returns whether the ballot is promised, now or before
   */
  onPrepare(from: number, { ballot, from: start }: Prepare, question: QuestionId): boolean {
    const { memory } = this.parts;
    const granted =
      memory.standing === 'voter' && compareBallots(ballot, memory.promised) >= 0 && start >= memory.log.first;
    if (granted) memory.promise(ballot);
    this.answer(from, question, ballot, start, granted);
    return granted;
  }

  /** Phase 2: accepts the value of a round and votes for it, unless a higher ballot is promised. Repeats a vote. */
  accept(entry: AcceptedValue): void {
    const { memory } = this.parts;
    if (memory.standing !== 'voter') return this.parts.ignore('not a voter');
    if (compareBallots(entry.ballot, memory.promised) < 0) return this.parts.ignore('stale ballot');
    if (entry.round < memory.log.first) return this.parts.ignore('cut off');
    if (entry.round >= memory.committed + ROUNDS_AHEAD) return this.parts.ignore('too far ahead');
    const held = memory.log.get(entry.round);
    const again = held !== undefined && sameBallot(held.ballot, entry.ballot);
    if (held && (again || entry.round < memory.committed)) checkSame(held, entry);
    if (!again) memory.hold(entry);
    this.vote(entry.ballot, entry.round);
  }

  /** Tells of the votes of this step. Every learner hears them, this server's own among them. */
  sendVotes(): void {
    if (!this.votes) return;
    const message: BroadcastMessage = { type: 'Accepted', ...this.votes, vector: this.parts.memory.vector };
    this.votes = undefined;
    this.parts.outbox.afterDurable({ type: 'broadcast', message });
    this.parts.outbox.afterDurable({ type: 'loopback', message });
  }

  private vote(ballot: Ballot, round: Round): void {
    this.votes ??= { ballot, rounds: [] };
    invariant(sameBallot(this.votes.ballot, ballot), 'one step votes in one ballot');
    const last = this.votes.rounds.at(-1);
    if (last && last.to + 1 === round) this.votes.rounds[this.votes.rounds.length - 1] = { from: last.from, to: round };
    else this.votes.rounds.push({ from: round, to: round });
  }

  private answer(from: number, question: QuestionId, ballot: Ballot, start: Round, granted: boolean): void {
    const { memory, outbox, limits } = this.parts;
    const page = granted ? memory.log.page(start, limits) : { accepted: [], next: -1 };
    const message: PromiseMessage = {
      type: 'Promise',
      ballot,
      granted,
      promised: memory.promised,
      from: start,
      ...page,
      committed: memory.committed,
      vector: memory.vector,
    };
    outbox.afterDurable({ type: 'reply', to: from, question, message });
  }
}

/** Agreement itself: two values chosen for one round, or proposed for it in one ballot, are the same. */
export function checkSame(one: AcceptedValue, other: AcceptedValue): void {
  const same = one.value.length === other.value.length && one.value.every((byte, index) => byte === other.value[index]);
  invariant(same, `two values are agreed on for round ${one.round}`);
}
