/**
 * The one connection of a socket that connects: with which keys, and again where ZeroMQ gives up. It tries for ever to
 * reach an address where nobody answers, but never again after an answer that it does not understand, or that did not
 * let it in: somebody else may have had the address for a moment, and the list of keys may change.
 */
import type { Dealer, EventType, Request, Subscriber } from 'zeromq';
import { connectTo } from './addresses';
import type { OnEvent } from './monitor';
import { INSECURE, type SocketSecurity } from './security';

/** After each of these ZeroMQ says that it tries again, at once, or has given up. */
const LOST: readonly EventType[] = [
  'disconnect',
  'handshake:error:auth',
  'handshake:error:protocol',
  'handshake:error:other',
];
const TRIES_AGAIN: readonly EventType[] = ['connect:retry', 'connect:delay', 'connect', 'handshake'];

export class Connection {
  /** Whom the socket expects at the address. */
  private theirs = '';
  private retry: NodeJS.Timeout | undefined;

  /** @param retryMs how long after a refusal it tries again */
  constructor(
    private readonly socket: Subscriber | Request | Dealer,
    private readonly address: string,
    private readonly security: SocketSecurity,
    private readonly retryMs: number,
  ) {}

  /** @throws TransportError; the socket is closed then */
  connect(): void {
    if (this.security !== INSECURE) {
      const { own, theirs } = this.security.connecting(this.address);
      this.socket.curvePublicKey = own.publicKey;
      this.socket.curveSecretKey = own.secretKey;
      this.socket.curveServerKey = theirs;
      this.theirs = theirs;
    }
    connectTo(this.address, this.socket);
  }

  /** To be told of all that the socket's monitor says. */
  readonly onEvent: OnEvent = (type) => {
    if (this.socket.closed) return;
    if (LOST.includes(type)) this.retry ??= setTimeout(() => this.again(), this.retryMs);
    else if (TRIES_AGAIN.includes(type)) this.close();
  };

  /** Connects again if somebody with another key is expected at the address by now. */
  rekey(): void {
    if (this.security === INSECURE || this.socket.closed) return;
    if (this.security.connecting(this.address).theirs !== this.theirs) this.again();
  }

  close(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
  }

  private again(): void {
    this.close();
    if (this.socket.closed) return;
    this.socket.disconnect(this.address);
    this.connect();
  }
}
