/**
 * The proposer in phase 2: a leader gives a value to one round after the other and asks the acceptors to accept it.
 *
 *   propose ─▶ backlog ─▶ batch ─▶ Accept ─▶ (Accepted, learner.ts)
 *
 * Always holds: a round gets one value in one ballot; what phase 1 found is proposed again, in its rounds and as Nops in
 * the holes between, before anything new; at most `windowRounds` are proposed and not committed.
 */
import { invariant } from '../lib/assert';
import type { Acceptor } from './acceptor';
import { Backlog } from './backlog';
import { type Ballot, NO_BALLOT, type Round, sameBallot } from './ballot';
import type { AcceptedValue } from './messages';
import type { Parts } from './parts';

/** The value of a round that nothing was proposed for. */
export const NOP = new Uint8Array(0);

export class Proposer {
  readonly backlog: Backlog;
  private ballot: Ballot = NO_BALLOT;
  /** What phase 1 found, by round; proposed for `next` while `next` < `adoptedEnd`. */
  private adopted: ReadonlyMap<Round, AcceptedValue> = new Map();
  private adoptedEnd: Round = 0;
  /** The lowest round without a proposal in this ballot. */
  private next: Round = 0;
  /** When the Accept of a round was sent last, at the round modulo the window. */
  private readonly sentMs: number[];

  constructor(
    private readonly parts: Parts,
    private readonly acceptor: Acceptor,
  ) {
    this.backlog = new Backlog(parts.limits.backlogBytes);
    this.sentMs = new Array<number>(parts.limits.windowRounds).fill(0);
  }

  /** Phase 1 is over: leads in this ballot. */
  lead(ballot: Ballot, adopted: ReadonlyMap<Round, AcceptedValue>): void {
    this.ballot = ballot;
    this.adopted = adopted;
    this.next = this.parts.memory.committed;
    this.adoptedEnd = this.next;
    for (const round of adopted.keys()) this.adoptedEnd = Math.max(this.adoptedEnd, round + 1);
  }

  /** Leads no more. What had gathered is dropped: whoever proposed it proposes it again. */
  resign(): void {
    this.ballot = NO_BALLOT;
    this.adopted = new Map();
    this.next = 0;
    this.backlog.clear();
  }

  /** @returns false when there is no room: the commands are dropped */
  gather(commands: readonly Uint8Array[]): boolean {
    if (this.backlog.add(commands)) return true;
    this.parts.ignore('backlog full');
    return false;
  }

  /** Proposes as much as may leave now. */
  pump(): void {
    const { memory, limits, options } = this.parts;
    // Held values raise the promise: a leader that learned of a value of a higher ballot is none any more, and cannot
    // announce a round as committed that it proposed something else for.
    invariant(sameBallot(memory.promised, this.ballot), 'a leader has promised its own ballot and none above');
    this.skipCommitted();
    while (this.inFlight < limits.windowRounds) {
      if (this.next < this.adoptedEnd) this.proposeNext(this.adopted.get(this.next)?.value ?? NOP);
      else if (this.batchReady) this.proposeNext(options.assemble(this.backlog.takeBatch(limits.batchBytes)));
      else break;
    }
  }

  /** Accepts may be lost: those that no quorum answered in time are repeated. */
  tick(): void {
    const { memory, nowMs, limits } = this.parts;
    for (let round = memory.committed; round < this.next; round += 1) {
      if (nowMs - this.sentAtMs(round) < limits.retransmitMs) continue;
      const entry = memory.log.get(round);
      invariant(entry, `round ${round} is proposed and its value is not here`);
      this.send(round, entry.value);
    }
  }

  /** When the Accept of a round in flight was sent last; undefined when it is not in flight. */
  sentInFlightMs(round: Round): number | undefined {
    return round >= this.parts.memory.committed && round < this.next ? this.sentAtMs(round) : undefined;
  }

  get inFlight(): number {
    return Math.max(0, this.next - this.parts.memory.committed);
  }

  /** Nothing waits while the pipeline has room; a full batch waits for the window only. */
  private get batchReady(): boolean {
    const { limits } = this.parts;
    if (this.backlog.empty) return false;
    return this.inFlight < limits.pipelineRounds || this.backlog.bytes >= limits.batchBytes;
  }

  /** Rounds that became known as committed otherwise need no proposal. */
  private skipCommitted(): void {
    this.next = Math.max(this.next, this.parts.memory.committed);
  }

  /** The Accept does not wait for the disk; the leader's own vote, as every vote, does. */
  private proposeNext(value: Uint8Array): void {
    const round = this.next;
    this.next += 1;
    this.send(round, value);
    this.acceptor.accept({ round, ballot: this.ballot, value });
  }

  private send(round: Round, value: Uint8Array): void {
    const { memory, outbox, limits, nowMs } = this.parts;
    this.sentMs[round % limits.windowRounds] = nowMs;
    outbox.broadcast({ type: 'Accept', ballot: this.ballot, round, value, committed: memory.committed });
  }

  private sentAtMs(round: Round): number {
    return this.sentMs[round % this.parts.limits.windowRounds] ?? 0;
  }
}
