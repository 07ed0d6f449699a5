/**
 * The proposer in phase 1: a candidate asks every acceptor to promise its ballot, over all rounds from its committed
 * prefix on, and gathers what they have accepted there.
 *
 *   Prepare(ballot, from) ─▶ Promise(ballot, page, next), page by page
 *
 * A promise counts once its last page came, and as long as no newer incarnation of that server is known: one that lost
 * its memory may have forgotten the promise (DISC 2017; why it is enough stands in recovery.ts). For each round the value
 * of the highest ballot is adopted. Values reported by a promise that does not count are adopted as well: they were
 * proposed in their ballots, and a proposal of a higher ballot is never a wrong choice.
 */
import { type Ballot, compareBallots, type Round, type ServerId } from './ballot';
import type { AcceptedValue, CrashVector, PromiseMessage } from './messages';
import { ROUNDS_AHEAD } from './options';
import type { Parts } from './parts';
import { Quorum } from './quorum';

export class PhaseOne {
  /** For each open round the value of the highest ballot that was reported. */
  readonly adopted = new Map<Round, AcceptedValue>();
  private readonly from: Round;
  private readonly promises: Quorum;
  /** The page that is awaited of each peer, and when it was asked for. */
  private readonly awaited = new Map<ServerId, { from: Round; askedMs: number }>();

  /** Promises the ballot itself, and asks everybody else once that is durable. */
  constructor(
    private readonly parts: Parts,
    readonly ballot: Ballot,
  ) {
    const { memory, membership } = parts;
    memory.promise(ballot);
    this.from = memory.committed;
    this.promises = new Quorum(membership);
    this.promises.add(parts.me, memory.incarnation);
    for (let round = this.from; round < memory.log.end; round += 1) {
      const held = memory.log.get(round);
      if (held) this.adopt(held);
    }
    for (const peer of membership.peers) this.ask(peer, this.from);
  }

  get won(): boolean {
    return this.promises.reached;
  }

  /** A page of a granted promise of this ballot. Its crash vector is merged before. */
  onPromise(from: ServerId, promise: PromiseMessage): void {
    const awaited = this.awaited.get(from);
    if (awaited?.from !== promise.from) return this.parts.ignore('late answer');
    const incarnation = promise.vector[this.parts.membership.position(from)] ?? 0;
    if (incarnation === 0 || incarnation < this.parts.incarnationOf(from))
      return this.parts.ignore('stale incarnation');
    const tooFar = promise.accepted.some(({ round }) => round >= this.parts.memory.committed + ROUNDS_AHEAD);
    if (tooFar) return this.parts.ignore('too far ahead');
    for (const value of promise.accepted) this.adopt(value);
    if (promise.next > promise.from) return this.ask(from, promise.next);
    this.awaited.delete(from);
    this.promises.add(from, incarnation);
  }

  /** Some incarnations are over: what they promised does not count, and is asked anew, from the first page on. */
  onIncarnations(vector: CrashVector): void {
    this.promises.discardStale(vector);
    for (const peer of this.parts.membership.peers) {
      if (this.promises.has(peer)) continue;
      this.awaited.set(peer, { from: this.from, askedMs: this.awaited.get(peer)?.askedMs ?? Number.NEGATIVE_INFINITY });
    }
  }

  tick(): void {
    const { nowMs, limits } = this.parts;
    for (const [peer, { from, askedMs }] of this.awaited) {
      if (nowMs - askedMs >= limits.questionTimeoutMs) this.ask(peer, from);
    }
  }

  private ask(peer: ServerId, from: Round): void {
    this.awaited.set(peer, { from, askedMs: this.parts.nowMs });
    const message = { type: 'Prepare', ballot: this.ballot, from } as const;
    this.parts.outbox.afterDurable({ type: 'ask', to: peer, message });
  }

  private adopt(value: AcceptedValue): void {
    if (value.round < this.from) return;
    const sofar = this.adopted.get(value.round);
    if (!sofar || compareBallots(value.ballot, sofar.ballot) > 0) this.adopted.set(value.round, value);
  }
}
