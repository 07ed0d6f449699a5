/** The transport on ZeroMQ: one context for the process, every socket with a bound on everything. */
import { Context, Dealer, Publisher, Reply, Request, Router, type Socket, Subscriber } from 'zeromq';
import { type Random, randomInt } from '../lib/prng';
import type { TransportLimits } from './limits';
import { Outbox } from './outbox';
import { receiveAll } from './receiving';
import { ZeroMqRequester } from './requester';
import {
  type Closable,
  type Frames,
  type LinkState,
  type Replier,
  type Requester,
  type RouterHandlers,
  type Transport,
  type Dealer as TransportDealer,
  TransportError,
  type Publisher as TransportPublisher,
  type Router as TransportRouter,
} from './transport';

export interface ZeroMqOptions {
  readonly limits: TransportLimits;
  /** Every process waits its own share longer before it reconnects: all at once would be a stampede. */
  readonly random: Random;
}

export function createZeroMqTransport(options: ZeroMqOptions): Transport {
  return new ZeroMqTransport(options);
}

interface Open {
  readonly socket: Socket & { linger: number };
  readonly outbox?: Outbox;
}

class ZeroMqTransport implements Transport {
  private readonly limits: TransportLimits;
  private readonly context: Context;
  private readonly common;
  private readonly open = new Set<Open>();

  constructor({ limits, random }: ZeroMqOptions) {
    this.limits = limits;
    this.context = new Context({ maxSockets: limits.maxSockets });
    this.common = {
      context: this.context,
      linger: 0,
      heartbeatInterval: limits.zmtpHeartbeatMs,
      heartbeatTimeout: limits.zmtpTimeoutMs,
      heartbeatTimeToLive: limits.zmtpTimeoutMs,
      maxMessageSize: limits.maxMessageBytes,
    };
    this.reconnectInterval = limits.reconnectMs + randomInt(random, 0, limits.reconnectMs + 1);
  }

  private readonly reconnectInterval: number;

  async bindPublisher(address: string): Promise<TransportPublisher> {
    const socket = new Publisher({ ...this.common, sendHighWaterMark: this.limits.sendHighWaterMark });
    await bind(socket, address);
    const opened = this.opened(socket, this.outbox(socket));
    return {
      publish: (payload) => opened.outbox.push([payload]),
      close: () => this.closeOne(opened),
    };
  }

  connectSubscriber(
    address: string,
    onMessage: (payload: Uint8Array) => void,
    onLink: (state: LinkState) => void,
  ): Closable {
    const socket = new Subscriber({
      ...this.common,
      receiveHighWaterMark: this.limits.receiveHighWaterMark,
      reconnectInterval: this.reconnectInterval,
    });
    watchLink(socket, onLink);
    socket.subscribe();
    connect(socket, address);
    void receiveAll(socket, ([payload]) => payload && onMessage(payload));
    const opened = this.opened(socket);
    return { close: () => this.closeOne(opened) };
  }

  async bindReplier(
    address: string,
    onQuestion: (question: Uint8Array, answer: (payload: Uint8Array) => void) => void,
  ): Promise<Replier> {
    const socket = new Reply({ ...this.common, receiveHighWaterMark: this.limits.receiveHighWaterMark });
    await bind(socket, address);
    void this.answerAll(socket, onQuestion);
    const opened = this.opened(socket);
    return { close: () => this.closeOne(opened) };
  }

  connectRequester(address: string): Requester {
    const socket = new Request({
      ...this.common,
      relaxed: true,
      correlate: true,
      sendHighWaterMark: this.limits.peerQuestions,
      reconnectInterval: this.reconnectInterval,
    });
    connect(socket, address);
    const requester = new ZeroMqRequester(socket, this.limits.peerQuestions);
    const opened = this.opened(socket);
    return {
      ask: (question, timeoutMs) => requester.ask(question, timeoutMs),
      close: () => {
        requester.close();
        this.open.delete(opened);
      },
    };
  }

