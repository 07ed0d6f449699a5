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
  /**
   * Bytes sent to one client that it has not shown to have read; one message may go beyond. Whoever has more is sent to
   * catch-up. It bounds what a fast reader gets a second, too: as much in each round trip.
   */
  readonly clientQueueBytes: number;
  /** The same of all together: beyond it whoever has more than its share is sent to catch-up. At most twice as much waits. */
  readonly allQueuesBytes: number;
  /** After so many bytes a client is asked to show that it has read them; one sent to catch-up is back when it owes no more. */
  readonly checkBytes: number;
  /** Frames of one client that are looked at, a second and at once; others are thrown away. */
  readonly framesPerSec: number;
  readonly framesAtOnce: number;
  /** For every so many bytes of its payload a frame counts as one more. */
  readonly frameBytes: number;
}

/** What ZeroMQ needs of memory for a message besides its payload: three parts, their heads, a routing frame. Bytes. */
export const MESSAGE_BYTES = 256;
/**
 * After so many frames that were thrown away nothing is read from clients for so long, milliseconds; after a large one as
 * long as it counts, up to the longest. All that a flood brings has to be read and decrypted before it can be thrown away,
 * and collected after it: so there is less of it, and others hardly wait.
 */
export const DROPS_BEFORE_REST = 16;
/** A frame that was thrown away counts as one more for every so many bytes of its payload. */
export const DROPPED_BYTES = 2048;
export const REST_MS = 2;
export const LONGEST_REST_MS = 8;
/** Tokens that one client may leave unanswered; then it is told the last one again. */
export const MAX_CHECKS = 64;

/** Clients that are written to in one tick, when some connection closed and nobody says whose. */
export const PROBES_PER_TICK = 1000;
/** Clients that do not read and are tried again in one tick. */
export const RETRIES_PER_TICK = 100;
/** The pause before a client that does not read is tried again doubles from the first to the last. */
export const FIRST_RETRY_MS = 100;
export const LAST_RETRY_MS = 6400;
/** How long it takes at most to hear that the holder of an id, written to, is gone. A living one beats after it. */
export const CLAIM_SETTLES_MS = 100;
