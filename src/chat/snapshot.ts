/**
 * The chat as a list of chunks, each of plain values that the caller packs:
 *
 *   [0, 'chat', version, birth, position, time, chain, limits, people, rulings, claims, sessions, rooms,
 *       markers]                       of the last five, how many there are
 *   [n, 'rulings', [ruling, …]]        in the order in which they were made
 *   [n, 'claims', [claim, …]]          in the order in which they were last changed
 *   [n, 'sessions', [session, …]]      in the order of opening
 *   [n, 'rooms', [room, …]]            in the order of creation
 *   [n, 'markers', [of a person, …]]   in the order in which they were last changed
 *   [n, 'end']
 *
 * What follows from these is not in it: who has which nick, who is in a room (in the order of joining: by the position
 * of the join), the conversations of a session. How they are read is restore.ts.
 */
import type { Claim } from './claims';
import type { PersonKey } from './commands';
import { type ChatLimits, LIMIT_NAMES } from './limits';
import type { PeopleImage, Ruling } from './people';
import type { ReadMarker } from './read-markers';
import type { Mark } from './retention';
import { digestText } from './room-digest';
import type { Room } from './rooms';
import type { Session } from './sessions';

/** What a packer takes. */
export type Plain = null | boolean | number | string | readonly Plain[];

export const SNAPSHOT_VERSION = 6;

/** Values after which a chunk takes no further session or room: of those with much to tell it has fewer. */
const CHUNK_VALUES = 16 * 1024;

/** All that the chat is at one time. */
export interface ChatImage {
  readonly birth: string;
  readonly position: number;
  readonly time: number;
  readonly chain: string;
  readonly limits: ChatLimits;
  readonly people: PeopleImage;
  /** In the order in which they were last changed. */
  readonly claims: readonly Claim[];
  /** In the order of opening. */
  readonly sessions: readonly Session[];
  /** In the order of creation. */
  readonly rooms: readonly Room[];
  /** By person, in the order in which they were last changed. */
  readonly markers: readonly (readonly [PersonKey, readonly ReadMarker[]])[];
}

/** What chunks could not be restored from, and why. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/** One kind of chunk, of all items of a list. */
interface Listing {
  readonly kind: 'rulings' | 'claims' | 'sessions' | 'rooms' | 'markers';
  readonly count: number;
  /** Some of them from the first one on, at most so many, at least one. */
  readonly some: (from: number, items: number) => readonly Plain[];
}

/** Walks over an image, whose parts nobody changes any more. */
export class SnapshotWalk {
  private readonly listings: readonly Listing[];
  private chunks = 0;
  /** Of the listings. */
  private at = 0;
  /** Of the items of the present one. */
  private done = 0;
  private ended = false;

  constructor(private readonly image: ChatImage) {
    const { people, claims, sessions, rooms, markers } = image;
    this.listings = [
      listing('rulings', people.rulings, plainRuling),
      listing('claims', claims, plainClaim),
      listing('sessions', sessions, plainSession),
      listing('rooms', rooms, plainRoom),
      listing('markers', markers, plainMarkers),
    ];
  }

  /** The next chunk, with at most so many items, at least one; undefined: there is none any more. */
  next(items: number): Plain | undefined {
    if (this.ended) return undefined;
    const number = this.chunks;
    this.chunks += 1;
    if (number === 0) return [number, 'chat', ...head(this.image), ...this.listings.map(({ count }) => count)];
    for (let current = this.listings[this.at]; current; current = this.listings[this.at]) {
      if (this.done < current.count) {
        const some = current.some(this.done, items);
        this.done += some.length;
        return [number, current.kind, some];
      }
      this.at += 1;
      this.done = 0;
    }
    this.ended = true;
    return [number, 'end'];
  }
}

function listing<Item>(kind: Listing['kind'], all: readonly Item[], plain: (item: Item) => readonly Plain[]): Listing {
  return { kind, count: all.length, some: (from, items) => plainOf(all, from, items, plain) };
}

function head({ birth, position, time, chain, limits, people }: ChatImage): readonly Plain[] {
  const bounds = LIMIT_NAMES.map((name) => limits[name]);
  const { rules, mode } = people;
  const who = [rules.mode, rules.operators, rules.listed, rules.unlimited, mode];
  return [SNAPSHOT_VERSION, birth, position, time, chain, bounds, who];
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

function plainRuling({ kind, key, nick, text, by, time }: Ruling): readonly Plain[] {
  return [kind, key, nick, text, by, time];
}

function plainClaim({ nick, key, offered, since, seen }: Claim): readonly Plain[] {
  return [nick, key, offered, since, seen];
}

function plainSession(session: Session): readonly Plain[] {
  const { id, key, nick, since, server, attachment, online, away, lastSeq, lastActive } = session;
  const present = [...session.rooms.values()].flatMap(({ room, from }) => [room, from]);
  const past = session.past.flatMap(({ room, from, to }) => [room, from, to]);
  const outcomes: Plain[] = [];
  const { droppedThrough } = session.outcomes;
  for (const { firstSeq, count, round, firstPosition, refusal } of session.outcomes) {
    outcomes.push(firstSeq, count, round, firstPosition, refusal?.code ?? '', refusal?.message ?? '');
  }
  const told = [online, away, lastSeq, lastActive] as const;
  return [id, key, nick, since, server, attachment, ...told, present, past, droppedThrough, outcomes];
}

function plainRoom(room: Room): readonly Plain[] {
  const { key, name, topic, lines, digest, lastPosition, lastTime, bytes, retention, floor, marks } = room;
  const { ageMs, count, bytes: mostBytes } = retention;
  const kept = [ageMs, count, mostBytes];
  const pacing = [room.parties, room.shut, room.pauseMs, room.spoke.flatMap((spoke) => [spoke.key, spoke.time])];
  const past = [kept, plainMark(floor), marks.flatMap(plainMark)];
  return [key, name, topic, lines, lastPosition, lastTime, bytes, ...past, ...pacing, digestText(digest)];
}

function plainMarkers([key, markers]: ChatImage['markers'][number]): readonly Plain[] {
  return [key, markers.flatMap(({ room, index }) => [room, index])];
}

function plainMark({ position, index, time, bytes }: Mark): readonly number[] {
  return [position, index, time, bytes];
}
