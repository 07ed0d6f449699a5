/**
 * How a server without its memory comes back, and how one starts that never had any. A server that forgot its promises
 * and votes must not vote as if it had made none: crash vectors (Michael, Ports, Sharma, Szekeres: Recovering Shared
 * Objects Without Stable Storage, DISC 2017).
 *
 *   Recover(0) ─▶ RecoverReply(known)          was I ever here?
 *   Recover(i) ─▶ RecoverReply(page, next)     note my incarnation i, and tell what you promised and accepted
 *
 *   no incarnation ─ all peers know nothing ─────▶ new, 1 ─────────── all peers noted it ───────────────▶ voter
 *   no incarnation ─ some peer knows me ─────────▶ recovering, i+1 ── f+1 voters told all, consistently ─▶ voter
 *
 * Why f+1 voters are enough. Say that this server's former incarnation took part in a quorum, of promises or of votes:
 * f of the others did too, and f+1 others answer, so one of them, P, did both. Either P promised or voted before it
 * answered: then its answer tells, and this server takes it over. Or P answered first: then it had noted the new
 * incarnation, its crash vector in that promise or vote says so, and whoever counts the quorum throws the forgotten one
 * away. The same holds for P's own memory, for an answer of an incarnation that is over is thrown away as well.
 *
 * Of rounds that P has cut off it tells nothing, though it may have voted there. They are chosen: this server votes once
 * it has committed all of them, by catch-up or by a snapshot. Whoever asks it from below that on is told what was chosen,
 * or refused.
 *
 * An incarnation may be taken twice by lives that told too few servers of it: neither of them voted, and answers do not
 * outlive the process that asked.
 */
import { invariant } from '../lib/assert';
import { type Ballot, compareBallots, NO_BALLOT, type Round, type ServerId } from './ballot';
import type { QuestionId } from './effects';
import type { Page } from './log';
import type { AcceptedValue, Recover, RecoverReply, Standing } from './messages';
import { ROUNDS_AHEAD } from './options';
import type { Parts } from './parts';

/** What one peer has told so far, in its present incarnation. */
interface Told {
  /** The latest answer. */
  readonly standing: Standing;
  /** What it knew of this server before it was asked. */
  readonly known: number;
  /** Its own incarnation. */
  readonly incarnation: number;
  /** Whether it noted this server's present incarnation. */
  readonly noted: boolean;
  /** Whether it votes, and all that it promised and accepted was told. */
  readonly complete: boolean;
  /** Of rounds below it told nothing, for they are cut off there. */
  readonly first: Round;
}

export class Recovery {
  private readonly told = new Map<ServerId, Told>();
  /** The page to ask of each peer for, and when it was asked. */
  private readonly asked = new Map<ServerId, { from: Round; sentMs: number }>();
  /** Of what was told in this incarnation: the highest promise, and for each round the value of the highest ballot. */
  private promised: Ballot = NO_BALLOT;
  private readonly accepted = new Map<Round, AcceptedValue>();
  /** Who answered since the last look at whether there is any hope; and whether that look saw none. */
  private readonly heard = new Set<ServerId>();
  private hopelessAsOf = '';
  private halted = false;

  constructor(
    private readonly parts: Parts,
    /** How many rounds this server is known to be behind. */
    private readonly behind: () => number,
    private readonly onVoter: () => void,
  ) {}

  start(): void {
    if (!this.waiting) return;
    if (this.parts.membership.peers.length === 0) return this.becomeVoter();
    this.askAll();
  }

  tick(): void {
    if (!this.waiting) return;
    // What was missing may be committed by now.
    this.conclude();
    const { nowMs, limits } = this.parts;
    for (const peer of this.parts.membership.peers) {
      const sentMs = this.asked.get(peer)?.sentMs ?? Number.NEGATIVE_INFINITY;
      if (nowMs - sentMs >= limits.questionTimeoutMs) this.ask(peer);
    }
  }

