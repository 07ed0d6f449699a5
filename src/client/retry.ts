/** When to ask again for what was not answered: ever more rarely, and not all clients at the same moment. */
import type { Random } from '../lib/prng';

export class Retry {
  private dueMs = Number.POSITIVE_INFINITY;
  private pauseMs: number;

  /** @param firstMs the first pause; each is twice as long as the one before, up to `mostMs` */
  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
    private readonly random: Random,
  ) {
    this.pauseMs = firstMs;
  }

  get armed(): boolean {
    return this.dueMs !== Number.POSITIVE_INFINITY;
  }

  /** Milliseconds until it is due; undefined when it is not armed. */
  leftMs(nowMs: number): number | undefined {
    return this.armed ? Math.max(0, this.dueMs - nowMs) : undefined;
  }

  /** Something was asked just now, or an answer shows that things go on. */
  arm(nowMs: number): void {
    this.pauseMs = this.firstMs;
    this.dueMs = nowMs + this.jittered();
  }

  /** Nothing is waited for. */
  disarm(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  /** Whether to ask again now: true once each pause. */
  due(nowMs: number): boolean {
    if (nowMs < this.dueMs) return false;
    this.pauseMs = Math.min(2 * this.pauseMs, this.mostMs);
    this.dueMs = nowMs + this.jittered();
    return true;
  }

  private jittered(): number {
    return this.pauseMs * (1 + this.random.next() / 4);
  }
}
