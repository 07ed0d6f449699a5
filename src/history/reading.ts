/**
 * Pages of the history out of a store, whose records come a while after they were asked for. Each reading is a
 * generator: it yields what to read next, is given the records, and returns its page. It holds no more than the page.
 */
import type { ChatEvent } from '../chat/events';
import type { ScanRange, StoredRecord } from '../storage/storage';
import { eventsOf } from './blocks';
import { blockAt, blockKey, indexKey, positionOfIndex } from './keys';

export type Reading<Result> = Generator<ScanRange, Result, readonly StoredRecord[]>;

/** Comings and goings in a page for each line asked for, at most: there may be many of them between two lines. */
const OTHERS_A_LINE = 3;
/** Bytes of blocks read at once. */
const SCAN_BYTES = 1024 * 1024;
/** Blocks of a room read at once for a page of it. */
const SCAN_BLOCKS = 16;
/** Blocks read for one page of what a session missed, of all its rooms together. */
const MISSED_BLOCKS = 64;

/** Lines of a room, and what happened between them: the last of it, where that is much. */
export interface Page {
  readonly events: readonly ChatEvent[];
  /** There are earlier ones. */
  readonly more: boolean;
}

export interface PageQuery {
  readonly room: string;
  /** Lines below this index; Infinity: up to the last. */
  readonly before: number;
  readonly limit: number;
  /** What is at or below this position is gone, by the room's retention. */
  readonly floor: number;
}

/** What these events, the last ones of the room in their order, have for the page. */
export function lastLines(events: readonly ChatEvent[], { before, limit, floor }: PageQuery): Page {
  let end = events.length;
  while (end > 0 && (events[end - 1] as ChatEvent).index >= before) end -= 1;
  const oldest = ((events[end - 1] as ChatEvent | undefined)?.index ?? 0) - limit + 1;
  let start = end;
  const isIn = ({ index, position }: ChatEvent) => position > floor && index >= oldest;
  while (start > 0 && isIn(events[start - 1] as ChatEvent)) start -= 1;
  const earlier = events[start - 1];
  const more = earlier !== undefined && earlier.position > floor;
  return { events: thinned(events.slice(start, end), OTHERS_A_LINE * limit), more };
}

/** All lines, and of everything else the last ones. */
function thinned(events: readonly ChatEvent[], mostOthers: number): readonly ChatEvent[] {
  let others = events.reduce((count, { kind }) => count + (isLine(kind) ? 0 : 1), 0);
  if (others <= mostOthers) return events;
  return events.filter(({ kind }) => {
    if (isLine(kind)) return true;
    others -= 1;
    return others < mostOthers;
  });
}

function isLine(kind: ChatEvent['kind']): boolean {
  return kind === 'message' || kind === 'action';
}

/**
 * A page of a room.
 * @param near the events of the room above `boundary`, which are in memory
 */
export function* readPage(query: PageQuery, near: readonly ChatEvent[], boundary: number): Reading<Page> {
  let events = near;
  let page = lastLines(events, query);
  let top = yield* topOf(query, boundary);
  while (!page.more) {
    const records = boundary > query.floor ? yield blocksBelow(query.room, top) : [];
    if (records.length === 0) break;
    for (const record of records) {
      top = blockAt(record.key).position;
      const older = eventsOf(record).filter(({ position }) => position <= boundary);
      events = union(older, events);
      page = lastLines(events, query);
      if (page.more || top <= query.floor) return page;
    }
  }
  return page;
}

/**
 * All events, each once, by position. Blocks of a room may overlap where a part of the history came from a peer and the
 * rounds of it came again.
 */
function union(older: readonly ChatEvent[], newer: readonly ChatEvent[]): readonly ChatEvent[] {
  const last = older.at(-1);
  const [first] = newer;
  if (!last || !first || last.position < first.position) return [...older, ...newer];
  const byPosition = new Map([...newer, ...older].map((event) => [event.position, event]));
  return [...byPosition.values()].sort((a, b) => a.position - b.position);
}

/** Above the position at which the last block begins that has something for the page. */
function* topOf({ room, before }: PageQuery, boundary: number): Reading<number> {
  // No room has more lines than there were events.
  if (before > boundary) return boundary + 1;
  const range = { from: indexKey(room, 0, 0), to: indexKey(room, before, 0), reverse: true, limit: 1, bytes: 1 };
  const [last] = yield range;
  return last ? Math.min(boundary, positionOfIndex(last.key)) + 1 : 0;
}

function blocksBelow(room: string, top: number): ScanRange {
  return { from: blockKey(room, 0), to: blockKey(room, top), reverse: true, limit: SCAN_BLOCKS, bytes: SCAN_BYTES };
}

/** When a session was in a room: it may have missed what happened there from the one position to the other. */
export interface Interval {
  readonly room: string;
  readonly from: number;
  readonly to: number;
}

export interface Missed {
  readonly events: readonly ChatEvent[];
  /** All that the session missed up to this position is among them. */
  readonly through: number;
}

/**
 * What a session missed after a position: of each of its rooms some blocks, put together by position, as far as all of
 * them reach.
 * @param boundary what is above is in memory, and asked for there
 */
export function* readMissed(
  intervals: readonly Interval[],
  after: number,
  boundary: number,
  limit: number,
): Reading<Missed> {
  const blocks = Math.max(1, Math.floor(MISSED_BLOCKS / Math.max(1, intervals.length)));
  const found = new Map<number, ChatEvent>();
  let through = boundary;
  for (const { room, from, to } of intervals) {
    const lowest = Math.max(after + 1, from);
    const highest = Math.min(boundary, to);
    if (lowest > highest) continue;
    const records = yield* blocksFrom(room, lowest, highest, blocks);
    for (const event of records.flatMap(eventsOf)) {
      if (event.position >= lowest && event.position <= highest) found.set(event.position, event);
    }
    const last = records.at(-1);
    if (records.length < blocks || !last) continue;
    through = Math.min(through, eventsOf(last).at(-1)?.position ?? through);
  }
  const reached = [...found.values()]
    .filter(({ position }) => position <= through)
    .sort((a, b) => a.position - b.position);
  if (reached.length <= limit) return { events: reached, through };
  const events = reached.slice(0, limit);
  return { events, through: (events[limit - 1] as ChatEvent).position };
}

/** Blocks of a room from the one on that has `lowest`, or begins above it. */
function* blocksFrom(room: string, lowest: number, highest: number, limit: number): Reading<readonly StoredRecord[]> {
  const [before] = yield {
    from: blockKey(room, 0),
    to: blockKey(room, lowest + 1),
    reverse: true,
    limit: 1,
    bytes: 1,
  };
  const from = before ? blockAt(before.key).position : lowest;
  return yield { from: blockKey(room, from), to: blockKey(room, highest + 1), limit, bytes: Number.MAX_SAFE_INTEGER };
}
