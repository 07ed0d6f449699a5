/**
 * A transport without sockets: everything of one `MemoryNetwork` runs in this process, in the order of its sends.
 * For tests of what stands on a transport. It keeps the contract, not the limits: it has no high-water marks.
 */
import {
  type Closable,
  type Dealer,
  type Frames,
  type LinkState,
  type PeerKey,
  type Publisher,
  type Replier,
  type Requester,
  type Router,
  type RouterHandlers,
  type Transport,
  TransportError,
} from '../../src/transport/transport';

/** A bound socket as those who connect to it see it. */
interface Bound {
  /** @returns what takes the frames of that connection */
  accept(connection: Connection): (frames: Frames) => void;
  disconnected(connection: Connection): void;
}

/** One connecting socket: tries its address again whenever somebody binds it. */
class Connection {
  private sendToPeer: ((frames: Frames) => void) | undefined;
  private queued: Frames[] = [];
  private unread: Frames[] = [];
  private busy = false;
  closed = false;

  constructor(
    private readonly network: MemoryNetwork,
    readonly address: string,
    private readonly onMessage: (frames: Frames) => void | Promise<void>,
    private readonly onLink: (state: LinkState) => void,
    /** Whether what is sent while there is no connection waits for one. */
    private readonly waits: boolean,
  ) {
    network.connect(this);
  }

  get isUp(): boolean {
    return this.sendToPeer !== undefined;
  }

  up(bound: Bound): void {
    this.sendToPeer = bound.accept(this);
    this.onLink('up');
    for (const frames of this.queued.splice(0)) this.send(frames);
  }

  down(): void {
    if (!this.sendToPeer) return;
    this.sendToPeer = undefined;
    if (!this.closed) this.onLink('down');
  }

  /** Hands over in order; while the handler is busy what comes waits. */
  receive(frames: Frames): void {
    this.unread.push(frames);
    if (!this.busy) void this.readAll();
  }

  private async readAll(): Promise<void> {
    this.busy = true;
    for (let next = this.unread.shift(); next && !this.closed; next = this.unread.shift()) {
      const busy = this.onMessage(next);
      if (busy) await busy;
    }
    this.busy = false;
  }

  send(frames: Frames): void {
    if (this.closed) return;
    const copies = frames.map((frame) => Buffer.from(frame));
    if (this.sendToPeer) this.sendToPeer(copies);
    else if (this.waits) this.queued.push(copies);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.network.disconnect(this);
  }
}

export class MemoryNetwork {
  private readonly bound = new Map<string, Bound>();
  private readonly connections = new Set<Connection>();

  /** A transport of its own for each part that a real cluster would run as a process. */
  transport(): Transport {
    return new MemoryTransport(this);
  }

  bind(address: string, bound: Bound): Closable {
    if (this.bound.has(address)) throw new TransportError('address-in-use', address);
    if (!/^tcp:\/\/[^:]+:\d+$/.test(address)) throw new TransportError('bad-address', address);
    this.bound.set(address, bound);
    for (const connection of this.connections) this.link(connection);
    return {
      close: () => {
        if (this.bound.get(address) !== bound) return;
        this.bound.delete(address);
        for (const connection of this.connections) {
          if (connection.address === address) setImmediate(() => connection.down());
        }
      },
    };
  }

  connect(connection: Connection): void {
    this.connections.add(connection);
    this.link(connection);
  }

  disconnect(connection: Connection): void {
    this.connections.delete(connection);
    if (connection.isUp) this.bound.get(connection.address)?.disconnected(connection);
  }

  private link(connection: Connection): void {
    setImmediate(() => {
      const bound = this.bound.get(connection.address);
      if (bound && !connection.closed && !connection.isUp) connection.up(bound);
    });
  }
}

class MemoryTransport implements Transport {
  private readonly open = new Set<Closable>();
  private peers = 0;

  constructor(private readonly network: MemoryNetwork) {}

  async bindPublisher(address: string): Promise<Publisher> {
    const subscribers = new Set<Connection>();
    const bound = this.bind(address, {
      accept: (connection) => {
        subscribers.add(connection);
        return () => {};
      },
      disconnected: (connection) => subscribers.delete(connection),
    });
    const publish = (payload: Uint8Array) => {
      if (bound.closed) return;
      for (const subscriber of subscribers) deliver(subscriber, [payload]);
    };
    return { publish, close: bound.close };
  }

  connectSubscriber(
    address: string,
    onMessage: (payload: Uint8Array) => void,
    onLink: (state: LinkState) => void,
  ): Closable {
    return this.connect(address, ([payload]) => onMessage(payload as Uint8Array), onLink, false);
  }