  /** Another server asks. Its incarnation is noted, durably, before it is answered; only a voter tells what it accepted. */
  onRecover(from: ServerId, { incarnation, from: start }: Recover, question: QuestionId): void {
    const { memory, outbox, membership } = this.parts;
    const known = this.parts.incarnationOf(from);
    // Without an incarnation of its own a server could not say, later, that it is still the one that noted this.
    if (incarnation > 0 && memory.incarnation > 0) memory.raise(membership.position(from), incarnation);
    const tells = incarnation > 0 && memory.standing === 'voter';
    const page = tells ? this.pageOf(start) : { accepted: [], next: -1 };
    const message: RecoverReply = {
      type: 'RecoverReply',
      incarnation,
      known,
      standing: memory.standing,
      promised: memory.promised,
      from: start,
      ...page,
      first: memory.log.first,
      committed: memory.committed,
      vector: memory.vector,
    };
    outbox.afterDurable({ type: 'reply', to: from, question, message });
    this.onSign(from);
  }

  /** A peer that is waited for is there: it is asked at once, though not so often that two that wait keep each other busy. */
  onSign(peer: ServerId): void {
    if (!this.waiting || this.hasTold(peer)) return;
    const sentMs = this.asked.get(peer)?.sentMs ?? Number.NEGATIVE_INFINITY;
    if (this.parts.nowMs - sentMs >= this.parts.limits.heartbeatMs) this.ask(peer);
  }

  /** An answer. Its crash vector is merged before. */
  onReply(from: ServerId, reply: RecoverReply): void {
    const { memory, membership } = this.parts;
    const asked = this.asked.get(from);
    if (!this.waiting || reply.incarnation !== memory.incarnation || asked?.from !== reply.from) {
      return this.parts.ignore('late answer');
    }
    const incarnation = reply.vector[membership.position(from)] ?? 0;
    if (incarnation < this.parts.incarnationOf(from)) return this.parts.ignore('stale incarnation');
    const end = memory.committed + ROUNDS_AHEAD;
    const tooFar = reply.next >= end || reply.accepted.some(({ round }) => round >= end);
    const noted = (reply.vector[membership.position(this.parts.me)] ?? 0) >= memory.incarnation;
    const last = reply.next < 0 && !tooFar;
    const complete = reply.standing === 'voter' && (last || this.told.get(from)?.complete === true);
    const first = Math.max(this.told.get(from)?.first ?? 0, reply.first > reply.from ? reply.first : 0);
    this.told.set(from, { standing: reply.standing, known: reply.known, incarnation, noted, complete, first });
    this.heard.add(from);
    if (tooFar) this.parts.ignore('too far ahead');
    else this.gather(reply);
    if (!last && !tooFar) this.askNextPage(from, reply.next);
    this.conclude();
    this.lookForHope();
  }

  /** Some incarnations are over: what they told is thrown away. This server's own may be higher than it thought. */
  onIncarnations(): void {
    const { memory } = this.parts;
    const own = this.parts.incarnationOf(this.parts.me);
    if (memory.incarnation > 0 && own > memory.incarnation) this.takeIncarnation(own);
    if (!this.waiting) return;
    for (const [peer, { incarnation }] of this.told) {
      if (incarnation >= this.parts.incarnationOf(peer)) continue;
      this.forget(peer);
      this.ask(peer);
    }
  }

  private get waiting(): boolean {
    return this.parts.memory.standing !== 'voter';
  }

  /** Whether nothing more is wanted of this peer at present. */
  private hasTold(peer: ServerId): boolean {
    const told = this.told.get(peer);
    if (!told || this.parts.memory.incarnation === 0) return told !== undefined;
    return told.noted && (told.complete || this.parts.memory.standing === 'new');
  }

  /** Whoever asks from below the log is told where it starts, and no more: it may be long until it needs the rest. */
  private pageOf(start: Round): Page {
    const { memory, limits } = this.parts;
    const { first } = memory.log;
    return start < first ? { accepted: [], next: first } : memory.log.page(start, limits);
  }

  // ---- asking ------------------------------------------------------------------------------------------------------

  private askAll(): void {
    for (const peer of this.parts.membership.peers) this.ask(peer);
  }

  /** Asks once this server's own incarnation is durable. What is committed by now need not be told. */
  private ask(to: ServerId): void {
    const { memory, outbox, nowMs } = this.parts;
    const from = Math.max(this.asked.get(to)?.from ?? 0, memory.committed);
    this.asked.set(to, { from, sentMs: nowMs });
    const message: Recover = { type: 'Recover', incarnation: memory.incarnation, from };
    outbox.afterDurable({ type: 'ask', to, message });
  }

  /** What is committed comes cheaper by catch-up, once and from one peer: far behind, this waits for it. */
  private askNextPage(peer: ServerId, next: Round): void {
    this.asked.set(peer, { from: next, sentMs: this.parts.nowMs });
    if (this.behind() <= this.parts.limits.pageRounds) this.ask(peer);
  }

