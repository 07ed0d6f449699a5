/**
 * What a session reads: pages of what it missed, then events as they come, each once, in order, without a gap. When
 * something is missing, it goes back to reading pages.
 */
import { eventsOf } from '../chat/event-runs';
import type { Random } from '../lib/prng';
import type { ServerMessage, WireEvent, WireRun } from '../wire/client';
import type { ClientLimits } from './limits';
import { Retry } from './retry';

type Page = Extract<ServerMessage, { readonly type: 'page' }>;

export interface ReaderOut {
  /** Asks for the events after a position. */
  read(after: number): void;
  /** The next event. */
  take(event: WireEvent): void;
}

export class Reader {
  private lastPosition = 0;
  private readonly again: Retry;
  private isLive = false;
  /** The log has something of this session's rooms up to here. */
  private witnessed = 0;

  constructor(
    { resendMs, resendMostMs }: ClientLimits,
    random: Random,
    private readonly out: ReaderOut,
  ) {
    this.again = new Retry(resendMs, resendMostMs, random);
  }

  /** Everything that was missed has been read: what happens is delivered. */
  get live(): boolean {
    return this.isLive;
  }

  /** Of the last event taken, or of the end of the last page. */
  get position(): number {
    return this.lastPosition;
  }

  /** Another session begins at this position: nothing before it is for it. */
  restart(position: number): void {
    this.lastPosition = position;
    this.witnessed = 0;
  }

  /** Reads whatever was missed. */
  catchUp(nowMs: number): void {
    this.isLive = false;
    this.again.arm(nowMs);
    this.out.read(this.lastPosition);
  }

  /** There is no server at present. */
  pause(): void {
    this.isLive = false;
    this.again.disarm();
  }

  /**
   * Any page says what there is in (after, through], also one that was asked for twice; and the last one says whether
   * the server delivers what comes after it, unless something was heard already that was sent after it. Only a page that
   * brings something leads to the next: pages that come twice would each lead to two more.
   */
  onPage({ after, through, live, runs }: Page, isLate: boolean, nowMs: number): void {
    if (after > this.lastPosition) return;
    const isNew = through > this.lastPosition;
    this.takeAll(runs);
    this.lastPosition = Math.max(this.lastPosition, through);
    if (!live || isLate) return isNew ? this.catchUp(nowMs) : undefined;
    this.isLive = true;
    this.again.disarm();
    this.watch(nowMs);
  }

  /** What is delivered while pages are read is in the pages. */
  onDeliver(runs: readonly WireRun[], nowMs: number): void {
    if (!this.isLive) return;
    this.takeAll(runs);
    this.watch(nowMs);
  }

  /** Something that the server sent did not come. It may have been a delivery. */
  onMissed(nowMs: number): void {
    if (this.isLive) this.catchUp(nowMs);
  }

  /** A line of this session was acknowledged: it has to be seen. If it was the last one, no other shows its loss. */
  onWitness(position: number, nowMs: number): void {
    this.witnessed = Math.max(this.witnessed, position);
    if (this.isLive) this.watch(nowMs);
  }

  tick(nowMs: number): void {
    if (!this.again.due(nowMs)) return;
    this.isLive = false;
    this.out.read(this.lastPosition);
  }

  private takeAll(runs: readonly WireRun[]): void {
    for (const event of eventsOf(runs)) {
      if (event.position <= this.lastPosition) continue;
      this.lastPosition = event.position;
      this.out.take(event);
    }
  }

  private watch(nowMs: number): void {
    if (this.witnessed <= this.lastPosition) this.again.disarm();
    else if (!this.again.armed) this.again.arm(nowMs);
  }
}
