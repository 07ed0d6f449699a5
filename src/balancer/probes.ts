/**
 * Who has gone, when some client's connection closed and the socket does not say whose: each peer known then is written
 * to once, a bounded number in each tick, those first who were not for the longest time. What cannot be delivered tells.
 */
import type { PeerKey } from '../transport/transport';
import { PROBES_PER_TICK } from './limits';
import type { Receipts } from './receipts';

export class Probes {
  private due = 0;

  constructor(private readonly receipts: Receipts) {}

  /** A connection closed: it may have been anyone's. */
  onClosed(): void {
    this.due = this.receipts.size;
  }

  /** Those to be written to now. */
  take(): readonly PeerKey[] {
    const count = Math.min(this.due, this.receipts.size, PROBES_PER_TICK);
    if (count === 0) return [];
    this.due = Math.min(this.due, this.receipts.size) - count;
    return this.receipts.oldest(count).map(({ peer }) => peer);
  }
}
