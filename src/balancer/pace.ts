/**
 * How many frames a second are looked at of each peer of the clients' port, known or not: each has a bucket of them that
 * fills again. A bucket that is full again is forgotten, so that there are no more than peers that spoke a moment ago.
 */
import { Bucket } from '../lib/bucket';
import type { PeerKey } from '../transport/transport';
import type { BalancerLimits } from './limits';

interface Paced {
  readonly frames: Bucket;
  /** When it was told that it is too fast, milliseconds. */
  toldAtMs: number;
}

/** Who is too fast is told so at most this often, milliseconds. */
const TOLD_EVERY_MS = 1000;

export class Pace {
  /** Those that spoke lately, and those that did before: after as long a time as it takes to fill one, they are forgotten. */
  private fresh = new Map<PeerKey, Paced>();
  private old = new Map<PeerKey, Paced>();
  private sinceMs = Number.NEGATIVE_INFINITY;
  private readonly fillsInMs: number;

  constructor(private readonly limits: Pick<BalancerLimits, 'framesPerSec' | 'framesAtOnce' | 'frameBytes'>) {
    this.fillsInMs = Math.max(TOLD_EVERY_MS, (1000 * limits.framesAtOnce) / limits.framesPerSec);
  }

  /**
   * A frame of this peer came, with so many bytes of payload.
   * @returns `ok`; or else it is not to be looked at, and the peer `tell`, or has been told just now (`drop`)
   */
  onFrame(peer: PeerKey, payloadBytes: number, nowMs: number): 'ok' | 'tell' | 'drop' {
    const paced = this.pacedOf(peer, nowMs);
    if (paced.frames.take(1 + Math.floor(payloadBytes / this.limits.frameBytes), nowMs)) return 'ok';
    if (nowMs - paced.toldAtMs < TOLD_EVERY_MS) return 'drop';
    paced.toldAtMs = nowMs;
    return 'tell';
  }

  private pacedOf(peer: PeerKey, nowMs: number): Paced {
    if (nowMs - this.sinceMs >= this.fillsInMs) {
      // Twice as long: also those that spoke lately are full.
      this.old = nowMs - this.sinceMs >= 2 * this.fillsInMs ? new Map() : this.fresh;
      this.fresh = new Map();
      this.sinceMs = nowMs;
    }
    let paced = this.fresh.get(peer);
    if (paced) return paced;
    const { framesPerSec, framesAtOnce } = this.limits;
    paced = this.old.get(peer) ?? {
      frames: new Bucket(framesPerSec, framesAtOnce, nowMs),
      toldAtMs: Number.NEGATIVE_INFINITY,
    };
    this.fresh.set(peer, paced);
    return paced;
  }
}
