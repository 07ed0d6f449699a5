/**
 * A ROUTER socket. It tells when a peer is gone or does not read, instead of losing the message silently
 * (`mandatory`), at once and without waiting (`sendTimeout: 0`).
 */
import type { Router as RouterSocket } from 'zeromq';
import type { SizeGuard } from './drops';
import { MAX_FRAMES, receiveAll } from './receiving';
import type { Frames, PeerKey, Router, RouterHandlers } from './transport';

export class ZeroMqRouter implements Router {
  constructor(
    private readonly socket: RouterSocket,
    private readonly guard: SizeGuard,
    private readonly handlers: RouterHandlers,
  ) {}

  send(peer: PeerKey, frames: Frames): void {
    if (this.socket.closed || !this.guard.maySend(frames)) return;
    // The send is over when the call returns, so the next one cannot overlap it; only the news of it comes later.
    this.socket
      .send([Buffer.from(peer, 'latin1'), ...(frames as Buffer[])])
      .catch((error: NodeJS.ErrnoException) => this.onRefused(peer, frames, error));
  }

  /** Hands over every message until the socket is closed. */
  async receiveAll(): Promise<void> {
    await receiveAll(this.socket, (routed) => {
      const [peer, ...frames] = routed;
      if (peer && frames.length <= MAX_FRAMES) {
        return this.guard.mayReceive(frames) ? this.handlers.onMessage(keyOf(peer), frames) : undefined;
      }
      this.guard.drop(frames, 'received', 'malformed');
    });
  }

  close(): void {
    this.socket.close();
  }

  private onRefused(peer: PeerKey, frames: Frames, error: NodeJS.ErrnoException): void {
    if (this.socket.closed) return;
    if (error.code === 'EHOSTUNREACH') this.handlers.onUndelivered(peer, frames, 'gone');
    else if (error.code === 'EAGAIN') this.handlers.onUndelivered(peer, frames, 'full');
    else throw error;
  }
}

/** A routing id as a key: any bytes, one character each. */
function keyOf(routingId: Uint8Array): PeerKey {
  return (routingId as Buffer).toString('latin1');
}
