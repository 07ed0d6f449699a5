/** A SUB socket that hears everything of one publisher. */
import type { Subscriber as SubSocket } from 'zeromq';
import type { SizeGuard } from './drops';
import { receiveAll } from './receiving';
import type { Closable } from './transport';

export class ZeroMqSubscriber implements Closable {
  constructor(
    private readonly socket: SubSocket,
    private readonly guard: SizeGuard,
  ) {}

  /** Hands over every message until the socket is closed. */
  async receiveAll(onMessage: (payload: Uint8Array) => void): Promise<void> {
    await receiveAll(this.socket, (frames) => {
      const [payload] = frames;
      if (!payload || frames.length !== 1) this.guard.drop(frames, 'received', 'malformed');
      else if (this.guard.mayReceive(frames)) onMessage(payload);
    });
  }

  close(): void {
    this.socket.close();
  }
}
