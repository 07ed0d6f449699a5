/**
 * The bounds of the chat: part of the state machine, so the log says what they are, and no server's configuration. A
 * leader whose configuration says something else has the log say it.
 */
export interface ChatLimits {
  /** UTF-8 bytes of one message. */
  readonly textBytes: number;
  /** UTF-8 bytes of a topic, an away text or a reason to leave. */
  readonly topicBytes: number;
  /** Characters (code points) of the name of a room or a nick. */
  readonly nameChars: number;
  readonly roomsPerSession: number;
  /** Rooms and conversations in all: they are kept when everybody has left them. */
  readonly rooms: number;
  readonly sessions: number;
  readonly sessionsPerKey: number;
  readonly nicksPerKey: number;
  /** Nicks in all that belong to somebody. */
  readonly nicks: number;
  /** A nick that nobody was called for so long belongs to nobody any more, in milliseconds of the log's time. */
  readonly nickTtlMs: number;
  /** What operators decided of people, in all. */
  readonly rulings: number;
  /** Commands of a session whose outcomes are kept at most: a client never has more than this unacknowledged. */
  readonly sessionWindow: number;
  /** A session that its server has not vouched for in this long is offline, in milliseconds of the log's time. */
  readonly offlineAfterMs: number;
  /** A session that has been offline for this long has ended, in milliseconds of the log's time. */
  readonly sessionTtlMs: number;
}

/** What holds until the log says something else: never changed, or the first rounds of a log would mean something else. */
export const FIRST_LIMITS: ChatLimits = {
  textBytes: 4096,
  topicBytes: 512,
  nameChars: 32,
  roomsPerSession: 256,
  rooms: 100_000,
  sessions: 100_000,
  sessionsPerKey: 256,
  nicksPerKey: 256,
  nicks: 200_000,
  nickTtlMs: 365 * 24 * 3600 * 1000,
  rulings: 10_000,
  sessionWindow: 4096,
  offlineAfterMs: 30_000,
  sessionTtlMs: 7 * 24 * 3600 * 1000,
};

/** In the order in which they are written down. */
export const LIMIT_NAMES = Object.keys(FIRST_LIMITS) as readonly (keyof ChatLimits)[];

/** The names of those that differ. */
export function differing(one: ChatLimits, other: ChatLimits): readonly (keyof ChatLimits)[] {
  return LIMIT_NAMES.filter((name) => one[name] !== other[name]);
}
