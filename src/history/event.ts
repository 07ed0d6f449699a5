/** One thing that happened in a room, by its position: from memory, or from the store. */
import type { ChatEvent } from '../chat/events';
import type { History } from './history';
import { isLine, type Reading, readAt, readPage } from './reading';

/**
 * @param position 0: of the room's last line
 * @param floor what is at or below this position is gone, by the room's retention
 * @returns undefined: nothing of this room is there
 */
export function* eventOfRoom(
  { recent }: History,
  room: string,
  position: number,
  floor: number,
): Reading<ChatEvent | undefined> {
  if (position === 0) {
    const query = { room, before: Number.POSITIVE_INFINITY, limit: 1, floor };
    const { events } = yield* readPage(query, recent.ofRoom(room, query), recent.from);
    return events.findLast(({ kind }) => isLine(kind));
  }
  if (position <= floor) return undefined;
  const event = position > recent.from ? recent.at(position) : yield* readAt(room, position);
  return event?.room === room ? event : undefined;
}
