/** The bounds and intervals of a server's dealings with its clients and its balancer. */
export interface ServerLimits {
  /** Between two signs of life to the balancer, milliseconds. */
  readonly beatMs: number;
  /** Commands of one session kept until they are committed; more are not taken. At least the client's window. */
  readonly pendingCommands: number;
  /** Bytes of them. */
  readonly pendingBytes: number;
  /** Bytes of the commands of all sessions together. */
  readonly pendingBytesOfAll: number;
  /** A command that is not committed after this long is proposed again, milliseconds. */
  readonly retryMs: number;
  /** Events in one page of a `read` or `history` answer. */
  readonly pageEvents: number;
  /** Bytes of them; a single event may have more. */
  readonly pageBytes: number;
  /** Between two words to the log that the attached sessions are alive, milliseconds. Well below `offlineAfterMs`. */
  readonly touchMs: number;
  /** How long a client that vanished may stay away before its session is marked offline, milliseconds. */
  readonly detachGraceMs: number;
  /** Clients are told that the majority is lost after this long without one, milliseconds. */
  readonly noMajorityAfterMs: number;
  /** A server more rounds than this behind the cluster does not take clients. */
  readonly servingLagRounds: number;
  /** Characters of the latest events that are kept in memory, what they are made of counted in. */
  readonly recentChars: number;
  /** What happened is written to the history once it has so many characters, … */
  readonly historyWriteChars: number;
  /** … or after this long, milliseconds. */
  readonly historyWriteMs: number;
  /** A snapshot is taken whenever so many bytes of values were applied, … */
  readonly snapshotBytes: number;
  /** … so many rounds counting as much. The same on all servers, so that their snapshots can be compared. */
  readonly snapshotRounds: number;
}
