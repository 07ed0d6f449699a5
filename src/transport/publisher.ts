/** A PUB socket. It never waits: a subscriber that is behind by the high-water mark loses what comes, and only that. */
import type { Publisher as PubSocket } from 'zeromq';
import type { SizeGuard } from './drops';
import type { Publisher } from './transport';

export class ZeroMqPublisher implements Publisher {
  constructor(
    private readonly socket: PubSocket,
    private readonly guard: SizeGuard,
  ) {}

  publish(payload: Uint8Array): void {
    if (this.socket.closed || !this.guard.maySend([payload])) return;
    // With `sendTimeout: 0` the send is over when the call returns, so the next one cannot overlap it.
    void this.socket.send(payload as Buffer);
  }

  close(): void {
    this.socket.close();
  }
}
