/** Lines of a room by what was said in them: read from the store downwards, a bounded number of blocks for one answer. */
import type { ChatEvent } from '../chat/events';
import { BLOCK_EVENTS, eventsOf } from './blocks';
import { isLine, type Reading, readDown, topOf, union } from './reading';
import type { Recent } from './recent';

/** Blocks read for one answer, about: some 8,000 lines where much is said. */
const SEARCH_BLOCKS = 64;
/** Lines in memory that are looked at for one answer, about. */
const SEARCH_LINES = SEARCH_BLOCKS * BLOCK_EVENTS;

export interface Search {
  readonly room: string;
  /** What the lines have in them, in small letters or capitals. */
  readonly text: string;
  /** Lines below this index; Infinity: all. */
  readonly before: number;
  /** The last so many of them. */
  readonly limit: number;
  /** What is at or below this position is gone, by the room's retention. */
  readonly floor: number;
}

export interface Found {
  /** In order of position. */
  readonly events: readonly ChatEvent[];
  /** Where to go on: lines with this index and above have been searched. 0: all have. */
  readonly before: number;
}

/** The last lines of a room that have a text in them, as far as they are among those that are searched at once. */
export function* searchRoom(search: Search, recent: Pick<Recent, 'ofRoom' | 'from'>): Reading<Found> {
  const { room, before, limit, floor } = search;
  const near = recent.ofRoom(room, { before, limit: SEARCH_LINES });
  const boundary = recent.from;
  const needle = folded(search.text);
  const has = ({ kind, position, text }: ChatEvent) =>
    isLine(kind) && position > floor && folded(text).includes(needle);
  let events: readonly ChatEvent[] = near.filter(({ index }) => index < before);
  let found = events.filter(has);
  const enough = found.at(-limit);
  if (enough) return lastOf(found, limit, enough.index);
  const [oldest] = near;
  if (oldest && near.length > SEARCH_LINES && linesIn(near) > SEARCH_LINES) return lastOf(found, limit, nextOf(oldest));
  if (boundary <= floor) return { events: found, before: 0 };

  let blocks = 0;
  const top = yield* topOf(search, boundary);
  const isAll = yield* readDown(room, top, (records) => {
    for (const record of records) {
      const older = eventsOf(record).filter(({ index, position }) => position <= boundary && index < before);
      events = union(older, events);
    }
    blocks += records.length;
    const whole = events[BLOCK_EVENTS];
    if (!whole) return false;
    found = events.slice(BLOCK_EVENTS).filter(has);
    return whole.position <= floor || found.length >= limit || (blocks >= SEARCH_BLOCKS && nextOf(whole) < before);
  });
  const whole = isAll ? undefined : events[BLOCK_EVENTS];
  if (!whole || whole.position <= floor) return lastOf(events.filter(has), limit, 0);
  return lastOf(found, limit, nextOf(whole));
}

/** Lines below this index are not known to be all there: see `isWhole` in reading.ts. */
function nextOf({ kind, index }: ChatEvent): number {
  return isLine(kind) ? index : index + 1;
}

function lastOf(found: readonly ChatEvent[], limit: number, before: number): Found {
  const events = found.slice(-limit);
  return { events, before: found.length > limit ? (events[0]?.index ?? 0) : before };
}

function linesIn(events: readonly ChatEvent[]): number {
  return events.reduce((count, { kind }) => count + (isLine(kind) ? 1 : 0), 0);
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
