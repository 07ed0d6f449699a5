/**
 * Who has gone, when some client's connection closed and the socket does not say whose: each client known then is
 * written to once, a bounded number in each tick, those first who were not for the longest time. What cannot be
 * delivered tells.
 */
import type { Client } from './clients';
import { PROBES_PER_TICK } from './limits';

export class Probes {
  /** In the order in which they were written to last, or came. */
  private readonly ring = new Set<Client>();
  private due = 0;

  add(client: Client): void {
    this.ring.add(client);
  }

  remove(client: Client): void {
    this.ring.delete(client);
    this.due = Math.min(this.due, this.ring.size);
  }

  /** A connection closed: it may have been anyone's. */
  onClosed(): void {
    this.due = this.ring.size;
  }

  /** Those to be written to now. */
  take(): readonly Client[] {
    const taken: Client[] = [];
    if (this.due === 0) return taken;
    const count = Math.min(this.due, PROBES_PER_TICK);
    for (const client of this.ring) {
      if (taken.length === count) break;
      taken.push(client);
    }
    for (const client of taken) {
      this.ring.delete(client);
      this.ring.add(client);
    }
    this.due -= taken.length;
    return taken;
  }
}
