/**
 * A candidate's round of pre-votes: would a quorum vote for it, were it to raise its ballot? No ballot is raised to ask,
 * so a server that was paused or cut off finds out that a leader lives without deposing it. (Ongaro, Consensus: Bridging
 * Theory and Practice, 2014, 9.6.)
 *
 *   PreVote(ballot, committed) ─▶ PreVoteReply(granted, leader, promised, committed)
 */
import type { Ballot, ServerId } from './ballot';
import type { Parts } from './parts';

export class PreVoteRound {
  private readonly granted = new Set<ServerId>();
  private readonly refused = new Set<ServerId>();
  private readonly askedMs = new Map<ServerId, number>();

  constructor(
    private readonly parts: Parts,
    private readonly ballot: Ballot,
  ) {
    this.granted.add(parts.me);
    for (const peer of parts.membership.peers) this.ask(peer);
  }

  onGranted(from: ServerId): void {
    this.granted.add(from);
    this.refused.delete(from);
  }

  onRefused(from: ServerId): void {
    if (!this.granted.has(from)) this.refused.add(from);
  }

  get won(): boolean {
    return this.granted.size >= this.parts.membership.majority;
  }

  /** So many refused that the others are no quorum. */
  get lost(): boolean {
    const { servers, majority } = this.parts.membership;
    return servers.length - this.refused.size < majority;
  }

  tick(): void {
    const { nowMs, limits } = this.parts;
    for (const [peer, askedMs] of this.askedMs) {
      const answered = this.granted.has(peer) || this.refused.has(peer);
      if (!answered && nowMs - askedMs >= limits.questionTimeoutMs) this.ask(peer);
    }
  }

  private ask(peer: ServerId): void {
    const { nowMs, outbox, memory } = this.parts;
    this.askedMs.set(peer, nowMs);
    outbox.ask(peer, { type: 'PreVote', ballot: this.ballot, committed: memory.committed });
  }
}
