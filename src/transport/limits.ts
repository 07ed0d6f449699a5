/** The bounds of sockets. */
export interface TransportLimits {
  /**
   * Messages queued in ZeroMQ for one peer, before a socket drops or refuses. Never 0: that would be without bound.
   * A peer that stops reading holds this many messages of whatever size, so it is as low as a burst allows.
   */
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
  /** Messages, and their bytes, that wait in front of a dealer whose link is full. */
  readonly outboxMessages: number;
  readonly outboxBytes: number;
  /** Bytes of one message, all frames together. */
  readonly maxMessageBytes: number;
  /** Sockets of one process; each takes two, one of them for its monitor. */
  readonly maxSockets: number;
  /** Questions that wait for one peer. */
  readonly peerQuestions: number;
  /**
   * The pause before a closed connection is tried again doubles from the first to the last; each process adds its own
   * share of chance.
   */
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
  /** A connection that has not said who it is after this long is closed, milliseconds. */
  readonly handshakeMs: number;
  /**
   * Who takes nothing of what waits for it for this long, milliseconds, loses its connection, and with it the queue. (TCP's
   * user timeout, which counts while the other end says that it has no room.)
   */
  readonly unreadMs: number;
  /** ZMTP heartbeats: a host that is gone without closing its connections is noticed after `zmtpTimeoutMs`. */
  readonly zmtpHeartbeatMs: number;
  readonly zmtpTimeoutMs: number;
}
