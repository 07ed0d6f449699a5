/**
 * The transport on ZeroMQ: one context for the process, every socket with a bound on everything. What each kind of
 * socket does is in its own file; here is how they are set, opened and closed.
 */
import { Context, Dealer, Publisher, Reply, Request, Router, type Socket, Subscriber } from 'zeromq';
import { type Random, randomInt } from '../lib/prng';
import { settledWithin } from '../lib/settled';
import { isIpv6 } from './addresses';
import { Binding } from './binding';
import { Connection } from './connection';
import { ZeroMqDealer } from './dealer';
import { type OnDrop, SizeGuard } from './drops';
import type { TransportLimits } from './limits';
import { disconnectEvents, linkEvents, type OnEvent, readMonitor, refusalEvents } from './monitor';
import { ZeroMqPublisher } from './publisher';
import type { OnFrames } from './receiving';
import { type OnQuestion, ZeroMqReplier } from './replier';
import { ZeroMqRequester } from './requester';
import { ZeroMqRouter } from './router';
import { INSECURE, type OnRefusal, type SocketSecurity } from './security';
import { ZeroMqSubscriber } from './subscriber';
import type { Closable, Intake, OnLink, RouterHandlers, Transport } from './transport';
import { ZapHandler } from './zap';

/** Connections that may wait to be accepted: all clients of a balancer that restarted come at once. */
const BACKLOG = 4096;
/** How long ZeroMQ may take to let go of a closed socket, milliseconds; usually it is one. */
const LET_GO_MS = 1000;
/** Ours are of one byte, to everything, and ZeroMQ makes a hundred bytes of each byte of one; a handshake needs more. */
const SUBSCRIPTION_BYTES = 4096;
/** How long after a refusal a connection is tried again, in pauses of the longest reconnect. */
const REFUSED_PAUSES = 2;

export interface ZeroMqOptions {
  readonly limits: TransportLimits;
  /** Every process waits its own share longer before it reconnects: all at once would be a stampede. */
  readonly random: Random;
  readonly security: SocketSecurity;
  /** Told of each message that was not passed on. */
  readonly onDrop?: OnDrop;
  /** Told of each connection that one side did not want. */
  readonly onRefusal?: OnRefusal;
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
  /** Of a socket that connects. */
  readonly connection: Connection | undefined;
}

class ZeroMqTransport implements Transport {
  private readonly all;
  private readonly sending;
  private readonly receiving;
  private readonly connecting;
  private readonly open = new Set<Open>();
  private readonly bindings = new Map<string, Binding>();
  private readonly context: Context;
  private zap: Promise<ZapHandler> | undefined;

  constructor(private readonly options: ZeroMqOptions) {
    const { limits, random, security } = options;
    this.context = new Context({ maxSockets: limits.maxSockets });
    this.all = {
      context: this.context,
      linger: 0,
      heartbeatInterval: limits.zmtpHeartbeatMs,
      heartbeatTimeout: limits.zmtpTimeoutMs,
      heartbeatTimeToLive: limits.zmtpTimeoutMs,
      handshakeInterval: limits.handshakeMs,
      tcpMaxRetransmitTimeout: limits.unreadMs,
      maxMessageSize: limits.maxMessageBytes,
    };
    this.sending = { sendTimeout: 0, sendHighWaterMark: limits.sendHighWaterMark };
    this.receiving = { receiveHighWaterMark: limits.receiveHighWaterMark };
    const pauseMs = limits.reconnectMs + randomInt(random, 0, limits.reconnectMs + 1);
    this.connecting = {
      reconnectInterval: pauseMs,
      reconnectMaxInterval: Math.max(pauseMs, limits.reconnectMaxMs - randomInt(random, 0, limits.reconnectMaxMs >> 1)),
      connectTimeout: limits.zmtpTimeoutMs,
    };
    if (security !== INSECURE) {
      security.onChange((revoked) => {
        for (const { connection } of this.open) connection?.rekey();
        for (const [address, binding] of this.bindings) {
          if (revoked.includes(security.binding(address).domain)) binding.reopen();
        }
      });
    }
  }

  async bindPublisher(address: string): Promise<ZeroMqPublisher> {
    const socket = new Publisher({
      ...(await this.bindingAt(address)),
      ...this.sending,
      maxMessageSize: SUBSCRIPTION_BYTES,
    });
    const publisher = this.opened(address, socket, new ZeroMqPublisher(socket, this.guard(address)));
    await this.bound(address, socket);
    return publisher;
  }

  connectSubscriber(address: string, onMessage: (payload: Uint8Array) => void, onLink: OnLink): ZeroMqSubscriber {
    const socket = new Subscriber({ ...this.connectingTo(address), ...this.receiving });
    socket.subscribe();
    const link = new ZeroMqSubscriber(socket, this.guard(address));
    const subscriber = this.connected(address, socket, link, linkEvents(socket, onLink));
    void subscriber.receiveAll(onMessage);
    return subscriber;
  }

