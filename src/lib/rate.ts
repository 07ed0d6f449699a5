/**
 * Lets one event through in each interval and counts those it held back: what keeps a flood of bad input from
 * becoming a flood of log lines.
 */
export class OncePer {
  private openAtMs = Number.NEGATIVE_INFINITY;
  private heldBack = 0;

  constructor(private readonly intervalMs: number) {}

  /** The number of events held back since the last that passed, or undefined when this one is held back too. */
  pass(nowMs: number): number | undefined {
    if (nowMs < this.openAtMs) {
      this.heldBack += 1;
      return undefined;
    }
    const heldBack = this.heldBack;
    this.openAtMs = nowMs + this.intervalMs;
    this.heldBack = 0;
    return heldBack;
  }
}
