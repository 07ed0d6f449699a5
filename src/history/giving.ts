/** The history as a peer gets it that has not: room by room, blocks as they lie in the store, in large parts. */
import type { ScanRange, StoredRecord } from '../storage/storage';
import { encodeBlock } from '../wire/codec-history';
import { eventsOf } from './blocks';
import { blockAt, blockKey } from './keys';
import type { Reading } from './reading';

/** Of one part: so much that asking for the next one costs little beside it. */
const PART_BYTES = 4 * 1024 * 1024;
const PART_BLOCKS = 8192;

/** A place in the history, in the order in which it is given. */
export interface Place {
  /** '' : before the first room. */
  readonly room: string;
  /** Blocks below this position have been given. */
  readonly position: number;
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
 * A part of the blocks with events in (after, through].
 * @param rooms all rooms, always in the same order, later ones at the end
 */
export function* givePart(rooms: readonly RoomEnd[], after: number, through: number, from: Place): Reading<Part> {
  const records: StoredRecord[] = [];
  let bytes = 0;
  const first = Math.max(
    0,
    rooms.findIndex(({ room }) => room === from.room),
  );
  for (const [offset, { room, last }] of rooms.slice(first).entries()) {
    if (last <= after) continue;
    let position = offset === 0 && room === from.room ? from.position : 0;
    if (position === 0) {
      const [over] = yield blockOver(room, after);
      if (over) records.push(...above(over, room, after));
      position = after + 1;
    }
    const limit = PART_BLOCKS - records.length;
    const range = { from: blockKey(room, position), to: blockKey(room, through + 1), limit, bytes: PART_BYTES - bytes };
    const found = yield range;
    records.push(...found);
    bytes += found.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    const lastFound = found.at(-1);
    if (records.length < PART_BLOCKS && bytes < PART_BYTES) continue;
    return { records, next: { room, position: lastFound ? blockAt(lastFound.key).position + 1 : position } };
  }
  return { records, next: undefined };
}

/** The block that begins at or below this position, the last one of them. */
function blockOver(room: string, position: number): ScanRange {
  return { from: blockKey(room, 0), to: blockKey(room, position + 1), reverse: true, limit: 1, bytes: 1 };
}

/** What a block has above a position, as a block. */
function above({ key, value }: StoredRecord, room: string, position: number): readonly StoredRecord[] {
  const events = eventsOf({ key, value }).filter((event) => event.position > position);
  const [first] = events;
  return first ? [{ key: blockKey(room, first.position, first.index), value: encodeBlock(events) }] : [];
}
