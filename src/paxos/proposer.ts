/**
 * The proposer in phase 2: a leader gives a value to one round after the other and asks the acceptors to accept it.
 *
 *   propose ─▶ backlog of each server ─▶ batch ─▶ Accept ─▶ (Accepted, learner.ts)
 *
 * Always holds: a round gets one value in one ballot; what phase 1 found is proposed again, in its rounds and as Nops in
 * the holes between, before anything new; at most `windowRounds` are proposed and not committed.
 */
import { invariant } from '../lib/assert';
import type { Acceptor } from './acceptor';
import { Backlog, takeBatch } from './backlog';
import { type Ballot, NO_BALLOT, type Round, type ServerId, sameBallot } from './ballot';
import type { AcceptedValue } from './messages';
import type { Parts } from './parts';

/** The value of a round that nothing was proposed for. */
export const NOP = new Uint8Array(0);

/** An Accept is repeated after so many times as long as rounds take to commit; each time after twice as long. */
const REPEAT_TRIPS = 2;
const MOST_DOUBLINGS = 4;
/** … but at the latest after so many election timeouts: once what lost them is over, nobody waits for longer. */
const MOST_TIMEOUTS = 4;
/** How much the latest round counts for how long they take: as in a transport's estimate of its round trip (RFC 6298). */
const TRIP_SHARE = 1 / 8;

/** A round in flight: when its Accept was sent last, and how often it was repeated. */
interface Flight {
  sentMs: number;
  repeats: number;
}

export class Proposer {
  /** What every server has handed over, this one and those that forward. */
  private readonly backlogs: ReadonlyMap<ServerId, Backlog>;
  private ballot: Ballot = NO_BALLOT;
  /** What phase 1 found, by round; proposed for `next` while `next` < `adoptedEnd`. */
  private adopted: ReadonlyMap<Round, AcceptedValue> = new Map();
  private adoptedEnd: Round = 0;
  /** The lowest round without a proposal in this ballot. */
  private next: Round = 0;
  /** Those in flight, each at its round modulo the window. */
  private readonly flights: readonly Flight[];
  /** How long rounds take from Accept to commit, about: what was repeated is left out, it may be either answer. */
  private tripMs = 0;
  /** The lowest round whose trip is not measured. */
  private measured: Round = 0;

  constructor(
    private readonly parts: Parts,
    private readonly acceptor: Acceptor,
  ) {
    const { limits, membership, me } = parts;
    this.backlogs = new Map([me, ...membership.peers].map((id) => [id, new Backlog(limits.backlogBytes)]));
    this.flights = Array.from({ length: limits.windowRounds }, () => ({ sentMs: 0, repeats: 0 }));
  }

  /** Phase 1 is over: leads in this ballot. */
  lead(ballot: Ballot, adopted: ReadonlyMap<Round, AcceptedValue>): void {
    this.ballot = ballot;
    this.adopted = adopted;
    this.next = this.parts.memory.committed;
    this.measured = this.next;
    this.tripMs = 0;
    this.adoptedEnd = this.next;
    for (const round of adopted.keys()) this.adoptedEnd = Math.max(this.adoptedEnd, round + 1);
  }

  /** Leads no more. What had gathered is dropped: whoever proposed it proposes it again. */
  resign(): void {
    this.ballot = NO_BALLOT;
    this.adopted = new Map();
    this.next = 0;
    for (const backlog of this.backlogs.values()) backlog.clear();
  }

  /** Bytes of commands of this server, or of one that forwards, that wait for a round. */
  backlogBytes(of: ServerId): number {
    return this.backlogs.get(of)?.bytes ?? 0;
  }

  /**
   * Takes commands of this server, or of one that forwards.
   * @returns false when there is no room: they are not taken
   */
  gather(from: ServerId, commands: readonly Uint8Array[]): boolean {
    const { me, limits } = this.parts;
    const backlog = this.backlogs.get(from);
    // Who forwards keeps what is not taken, and comes again. What waits there can be told to wait: what waits here cannot.
    if (backlog && (from === me || backlog.bytes < limits.roomBytes) && backlog.add(commands)) return true;
    this.parts.ignore('backlog full');
    return false;
  }

