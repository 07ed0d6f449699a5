/**
 * Sockets as the rest of the program sees them: each socket has one writer, never blocks, never throws on send, and
 * hands over what arrives by a callback. Implemented on ZeroMQ by `zeromq.ts`; a test may put another one in its place.
 *
 * Payloads handed to a callback are views into the receive buffer: what is kept must be copied.
 */
import type { RefusalReason } from './security';

export type Frames = readonly Uint8Array[];

/** A routing id that a ROUTER gave to a peer: an opaque key. Never leaves the process. */
export type PeerKey = string;

/** The link of a connecting socket as its monitor reports it: a hint, not a proof. */
export type LinkState = 'up' | 'down';

/** @param refused why the other end did not let this socket in, when that is why the link is down */
export type OnLink = (state: LinkState, refused?: RefusalReason) => void;

export interface Closable {
  /** Closes the socket; what is still queued is dropped. Idempotent. */
  close(): void;
}

export interface Publisher extends Closable {
  /** Sends to every subscriber that is connected and not behind. Loses silently otherwise. */
  publish(payload: Uint8Array): void;
}

export interface Requester extends Closable {
  /**
   * Asks one question and waits for the answer. Questions to one peer leave one at a time, in order.
   * Resolves to undefined when no answer came in `timeoutMs`, or when more than `limits.peerQuestions` wait already.
   */
  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined>;
}

export interface Replier extends Closable {}

export interface Dealer extends Closable {
  /** Queues the frames. Dropped when the link's queue is full: whoever sends repeats what matters. */
  send(frames: Frames): void;
}

export interface Router extends Closable {
  /** Queues the frames for one peer. `onUndelivered` tells when that peer is gone or does not read. */
  send(peer: PeerKey, frames: Frames): void;
}

/** What is taken from one peer before it has to wait: its frames and messages that nobody has read yet. */
export interface Intake {
  readonly messages: number;
  /** Of one frame: a larger one ends the connection. */
  readonly frameBytes: number;
}

export interface RouterHandlers {
  /** While it gives a promise nothing more is read: whoever sends too much has to wait. */
  onMessage(peer: PeerKey, frames: Frames): void | Promise<void>;
  /** `gone`: no such peer any more. `full`: it does not read, and this message was dropped. */
  onUndelivered(peer: PeerKey, frames: Frames, reason: 'gone' | 'full'): void;
  /** Some connection closed; which one, the socket does not say. A hint to probe. */
  onDisconnect(): void;
}

export interface Transport {
  /** @throws TransportError when the address is in use or not allowed. */
  bindPublisher(address: string): Promise<Publisher>;
  connectSubscriber(address: string, onMessage: (payload: Uint8Array) => void, onLink: OnLink): Closable;
  /** `answer` must be called exactly once for each question. The next question is read after it. */
  bindReplier(
    address: string,
    onQuestion: (question: Uint8Array, answer: (payload: Uint8Array) => void) => void,
  ): Promise<Replier>;
  connectRequester(address: string): Requester;
  /** @param intake of a port for those who are not to be trusted with as much as others; else the limits' own */
  bindRouter(address: string, handlers: RouterHandlers, intake?: Intake): Promise<Router>;
  /** While `onMessage` gives a promise nothing more is read; what arrives meanwhile queues up to the high-water mark. */
  connectDealer(address: string, onMessage: (frames: Frames) => void | Promise<void>, onLink: OnLink): Dealer;
  /** The public key, in Z85, that whoever is bound there is expected to have; '' where nobody has keys. */
  keyAt(address: string): string;
  /** Closes all sockets and the context; waits at most `lingerMs` for what is queued on dealers and routers. */
  close(lingerMs?: number): Promise<void>;
}

/** An address that cannot be bound or connected to. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  constructor(
    readonly code: 'address-in-use' | 'not-permitted' | 'bad-address',
    readonly address: string,
    options?: { cause?: unknown },
  ) {
    super(`${address}: ${code}`, options);
  }
}
