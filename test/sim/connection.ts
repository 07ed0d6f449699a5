/**
 * A connecting socket on the virtual network. A connection keeps the order of what it carries, unless the weather is such
 * that it does not; that it is gone is noticed some time after it is, and it is made again some time after it can be.
 */
import type { Closable, Frames, LinkState } from '../../src/transport/transport';
import type { Network } from './network';
import type { VirtualProcess } from './process';
import type { Channel } from './weather';

/** What may wait for somebody who does not read, in messages: more is not sent to it. Few, so that it happens. */
const HIGH_WATER = 60;
/** What may wait for a connection. */
const UNSENT = 300;
/** A killed process' connections are closed by its system at once; those of a dead or cut off host when it is silent. */
const SILENT_MS = 5000;
const SILENT_SHARE = 0.1;
const NOTICED_MS = 30;
const RECONNECT_MS = { least: 20, most: 300 };

/** A bound socket as those see it who connect to it. */
export interface Bound {
  readonly process: VirtualProcess;
  onUp(link: Link): void;
  onFrames(link: Link, frames: Frames): void;
  onDown(link: Link): void;
}

/** One connection of a connecting socket: what comes after it is another one. */
export interface Link {
  readonly connection: Connection;
  readonly bound: Bound;
}

export interface ConnectionOptions {
  /** What travels each way. */
  readonly out: Channel;
  readonly back: Channel;
  /** Whether what is sent while there is no connection waits for one. */
  readonly waits: boolean;
  readonly onFrames: (frames: Frames) => void | Promise<void>;
  readonly onLink: (state: LinkState) => void;
}

/** What has come, and what is to be done once it is read. */
interface Unread {
  readonly frames: Frames;
  readonly onRead: () => void;
}

/** One connecting socket, and whatever connection it has now. */
export class Connection implements Closable {
  private link: Link | undefined;
  private unsent: Frames[] = [];
  private readonly unread: Unread[] = [];
  private isReading = false;
  private isClosed = false;
  /** How much was sent to it on its link and has not been read. */
  private waiting = 0;
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
    process.whenKilled(() => this.close());
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
      if (this.options.waits && this.unsent.length < UNSENT) this.unsent.push(copy);
      return;
    }
    const { process } = link.bound;
    const arrive = process.guard(() => link.bound.onFrames(link, copy));
    this.lastOutMs = this.network.carry(this.process, process, this.options.out, copy, this.lastOutMs, arrive);
  }

  /** From the other end. @returns false when it does not read, and this is not sent */
  sendBack(frames: Frames): boolean {
    const { link } = this;
    if (!link) return false;
    if (this.waiting >= HIGH_WATER) {
      this.network.tap.refused();
      return false;
    }
    this.waiting += 1;
    let waits = true;
    // Read, or lost; it may come twice.
    const onRead = () => {
      if (waits && this.link === link) this.waiting -= 1;
      waits = false;
    };
    const arrive = this.process.guard(() => this.receive({ frames, onRead }));
    const { process } = link.bound;
    const before = this.lastBackMs;
    this.lastBackMs = this.network.carry(process, this.process, this.options.back, frames, before, arrive, onRead);
    return true;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { link, network } = this;
    network.connections.delete(this);
    this.link = undefined;
    if (!link) return;
    const disconnected = link.bound.process.guard(() => link.bound.onDown(link));
    network.agenda.after(this.noticedMs(), disconnected);
  }

  /** Whoever it was connected to is gone, or cut off: noticed sooner or later. */
  loseSoon(): void {
    const { link, network } = this;
    if (!link) return;
    const down = () => {
      if (this.link !== link) return;
      this.link = undefined;
      if (this.isClosed) return;
      this.process.guard(() => this.options.onLink('down'))();
      this.connectSoon();
    };
    network.agenda.after(this.noticedMs(), down);
  }

  /** The connection is cut: both ends notice. */
  reset(): void {
    const { link, network } = this;
    if (!link) return;
    this.loseSoon();
    const disconnected = link.bound.process.guard(() => link.bound.onDown(link));
    network.agenda.after(network.weather.between(0, NOTICED_MS), disconnected);
  }

  /** How long it takes to notice that the other end is gone. */
  private noticedMs(): number {
    const { weather } = this.network;
    return weather.between(0, 100) < SILENT_SHARE * 100 ? SILENT_MS : weather.between(0, NOTICED_MS);
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
    this.waiting = 0;
    bound.process.guard(() => bound.onUp(link))();
    this.process.guard(() => {
      if (this.link !== link) return;
      this.options.onLink('up');
      for (const frames of this.unsent.splice(0)) this.send(frames);
    })();
  }

  private receive(unread: Unread): void {
    if (this.isClosed) return;
    this.unread.push(unread);
    if (!this.isReading) void this.readAll();
  }

  private async readAll(): Promise<void> {
    this.isReading = true;
    for (let next = this.unread.shift(); next && !this.isClosed; next = this.unread.shift()) {
      next.onRead();
      const busy = this.options.onFrames(next.frames);
      if (busy) await busy;
    }
    this.isReading = false;
  }
}

/** What was handed over may be changed by whoever sent it; what arrives is its own. */
export function copyOf(frames: Frames): Frames {
  return frames.map((frame) => Buffer.from(frame));
}
