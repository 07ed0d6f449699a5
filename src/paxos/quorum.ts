/**
 * Who the servers are, and when enough of them have said the same.
 *
 * Owns no protocol. Any two quorums share a server, and a quorum without one of its members still shares a server with
 * any f+1 of the others: all safety arguments rest on these two sentences.
 */
import { invariant } from '../lib/assert';
import type { ServerId } from './ballot';
import type { CrashVector } from './messages';

/** The servers of the cluster, and this one among them. */
export class Membership {
  /** Every server but this one, ascending. */
  readonly peers: readonly ServerId[];
  /** f+1 of 2f+1. */
  readonly majority: number;

  constructor(
    readonly me: ServerId,
    readonly servers: readonly ServerId[],
  ) {
    this.peers = servers.filter((id) => id !== me);
    this.majority = majorityOf(servers.length);
  }

  /** Where a server stands in every crash vector. */
  position(id: ServerId): number {
    const position = this.servers.indexOf(id);
    invariant(position >= 0, `server ${id} is not in the cluster`);
    return position;
  }
}

/** The least number of servers of which any two sets have one in common. */
export function majorityOf(servers: number): number {
  return Math.floor(servers / 2) + 1;
}

/**
 * The servers that gave one answer, each with the incarnation that gave it. An answer of an incarnation that is known
 * to be over is worth nothing, also when it was counted already: that server may have forgotten what it answered.
 */
export class Quorum {
  /** By position; 0: not answered. */
  private readonly incarnations: number[];
  private answered = 0;

  constructor(private readonly membership: Membership) {
    this.incarnations = new Array<number>(membership.servers.length).fill(0);
  }

  add(server: ServerId, incarnation: number): void {
    invariant(incarnation > 0, 'only a server with an incarnation votes');
    const position = this.membership.position(server);
    if (this.incarnations[position] === 0) this.answered += 1;
    this.incarnations[position] = Math.max(this.incarnations[position] ?? 0, incarnation);
  }

  has(server: ServerId): boolean {
    return (this.incarnations[this.membership.position(server)] ?? 0) > 0;
  }

  /** Throws away what was said by incarnations that are over. */
  discardStale(vector: CrashVector): void {
    for (const [position, incarnation] of this.incarnations.entries()) {
      if (incarnation === 0 || incarnation >= (vector[position] ?? 0)) continue;
      this.incarnations[position] = 0;
      this.answered -= 1;
    }
  }

  get size(): number {
    return this.answered;
  }

  get reached(): boolean {
    return this.answered >= this.membership.majority;
  }
}
