/**
 * The seam where a session goes on after it was without a server: why, how long, and what became of what was being said
 * meanwhile. It is told once all of that has an outcome, from positions and sequences. Pure.
 */
import type { AttachReason } from '../wire/frames';
import type { Continuity } from './continuity';
import type { SeamEvent, SeamReason } from './events';

/** What the balancer says of it, once there is a server again; undefined: nothing. */
const REASONS: Readonly<Record<AttachReason, SeamReason | undefined>> = {
  lost: 'lost',
  left: 'left',
  'cannot-serve': 'cannot-serve',
  lagged: 'too-slow',
  'balancer-restarted': 'connection',
  moved: undefined,
  new: undefined,
};

/** What a session has said so far. */
export interface Said {
  /** The last sequence that was sent. */
  readonly sentThrough: number;
  /** All up to this sequence have an outcome. */
  readonly settledThrough: number;
  /** Lines of a session that is over, and places where lines may be missing, of which the history is being asked. */
  readonly doubted: number;
}

/** A loss that is not over. */
interface Loss {
  readonly from: number;
  /** Undefined until the balancer says it. */
  reason: SeamReason | undefined;
  /** What it is when the balancer knows nothing of it. */
  otherwise: Extract<SeamReason, 'moved' | 'connection'>;
  /** When it was noticed; and since when nothing was served, as far as that is known. */
  readonly noticedMs: number;
  sinceMs: number;
  /** What was missing and doubled before it. */
  readonly missing: number;
  readonly doubled: number;
  /** Everything up to this sequence has to have an outcome. */
  sentThrough: number;
  /** The sequences of own lines sent again, and how many own lines are gone. */
  readonly resent: Set<number>;
  gone: number;
  /** Since when there is a server again, and which; undefined: there is none. */
  over: { readonly to: number; readonly atMs: number } | undefined;
}

export class Seam {
  private loss: Loss | undefined;

  constructor(
    private readonly continuity: Continuity,
    private readonly tell: (event: SeamEvent) => void,
  ) {}

  /**
   * The server is gone, or another one serves instead.
   * @param from that one; 0: there was none
   * @param goneSinceMs of the balancer, when it is that which is gone
   */
  onLost(from: number, { sentThrough }: Said, nowMs: number, goneSinceMs?: number): void {
    if (this.loss) {
      this.loss.over = undefined;
      this.loss.sentThrough = sentThrough;
      // Whoever comes back on another connection is a stranger to the balancer.
      if (goneSinceMs !== undefined) this.loss.otherwise = 'connection';
      return;
    }
    if (from === 0) return;
    const { missing, doubled } = this.continuity;
    this.loss = {
      from,
      reason: goneSinceMs === undefined ? undefined : 'connection',
      otherwise: 'moved',
      noticedMs: nowMs,
      sinceMs: goneSinceMs ?? nowMs,
      missing,
      doubled,
      sentThrough,
      resent: new Set(),
      gone: 0,
      over: undefined,
    };
  }

  /**
   * There is a server again, and the balancer says why there was none.
   * @param unservedMs how long the one before had not served when that was noticed
   * @param lastPayloadMs its last word to this client
   */
  onAttached(why: AttachReason, unservedMs: number, lastPayloadMs: number): void {
    const { loss } = this;
    if (!loss || loss.reason) return;
    loss.reason = REASONS[why] ?? loss.otherwise;
    if (why === 'lost') loss.sinceMs = Math.max(loss.noticedMs - unservedMs, lastPayloadMs);
    // What it had not read yet was still being sent when it was given up.
    else if (why === 'lagged') loss.sinceMs = lastPayloadMs;
    else loss.sinceMs = loss.noticedMs - unservedMs;
  }

  /** Own lines are sent again, as nobody has said what became of them: each counts once, however often. */
  onSentAgain(sequences: readonly number[]): void {
    for (const seq of sequences) this.loss?.resent.add(seq);
  }

  /** The session is another one. */
  onRestart(): void {
    if (this.loss) this.loss.sentThrough = 0;
  }

  /** Own lines that were sent are not in the log, or nobody can say any more whether they are. */
  onGone(lines: number): void {
    if (this.loss) this.loss.gone += lines;
  }

  /** Everything that was missed has been read from this server. */
  onLive(to: number, said: Said, nowMs: number): void {
    if (this.loss) this.loss.over ??= { to, atMs: nowMs };
    this.onSettled(said);
  }

  /** More of what was said has an outcome. */
  onSettled({ settledThrough, doubted }: Said): void {
    const { loss } = this;
    if (!loss?.over || settledThrough < loss.sentThrough || doubted > 0) return;
    this.loss = undefined;
    const { from, otherwise, reason = otherwise, over, resent } = loss;
    const lost = loss.gone + this.continuity.missing - loss.missing;
    const doubled = this.continuity.doubled - loss.doubled;
    this.tell({
      type: 'seam',
      reason,
      from,
      to: over.to,
      afterMs: Math.round(over.atMs - loss.sinceMs),
      lost,
      resent: resent.size,
      doubled,
    });
  }
}
