/**
 * A leader's heartbeats, and who answers them: check-quorum. An answer proves that a peer was there when what it answers
 * was sent, not when it arrived: what a paused leader finds in its queue does not make it a leader of today.
 *
 *   Heartbeat(beat) ─▶ Alive(beat)
 */
import type { Ballot, ServerId } from './ballot';
import type { Parts } from './parts';

export class Heartbeats {
  private beat = 0;
  private dueMs = 0;
  /** When the latest ones were sent, by their number. */
  private readonly sentMs = new Map<number, number>();

  constructor(private readonly parts: Parts) {}

  /** A new leader was promised by a quorum just now. */
  start(ballot: Ballot): void {
    const { peers, nowMs } = this.parts;
    for (const peer of peers.all()) peer.answeredMs = nowMs;
    this.sentMs.clear();
    this.send(ballot);
  }

  tick(ballot: Ballot): void {
    if (this.parts.nowMs >= this.dueMs) this.send(ballot);
  }

  onAlive(from: ServerId, beat: number): void {
    this.onAnswer(from, this.sentMs.get(beat));
  }

  /** @param sentMs when that which the peer answered was sent; undefined: longer ago than matters */
  onAnswer(from: ServerId, sentMs: number | undefined): void {
    const peer = this.parts.peers.get(from);
    if (sentMs !== undefined) peer.answeredMs = Math.max(peer.answeredMs, sentMs);
  }

  /** Whether a quorum, this server with it, answered something sent within an election timeout. */
  get quorum(): boolean {
    const { peers, nowMs, limits, membership } = this.parts;
    return peers.answeredSince(nowMs - limits.electionTimeoutMs) + 1 >= membership.majority;
  }

  private send(ballot: Ballot): void {
    const { nowMs, limits, memory, outbox, options } = this.parts;
    this.beat += 1;
    this.dueMs = nowMs + limits.heartbeatMs;
    this.sentMs.set(this.beat, nowMs);
    for (const [beat, sentMs] of this.sentMs) {
      if (nowMs - sentMs <= limits.electionTimeoutMs) break;
      this.sentMs.delete(beat);
    }
    const { committed } = memory;
    outbox.broadcast({ type: 'Heartbeat', ballot, committed, beat: this.beat, clients: options.clients() });
  }
}
