/** The bounds of the balancer. */
export interface BalancerLimits {
  /** A server that has been silent for this long is dead. */
  readonly deadAfterMs: number;
  /** A client that has been silent for this long is gone. */
  readonly clientDeadAfterMs: number;
  /** A server that has not been able to serve for this long, while another can, loses its clients to that one. */
  readonly drainAfterMs: number;
  /** Clients at once; one more is refused. */
  readonly clients: number;
}

/** Clients that are written to in one tick, when some connection closed and nobody says whose. */
export const PROBES_PER_TICK = 1000;
/** Clients that do not read and are tried again in one tick. */
export const RETRIES_PER_TICK = 100;
/** The pause before a client that does not read is tried again doubles from the first to the last. */
export const FIRST_RETRY_MS = 100;
export const LAST_RETRY_MS = 6400;
/** How long it takes at most to hear that the holder of an id, written to, is gone. A living one beats after it. */
export const CLAIM_SETTLES_MS = 100;
