/** The bounds of the chat: part of the state machine, so equal on all servers of a cluster. */
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
  /** Commands of a session whose outcomes are kept at most: a client never has more than this unacknowledged. */
  readonly sessionWindow: number;
  /** A session that its server has not vouched for in this long is offline, in milliseconds of the log's time. */
  readonly offlineAfterMs: number;
  /** A session that has been offline for this long has ended, in milliseconds of the log's time. */
  readonly sessionTtlMs: number;
}
