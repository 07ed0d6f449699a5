/** The lines of a room as they come and go: at the end, once each, and no more than are of use. Pure. */
import { isOfLog, type LogLine, lastLogged, withLogged } from './logged';
import type { Line, RoomModel } from './model';

/** Lines kept of a room; earlier ones are read again from the log. */
export const MAX_LINES = 2000;
/** Lines kept of a room while somebody reads earlier ones. */
export const MAX_LINES_SCROLLED = 20_000;

/** Words of the window that are shown over a pane that is scrolled up. */
const MAX_TOLD = 8;

/** A line at the end of a room. */
export function withLine(room: RoomModel, line: Line): RoomModel {
  const { scrolled } = room;
  const lines = room.lines.with(line);
  if (!scrolled) return trimmed({ ...room, lines }, MAX_LINES);
  const below = { ...scrolled, below: scrolled.below + 1 };
  return trimmed({ ...room, lines, scrolled: below }, MAX_LINES_SCROLLED);
}

/** A line that its reader has to see, also further up. @param text what is said of it there */
export function withTold(room: RoomModel, line: Line, text: string): RoomModel {
  const longer = withLine(room, line);
  const { scrolled } = longer;
  return scrolled ? { ...longer, scrolled: { ...scrolled, told: [...scrolled.told, text].slice(-MAX_TOLD) } } : longer;
}

/** A line of the log that came, at the end, unless a page was there before it that goes further: once, where it belongs. */
export function withHeard(room: RoomModel, line: LogLine): RoomModel {
  if (isHere(room, line)) return room;
  const last = lastLogged(room);
  return last && last.position > line.position ? withLogged(room, [line]) : withLine(room, line);
}

/** A line of the log from before one came: after the others of the log, before words of the window, which are of now. */
export function withEarlier(room: RoomModel, line: LogLine): RoomModel {
  const { lines, scrolled } = room;
  if (isHere(room, line)) return room;
  let at = lines.length;
  while (at > 0 && !isOfLog(lines.at(at - 1))) at -= 1;
  const isBelow = scrolled && at >= lines.length - scrolled.below;
  const below = isBelow ? { ...scrolled, below: scrolled.below + 1 } : scrolled;
  const longer = { ...room, lines: lines.replaced(at, at, [line]), scrolled: below };
  return trimmed(longer, scrolled ? MAX_LINES_SCROLLED : MAX_LINES);
}

function isHere({ lines }: RoomModel, { position, session, index }: LogLine): boolean {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines.at(at);
    if (!isOfLog(line)) continue;
    // Another log, begun anew, has other lines at positions that were there before.
    if (line.position <= position)
      return line.position === position && line.session === session && line.index === index;
  }
  return false;
}

/** With no more than so many lines: the oldest ones can be read again. */
export function trimmed(room: RoomModel, most: number): RoomModel {
  const { lines, scrolled } = room;
  if (lines.length <= most) return room;
  const below = scrolled && { ...scrolled, below: Math.min(scrolled.below, most - 1) };
  return { ...room, lines: lines.last(most), scrolled: below, earlier: 'maybe' };
}

/**
 * With no more than so many lines, without the newest but one: who reads far above has no use for them now. The last one
 * stays, so that it shows how many are missing.
 */
export function trimmedEnd(room: RoomModel, most: number): RoomModel {
  const { lines, scrolled } = room;
  const dropped = lines.length - most;
  if (dropped <= 0) return room;
  const below = scrolled && { ...scrolled, below: Math.max(0, scrolled.below - dropped) };
  const last = lastLogged(room);
  return { ...room, lines: last ? lines.first(most - 1).with(last) : lines.first(most), scrolled: below };
}
