/**
 * Pages of the history out of a store, whose records come a while after they were asked for. Each reading is a
 * generator: it yields what to read next, is given the records, and returns its page. It holds no more than the page.
 */
import { type ChatEvent, LINES } from '../chat/events';
import type { ScanRange, StoredRecord } from '../storage/storage';
import type { Block } from '../wire/codec-history';
import { BLOCK_BYTES, BLOCK_EVENTS, blockOf, eventsOf } from './blocks';
import { blockAt, blockKey, indexKey, positionOfIndex } from './keys';

export type Reading<Result> = Generator<ScanRange, Result, readonly StoredRecord[]>;

/** Comings and goings in a page for each line asked for, at most: there may be many of them between two lines. */
const OTHERS_A_LINE = 3;
/** What a block of full length has, about: so much is read at once for each. */
const READ_BYTES = 16 * 1024;
/** Blocks of a room read at once for a page of it: few at first, as most hold many lines, then ever more. */
const FIRST_SCAN_BLOCKS = 4;
const MOST_SCAN_BLOCKS = 64;
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

/** Without what no page has: between two lines there may be more comings and goings than fit in memory. */
function withoutMost(events: readonly ChatEvent[], { before, limit }: PageQuery): readonly ChatEvent[] {
  const others = OTHERS_A_LINE * limit;
  if (events.length <= BLOCK_EVENTS + limit + 2 * others) return events;
  // The lowest ones say what has been read: see `isWhole`.
  const above = events.slice(BLOCK_EVENTS).filter(({ index }) => index < before);
  return [...events.slice(0, BLOCK_EVENTS), ...thinned(above, others)];
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

/** Whether it is counted by its room's index. */
export function isLine(kind: ChatEvent['kind']): boolean {
  return LINES.has(kind);
}

/**
 * A page of a room.
 * @param near the events of the room above `boundary`, which are in memory
 */
export function* readPage(query: PageQuery, near: readonly ChatEvent[], boundary: number): Reading<Page> {
  const { room, floor } = query;
  let page = lastLines(near, query);
  if (page.more || boundary <= floor) return page;
  let events = near;
  const top = yield* topOf(query, boundary);
  yield* readDown(room, top, (records) => {
    for (const record of records) {
      const older = eventsOf(record).filter(({ position }) => position <= boundary);
      events = withoutMost(union(older, events), query);
    }
    page = lastLines(events, query);
    const lowest = page.more ? Math.max(floor + 1, page.events[0]?.position ?? 0) : floor + 1;
    return isWhole(events, lowest);
  });
  return page;
}

/** What of some blocks is from a position on, in order; and the blocks. */
export interface Over {
  readonly events: readonly ChatEvent[];
  readonly blocks: readonly Block[];
}

/** The events from `position` on of those blocks that begin below it, in order. */
export function readOver(room: string, position: number): Reading<Over> {
  return readReaching(room, position, position);
}

/** What is at a position of a room, which the store has if it is at all; undefined: nothing of this room is. */
export function* readAt(room: string, position: number): Reading<ChatEvent | undefined> {
  const { events } = yield* readReaching(room, position, position + 1);
  return events[0]?.position === position ? events[0] : undefined;
}

/** The events from `position` on of those blocks that begin below `top`, in order. */
function* readReaching(room: string, position: number, top: number): Reading<Over> {
  let events: readonly ChatEvent[] = [];
  const blocks: Block[] = [];
  yield* readDown(room, top, (records) => {
    for (const block of records.map(blockOf)) {
      events = union(block.events, events);
      if ((block.events.at(-1)?.position ?? 0) >= position) blocks.push(block);
    }
    return isWhole(events, position);
  });
  return { events: events.filter((event) => event.position >= position), blocks };
}

/**
 * The blocks of a room that begin below `top`, downwards, some at a time.
 * @param enough whether no more are needed after these
 * @returns whether these were all
 */
export function* readDown(
  room: string,
  top: number,
  enough: (records: readonly StoredRecord[]) => boolean,
): Reading<boolean> {
  let limit = FIRST_SCAN_BLOCKS;
  for (let to = top; ; limit = Math.min(2 * limit, MOST_SCAN_BLOCKS)) {
    const range = { from: blockKey(room, 0), to: blockKey(room, to), reverse: true, limit, bytes: limit * READ_BYTES };
    const records = yield range;
    const last = records.at(-1);
    if (!last) return true;
    if (enough(records)) return false;
    to = blockAt(last.key).position;
  }
}

/**
 * Blocks of a room may overlap, and one lie within another: where a part of the history came from a peer, and its
 * rounds came after all. One that is not read yet and reaches `lowest` would have all that was read below it as well:
 * when that is more than a block has, there is none.
 * @param events what was read from above down
 * @returns whether all from `lowest` on is among them
 */
function isWhole(events: readonly ChatEvent[], lowest: number): boolean {
  // No text has fewer bytes than characters.
  let chars = 0;
  for (const [at, { position, text }] of events.entries()) {
    if (position >= lowest) return false;
    chars += text.length;
    if (at + 1 >= BLOCK_EVENTS || chars >= BLOCK_BYTES) return true;
  }
  return false;
}

/** All events, each once, by position. */
export function union(older: readonly ChatEvent[], newer: readonly ChatEvent[]): readonly ChatEvent[] {
  const last = older.at(-1);
  const [first] = newer;
  if (!last || !first || last.position < first.position) return [...older, ...newer];
  const byPosition = new Map([...newer, ...older].map((event) => [event.position, event]));
  return [...byPosition.values()].sort((a, b) => a.position - b.position);
}

/** Above the position at which the last block begins that has something for the page. */
export function* topOf({ room, before }: Pick<PageQuery, 'room' | 'before'>, boundary: number): Reading<number> {
  // No room has more lines than there were events.
  if (before > boundary) return boundary + 1;
  const range = { from: indexKey(room, 0, 0), to: indexKey(room, before, 0), reverse: true, limit: 1, bytes: 1 };
  const [last] = yield range;
  return last ? Math.min(boundary, positionOfIndex(last.key)) + 1 : 0;
}

/** When a session was in a room: it may have missed what happened there from the one position to the other. */
export interface Interval {
  readonly room: string;
  readonly from: number;
  readonly to: number;
}

/** What a page may have; of bytes, about. */
export interface PageSize {
  readonly events: number;
  readonly bytes: number;
}

export interface Missed {
  readonly events: readonly ChatEvent[];
  /** All that the session missed up to this position is among them. */
  readonly through: number;
}

/**
 * The blocks of a room that begin in an interval, upwards, some at a time, until they have enough for a page.
 * @param most of them, so many
 */
function* readUp({ room, from, to }: Interval, most: number, page: PageSize): Reading<Missed> {
  const events: ChatEvent[] = [];
  let read = 0;
  let [left, lowest] = [most, from];
  for (let blocks = FIRST_SCAN_BLOCKS; ; blocks *= 2) {
    const limit = Math.min(blocks, left);
    const bytes = Math.min(limit * READ_BYTES, page.bytes - read);
    const records = yield { from: blockKey(room, lowest), to: blockKey(room, to + 1), limit, bytes };
    for (const record of records) {
      events.push(...eventsOf(record));
      read += record.value.length;
    }
    const last = records.at(-1);
    if (!last) return { events, through: to };
    left -= records.length;
    lowest = blockAt(last.key).position + 1;
    if (left <= 0 || events.length >= page.events || read >= page.bytes) break;
  }
  // Up to where the next block begins, which may be far above: of many rooms all have something in a page then.
  const [next] = yield { from: blockKey(room, lowest), to: blockKey(room, to + 1), limit: 1, bytes: 1 };
  const end = (events.at(-1) as ChatEvent).position;
  return { events, through: next ? Math.max(end, blockAt(next.key).position - 1) : to };
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
  page: PageSize,
): Reading<Missed> {
  const blocks = Math.max(1, Math.floor(MISSED_BLOCKS / Math.max(1, intervals.length)));
  const found = new Map<number, ChatEvent>();
  let through = boundary;
  for (const { room, from, to } of intervals) {
    const lowest = Math.max(after + 1, from);
    const highest = Math.min(boundary, to);
    if (lowest > highest) continue;
    const over = yield* readOver(room, lowest);
    const up = yield* readUp({ room, from: lowest, to: highest }, blocks, page);
    for (const event of [...over.events, ...up.events]) {
      if (event.position >= lowest && event.position <= highest) found.set(event.position, event);
    }
    through = Math.min(through, up.through);
  }
  const reached = [...found.values()]
    .filter(({ position }) => position <= through)
    .sort((a, b) => a.position - b.position);
  if (reached.length <= page.events) return { events: reached, through };
  const events = reached.slice(0, page.events);
  return { events, through: (events[page.events - 1] as ChatEvent).position };
}
