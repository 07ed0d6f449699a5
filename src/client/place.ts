/** A place in a conversation as somebody types it, or as a link. Pure. */

/** `position`: in the order of everything. `index`: of a line of the room. `time`: milliseconds since the epoch. */
export type Place =
  | { readonly type: 'position'; readonly position: number; readonly room?: string }
  | { readonly type: 'index'; readonly index: number }
  | { readonly type: 'time'; readonly time: number };

export interface LinkedPlace {
  readonly type: 'position';
  readonly position: number;
  readonly room: string;
}

/** Of what was typed, in a complaint about it: it is known to who typed it. */
const MAX_QUOTED_CHARS = 60;

/** The same place on every client: rooms and positions are. */
export function linkTo(room: string, position: number): string {
  return `synod://${encodeURIComponent(room)}/${position}`;
}

/** @param now milliseconds since the epoch @returns undefined when it is no place */
export function placeOf(text: string, now: number): Place | undefined {
  if (text.startsWith('synod://')) return linkedPlace(text);
  const line = /^(#?)(\d{1,15})$/.exec(text);
  if (line) {
    const number = Number(line[2]);
    if (number === 0) return undefined;
    return line[1] === '#' ? { type: 'index', index: number } : { type: 'position', position: number };
  }
  const time = timeOf(text, now);
  return time === undefined ? undefined : { type: 'time', time };
}

/** Why something is no place, and what is one. */
export function noPlace(text: string): string {
  const typed = [...text];
  const quoted = typed.length > MAX_QUOTED_CHARS ? `${typed.slice(0, MAX_QUOTED_CHARS).join('')}…` : text;
  if (/^synod:/i.test(text))
    return `${quoted} is no link: those are as synod://lobby/1042, a room and a position from 1 on`;
  return `${quoted} is no place: those are positions from 1 on, as 1042, #12 for a line, 14:05, today, yesterday, 2026-11-24, and synod:// links`;
}

/** @returns undefined when it is no link */
export function linkedPlace(text: string): LinkedPlace | undefined {
  const [, encoded = '', position = '0'] = /^synod:\/\/([^/\s]+)\/(\d{1,15})$/.exec(text) ?? [];
  return Number(position) === 0 ? undefined : placeIn(encoded, Number(position));
}

function placeIn(encoded: string, position: number): LinkedPlace | undefined {
  try {
    return { type: 'position', position, room: decodeURIComponent(encoded) };
  } catch {
    return undefined; // Not every percent sign begins a character.
  }
}

/** In the reader's time zone. A time of day that is still to come was yesterday's. */
function timeOf(text: string, now: number): number | undefined {
  const words = /^(?:(today|yesterday|\d{4}-\d{2}-\d{2})(?: +|$))?(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/i.exec(text);
  const [, day = '', hour, minute = '0', second = '0'] = words ?? [];
  if (!words || (day === '' && hour === undefined)) return undefined;
  const date = dayOf(day.toLowerCase(), now);
  if (date === undefined || Number(hour ?? 0) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const at = new Date(date);
  at.setHours(Number(hour ?? 0), Number(minute), Number(second), 0);
  if (day === '' && at.getTime() > now) at.setDate(at.getDate() - 1);
  return Math.max(0, at.getTime());
}

/** Some time of that day; undefined when there is no such day. */
function dayOf(day: string, now: number): number | undefined {
  const date = new Date(now);
  if (day === '' || day === 'today') return now;
  if (day === 'yesterday') return date.setDate(date.getDate() - 1);
  const [year = 0, month = 0, dayOfMonth = 0] = day.split('-').map(Number);
  // From noon of a day on, whatever the clocks do on that day.
  const found = new Date(now);
  found.setHours(12);
  found.setFullYear(year, month - 1, dayOfMonth);
  return found.getMonth() === month - 1 && found.getDate() === dayOfMonth ? found.getTime() : undefined;
}