  async bindReplier(address: string, onQuestion: OnQuestion): Promise<ZeroMqReplier> {
    const socket = new Reply({ ...(await this.bindingAt(address)), ...this.sending, ...this.receiving });
    const replier = this.opened(address, socket, new ZeroMqReplier(socket, this.guard(address)));
    await this.bound(address, socket);
    void replier.answerAll(onQuestion);
    return replier;
  }

  connectRequester(address: string): ZeroMqRequester {
    const { peerQuestions } = this.options.limits;
    const socket = new Request({
      ...this.connectingTo(address),
      ...this.receiving,
      relaxed: true,
      correlate: true,
      immediate: true,
      sendHighWaterMark: peerQuestions,
    });
    return this.connected(address, socket, new ZeroMqRequester(socket, this.guard(address), peerQuestions));
  }

  async bindRouter(address: string, handlers: RouterHandlers, intake?: Intake): Promise<ZeroMqRouter> {
    const socket = new Router({
      ...(await this.bindingAt(address)),
      ...this.sending,
      ...this.receiving,
      ...(intake && this.taking(intake)),
      mandatory: true,
      handover: false,
    });
    const link = new ZeroMqRouter(socket, this.guard(address), handlers);
    const router = this.opened(
      address,
      socket,
      link,
      disconnectEvents(socket, () => handlers.onDisconnect()),
    );
    await this.bound(address, socket);
    void router.receiveAll();
    return router;
  }

  connectDealer(address: string, onMessage: OnFrames, onLink: OnLink): ZeroMqDealer {
    const socket = new Dealer({ ...this.connectingTo(address), ...this.sending, ...this.receiving });
    const link = new ZeroMqDealer(socket, this.guard(address), this.options.limits);
    const dealer = this.connected(address, socket, link, linkEvents(socket, onLink));
    void dealer.receiveAll(onMessage);
    return dealer;
  }

  keyAt(address: string): string {
    const { security } = this.options;
    return security === INSECURE ? '' : security.connecting(address).theirs;
  }

  async close(lingerMs = 0): Promise<void> {
    const deadlineMs = performance.now() + lingerMs;
    await Promise.all([...this.open].map((open) => this.closeOne(open, deadlineMs)));
    (await this.zap)?.close();
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
  private opened<Link extends Open['link']>(
    address: string,
    socket: Open['socket'],
    link: Link,
    onEvent: OnEvent = () => {},
    connection?: Connection,
  ): Link {
    const onRefusal = refusalEvents(socket, address, connection === undefined, this.options.onRefusal ?? (() => {}));
    const ended = readMonitor(socket, (type, code) => {
      onEvent(type, code);
      connection?.onEvent(type);
      onRefusal(type, code);
    }).then(() => {
      this.open.delete(open);
      connection?.close();
    });
    const open = { socket, link, ended, connection };
    this.open.add(open);
    return link;
  }

  /** @throws TransportError */
  private connected<Link extends Open['link']>(
    address: string,
    socket: Subscriber | Request | Dealer,
    link: Link,
    onEvent?: OnEvent,
  ): Link {
    const { limits, security } = this.options;
    const connection = new Connection(socket, address, security, REFUSED_PAUSES * limits.reconnectMaxMs);
    this.opened(address, socket, link, onEvent, connection);
    connection.connect();
    return link;
  }

  /** @throws TransportError */
  private async bound(address: string, socket: Publisher | Reply | Router): Promise<void> {
    const binding = new Binding(socket, address);
    await binding.bind();
    this.bindings.set(address, binding);
  }

  /** Who connects is checked from the first one on: whoever answers that is there before. */
  private async bindingAt(address: string) {
    const { security } = this.options;
    if (security === INSECURE) return { ...this.allAt(address), backlog: BACKLOG };
    this.zap ??= ZapHandler.start(this.context, security);
    await this.zap;
    const { own, domain } = security.binding(address);
    return {
      ...this.allAt(address),
      backlog: BACKLOG,
      curveServer: true,
      curvePublicKey: own.publicKey,
      curveSecretKey: own.secretKey,
      zapDomain: domain,
      zapEnforceDomain: true,
    };
  }

  /**
   * Of one who sends more than is read ZeroMQ stops reading; if he goes then, its next heartbeat ends this process
   * (libzmq 4.3.5). So the kernel looks who is still there.
   */
  private taking({ messages, frameBytes }: Intake) {
    const everySeconds = Math.ceil(this.options.limits.zmtpTimeoutMs / 1000);
    return {
      receiveHighWaterMark: messages,
      maxMessageSize: frameBytes,
      heartbeatInterval: 0,
      tcpKeepalive: 1,
      tcpKeepaliveIdle: everySeconds,
      tcpKeepaliveInterval: everySeconds,
    };
  }

  private connectingTo(address: string) {
    return { ...this.allAt(address), ...this.connecting };
  }

  /** What all sockets have. One that speaks IPv6 would look up every name in it too, so only those that need it do. */
  private allAt(address: string) {
    return { ...this.all, ipv6: isIpv6(address) };
  }

  private guard(address: string): SizeGuard {
    return new SizeGuard(address, this.options.limits.maxMessageBytes, this.options.onDrop ?? (() => {}));
  }
}
