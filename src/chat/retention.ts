/**
 * How long what was said in a room is kept. A room has *marks*, places in its past up to which it can be forgotten, and
 * a *floor*, the mark up to which it was. Marks are set, and thinned out, by what the log says alone, so that every
 * server has the same ones. Nothing is forgotten that a limit keeps; of what it does not keep, the floor leaves about a
 * 32nd of the limit behind it. A room without a limit has close marks near its end and wide ones long ago, as far from
 * each other as a quarter of their distance from the end: so a limit set later finds some near it, whichever it is.
 */

/** What is kept at least: what is younger, the last so many lines, the last so many bytes. 0: no limit in that respect. */
export interface Retention {
  readonly ageMs: number;
  /** Lines. */
  readonly count: number;
  /** UTF-8 bytes of the texts, and EVENT_BYTES for each event. */
  readonly bytes: number;
}

/** A place in a room's past: after this event. */
export interface Mark {
  /** The event's; 0: before the first. */
  readonly position: number;
  /** The index of the last line there. */
  readonly index: number;
  /** The event's. */
  readonly time: number;
  /** Of all events up to there. */
  readonly bytes: number;
}

/** What is marked in a room. */
export interface Marked {
  readonly retention: Retention;
  readonly floor: Mark;
  readonly marks: readonly Mark[];
  readonly lines: number;
  readonly lastPosition: number;
  readonly lastTime: number;
  readonly bytes: number;
}

export const FOR_EVER: Retention = { ageMs: 0, count: 0, bytes: 0 };
export const NO_MARK: Mark = { position: 0, index: 0, time: 0, bytes: 0 };

/** What an event takes besides its text. */
export const EVENT_BYTES = 64;
/** Marks of one room, at most: twice as many as parts of a limit, as thinning out leaves gaps of two sizes. */
export const MAX_MARKS = 64;

/** How far apart marks are at least where no limit says it. */
const APART: Retention = { ageMs: 3_600_000, count: 64, bytes: 16 * 1024 };

export function isLimited({ ageMs, count, bytes }: Retention): boolean {
  return ageMs > 0 || count > 0 || bytes > 0;
}

/** The marks of a room before an event of that time comes to it: one more, where the last one is far enough away. */
export function marksBefore(room: Marked, time: number): readonly Mark[] {
  const last = room.marks[room.marks.length - 1] ?? room.floor;
  if (room.lastPosition === last.position || !isFar(room, last, time)) return room.marks;
  const marks = [...room.marks, endOf(room)];
  if (isLimited(room.retention))
    marks.splice(
      0,
      marks.findLastIndex((mark) => isPast(room, mark, time)),
    );
  while (marks.length > MAX_MARKS) marks.splice(cheapest(room, marks), 1);
  return marks;
}

/** The last mark up to which nothing has to be kept any more; undefined: that is the floor. */
export function dueFloor(room: Marked, time: number): Mark | undefined {
  if (!isLimited(room.retention)) return undefined;
  const end = endOf(room);
  const due = isPast(room, end, time) ? end : room.marks.findLast((mark) => isPast(room, mark, time));
  return due && due.position > room.floor.position ? due : undefined;
}

function endOf({ lastPosition, lines, lastTime, bytes }: Marked): Mark {
  return { position: lastPosition, index: lines, time: lastTime, bytes };
}

function isFar({ retention, lines, bytes }: Marked, last: Mark, time: number): boolean {
  const age = time - last.time;
  const count = lines - last.index;
  const size = bytes - last.bytes;
  if (!isLimited(retention)) return count >= APART.count || size >= APART.bytes || age >= APART.ageMs;
  return (
    (retention.count > 0 && count * MAX_MARKS >= retention.count) ||
    (retention.bytes > 0 && size * MAX_MARKS >= retention.bytes) ||
    (retention.ageMs > 0 && age * MAX_MARKS >= retention.ageMs)
  );
}

/** Whether no limit keeps anything up to the mark. */
function isPast({ retention, lines, bytes }: Marked, mark: Mark, time: number): boolean {
  return (
    (retention.ageMs > 0 && mark.time < time - retention.ageMs) ||
    (retention.count > 0 && mark.index <= lines - retention.count) ||
    (retention.bytes > 0 && mark.bytes <= bytes - retention.bytes)
  );
}

/** Which mark is missed least: the one between whose neighbours there is least. The last one always stays. */
function cheapest(room: Marked, marks: readonly Mark[]): number {
  let found = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < marks.length - 1; at += 1) {
    const cost = gapBetween(room, marks[at - 1] ?? room.floor, marks[at + 1] as Mark);
    if (cost >= least) continue;
    found = at;
    least = cost;
  }
  return found;
}

/** How wide a gap is, as a part of the limits or, without any, of its distance from the end. */
function gapBetween({ retention, lines, lastTime, bytes }: Marked, from: Mark, to: Mark): number {
  const limited = isLimited(retention);
  const share = (gap: number, limit: number, distance: number, apart: number) => {
    if (limited) return limit > 0 ? gap / limit : 0;
    return gap / (distance + apart);
  };
  return (
    share(to.index - from.index, retention.count, lines - from.index, APART.count) +
    share(to.bytes - from.bytes, retention.bytes, bytes - from.bytes, APART.bytes) +
    share(to.time - from.time, retention.ageMs, lastTime - from.time, APART.ageMs)
  );
}

const AGES = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
  [1, 'millisecond'],
] as const;
const SIZES = [
  [1_000_000_000, 'GB'],
  [1_000_000, 'MB'],
  [1000, 'kB'],
] as const;

/** In words: "30 days", "1000 lines", "30 days, 10 MB", "for ever". */
export function retentionText({ ageMs, count, bytes }: Retention): string {
  const limits: string[] = [];
  const age = AGES.find(([ms]) => ageMs % ms === 0);
  if (ageMs > 0 && age) limits.push(counted(ageMs / age[0], age[1]));
  if (count > 0) limits.push(counted(count, 'line'));
  const size = SIZES.find(([unit]) => bytes % unit === 0);
  if (bytes > 0) limits.push(size ? `${bytes / size[0]} ${size[1]}` : counted(bytes, 'byte'));
  return limits.join(', ') || 'for ever';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
