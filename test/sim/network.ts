/** Who is bound where on the virtual network, and how what is sent gets there. */
import { InvariantError } from '../../src/lib/assert';
import type { Closable, Frames } from '../../src/transport/transport';
import type { Agenda } from './agenda';
import type { Bound, Connection } from './connection';
import type { VirtualProcess } from './process';
import type { Channel, Weather } from './weather';

/** Told of everything that is sent, for the trace and the checks. */
export interface Tap {
  sent(from: VirtualProcess, to: string, channel: Channel, frames: Frames, fate: 'arrives' | 'lost'): void;
  /** Somebody does not read: it was not sent. */
  refused(): void;
}

export class Network {
  readonly connections = new Set<Connection>();
  private readonly bound = new Map<string, Bound>();
  /** Ways on which what was sent waits, and what waits there. */
  private readonly held = new Map<string, (() => void)[]>();

  constructor(
    readonly agenda: Agenda,
    readonly weather: Weather,
    readonly tap: Tap,
  ) {}

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

  /** Something is held somewhere. */
  get isHolding(): boolean {
    return this.held.size > 0;
  }

  /** What is sent on that way from now on arrives when it is released. */
  hold(from: string, to: string): void {
    this.held.set(`${from}>${to}`, []);
  }

  release(from: string, to: string): void {
    this.releaseWay(`${from}>${to}`);
  }

  releaseAll(): void {
    for (const way of [...this.held.keys()]) this.releaseWay(way);
  }

  /**
   * @param onLost called when it does not arrive
   * @returns when what was sent last on this way has arrived: what comes after it does not overtake it
   */
  carry(
    from: VirtualProcess,
    to: VirtualProcess,
    channel: Channel,
    frames: Frames,
    lastMs: number,
    arrive: () => void,
    onLost: () => void = () => {},
  ): number {
    const { agenda, weather } = this;
    const [source, target] = [from.host.name, to.host.name];
    const lost = weather.isLost(source, target, channel, agenda.nowMs);
    this.tap.sent(from, target, channel, frames, lost ? 'lost' : 'arrives');
    if (lost) {
      onLost();
      return lastMs;
    }
    const inTime = agenda.nowMs + weather.travelMs();
    const overtaken = weather.isOvertaken();
    const atMs = overtaken ? inTime + weather.between(1, 50) : Math.max(inTime, lastMs);
    const copies = [atMs];
    if (weather.isRepeated()) copies.push(atMs + weather.between(0, 30));
    const waiting = this.held.get(`${source}>${target}`);
    for (const copyMs of copies) {
      if (waiting) waiting.push(arrive);
      else agenda.at(copyMs, arrive);
    }
    return overtaken ? lastMs : atMs;
  }

  private releaseWay(way: string): void {
    const arrivals = this.held.get(way) ?? [];
    this.held.delete(way);
    for (const arrive of arrivals) this.agenda.after(0, arrive);
  }
}
