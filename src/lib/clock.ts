/** Where time comes from: an argument everywhere below the shells, so that tests and the simulator decide it. */
export interface Clock {
  /** Milliseconds that only ever grow; says nothing about the time of day. */
  monotonicMs(): number;
  /** Milliseconds since the epoch, as far as this machine knows. */
  wallMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
