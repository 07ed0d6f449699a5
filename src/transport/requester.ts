/**
 * Questions to one peer over REQ: one at a time, in order, each with its time.
 *
 * The socket is `relaxed`, so that a lost answer does not block it; `correlate`, so that a late answer is not taken
 * for that of the next question; `immediate`, so that questions to a peer that is down do not lie in wait for it.
 */
import type { Request } from 'zeromq';
import type { SizeGuard } from './drops';
import type { Requester } from './transport';

interface Waiting {
  readonly question: Uint8Array;
  /** On the clock of `performance.now`. */
  readonly deadlineMs: number;
  readonly resolve: (answer: Uint8Array | undefined) => void;
}

export class ZeroMqRequester implements Requester {
  private readonly waiting: Waiting[] = [];
  private asking = false;

  constructor(
    private readonly socket: Request,
    private readonly guard: SizeGuard,
    private readonly most: number,
  ) {}

  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.socket.closed || !this.guard.maySend([question])) return Promise.resolve(undefined);
    if (this.waiting.length >= this.most) {
      this.guard.drop([question], 'sent', 'backlog');
      return Promise.resolve(undefined);
    }
    const deadlineMs = performance.now() + timeoutMs;
    return new Promise((resolve) => {
      this.waiting.push({ question, deadlineMs, resolve });
      if (!this.asking) void this.askAll();
    });
  }

  close(): void {
    this.socket.close();
    for (const { resolve } of this.waiting.splice(0)) resolve(undefined);
  }

  private async askAll(): Promise<void> {
    this.asking = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      next.resolve(await this.exchange(next));
    }
    this.asking = false;
  }

  private async exchange({ question, deadlineMs }: Waiting): Promise<Uint8Array | undefined> {
    if (performance.now() >= deadlineMs) return undefined;
    try {
      this.socket.sendTimeout = leftUntil(deadlineMs);
      await this.socket.send(question as Buffer);
      return await this.answer(deadlineMs);
    } catch (error) {
      if (this.socket.closed || isTimeout(error)) return undefined;
      throw error;
    }
  }

  /** ZeroMQ discards the late answer to an earlier question, but fails the wait for the present one by it. */
  private async answer(deadlineMs: number): Promise<Uint8Array | undefined> {
    while (!this.socket.closed && performance.now() < deadlineMs) {
      this.socket.receiveTimeout = leftUntil(deadlineMs);
      try {
        const frames = await this.socket.receive();
        return this.guard.mayReceive(frames) ? frames[0] : undefined;
      } catch (error) {
        if (!isTimeout(error)) throw error;
      }
    }
    return undefined;
  }
}

/** Whole milliseconds; at 0 the socket tries once and does not wait. */
function leftUntil(deadlineMs: number): number {
  return Math.max(0, Math.ceil(deadlineMs - performance.now()));
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}