  async bindRouter(address: string, handlers: RouterHandlers): Promise<TransportRouter> {
    const socket = new Router({
      ...this.common,
      mandatory: true,
      handover: false,
      sendTimeout: 0,
      sendHighWaterMark: this.limits.sendHighWaterMark,
      receiveHighWaterMark: this.limits.receiveHighWaterMark,
    });
    socket.events.on('disconnect', () => handlers.onDisconnect());
    await bind(socket, address);
    const outbox = this.outbox(socket, ([peer, ...frames], error) => {
      if (error.code !== 'EHOSTUNREACH' && error.code !== 'EAGAIN') throw error;
      handlers.onUndelivered(keyOf(peer as Uint8Array), frames, error.code === 'EAGAIN' ? 'full' : 'gone');
    });
    void receiveAll(socket, ([peer, ...frames]) => handlers.onMessage(keyOf(peer as Uint8Array), frames));
    const opened = this.opened(socket, outbox);
    return {
      send: (peer, frames) => outbox.push([Buffer.from(peer, 'latin1'), ...frames]),
      close: () => this.closeOne(opened),
    };
  }

  connectDealer(
    address: string,
    onMessage: (frames: Frames) => void | Promise<void>,
    onLink: (state: LinkState) => void,
  ): TransportDealer {
    const socket = new Dealer({
      ...this.common,
      sendHighWaterMark: this.limits.sendHighWaterMark,
      receiveHighWaterMark: this.limits.receiveHighWaterMark,
      reconnectInterval: this.reconnectInterval,
    });
    watchLink(socket, onLink);
    connect(socket, address);
    void receiveAll(socket, onMessage);
    const opened = this.opened(socket, this.outbox(socket));
    return {
      send: (frames) => opened.outbox.push(frames),
      close: () => this.closeOne(opened),
    };
  }

  async close(lingerMs = 0): Promise<void> {
    const all = [...this.open];
    await Promise.all(all.map(({ outbox }) => outbox?.flushed(lingerMs)));
    for (const opened of all) {
      opened.socket.linger = lingerMs;
      this.closeOne(opened);
    }
    // What lies in ZeroMQ's own pipes leaves by its I/O thread; a moment is all that it needs on a living link.
    if (lingerMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(lingerMs, 50)));
  }

  private outbox(
    socket: Publisher | Dealer | Router,
    onRefused?: (frames: Frames, error: NodeJS.ErrnoException) => void,
  ): Outbox {
    const { outboxMessages, maxMessageBytes } = this.limits;
    const sink = { send: (frames: Frames) => socket.send(frames as Buffer[]) };
    return new Outbox(sink, outboxMessages, maxMessageBytes, onRefused);
  }

  private opened<Box extends Outbox | undefined>(
    socket: Open['socket'],
    outbox?: Box,
  ): Open & { readonly outbox: Box } {
    const opened = { socket, outbox } as Open & { readonly outbox: Box };
    this.open.add(opened);
    return opened;
  }

  private closeOne(opened: Open): void {
    this.open.delete(opened);
    opened.outbox?.close();
    if (!opened.socket.closed) opened.socket.close();
  }

  /** A REP socket takes the next question only after it has answered the last one. */
  private async answerAll(
    socket: Reply,
    onQuestion: (question: Uint8Array, answer: (payload: Uint8Array) => void) => void,
  ): Promise<void> {
    while (!socket.closed) {
      try {
        const [question] = await socket.receive();
        const answer = await new Promise<Uint8Array>((resolve) => {
          onQuestion(question as Uint8Array, resolve);
        });
        await socket.send(answer);
      } catch (error) {
        if (socket.closed) return;
        throw error;
      }
    }
  }
}

/** A routing id as a key: any bytes, one character each. */
function keyOf(routingId: Uint8Array): string {
  return Buffer.from(routingId.buffer, routingId.byteOffset, routingId.byteLength).toString('latin1');
}

function watchLink(socket: Subscriber | Dealer, onLink: (state: LinkState) => void): void {
  socket.events.on('handshake', () => onLink('up'));
  socket.events.on('disconnect', () => onLink('down'));
}

async function bind(socket: Publisher | Reply | Router, address: string): Promise<void> {
  try {
    await socket.bind(address);
  } catch (cause) {
    socket.close();
    throw addressError(address, cause);
  }
}

function connect(socket: Subscriber | Request | Dealer, address: string): void {
  try {
    socket.connect(address);
  } catch (cause) {
    socket.close();
    throw addressError(address, cause);
  }
}

function addressError(address: string, cause: unknown): TransportError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new TransportError('address-in-use', address, { cause });
  if (code === 'EACCES' || code === 'EPERM') return new TransportError('not-permitted', address, { cause });
  return new TransportError('bad-address', address, { cause });
}
