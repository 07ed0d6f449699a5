/** Rooms, and conversations of two, which are rooms that nobody else can see. */
import type { SessionId } from './commands';

export interface Room {
  /** The folded name, or the key of a conversation. */
  readonly key: string;
  /** As it was first written. */
  readonly name: string;
  topic: string;
  /** Lines said so far: the index of the last. */
  lines: number;
  /** Who is in it, in the order of joining. Replaced, never changed: whoever holds one may keep it. */
  members: readonly SessionId[];
}

/** The key of the conversation of two sessions, or of one with itself: the same from both sides. */
export function conversationKey(a: SessionId, b: SessionId): string {
  return a < b ? `@${a}${b}` : `@${b}${a}`;
}

export function isConversation(key: string): boolean {
  return key.startsWith('@');
}

/** The two sessions of a conversation. */
export function conversationOf(key: string): readonly [SessionId, SessionId] {
  return [key.slice(1, 17), key.slice(17)];
}
