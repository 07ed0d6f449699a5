/**
 * The transport on ZeroMQ: one context for the process, every socket with a bound on everything. What each kind of
 * socket does is in its own file; here is how they are set, opened and closed.
 */
import { Context, Dealer, Publisher, Reply, Request, Router, type Socket, Subscriber } from 'zeromq';
import { type Random, randomInt } from '../lib/prng';
import { settledWithin } from '../lib/settled';
import { bindTo, connectTo, isIpv6 } from './addresses';
import { ZeroMqDealer } from './dealer';
import { type OnDrop, SizeGuard } from './drops';
import type { TransportLimits } from './limits';
import { disconnectEvents, linkEvents, type OnEvent, readMonitor } from './monitor';
import { ZeroMqPublisher } from './publisher';
import type { OnFrames } from './receiving';
import { type OnQuestion, ZeroMqReplier } from './replier';
import { ZeroMqRequester } from './requester';
import { ZeroMqRouter } from './router';
import { ZeroMqSubscriber } from './subscriber';
import type { Closable, LinkState, RouterHandlers, Transport } from './transport';

/** Connections that may wait to be accepted: all clients of a balancer that restarted come at once. */
const BACKLOG = 4096;
/** How long ZeroMQ may take to let go of a closed socket, milliseconds; usually it is one. */
const LET_GO_MS = 1000;

export interface ZeroMqOptions {
  readonly limits: TransportLimits;
  /** Every process waits its own share longer before it reconnects: all at once would be a stampede. */
  readonly random: Random;
  /** Told of each message that was not passed on. */
  readonly onDrop?: OnDrop;
}

export function createZeroMqTransport(options: ZeroMqOptions): Transport {
  return new ZeroMqTransport(options);
}

/** A socket that is open, and what has to happen to it at the end. */
interface Open {
  readonly socket: Socket & { linger: number };
  readonly link: Closable & { flushed?(timeoutMs: number): Promise<void> };
  /** Resolves when ZeroMQ has let go of the socket, after all that it still had to send. */
  readonly ended: Promise<void>;
}

class ZeroMqTransport implements Transport {
  private readonly all;
  private readonly sending;
  private readonly receiving;
  private readonly binding;
  private readonly connecting;
  private readonly open = new Set<Open>();

  constructor(private readonly options: ZeroMqOptions) {
    const { limits, random } = options;
    this.all = {
      context: new Context({ maxSockets: limits.maxSockets }),
      linger: 0,
      heartbeatInterval: limits.zmtpHeartbeatMs,
      heartbeatTimeout: limits.zmtpTimeoutMs,
      heartbeatTimeToLive: limits.zmtpTimeoutMs,
      handshakeInterval: limits.zmtpTimeoutMs,
      maxMessageSize: limits.maxMessageBytes,
    };
    this.sending = { sendTimeout: 0, sendHighWaterMark: limits.sendHighWaterMark };
    this.receiving = { receiveHighWaterMark: limits.receiveHighWaterMark };
    this.binding = { backlog: BACKLOG };
    const pauseMs = limits.reconnectMs + randomInt(random, 0, limits.reconnectMs + 1);
    this.connecting = {
      reconnectInterval: pauseMs,
      reconnectMaxInterval: Math.max(pauseMs, limits.reconnectMaxMs - randomInt(random, 0, limits.reconnectMaxMs >> 1)),
      connectTimeout: limits.zmtpTimeoutMs,
    };
  }

  async bindPublisher(address: string): Promise<ZeroMqPublisher> {
    const socket = new Publisher({ ...this.allAt(address), ...this.binding, ...this.sending });
    const publisher = this.opened(socket, new ZeroMqPublisher(socket, this.guard(address)));
    await bindTo(address, socket);
    return publisher;
  }

  connectSubscriber(
    address: string,
    onMessage: (payload: Uint8Array) => void,
    onLink: (state: LinkState) => void,
  ): ZeroMqSubscriber {
    const socket = new Subscriber({ ...this.allAt(address), ...this.connecting, ...this.receiving });
    const link = new ZeroMqSubscriber(socket, this.guard(address));
    const subscriber = this.opened(socket, link, linkEvents(socket, onLink));
    socket.subscribe();
    connectTo(address, socket);
    void subscriber.receiveAll(onMessage);
    return subscriber;
  }

  async bindReplier(address: string, onQuestion: OnQuestion): Promise<ZeroMqReplier> {
    const socket = new Reply({ ...this.allAt(address), ...this.binding, ...this.sending, ...this.receiving });
    const replier = this.opened(socket, new ZeroMqReplier(socket, this.guard(address)));
    await bindTo(address, socket);
    void replier.answerAll(onQuestion);
    return replier;
  }

  connectRequester(address: string): ZeroMqRequester {
    const { peerQuestions } = this.options.limits;
    const socket = new Request({
      ...this.allAt(address),
      ...this.connecting,
      ...this.receiving,
      relaxed: true,
      correlate: true,
      immediate: true,
      sendHighWaterMark: peerQuestions,
    });
    const requester = this.opened(socket, new ZeroMqRequester(socket, this.guard(address), peerQuestions));
    connectTo(address, socket);
    return requester;
  }

  async bindRouter(address: string, handlers: RouterHandlers): Promise<ZeroMqRouter> {
    const socket = new Router({
      ...this.allAt(address),
      ...this.binding,
      ...this.sending,
      ...this.receiving,
      mandatory: true,
      handover: false,
    });
    const link = new ZeroMqRouter(socket, this.guard(address), handlers);
    const router = this.opened(
      socket,
      link,
      disconnectEvents(socket, () => handlers.onDisconnect()),
    );
    await bindTo(address, socket);
    void router.receiveAll();
    return router;
  }

  connectDealer(address: string, onMessage: OnFrames, onLink: (state: LinkState) => void): ZeroMqDealer {
    const socket = new Dealer({ ...this.allAt(address), ...this.connecting, ...this.sending, ...this.receiving });
    const link = new ZeroMqDealer(socket, this.guard(address), this.options.limits);
    const dealer = this.opened(socket, link, linkEvents(socket, onLink));
    connectTo(address, socket);
    void dealer.receiveAll(onMessage);
    return dealer;
  }

  async close(lingerMs = 0): Promise<void> {
    const deadlineMs = performance.now() + lingerMs;
    await Promise.all([...this.open].map((open) => this.closeOne(open, deadlineMs)));
  }

  /** What still waits in front of the socket leaves first, then what lies in the socket itself. */
  private async closeOne({ socket, link, ended }: Open, deadlineMs: number): Promise<void> {
    const leftMs = () => Math.max(0, Math.ceil(deadlineMs - performance.now()));
    await link.flushed?.(leftMs());
    if (!socket.closed) socket.linger = leftMs();
    link.close();
    await settledWithin(leftMs() + LET_GO_MS, ended);
  }

  /** Before it is bound or connected, so that the monitor misses nothing. */
  private opened<Link extends Open['link']>(socket: Open['socket'], link: Link, onEvent: OnEvent = () => {}): Link {
    const ended = readMonitor(socket, onEvent).then(() => {
      this.open.delete(open);
    });
    const open = { socket, link, ended };
    this.open.add(open);
    return link;
  }

  /** What all sockets have. One that speaks IPv6 would look up every name in it too, so only those that need it do. */
  private allAt(address: string) {
    return { ...this.all, ipv6: isIpv6(address) };
  }

  private guard(address: string): SizeGuard {
    return new SizeGuard(address, this.options.limits.maxMessageBytes, this.options.onDrop ?? (() => {}));
  }
}
