/** The bounds and intervals of a client's session. */
export interface ClientLimits {
  /** Commands sent and not acknowledged; more wait here. At most the servers' `sessionWindow`. */
  readonly window: number;
  /** Bytes of them, about: what is on its way at once costs every part of the cluster memory and time. */
  readonly windowBytes: number;
  /** Commands that wait here; one more is refused. */
  readonly queue: number;
  /** Commands, and bytes of text, in one group. */
  readonly groupCommands: number;
  readonly groupBytes: number;
  /** UTF-8 bytes of one message, as the servers have it. */
  readonly textBytes: number;
  /** Questions sent and not answered; more wait here. */
  readonly questionsAtOnce: number;
  /** Between two pings of the balancer. */
  readonly pingMs: number;
  /** A balancer that has been silent for this long is looked for again. */
  readonly silenceMs: number;
  /** What was not answered after this long is sent again; the pause doubles up to `resendMostMs`. */
  readonly resendMs: number;
  readonly resendMostMs: number;
}

/** UTF-16 units of a name of a room or a nick: what is longer is no name anywhere, and is not sent. */
export const MAX_NAME_UNITS = 256;
/** Questions without an answer at once. */
export const MAX_QUESTIONS = 256;
/** Events held back until the earlier lines that come before them are there; beyond it they are shown without. */
export const MAX_HELD = 10_000;
/** Lines in one answer about the past, as the servers give them at most. */
export const MAX_PAGE_LINES = 500;
/** Commands without an outcome, and bytes of them, that are kept for the next time; one more is refused. */
export const MAX_KEPT_COMMANDS = 10_000;
export const MAX_KEPT_BYTES = 8 * 1024 * 1024;
/**
 * Commands in a list of what was kept, which is more: with those in the window that have an outcome behind one that has
 * none, and those that join the rooms of a session that is gone. Beyond it nothing is read.
 */
export const MAX_READ_COMMANDS = 2 * MAX_KEPT_COMMANDS;
/** Own posts of which it is remembered how they came into the log. */
export const MAX_REMEMBERED_POSTS = 4096;
/** Pages of a room that are read to learn whether a line of a session that is gone was said. */
export const MAX_DOUBT_PAGES = 20;
/** Between two times at which it is said how far somebody has read, milliseconds. */
export const READ_MARK_MS = 15_000;
/** Rooms of which that is said at one time: commands count as posts do, and no post is to wait because of these. */
export const READ_MARKS_AT_ONCE = 64;
/** Rooms of which that is still to be said, and was; as many as the servers remember of one person. */
export const MAX_READ_MARKS = 256;
/** After so long, milliseconds, what changed and is not needed before anything is sent is kept too. */
export const KEEP_MS = 5000;
