/**
 * The address that a socket is bound to. Who was let in stays, whatever becomes of its key: ZeroMQ asks at the handshake
 * only, and zeromq.js does not tell whose a connection is. So when a key is not admitted any more, all connections are
 * ended by opening the port anew, and everybody else comes again by itself.
 */
import type { Publisher, Reply, Router } from 'zeromq';
import { bindTo } from './addresses';

/** After so long it is tried again to bind where ZeroMQ has not let go of the port yet, milliseconds … */
const RETRY_MS = 5;
/** … and so often: then somebody else has it. */
const MOST_TRIES = 1000;

export class Binding {
  /** As ZeroMQ calls the address; undefined while it is not bound. */
  private endpoint: string | undefined;

  constructor(
    private readonly socket: Publisher | Reply | Router,
    private readonly address: string,
  ) {}

  /** @throws TransportError; the socket is closed then */
  async bind(): Promise<void> {
    await bindTo(this.address, this.socket);
    this.onBound();
  }

  /** Ends all connections. @throws when the port cannot be bound again */
  reopen(): void {
    if (this.endpoint === undefined || this.socket.closed) return;
    // As `unbind`, which is the same to ZeroMQ, but at once: that one works on another thread while this one may read.
    this.socket.disconnect(this.endpoint);
    this.endpoint = undefined;
    this.bindAgain(MOST_TRIES);
  }

  private bindAgain(tries: number): void {
    if (this.socket.closed) return;
    try {
      this.socket.bindSync(this.address);
      this.onBound();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === 0) throw error;
      setTimeout(() => this.bindAgain(tries - 1), RETRY_MS);
    }
  }

  private onBound(): void {
    this.endpoint = this.socket.lastEndpoint ?? this.address;
  }
}
