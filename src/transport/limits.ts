/** The bounds of sockets. */
export interface TransportLimits {
  /** Messages queued in ZeroMQ for one peer, before a socket drops or refuses. Never 0: that would be without bound. */
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
  /** Messages queued in front of a socket while it is busy. */
  readonly outboxMessages: number;
  readonly maxMessageBytes: number;
  /** Sockets of one process. */
  readonly maxSockets: number;
  /** Questions that wait for one peer. */
  readonly peerQuestions: number;
  /** The least pause before a closed connection is tried again; each process adds its own share of chance. */
  readonly reconnectMs: number;
  /** ZMTP heartbeats: a host that is gone without closing its connections is noticed after `zmtpTimeoutMs`. */
  readonly zmtpHeartbeatMs: number;
  readonly zmtpTimeoutMs: number;
}