  /** Proposes as much as may leave now. */
  pump(): void {
    const { memory, limits, options } = this.parts;
    // Held values raise the promise: a leader that learned of a value of a higher ballot is none any more, and cannot
    // announce a round as committed that it proposed something else for.
    invariant(sameBallot(memory.promised, this.ballot), 'a leader has promised its own ballot and none above');
    this.measure();
    this.skipCommitted();
    while (this.inFlight < limits.windowRounds) {
      if (this.next < this.adoptedEnd) this.proposeNext(this.adopted.get(this.next)?.value ?? NOP);
      else if (this.batchReady)
        this.proposeNext(options.assemble(takeBatch(this.backlogs.values(), limits.batchBytes)));
      else break;
    }
  }

  /**
   * Accepts may be lost: those that no quorum answered in time are repeated. Where the disks are slow or the servers busy
   * nothing is lost and repeating makes it worse, so what is in time follows from how long rounds take.
   */
  tick(): void {
    const { memory, nowMs, limits } = this.parts;
    const patienceMs = Math.max(limits.retransmitMs, REPEAT_TRIPS * this.tripMs);
    const mostMs = MOST_TIMEOUTS * limits.electionTimeoutMs;
    for (let round = memory.committed; round < this.next; round += 1) {
      const flight = this.flight(round);
      const lateMs = Math.min(mostMs, patienceMs * 2 ** Math.min(flight.repeats, MOST_DOUBLINGS));
      if (nowMs - flight.sentMs < lateMs) continue;
      const entry = memory.log.get(round);
      invariant(entry, `round ${round} is proposed and its value is not here`);
      // What is repeated is not measured: that it takes so long has to count by itself.
      if (flight.repeats === 0) this.tripMs = Math.max(this.tripMs, nowMs - flight.sentMs);
      flight.repeats += 1;
      this.send(round, entry.value);
    }
  }

  /** When the Accept of a round in flight was sent last; undefined when it is not in flight. */
  sentInFlightMs(round: Round): number | undefined {
    return round >= this.parts.memory.committed && round < this.next ? this.flight(round).sentMs : undefined;
  }

  get inFlight(): number {
    return Math.max(0, this.next - this.parts.memory.committed);
  }

  /** Nothing waits while the pipeline has room; a full batch waits for the window only. */
  private get batchReady(): boolean {
    const { limits } = this.parts;
    let bytes = 0;
    let isEmpty = true;
    for (const backlog of this.backlogs.values()) {
      bytes += backlog.bytes;
      if (backlog.first) isEmpty = false;
    }
    return !isEmpty && (this.inFlight < limits.pipelineRounds || bytes >= limits.batchBytes);
  }

  /** How long the rounds took that have been committed meanwhile. */
  private measure(): void {
    const { memory, nowMs } = this.parts;
    for (; this.measured < Math.min(memory.committed, this.next); this.measured += 1) {
      const { sentMs, repeats } = this.flight(this.measured);
      if (repeats === 0) this.tripMs += (nowMs - sentMs - this.tripMs) * TRIP_SHARE;
    }
    this.measured = Math.max(this.measured, memory.committed);
  }

  /** Rounds that became known as committed otherwise need no proposal. */
  private skipCommitted(): void {
    this.next = Math.max(this.next, this.parts.memory.committed);
  }

  /** The Accept does not wait for the disk; the leader's own vote, as every vote, does. */
  private proposeNext(value: Uint8Array): void {
    const round = this.next;
    this.next += 1;
    this.flight(round).repeats = 0;
    this.send(round, value);
    this.acceptor.accept({ round, ballot: this.ballot, value });
  }

  private send(round: Round, value: Uint8Array): void {
    const { memory, outbox, nowMs } = this.parts;
    this.flight(round).sentMs = nowMs;
    outbox.broadcast({ type: 'Accept', ballot: this.ballot, round, value, committed: memory.committed });
  }

  private flight(round: Round): Flight {
    return this.flights[round % this.flights.length] as Flight;
  }
}
