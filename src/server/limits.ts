/** The bounds and intervals of a server's dealings with its clients and its balancer. */
import type { PaceLimits } from './pace';
import type { PendingLimits } from './pending';

export interface ServerLimits extends PaceLimits, PendingLimits {
  /** Between two signs of life to the balancer, milliseconds. */
  readonly beatMs: number;
  /** Openings of sessions that are looked at in a second: each has a signature. */
  readonly opensPerSecond: number;
  /** Bytes that may wait for the disk, what it is writing among them: beyond that it is stuck, and the server stops. */
  readonly waitingBytes: number;
  /** Readings of the store that are under way or wait. What is asked for beyond is dropped. */
  readonly readings: number;
  /** Readings under way at the same time, each of which holds a page or a part of the history. */
  readonly readingsAtOnce: number;
  /** Questions of one session that are answered or wait; one more is refused. More than a client has under way. */
  readonly questionsOfClient: number;
  /** Bytes of answers to one session, and of what is read for them, a second and at once: then its questions wait. */
  readonly answerBytesPerSec: number;
  readonly answerBytesAtOnce: number;
  /** Of its time, this server reads for peers that have to restore at most this share … */
  readonly givingShare: number;
  /** … counted over this long: who asks comes a little late every time. Milliseconds. */
  readonly givingCreditMs: number;
  /** While something is said it pauses so long after each part, at least. Milliseconds. */
  readonly givingPauseMs: number;
  /** … unless more than so many events came since the last part: who is given less than that never has all. */
  readonly givingPauseEvents: number;
  /** Bytes of a part of the history that a peer is given, half of it while something is said, … */
  readonly partBytes: number;
  /** … blocks in it, … */
  readonly partBlocks: number;
  /** … and rooms that are looked up for it, be there anything or not. Nobody waits long behind it. */
  readonly partRooms: number;
  /** Bytes of a history that peers give, of each stretch, that are written at once: as many as make a table of the store. */
  readonly gatheredBytes: number;
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
  /** Bytes of the latest events that are kept in memory, what they are made of counted in. */
  readonly recentBytes: number;
  /** What happened is written to the history once it has so many bytes, … */
  readonly historyWriteBytes: number;
  /** … or after this long, milliseconds. */
  readonly historyWriteMs: number;
  /** So long a tick goes on with a snapshot that is being taken, milliseconds: a share of the time between two. */
  readonly snapshotStepMs: number;
  /** A snapshot is taken whenever so many bytes of values were applied, … */
  readonly snapshotBytes: number;
  /** … so many rounds counting as much. The same on all servers, so that their snapshots can be compared. */
  readonly snapshotRounds: number;
}