  async bindReplier(
    address: string,
    onQuestion: (question: Uint8Array, answer: (payload: Uint8Array) => void) => void,
  ): Promise<Replier> {
    const questions: { from: Connection; frames: Frames }[] = [];
    let busy = false;
    const next = () => {
      const question = questions.shift();
      busy = question !== undefined;
      if (!question || bound.closed) return;
      const [number, payload] = question.frames as [Uint8Array, Uint8Array];
      onQuestion(payload, (answer) => {
        deliver(question.from, [number, answer]);
        setImmediate(next);
      });
    };
    const bound = this.bind(address, {
      accept: (from) => (frames) => {
        questions.push({ from, frames });
        if (!busy) setImmediate(next);
        busy = true;
      },
      disconnected: () => {},
    });
    return bound;
  }

  connectRequester(address: string): Requester {
    return new MemoryRequester((onMessage, onLink) => this.connect(address, onMessage, onLink, false));
  }

  async bindRouter(address: string, handlers: RouterHandlers): Promise<Router> {
    const peers = new Map<PeerKey, Connection>();
    const bound = this.bind(address, {
      accept: (connection) => {
        this.peers += 1;
        const key = String(this.peers);
        peers.set(key, connection);
        return (frames) => setImmediate(() => bound.closed || handlers.onMessage(key, frames));
      },
      disconnected: (connection) => {
        for (const [key, peer] of peers) if (peer === connection) peers.delete(key);
        setImmediate(() => bound.closed || handlers.onDisconnect());
      },
    });
    const send = (key: PeerKey, frames: Frames) => {
      const peer = peers.get(key);
      if (bound.closed) return;
      if (peer) deliver(peer, frames);
      else setImmediate(() => bound.closed || handlers.onUndelivered(key, frames, 'gone'));
    };
    return { send, close: bound.close };
  }

  connectDealer(
    address: string,
    onMessage: (frames: Frames) => void | Promise<void>,
    onLink: (state: LinkState) => void,
  ): Dealer {
    return this.connect(address, onMessage, onLink, true);
  }

  keyAt(): string {
    return '';
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.close();
    await new Promise((resolve) => setImmediate(resolve));
  }

  private bind(address: string, bound: Bound): Closable & { readonly closed: boolean } {
    const inner = this.network.bind(address, bound);
    const socket = {
      closed: false,
      close: () => {
        socket.closed = true;
        inner.close();
        this.open.delete(socket);
      },
    };
    this.open.add(socket);
    return socket;
  }

  private connect(
    address: string,
    onMessage: (frames: Frames) => void | Promise<void>,
    onLink: (state: LinkState) => void,
    waits: boolean,
  ): Connection {
    const connection = new Connection(this.network, address, onMessage, onLink, waits);
    this.open.add(connection);
    return connection;
  }
}

/** One question at a time, with a number that its answer carries. Asked once there is a connection. */
class MemoryRequester implements Requester {
  private readonly waiting: (() => void)[] = [];
  private readonly connection: Connection;
  private number = 0;
  private unsent: Uint8Array | undefined;
  private settle: ((answer: Uint8Array | undefined) => void) | undefined;

  constructor(connect: (onMessage: (frames: Frames) => void, onLink: () => void) => Connection) {
    this.connection = connect(
      ([number, answer]) => {
        if (Number(number) === this.number) this.settle?.(answer);
      },
      () => this.send(),
    );
  }

  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.connection.closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const deadlineMs = performance.now() + timeoutMs;
      this.waiting.push(() => this.askOne(question, deadlineMs, resolve));
      if (!this.settle) this.waiting.shift()?.();
    });
  }

  close(): void {
    this.connection.close();
    while (this.settle) this.settle(undefined);
  }

  private askOne(question: Uint8Array, deadlineMs: number, resolve: (answer: Uint8Array | undefined) => void): void {
    const timer = setTimeout(() => this.settle?.(undefined), Math.max(0, deadlineMs - performance.now()));
    this.settle = (answer) => {
      clearTimeout(timer);
      this.settle = undefined;
      this.unsent = undefined;
      resolve(answer);
      this.waiting.shift()?.();
    };
    this.number += 1;
    this.unsent = question;
    this.send();
  }

  private send(): void {
    if (!this.unsent || !this.connection.isUp) return;
    this.connection.send([Buffer.from(String(this.number)), this.unsent]);
    this.unsent = undefined;
  }
}

/** What is sent arrives in a later turn, in order. */
function deliver(to: Connection, frames: Frames): void {
  const copies = frames.map((frame) => Buffer.from(frame));
  setImmediate(() => {
    if (!to.closed && to.isUp) to.receive(copies);
  });
}