  /** Asks that peer from the start, should it be asked again. */
  private forget(peer: ServerId): void {
    this.told.delete(peer);
    this.asked.delete(peer);
  }

  private gather(reply: RecoverReply): void {
    if (this.parts.memory.standing !== 'recovering' || reply.standing !== 'voter') return;
    if (compareBallots(reply.promised, this.promised) > 0) this.promised = reply.promised;
    for (const value of reply.accepted) {
      const sofar = this.accepted.get(value.round);
      if (!sofar || compareBallots(value.ballot, sofar.ballot) > 0) this.accepted.set(value.round, value);
    }
  }

  // ---- concluding --------------------------------------------------------------------------------------------------

  private conclude(): void {
    const { memory, membership } = this.parts;
    const told = [...this.told.values()];
    const all = told.length === membership.peers.length;
    const voters = told.filter(({ standing }) => standing === 'voter');
    if (memory.incarnation === 0) {
      const known = Math.max(this.parts.incarnationOf(this.parts.me), ...told.map((one) => one.known));
      // With all answers, or those of f+1 voters, no incarnation that ever voted goes unnoticed.
      if (known > 0 && (all || voters.length >= membership.majority)) this.startAs('recovering', known + 1);
      else if (known === 0 && all) this.startAs('new', 1);
    } else if (memory.standing === 'new') {
      if (all && told.every(({ noted }) => noted)) this.becomeVoter();
    } else {
      const answers = told.filter(({ noted, complete, first }) => noted && complete && first <= memory.committed);
      if (answers.length >= membership.majority) this.becomeVoter();
    }
  }

  private startAs(standing: Standing, incarnation: number): void {
    this.parts.memory.become(standing, incarnation);
    this.told.clear();
    this.asked.clear();
    this.heard.clear();
    this.accepted.clear();
    this.promised = NO_BALLOT;
    this.askAll();
  }

  /**
   * Another life of this server took a higher incarnation, and may have voted in it: its folder was moved away, another
   * one took its place, and the old one came back. What that life said is not known here, so that this one, though it
   * remembers its own promises, comes back as one that forgot.
   */
  private takeIncarnation(incarnation: number): void {
    const { standing } = this.parts.memory;
    this.startAs('recovering', standing === 'voter' ? incarnation + 1 : incarnation);
  }

  /** Takes over what f+1 voters told, in the same write as the right to vote. */
  private becomeVoter(): void {
    const { memory } = this.parts;
    if (compareBallots(this.promised, memory.promised) > 0) memory.promise(this.promised);
    for (const value of [...this.accepted.values()].sort((a, b) => a.round - b.round)) {
      const held = memory.log.get(value.round);
      const news = !held || compareBallots(value.ballot, held.ballot) > 0;
      if (value.round >= memory.committed && news) memory.hold(value);
    }
    memory.become('voter', Math.max(memory.incarnation, 1));
    this.accepted.clear();
    this.told.clear();
    this.onVoter();
  }

  /**
   * Fewer than f+1 others can ever vote when f+1 servers, this one with them, forgot. The answers are not of one moment:
   * a server that was recovering may vote by now. So all must have said the same twice in a row.
   */
  private lookForHope(): void {
    const { membership, memory } = this.parts;
    if (!this.waiting || this.heard.size < membership.peers.length || this.told.size < membership.peers.length) return;
    this.heard.clear();
    const lost = [...this.told].filter(([, { standing }]) => standing === 'recovering');
    const hopeless = memory.standing === 'recovering' && membership.peers.length - lost.length < membership.majority;
    const asOf = hopeless ? JSON.stringify(lost.map(([peer, { incarnation }]) => [peer, incarnation])) : '';
    if (hopeless && asOf === this.hopelessAsOf && !this.halted) this.halt(lost.map(([peer]) => peer));
    this.hopelessAsOf = asOf;
  }

  private halt(others: readonly ServerId[]): void {
    invariant(others.length > 0, 'one server alone is never too many');
    const { me, membership, outbox } = this.parts;
    const lost = [me, ...others].sort((a, b) => a - b).join(', ');
    this.halted = true;
    const reason = `servers ${lost} of ${membership.servers.length} lost their memory: what was agreed on may be lost with it, reset the cluster`;
    outbox.emit({ type: 'halt', reason });
  }
}
