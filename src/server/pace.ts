/**
 * How fast each session's commands are proposed: so many a second in the long run, and a burst after a quiet while. What
 * is too fast waits its turn where pending commands are; nothing is lost by it. Some people are not limited.
 */
import type { SessionId } from '../chat/commands';
import { Bucket } from '../lib/bucket';

export interface PaceLimits {
  /** Commands of one session that are proposed in a second, in the long run; … */
  readonly postsPerSecond: number;
  /** … and at once, after it has been quiet. */
  readonly postBurst: number;
}

export class Pace {
  /** Of sessions that said something a moment ago. */
  private readonly buckets = new Map<SessionId, Bucket>();
  /** Sessions that have to wait, and until when. */
  private readonly waiting = new Map<SessionId, number>();
  private nextDueMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly limits: PaceLimits,
    private readonly isUnlimited: (session: SessionId) => boolean,
    /** A session has to wait. */
    private readonly onSlowed: (session: SessionId) => void,
  ) {}

  /** Whether so many commands of the session may be proposed now; when not, it waits. */
  admits(session: SessionId, count: number, nowMs: number): boolean {
    if (this.isUnlimited(session)) return true;
    let bucket = this.buckets.get(session);
    if (!bucket) {
      bucket = new Bucket(this.limits.postsPerSecond, this.limits.postBurst, nowMs);
      this.buckets.set(session, bucket);
    }
    if (bucket.take(count, nowMs)) return true;
    const dueMs = nowMs + bucket.waitMs(count, nowMs);
    this.waiting.set(session, dueMs);
    this.nextDueMs = Math.min(this.nextDueMs, dueMs);
    this.onSlowed(session);
    return false;
  }

  isWaiting(session: SessionId): boolean {
    return this.waiting.has(session);
  }

  /** Those that have waited long enough: they wait no more. */
  takeDue(nowMs: number): readonly SessionId[] {
    if (nowMs < this.nextDueMs) return [];
    const due: SessionId[] = [];
    this.nextDueMs = Number.POSITIVE_INFINITY;
    for (const [session, dueMs] of this.waiting) {
      if (dueMs <= nowMs) due.push(session);
      else this.nextDueMs = Math.min(this.nextDueMs, dueMs);
    }
    for (const session of due) this.waiting.delete(session);
    return due;
  }

  /** Sessions that have been quiet for a while need not be remembered. */
  tidy(nowMs: number): void {
    for (const [session, bucket] of this.buckets) if (bucket.isFull(nowMs)) this.buckets.delete(session);
  }
}
