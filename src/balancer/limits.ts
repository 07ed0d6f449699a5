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
