/** The history as a peer gets it that lacks it: room by room, blocks as they lie in the store, in large parts. */
import { chained } from '../chat/event-runs';
import type { ChatEvent } from '../chat/events';
import type { StoredRecord } from '../storage/storage';
import { eventsOf, recordsOf } from './blocks';
import { digestBefore } from './chain';
import { blockKey } from './keys';
import { type Over, type Reading, readOver } from './reading';

/** How much a part may have. */
export interface PartSize {
  readonly bytes: number;
  readonly blocks: number;
  /** Each is looked up in the store, be there anything or not. */
  readonly rooms: number;
}

/** A place in the history, in the order in which it is given: any server can go on from it. */
export interface Place {
  /** '' : before the first room. */
  readonly room: string;
  /** Events of the room below this position have been given. */
  readonly position: number;
}

/** What is wanted: events with positions in (after, through]. */
export interface Wanted {
  readonly after: number;
  readonly through: number;
}

export interface Part {
  readonly records: readonly StoredRecord[];
  /** Where the next part starts; undefined: this was the last. */
  readonly next: Place | undefined;
}

/** A room, and the position of its last event. */
export interface RoomEnd {
  readonly room: string;
  readonly last: number;
}

/**
 * A part of what is wanted. Its last block may go beyond it.
 * @param rooms all rooms, always in the same order, later ones at the end
 */
export function* givePart(
  rooms: readonly RoomEnd[],
  { after, through }: Wanted,
  place: Place,
  size: PartSize,
): Reading<Part> {
  const records: StoredRecord[] = [];
  let bytes = 0;
  const add = (found: readonly StoredRecord[]) => {
    records.push(...found);
    bytes += found.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  };
  const isFull = () => records.length >= size.blocks || bytes >= size.bytes;
  const first = rooms.findIndex(({ room }) => room === place.room);
  let scanned = 0;
  for (const { room, last } of rooms.slice(Math.max(0, first))) {
    if (last <= after) continue;
    if (scanned === size.rooms) return { records, next: { room, position: 0 } };
    scanned += 1;
    const from = room === place.room ? Math.max(place.position, after + 1) : after + 1;
    // Where this server's blocks begin differs from where the last part's did, if another one gave it.
    const over = yield* readOver(room, from);
    add(blocksOf(over, through));
    const limit = size.blocks - records.length;
    const found = yield {
      from: blockKey(room, from),
      to: blockKey(room, through + 1),
      limit,
      bytes: size.bytes - bytes,
    };
    add(found);
    if (isFull()) return { records, next: { room, position: endOf(over.events, found.at(-1)) + 1 } };
  }
  return { records, next: undefined };
}

/** Up to a position, without what leads to them by their indexes: the peer makes that itself. */
function blocksOf({ events, blocks }: Over, through: number): readonly StoredRecord[] {
  const given = events.filter(({ position }) => position <= through);
  const [first] = given;
  if (!first) return [];
  return recordsOf(chained(given, digestBefore(blocks, first.position))).filter(({ value }) => value.length > 0);
}

/** The position of the last event of these. */
function endOf(over: readonly ChatEvent[], block: StoredRecord | undefined): number {
  const events = block ? eventsOf(block) : [];
  return Math.max(over.at(-1)?.position ?? 0, events.at(-1)?.position ?? 0);
}
