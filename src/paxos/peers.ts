/** What is known of each peer by hearing from it. Soft: nothing here bears on safety. */
import { invariant } from '../lib/assert';
import type { Round, ServerId } from './ballot';
import type { Membership } from './quorum';

export interface Peer {
  readonly id: ServerId;
  /** The committed prefix that it last told of. */
  committed: Round;
  clients: number;
  /** False: it said last that it does not vote. */
  voting: boolean;
  /** When it was last heard, on the clock of `tick`. */
  lastHeardMs: number;
  /** When the latest of this leader's messages that it answered was sent: what check-quorum counts. */
  answeredMs: number;
  /** False once the transport saw its connection close: a hint. */
  linked: boolean;
}

export class Peers {
  private readonly peers = new Map<ServerId, Peer>();

  constructor(membership: Membership) {
    const never = Number.NEGATIVE_INFINITY;
    for (const id of membership.peers) {
      this.peers.set(id, {
        id,
        committed: 0,
        clients: 0,
        voting: true,
        lastHeardMs: never,
        answeredMs: never,
        linked: true,
      });
    }
  }

  get(id: ServerId): Peer {
    const peer = this.peers.get(id);
    invariant(peer, `server ${id} is no peer`);
    return peer;
  }

  all(): Iterable<Peer> {
    return this.peers.values();
  }

  /** The highest committed prefix that a peer last told of. */
  highestCommitted(): Round {
    let highest = 0;
    for (const peer of this.peers.values()) highest = Math.max(highest, peer.committed);
    return highest;
  }

  /** How many peers answered something that this leader sent since then. */
  answeredSince(sinceMs: number): number {
    let count = 0;
    for (const peer of this.peers.values()) if (peer.answeredMs >= sinceMs) count += 1;
    return count;
  }
}
