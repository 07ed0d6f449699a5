/**
 * A process on a virtual machine: its clocks, timers and chance are the simulator's. It can be killed, after which
 * nothing of it ever happens any more, and paused: then whatever comes waits until it goes on.
 */
import type { Clock } from '../../src/lib/clock';
import type { Machine, Timers } from '../../src/lib/machine';
import { type Random, randomInt } from '../../src/lib/prng';
import type { Agenda } from './agenda';

/** When the virtual time begins, on the clocks of the wall. */
const EPOCH_MS = 1_700_000_000_000;

/** A place for processes, one after the other: its clock stays as wrong as it is when a process of it is restarted. */
export class Host {
  /** By how much its clock of the wall is wrong, milliseconds. */
  wallShiftMs = 0;
  private speed = 1;
  /** When its clock got this speed, and what it showed then. */
  private sinceMs = 0;
  private shownMs = 0;

  constructor(readonly name: string) {}

  /** How fast its clock runs. */
  get rate(): number {
    return this.speed;
  }

  /** From now on it runs at another speed: it goes on from where it is, as no monotonic clock goes back. */
  runAt(rate: number, nowMs: number): void {
    this.shownMs = this.elapsedMs(nowMs);
    this.sinceMs = nowMs;
    this.speed = rate;
  }

  /** What has gone by on its clock since the run began. */
  elapsedMs(nowMs: number): number {
    return this.shownMs + (nowMs - this.sinceMs) * this.speed;
  }
}

export class VirtualProcess implements Machine {
  readonly pid: number;
  readonly clock: Clock;
  readonly timers: Timers;
  isAlive = true;
  private resumesAtMs = 0;
  private readonly onKilled: (() => void)[] = [];

  constructor(
    readonly host: Host,
    private readonly agenda: Agenda,
    private readonly random: Random,
    /** Does whatever happens in this process, and looks at what came of it. */
    private readonly watch: (process: VirtualProcess, act: () => void) => void,
  ) {
    this.pid = randomInt(random, 1, 32_768);
    const startedAtMs = host.elapsedMs(agenda.nowMs);
    this.clock = {
      monotonicMs: () => host.elapsedMs(agenda.nowMs) - startedAtMs + this.pid,
      wallMs: () => EPOCH_MS + Math.floor(host.elapsedMs(agenda.nowMs) + host.wallShiftMs),
    };
    this.timers = {
      after: (ms, act) => this.timer(ms, act, false),
      every: (ms, act) => this.timer(ms, act, true),
      soon: (act) => agenda.after(0, this.guard(act)),
    };
  }

  get isPaused(): boolean {
    return this.agenda.nowMs < this.resumesAtMs;
  }

  randomBytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => randomInt(this.random, 0, 256));
  }

  /** Nothing happens here for so long; what is due meanwhile does then. */
  pause(ms: number): void {
    this.resumesAtMs = Math.max(this.resumesAtMs, this.agenda.nowMs + ms);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    for (const act of this.onKilled) act();
  }

  /** Called once when it is killed. */
  whenKilled(act: () => void): void {
    this.onKilled.push(act);
  }

  /** What is done in this process: not at all once it is dead, later while it is paused. */
  guard(act: () => void): () => void {
    const guarded = () => {
      if (!this.isAlive) return;
      if (this.isPaused) this.agenda.at(this.resumesAtMs, guarded);
      else this.watch(this, act);
    };
    return guarded;
  }

  private timer(ms: number, act: () => void, repeats: boolean): () => void {
    let isOver = false;
    const fire = this.guard(() => {
      if (isOver) return;
      if (repeats) this.agenda.after(ms / this.host.rate, fire);
      act();
    });
    this.agenda.after(ms / this.host.rate, fire);
    return () => {
      isOver = true;
    };
  }
}
