/** How long to wait before a crashed process is started again: ever longer while it crashes soon after its start. */

const FIRST_MS = 250;
const LAST_MS = 5000;
/** A process that ran this long was well: the next pause is the first again. */
const WELL_AFTER_MS = 10_000;

export class RestartPause {
  private nextMs = FIRST_MS;

  /** The pause after a process that ran for `ranMs`, milliseconds. */
  after(ranMs: number): number {
    const pauseMs = ranMs >= WELL_AFTER_MS ? FIRST_MS : this.nextMs;
    this.nextMs = Math.min(2 * pauseMs, LAST_MS);
    return pauseMs;
  }
}
