/** One thing that happened in a room, by its position, or a line by its index: from memory, or from the store. */
import type { ChatEvent } from '../chat/events';
import type { History } from './history';
import { isLine, type Reading, readAt, readPage } from './reading';

/** Index 0: what is at the position. Both 0: the room's last line. */
export interface Sought {
  readonly index: number;
  readonly position: number;
}

/**
 * @param floor what is at or below this position is gone, by the room's retention
 * @returns undefined: nothing of this room is there
 */
export function* eventOfRoom(
  { recent }: History,
  room: string,
  { index, position }: Sought,
  floor: number,
): Reading<ChatEvent | undefined> {
  if (index > 0 || position === 0) {
    const before = index > 0 ? index + 1 : Number.POSITIVE_INFINITY;
    const query = { room, before, limit: 1, floor };
    const { events } = yield* readPage(query, recent.ofRoom(room, query), recent.from);
    const line = events.findLast(({ kind }) => isLine(kind));
    return index === 0 || line?.index === index ? line : undefined;
  }
  if (position <= floor) return undefined;
  const event = position > recent.from ? recent.at(position) : yield* readAt(room, position);
  return event?.room === room ? event : undefined;
}
