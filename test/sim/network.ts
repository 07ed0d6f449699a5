/**
 * Sockets on a virtual network. A connection keeps the order of what it carries, unless the weather is such that it does
 * not; it is noticed to be gone some time after it is, and made again some time after it can be.
 */
import { InvariantError } from '../../src/lib/assert';
import type {
  Closable,
  Dealer,
  Frames,
  LinkState,
  PeerKey,
  Publisher,
  Replier,
  Requester,
  Router,
  RouterHandlers,
  Transport,
} from '../../src/transport/transport';
import type { Agenda } from './agenda';
import type { VirtualProcess } from './process';
import type { Channel, Weather } from './weather';

/** What may wait for somebody who does not read, in messages: more is not sent to it. */
const HIGH_WATER = 300;
/** A killed process' connections are closed by its system at once; those of a dead or cut off host when it is silent. */
const SILENT_MS = 5000;
const SILENT_SHARE = 0.1;
const NOTICED_MS = 30;
const RECONNECT_MS = { least: 20, most: 300 };
const PEER_QUESTIONS = 64;

/** Told of everything that is sent, for the trace and the checks. */
export interface Tap {
  sent(from: VirtualProcess, to: string, channel: Channel, frames: Frames, fate: 'arrives' | 'lost'): void;
}

/** A bound socket as those see it who connect to it. */
interface Bound {
  readonly process: VirtualProcess;
  onUp(link: Link): void;
  onFrames(link: Link, frames: Frames): void;
  onDown(link: Link): void;
}

/** One connection of a connecting socket: what comes after it is another one. */
interface Link {
  readonly connection: Connection;
  readonly bound: Bound;
}

type ConnectionOptions = {
  /** What travels each way. */
  readonly out: Channel;
  readonly back: Channel;
  /** Whether what is sent while there is no connection waits for one. */
  readonly waits: boolean;
  readonly onFrames: (frames: Frames) => void | Promise<void>;
  readonly onLink: (state: LinkState) => void;
};

/** One connecting socket, and whatever connection it has now. */
export class Connection {
  private link: Link | undefined;
  private unsent: Frames[] = [];
  private unread: Frames[] = [];
  private isReading = false;
  private isClosed = false;
  /** What was sent to it and has not been read. */
  private onTheWay = 0;
  /** When the last message arrives each way: none overtakes it. */
  private lastOutMs = 0;
  private lastBackMs = 0;

  constructor(
    private readonly network: Network,
    readonly process: VirtualProcess,
    readonly address: string,
    private readonly options: ConnectionOptions,
  ) {
    network.connections.add(this);
    process.whenKilled(() => this.vanish());
    this.connectSoon();
  }

  get isUp(): boolean {
    return this.link !== undefined;
  }

  isOf(link: Link): boolean {
    return this.link === link;
  }

  send(frames: Frames): void {
    if (this.isClosed) return;
    const { link } = this;
    const copy = copyOf(frames);
    if (!link) {
      if (this.options.waits && this.unsent.length < HIGH_WATER) this.unsent.push(copy);
      return;
    }
    const { process } = link.bound;
    const arrive = process.guard(() => link.bound.onFrames(link, copy));
    this.lastOutMs = this.network.carry(this.process, process, this.options.out, copy, this.lastOutMs, arrive);
  }

  /** From the other end. @returns false when it does not read, and this is not sent */
  sendBack(frames: Frames): boolean {
    if (!this.link || this.onTheWay >= HIGH_WATER) return false;
    this.onTheWay += 1;
    const arrive = this.process.guard(() => this.receive(frames));
    const { process } = this.link.bound;
    const before = this.lastBackMs;
    this.lastBackMs = this.network.carry(process, this.process, this.options.back, frames, before, arrive, () => {
      this.onTheWay -= 1;
    });
    return true;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.vanish();
  }

  /** Whoever it was connected to is gone, or cut off: noticed sooner or later. */
  loseSoon(): void {
    const { link, network } = this;
    if (!link) return;
    const silent = network.weather.between(0, 100) < SILENT_SHARE * 100;
    const down = () => {
      if (this.link !== link) return;
      this.link = undefined;
      if (this.isClosed) return;
      this.process.guard(() => this.options.onLink('down'))();
      this.connectSoon();
    };
    network.agenda.after(silent ? SILENT_MS : network.weather.between(0, NOTICED_MS), down);
  }

  /** The connection is cut: both ends notice. */
  reset(): void {
    const { link, network } = this;
    if (!link) return;
    this.loseSoon();
    const disconnected = link.bound.process.guard(() => link.bound.onDown(link));
    network.agenda.after(network.weather.between(0, NOTICED_MS), disconnected);
  }

  private vanish(): void {
    const { link, network } = this;
    network.connections.delete(this);
    this.link = undefined;
    if (!link) return;
    const silent = network.weather.between(0, 100) < SILENT_SHARE * 100;
    const disconnected = link.bound.process.guard(() => link.bound.onDown(link));
    network.agenda.after(silent ? SILENT_MS : network.weather.between(0, NOTICED_MS), disconnected);
  }

