/** The bounds and intervals of a client's session. */
export interface ClientLimits {
  /** Commands sent and not acknowledged; more wait here. At most the servers' `sessionWindow`. */
  readonly window: number;
  /** Commands that wait here; one more is refused. */
  readonly queue: number;
  /** Commands, and bytes of text, in one group. */
  readonly groupCommands: number;
  readonly groupBytes: number;
  /** UTF-8 bytes of one message, as the servers have it. */
  readonly textBytes: number;
  /** Between two pings of the balancer. */
  readonly pingMs: number;
  /** A balancer that has been silent for this long is looked for again. */
  readonly silenceMs: number;
  /** What was not answered after this long is sent again; the pause doubles up to `resendMostMs`. */
  readonly resendMs: number;
  readonly resendMostMs: number;
}
