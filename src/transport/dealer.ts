/** A DEALER socket with one connection. */
import type { Dealer as DealerSocket } from 'zeromq';
import type { SizeGuard } from './drops';
import { Outbox, type OutboxLimits } from './outbox';
import { MAX_FRAMES, type OnFrames, receiveAll } from './receiving';
import type { Dealer, Frames } from './transport';

export class ZeroMqDealer implements Dealer {
  private readonly outbox: Outbox;

  constructor(
    private readonly socket: DealerSocket,
    private readonly guard: SizeGuard,
    limits: OutboxLimits,
  ) {
    this.outbox = new Outbox({ send: (frames) => socket.send(frames as Buffer[]) }, limits, guard);
  }

  send(frames: Frames): void {
    this.outbox.push(frames);
  }

  /** Hands over every message until the socket is closed. */
  async receiveAll(onMessage: OnFrames): Promise<void> {
    await receiveAll(this.socket, (frames) => {
      if (frames.length <= MAX_FRAMES) return this.guard.mayReceive(frames) ? onMessage(frames) : undefined;
      this.guard.drop(frames, 'received', 'malformed');
    });
  }

  /** Resolves once everything has gone into the socket, or after `timeoutMs`. */
  flushed(timeoutMs: number): Promise<void> {
    return this.outbox.flushed(timeoutMs);
  }

  close(): void {
    this.outbox.close();
    this.socket.close();
  }
}
