/**
 * Finding lines of a room by something that only grows along it, and the digest there: from memory where it is there,
 * else by halves, each of which reads few blocks.
 */
import { digestWithin, lastPositionOf } from '../chat/event-runs';
import { type ChainedRun, type ChatEvent, LINES } from '../chat/events';
import { digestAfterLine, emptyRoomDigest, type RoomDigest } from '../chat/room-digest';
import type { Block } from '../wire/codec-history';
import { blockOf } from './blocks';
import { blockKey } from './keys';
import { isLine, type Reading, readDown, topOf } from './reading';
import type { Recent } from './recent';

/** Blocks looked at for one line, at most, about. It is in the first one, unless blocks overlap. */
const LINE_BLOCKS = 64;

/** A room as the chat knows it. */
export interface RoomSpan {
  readonly room: string;
  /** The log's. */
  readonly birth: string;
  /** The index of its last line. */
  readonly lines: number;
  /** Of all its lines. */
  readonly digest: RoomDigest;
  /** What is at or below it is gone. */
  readonly floor: { readonly index: number; readonly position: number };
}

export interface DigestPlace {
  /** Of the line; of the room's floor, when that is where the digest is of. 0: before the first. */
  readonly position: number;
  readonly digest: RoomDigest;
}

type Near = Pick<Recent, 'runsOf' | 'from'>;
type Reached = (line: Pick<ChatEvent, 'position' | 'time'>) => boolean;

/**
 * The index of the first line that is kept and of which that is true, as it is of all lines after it.
 * @returns one more than the last line has when there is none
 */
export function* firstLine({ room, lines, floor }: RoomSpan, recent: Near, isReached: Reached): Reading<number> {
  const near = linesOf(recent, room);
  const inNear = Math.max(firstOf(near, isReached) ?? lines + 1, floor.index + 1);
  const [oldest] = near;
  if (oldest && inNear > oldest.index) return inNear;
  // Those at or below `low` are not it, that at `high` would be.
  let [low, high] = [floor.index, inNear];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const block = yield* blockWith(room, middle, recent.from);
    // It was let go meanwhile.
    if (!block) low = middle;
    for (const { kind, index, ...line } of block?.events ?? []) {
      // A block that is kept for what is above the floor has what is below it too.
      if (!isLine(kind) || index <= floor.index) continue;
      if (isReached(line)) high = Math.min(high, index);
      else low = Math.max(low, index);
    }
  }
  return high;
}

/**
 * The digest of the lines of a room through the one with that index, which is kept, or is the last one that is not.
 * @returns undefined when it was let go meanwhile
 */
export function* readDigest(span: RoomSpan, index: number, recent: Near): Reading<DigestPlace | undefined> {
  const { room, birth, lines, floor } = span;
  if (index === 0) return { position: 0, digest: emptyRoomDigest(room, birth) };
  const near = linesOf(recent, room);
  const run = near.find((one) => index >= one.index && index < one.index + one.texts.count);
  if (run) return { position: run.position + index - run.index, digest: digestWithin(run, index - run.index + 1) };
  const block = yield* blockWith(room, index, recent.from);
  if (block) return throughLine(block, index);
  if (index !== floor.index) return undefined;
  // Of all that is kept the first block says what was before it.
  const [first] = yield { from: blockKey(room, 0), to: blockKey(room, recent.from + 1), limit: 1, bytes: 1 };
  const oldest = first && blockOf(first);
  const { position } = floor;
  if (oldest && startOf(oldest) === index) return { position, digest: oldest.digest };
  if (near[0]?.index === index + 1) return { position, digest: near[0].digest };
  return index === lines ? { position, digest: span.digest } : undefined;
}

/** A block that has the line with that index. */
function* blockWith(room: string, index: number, boundary: number): Reading<Block | undefined> {
  let found: Block | undefined;
  let looked = 0;
  const top = yield* topOf({ room, before: index + 1 }, boundary);
  yield* readDown(room, top, (records) => {
    looked += records.length;
    found = records.map(blockOf).find(({ events }) => events.some((one) => isLine(one.kind) && one.index === index));
    return found !== undefined || looked >= LINE_BLOCKS;
  });
  return found;
}

function throughLine({ digest, events }: Block, index: number): DigestPlace {
  const through = events.filter((event) => event.index <= index && isLine(event.kind));
  return { position: through.at(-1)?.position ?? 0, digest: through.reduce(digestAfterLine, digest) };
}

/** The index of the last line before a block. */
function startOf({ events }: Block): number {
  const [first] = events;
  return first ? first.index - (isLine(first.kind) ? 1 : 0) : 0;
}

function linesOf(recent: Near, room: string): readonly ChainedRun[] {
  return recent.runsOf(room).filter(({ kind }) => LINES.has(kind));
}

/** The index of the first line of these of which that is true. */
function firstOf(runs: readonly ChainedRun[], isReached: Reached): number | undefined {
  const run = runs.find((one) => isReached({ position: lastPositionOf(one), time: one.time }));
  if (!run) return undefined;
  const { position, index, time } = run;
  for (let offset = 0; ; offset += 1) if (isReached({ position: position + offset, time })) return index + offset;
}