  private connectSoon(): void {
    const { least, most } = RECONNECT_MS;
    this.network.agenda.after(this.network.weather.between(least, most), () => this.connect());
  }

  private connect(): void {
    if (this.isClosed || !this.process.isAlive || this.link) return;
    const bound = this.network.reach(this.process, this.address);
    if (!bound) return this.connectSoon();
    const link = { connection: this, bound };
    this.link = link;
    this.onTheWay = 0;
    bound.onUp(link);
    this.process.guard(() => {
      if (this.link !== link) return;
      this.options.onLink('up');
      for (const frames of this.unsent.splice(0)) this.send(frames);
    })();
  }

  private receive(frames: Frames): void {
    if (this.isClosed) return;
    this.unread.push(frames);
    if (!this.isReading) void this.readAll();
  }

  private async readAll(): Promise<void> {
    this.isReading = true;
    for (let next = this.unread.shift(); next && !this.isClosed; next = this.unread.shift()) {
      const busy = this.options.onFrames(next);
      if (busy) await busy;
    }
    this.isReading = false;
  }
}

export class Network {
  readonly connections = new Set<Connection>();
  private readonly bound = new Map<string, Bound>();
  /** Ways on which what was sent waits, and what waits there. */
  private readonly held = new Map<string, (() => void)[]>();

  constructor(
    readonly agenda: Agenda,
    readonly weather: Weather,
    private readonly tap: Tap,
  ) {}

  transport(process: VirtualProcess): Transport {
    return new VirtualTransport(this, process);
  }

  bind(address: string, bound: Bound): Closable {
    const before = this.bound.get(address);
    if (before?.process.isAlive) throw new InvariantError(`${address} is bound twice`);
    this.bound.set(address, bound);
    const close = () => {
      if (this.bound.get(address) !== bound) return;
      this.bound.delete(address);
      for (const connection of this.connections) {
        if (connection.address === address) connection.loseSoon();
      }
    };
    bound.process.whenKilled(close);
    return { close };
  }

  /** Who listens there, if a connection can be made now. */
  reach(from: VirtualProcess, address: string): Bound | undefined {
    const bound = this.bound.get(address);
    if (!bound?.process.isAlive) return undefined;
    const { name } = bound.process.host;
    const { nowMs } = this.agenda;
    const isCut = this.weather.isCut(from.host.name, name, nowMs) || this.weather.isCut(name, from.host.name, nowMs);
    return isCut ? undefined : bound;
  }

  /** What is sent on that way from now on arrives when it is released. */
  hold(from: string, to: string): void {
    this.held.set(`${from}>${to}`, []);
  }

  release(from: string, to: string): void {
    const arrivals = this.held.get(`${from}>${to}`) ?? [];
    this.held.delete(`${from}>${to}`);
    for (const arrive of arrivals) this.agenda.after(0, arrive);
  }

  /** Nothing waits on any way. */
  releaseAll(): void {
    for (const way of [...this.held.keys()]) this.release(...(way.split('>') as [string, string]));
  }

  /** @returns when what was sent last on this way has arrived: what comes after it does not overtake it */
  carry(
    from: VirtualProcess,
    to: VirtualProcess,
    channel: Channel,
    frames: Frames,
    lastMs: number,
    arrive: () => void,
    settled: () => void = () => {},
  ): number {
    const { agenda, weather } = this;
    const lost = weather.isLost(from.host.name, to.host.name, channel, agenda.nowMs);
    this.tap.sent(from, to.host.name, channel, frames, lost ? 'lost' : 'arrives');
    if (lost) {
      settled();
      return lastMs;
    }
    const inTime = agenda.nowMs + weather.travelMs();
    const overtaken = weather.isOvertaken();
    const atMs = overtaken ? inTime + weather.between(1, 50) : Math.max(inTime, lastMs);
    const arriveOnce = () => {
      settled();
      arrive();
    };
    const waiting = this.held.get(`${from.host.name}>${to.host.name}`);
    if (waiting) waiting.push(arriveOnce);
    else agenda.at(atMs, arriveOnce);
    if (weather.isRepeated()) agenda.at(atMs + weather.between(0, 30), arrive);
    return overtaken ? lastMs : atMs;
  }
}

class VirtualTransport implements Transport {
  private readonly open = new Set<Closable>();

  constructor(
    private readonly network: Network,
    private readonly process: VirtualProcess,
  ) {}

  async bindPublisher(address: string): Promise<Publisher> {
    const subscribers = new Set<Link>();
    const close = this.bind(address, {
      process: this.process,
      onUp: (link) => subscribers.add(link),
      onFrames: () => {},
      onDown: (link) => subscribers.delete(link),
    });
    const publish = (payload: Uint8Array) => {
      const frames = copyOf([payload]);
      for (const link of subscribers) if (link.connection.isOf(link)) link.connection.sendBack(frames);
    };
    return { publish, close };
  }

  connectSubscriber(
    address: string,
    onMessage: (payload: Uint8Array) => void,
    onLink: (state: LinkState) => void,
  ): Closable {
    const onFrames = ([payload]: Frames) => onMessage(payload as Uint8Array);
    return this.connect(address, { out: 'publish', back: 'publish', waits: false, onFrames, onLink });
  }

