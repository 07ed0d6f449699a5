/**
 * The one writer of a socket. zeromq.js throws when two sends overlap; here a message leaves at once when nothing else
 * is leaving, and waits its turn otherwise. Bounded: what does not fit is dropped, as ZeroMQ itself would.
 */
import type { Frames } from './transport';

/** Just what an outbox needs of a socket. */
export interface Sink {
  send(frames: readonly Uint8Array[]): Promise<void>;
}

export class Outbox {
  private waiting: Frames[] = [];
  private next = 0;
  private sending = false;
  private closed = false;
  /** Messages dropped because too many waited. */
  dropped = 0;

  /**
   * @param most messages that may wait
   * @param maxBytes bytes of one message; a larger one would make the peer close the connection
   * @param onRefused a message that the socket did not take
   */
  constructor(
    private readonly socket: Sink,
    private readonly most: number,
    private readonly maxBytes: number,
    private readonly onRefused: (frames: Frames, error: NodeJS.ErrnoException) => void = () => {},
  ) {}

  push(frames: Frames): void {
    if (this.closed || sizeOf(frames) > this.maxBytes || this.waiting.length - this.next >= this.most) {
      this.dropped += 1;
      return;
    }
    this.waiting.push(frames);
    if (!this.sending) void this.run();
  }

  /** Resolves once everything has left, or `timeoutMs` have passed. */
  async flushed(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.sending && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    this.next = 0;
  }

  private async run(): Promise<void> {
    this.sending = true;
    while (this.next < this.waiting.length) {
      const frames = this.waiting[this.next] as Frames;
      this.next += 1;
      try {
        await this.socket.send(frames);
      } catch (error) {
        if (!this.closed) this.onRefused(frames, error as NodeJS.ErrnoException);
      }
    }
    this.waiting = [];
    this.next = 0;
    this.sending = false;
  }
}

function sizeOf(frames: Frames): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength;
  return bytes;
}
