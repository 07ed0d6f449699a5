/** A snapshot of a chat, as a server takes it. */
import type { ChatState } from '../../src/chat/state';
import { digestOf } from '../../src/server/snapshots';
import { pack } from '../../src/wire/msgpack';
import type { SnapshotInfo } from '../../src/wire/peer';

export interface Taken {
  readonly info: SnapshotInfo;
  readonly parts: readonly Uint8Array[];
}

/** @param round all rounds below it are in the chat */
export function snapshotOf(chat: ChatState, round: number, size = 0): Taken {
  const walk = chat.beginSnapshot();
  const parts: Uint8Array[] = [];
  for (let chunk = walk.next(1000); chunk !== undefined; chunk = walk.next(1000)) parts.push(pack([chunk]));
  const digest = digestOf(size);
  for (const part of parts) digest.bytes(part);
  return { info: { round, position: chat.position, size, parts: parts.length, digest: digest.hex() }, parts };
}
