/**
 * The one writer of a dealer's socket: messages leave in the order in which they came. A full link is tried again a
 * little later, while what comes waits here, bounded in messages and in bytes; the rest is dropped.
 *
 * The socket never waits itself (`sendTimeout: 0`). While zeromq.js waits to write, it may miss that there is
 * something to read, and with nobody waiting no two sends overlap either.
 */

import { settledWithin } from '../lib/settled';
import type { SizeGuard } from './drops';
import { sizeOf } from './drops';
import type { Frames } from './transport';

/** How long a full link is left alone, milliseconds. */
const RETRY_MS = 2;
/** Messages that have left are forgotten in groups of this many. */
const COMPACT_AFTER = 1024;

/** Just what an outbox needs of a socket: a send that settles at once, and fails with EAGAIN when the link is full. */
export interface Sink {
  send(frames: Frames): Promise<void>;
}

export interface OutboxLimits {
  readonly outboxMessages: number;
  readonly outboxBytes: number;
}

export class Outbox {
  private waiting: Frames[] = [];
  private next = 0;
  private bytes = 0;
  private leaving: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly sink: Sink,
    private readonly limits: OutboxLimits,
    private readonly guard: SizeGuard,
  ) {}

  push(frames: Frames): void {
    if (this.closed || !this.guard.maySend(frames)) return;
    const bytes = sizeOf(frames);
    const messages = this.waiting.length - this.next;
    if (messages >= this.limits.outboxMessages || (messages > 0 && this.bytes + bytes > this.limits.outboxBytes)) {
      this.guard.drop(frames, 'sent', 'backlog');
      return;
    }
    this.waiting.push(frames);
    this.bytes += bytes;
    this.leaving ??= this.sendAll();
  }

  /** Resolves once everything has gone into the socket, or after `timeoutMs`. */
  async flushed(timeoutMs: number): Promise<void> {
    if (this.leaving) await settledWithin(timeoutMs, this.leaving);
  }

  /** Forgets what waits. */
  close(): void {
    this.closed = true;
    this.reset();
  }

  private async sendAll(): Promise<void> {
    for (let frames = this.waiting[this.next]; frames; frames = this.waiting[this.next]) {
      try {
        await this.sink.send(frames);
        if (!this.closed) this.advance(frames);
      } catch (error) {
        if (this.closed) return;
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await pause(RETRY_MS);
      }
    }
    this.reset();
    this.leaving = undefined;
  }

  private advance(left: Frames): void {
    this.next += 1;
    this.bytes -= sizeOf(left);
    if (this.next < COMPACT_AFTER) return;
    this.waiting = this.waiting.slice(this.next);
    this.next = 0;
  }

  private reset(): void {
    this.waiting = [];
    this.next = 0;
    this.bytes = 0;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
