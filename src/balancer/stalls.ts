/**
 * The clients that do not read. Nothing is queued for one; it is tried again after a pause, which doubles each time
 * until what it says shows that it has read. Only so many are tried in one tick.
 */
import type { Client } from './clients';
import { FIRST_RETRY_MS, LAST_RETRY_MS, RETRIES_PER_TICK } from './limits';

export class Stalls {
  /** When each is tried again, milliseconds. Who was tried longest ago comes first. */
  private readonly dueMs = new Map<Client, number>();

  /** Something could not be written to the client. */
  add(client: Client, nowMs: number): void {
    client.stalled = true;
    this.dueMs.set(client, nowMs + client.pauseMs);
    client.pauseMs = Math.min(2 * client.pauseMs, LAST_RETRY_MS);
  }

  /** It is to be tried, or is gone. */
  remove(client: Client): void {
    client.stalled = false;
    this.dueMs.delete(client);
  }

  /** It said something that it could not know without reading. */
  onProof(client: Client): void {
    client.pauseMs = FIRST_RETRY_MS;
  }

  /** Those to be tried now. */
  take(nowMs: number): readonly Client[] {
    const due: Client[] = [];
    for (const [client, dueMs] of this.dueMs) {
      if (due.length === RETRIES_PER_TICK) break;
      if (dueMs <= nowMs) due.push(client);
    }
    for (const client of due) this.remove(client);
    return due;
  }
}