  async bindReplier(
    address: string,
    onQuestion: (question: Uint8Array, answer: (payload: Uint8Array) => void) => void,
  ): Promise<Replier> {
    const questions: { readonly from: Link; readonly frames: Frames }[] = [];
    let isBusy = false;
    const next = () => {
      const question = questions.shift();
      isBusy = question !== undefined;
      if (!question) return;
      const [number, payload] = question.frames as [Uint8Array, Uint8Array];
      onQuestion(payload, (answer) => {
        const { from } = question;
        if (from.connection.isOf(from)) from.connection.sendBack(copyOf([number, answer]));
        this.process.timers.soon(next);
      });
    };
    const close = this.bind(address, {
      process: this.process,
      onUp: () => {},
      onFrames: (from, frames) => {
        questions.push({ from, frames });
        if (!isBusy) next();
      },
      onDown: () => {},
    });
    return { close };
  }

  connectRequester(address: string): Requester {
    return new VirtualRequester(this.process, this.network.weather, (onFrames, onLink) =>
      this.connect(address, { out: 'question', back: 'answer', waits: false, onFrames, onLink }),
    );
  }

  async bindRouter(address: string, handlers: RouterHandlers): Promise<Router> {
    const keys = new Map<Link, PeerKey>();
    const peers = new Map<PeerKey, Link>();
    let last = 0;
    const close = this.bind(address, {
      process: this.process,
      onUp: (link) => {
        last += 1;
        keys.set(link, String(last));
        peers.set(String(last), link);
      },
      onFrames: (link, frames) => {
        const key = keys.get(link);
        if (key !== undefined) handlers.onMessage(key, frames);
      },
      onDown: (link) => {
        peers.delete(keys.get(link) ?? '');
        keys.delete(link);
        handlers.onDisconnect();
      },
    });
    const send = (key: PeerKey, frames: Frames) => {
      const peer = peers.get(key);
      // It is gone, and that has not been noticed here: what is sent to it is lost.
      if (peer && !peer.connection.isOf(peer)) return;
      if (peer?.connection.sendBack(copyOf(frames))) return;
      const reason = peer ? 'full' : 'gone';
      this.process.timers.soon(() => handlers.onUndelivered(key, frames, reason));
    };
    return { send, close };
  }

  connectDealer(
    address: string,
    onFrames: (frames: Frames) => void | Promise<void>,
    onLink: (state: LinkState) => void,
  ): Dealer {
    return this.connect(address, { out: 'client', back: 'client', waits: true, onFrames, onLink });
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.close();
  }

  private bind(address: string, bound: Bound): () => void {
    const socket = this.network.bind(address, bound);
    this.open.add(socket);
    return socket.close;
  }

  private connect(address: string, options: ConnectionOptions): Connection {
    const connection = new Connection(this.network, this.process, address, options);
    this.open.add(connection);
    return connection;
  }
}

interface Asked {
  readonly question: Uint8Array;
  readonly deadlineMs: number;
  readonly resolve: (answer: Uint8Array | undefined) => void;
}

/** One question at a time, with a number that its answer carries. */
class VirtualRequester implements Requester {
  private readonly waiting: Asked[] = [];
  private readonly connection: Connection;
  private number = 0;
  private settle: ((answer: Uint8Array | undefined) => void) | undefined;
  private unsent: Uint8Array | undefined;

  constructor(
    private readonly process: VirtualProcess,
    weather: Weather,
    connect: (onFrames: (frames: Frames) => void, onLink: () => void) => Connection,
  ) {
    this.connection = connect(
      ([number, answer]) => {
        const isOwn = Number(Buffer.from(number as Uint8Array).toString()) === this.number;
        if (isOwn || weather.staleAnswers) this.settle?.(answer);
      },
      () => this.send(),
    );
  }

  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.waiting.length >= PEER_QUESTIONS) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const deadlineMs = this.process.clock.monotonicMs() + timeoutMs;
      this.waiting.push({ question: Buffer.from(question), deadlineMs, resolve });
      if (!this.settle) this.next();
    });
  }

  close(): void {
    this.connection.close();
    this.settle?.(undefined);
    for (const { resolve } of this.waiting.splice(0)) resolve(undefined);
  }

  private next(): void {
    const asked = this.waiting.shift();
    if (!asked) return;
    const leftMs = Math.max(0, asked.deadlineMs - this.process.clock.monotonicMs());
    const cancel = this.process.timers.after(leftMs, () => this.settle?.(undefined));
    this.settle = (answer) => {
      cancel();
      this.settle = undefined;
      this.unsent = undefined;
      asked.resolve(answer);
      this.next();
    };
    this.number += 1;
    this.unsent = asked.question;
    this.send();
  }

  private send(): void {
    if (!this.unsent || !this.connection.isUp) return;
    this.connection.send([Buffer.from(String(this.number)), this.unsent]);
    this.unsent = undefined;
  }
}

/** What was handed over may be changed by whoever sent it; what arrives is its own. */
function copyOf(frames: Frames): Frames {
  return frames.map((frame) => Buffer.from(frame));
}
