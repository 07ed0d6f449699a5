/** A token bucket: so many in the long run, and at once after a quiet while. Time is given, on any monotonic clock. */
export class Bucket {
  /** In thousandths: whole milliseconds are then counted exactly. */
  private tokens: number;
  private filledMs: number;

  /** It begins full. @param perSecond in the long run @param burst at once */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    nowMs: number,
  ) {
    this.tokens = burst * 1000;
    this.filledMs = nowMs;
  }

  /**
   * Takes so many, when they are there; of more than a burst it takes all when it is full, and owes the rest.
   * @returns whether it did
   */
  take(count: number, nowMs: number): boolean {
    this.fill(nowMs);
    if (this.tokens < Math.min(count, this.burst) * 1000) return false;
    this.tokens -= count * 1000;
    return true;
  }

  /** How long until so many can be taken, milliseconds; 0: now. */
  waitMs(count: number, nowMs: number): number {
    this.fill(nowMs);
    return Math.max(0, Math.ceil((Math.min(count, this.burst) * 1000 - this.tokens) / this.perSecond));
  }

  /** Nothing would be different with a new one. */
  isFull(nowMs: number): boolean {
    this.fill(nowMs);
    return this.tokens >= this.burst * 1000;
  }

  private fill(nowMs: number): void {
    this.tokens = Math.min(this.burst * 1000, this.tokens + (nowMs - this.filledMs) * this.perSecond);
    this.filledMs = nowMs;
  }
}
