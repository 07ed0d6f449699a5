/**
 * What a shell has of the machine that it runs on: clocks, timers, chance, a process. An argument, so that the simulator
 * runs the same shells on a machine of its own, where a run is its seed.
 */
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from './clock';

/** Ends what a timer does. Idempotent. */
export type Cancel = () => void;

export interface Timers {
  /** Calls `act` once, after so many milliseconds. */
  after(ms: number, act: () => void): Cancel;
  /** Calls `act` about every so many milliseconds. */
  every(ms: number, act: () => void): Cancel;
  /** Calls `act` at the end of this turn: after everything that has arrived already. */
  soon(act: () => void): void;
}

export interface Machine {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pid: number;
  /** Bytes that nobody can guess. */
  randomBytes(count: number): Uint8Array;
}

const systemTimers: Timers = {
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  every(ms, act) {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
  soon(act) {
    setImmediate(act);
  },
};

/** The machine that this process runs on. */
export const thisMachine: Machine = { clock: systemClock, timers: systemTimers, pid: process.pid, randomBytes };
