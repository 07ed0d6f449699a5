/**
 * The chat as a list of chunks, each of plain values that the caller packs:
 *
 *   [0, 'chat', version, birth, position, time, chain, limits, sessions, rooms]   of the last two, how many there are
 *   [n, 'sessions', [session, …]]      in the order of opening
 *   [n, 'rooms', [room, …]]            in the order of creation
 *   [n, 'end']
 *
 * What follows from these is not in it: who has which nick, who is in a room (in the order of joining: by the position
 * of the join), the conversations of a session. How they are read is restore.ts.
 */
import { type ChatLimits, LIMIT_NAMES } from './limits';
import type { Mark } from './retention';
import type { Room } from './rooms';
import type { Session } from './sessions';

/** What a packer takes. */
export type Plain = null | boolean | number | string | readonly Plain[];

export const SNAPSHOT_VERSION = 4;

/** Values after which a chunk takes no further session or room: of those with much to tell it has fewer. */
const CHUNK_VALUES = 16 * 1024;

/** All that the chat is at one time. */
export interface ChatImage {
  readonly birth: string;
  readonly position: number;
  readonly time: number;
  readonly chain: string;
  readonly limits: ChatLimits;
  /** In the order of opening. */
  readonly sessions: readonly Session[];
  /** In the order of creation. */
  readonly rooms: readonly Room[];
}

/** What chunks could not be restored from, and why. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** Walks over an image, whose parts nobody changes any more. */
export class SnapshotWalk {
  private chunks = 0;
  private sessions = 0;
  private rooms = 0;
  private ended = false;

  constructor(private readonly image: ChatImage) {}

  /** The next chunk, with at most so many sessions or rooms, at least one; undefined: there is none any more. */
  next(items: number): Plain | undefined {
    const { image } = this;
    if (this.ended) return undefined;
    const number = this.chunks;
    this.chunks += 1;
    if (number === 0) return [number, 'chat', ...head(image)];
    if (this.sessions < image.sessions.length) {
      const some = plainOf(image.sessions, this.sessions, items, plainSession);
      this.sessions += some.length;
      return [number, 'sessions', some];
    }
    if (this.rooms < image.rooms.length) {
      const some = plainOf(image.rooms, this.rooms, items, plainRoom);
      this.rooms += some.length;
      return [number, 'rooms', some];
    }
    this.ended = true;
    return [number, 'end'];
  }
}

function head({ birth, position, time, chain, limits, sessions, rooms }: ChatImage): readonly Plain[] {
  const bounds = LIMIT_NAMES.map((name) => limits[name]);
  return [SNAPSHOT_VERSION, birth, position, time, chain, bounds, sessions.length, rooms.length];
}

function plainOf<Item>(
  all: readonly Item[],
  from: number,
  items: number,
  plain: (item: Item) => readonly Plain[],
): readonly Plain[] {
  const some: Plain[] = [];
  let values = 0;
  for (
    let at = from;
    at < all.length && (some.length === 0 || (some.length < items && values < CHUNK_VALUES));
    at += 1
  ) {
    const one = plain(all[at] as Item);
    some.push(one);
    for (const field of one) values += Array.isArray(field) ? field.length : 1;
  }
  return some;
}

function plainSession(session: Session): readonly Plain[] {
  const { id, nick, since, server, attachment, online, away, lastSeq, lastActive } = session;
  const present = [...session.rooms.values()].flatMap(({ room, from }) => [room, from]);
  const past = session.past.flatMap(({ room, from, to }) => [room, from, to]);
  const outcomes: Plain[] = [];
  const { droppedThrough } = session.outcomes;
  for (const { firstSeq, count, round, firstPosition, refusal } of session.outcomes) {
    outcomes.push(firstSeq, count, round, firstPosition, refusal?.code ?? '', refusal?.message ?? '');
  }
  const told = [online, away, lastSeq, lastActive] as const;
  return [id, nick, since, server, attachment, ...told, present, past, droppedThrough, outcomes];
}

function plainRoom(room: Room): readonly Plain[] {
  const { key, name, topic, lines, lastPosition, lastTime, bytes, retention, floor, marks } = room;
  const { ageMs, count, bytes: mostBytes } = retention;
  const kept = [ageMs, count, mostBytes];
  return [key, name, topic, lines, lastPosition, lastTime, bytes, kept, plainMark(floor), marks.flatMap(plainMark)];
}

function plainMark({ position, index, time, bytes }: Mark): readonly number[] {
  return [position, index, time, bytes];
}
