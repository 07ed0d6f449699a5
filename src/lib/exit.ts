/**
 * Exit statuses of every `synod` command, after sysexits.h where it has a word for the case. A process ended by a
 * signal exits with 128 + the signal's number.
 */
export const EXIT = {
  ok: 0,
  /** Something failed that no other status names; of `chat`: a line was refused, or the nick is taken. */
  failure: 1,
  /** The command line was wrong. */
  usage: 2,
  /** A data folder is damaged, missing, or of another cluster, server or birth; `verify`: or the servers do not agree. */
  data: 65,
  /** No server could be reached. */
  unreachable: 69,
  /** An error that nobody thought of, or a broken invariant: a bug in Synod. */
  invariant: 70,
  /** The system refused: a port in use, no permission. */
  system: 71,
  /** In a server or the balancer ZeroMQ took more memory than it can need: it ended before the system would end it. */
  memory: 72,
  /** A data folder is locked by a living process. */
  locked: 73,
  /** The disk failed or is full, or standard output cannot be written. */
  disk: 74,
  /** A post was not confirmed in time. */
  unconfirmed: 75,
  /** More servers than f lost their memory: the cluster must be reset by a person. */
  reset: 76,
  /** The balancer refused this server: unknown id, or an id that a living server has. */
  refused: 77,
  /** The configuration is wrong. */
  config: 78,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/**
 * An expected failure that ends the process: `main.ts` prints its message as one line on standard error and exits
 * with its status. The message says what, where, and what to do.
 */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  constructor(
    readonly status: number,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
