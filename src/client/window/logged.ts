/** Which of a room's lines are of the log, what is missing between them, and others put in where they belong. Pure. */
import { isConversation } from '../../chat/names';
import type { MessageEvent, PresenceEvent } from '../events';
import type { List } from './list';
import type { Line, RoomModel } from './model';

export type LogLine = MessageEvent | PresenceEvent;

export function isOfLog(line: Line | undefined): line is LogLine {
  return line?.type === 'message' || line?.type === 'presence';
}

/** How many of the room's lines come before it. What is no line has the index of the line before it. */
export function linesBefore(line: LogLine): number {
  return line.type === 'message' ? line.index - 1 : line.index;
}

/** Where a line of the log is that has another one of the log before it; undefined: there is none. */
export function lastBefore(lines: List<Line>, at: number): LogLine | undefined {
  for (let before = at - 1; before >= 0; before -= 1) {
    const line = lines.at(before);
    if (isOfLog(line)) return line;
  }
  return undefined;
}

/**
 * Lines of the room that belong right before this one and are not here. Of a conversation that is not known: whom its
 * partner's nick belongs to changes, and each of them counts by itself.
 */
export function gapBefore({ name, lines }: Pick<RoomModel, 'name' | 'lines'>, at: number): number {
  if (isConversation(name)) return 0;
  const line = lines.at(at);
  const before = isOfLog(line) ? lastBefore(lines, at) : undefined;
  return before && isOfLog(line) ? Math.max(0, linesBefore(line) - before.index) : 0;
}

/** The last line of the log. */
export function lastLogged({ lines }: RoomModel): LogLine | undefined {
  return lastBefore(lines, lines.length);
}

/** Where the first line is that comes after so many of the room's lines; undefined: it is not here. */
export function firstAfter(lines: List<Line>, index: number): number | undefined {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const next = messageFrom(lines, middle);
    if (next !== undefined && (lines.at(next) as MessageEvent).index <= index) low = next + 1;
    else high = middle;
  }
  return messageFrom(lines, low);
}

function messageFrom(lines: List<Line>, from: number): number | undefined {
  for (let at = from; at < lines.length; at += 1) if (lines.at(at)?.type === 'message') return at;
  return undefined;
}

/**
 * The room with more of the log, each where it belongs, once. What is in sight stays there.
 * @param events ascending
 */
export function withLogged(room: RoomModel, events: readonly LogLine[]): RoomModel {
  const { lines, scrolled } = room;
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return room;
  const anchor = lines.length - (scrolled?.below ?? 0);
  const merged: Line[] = [];
  let next = 0;
  let below = 0;
  const oldest = oldestOf(lines);
  // Lines before and behind all of them stay as they are: there may be very many.
  const isBehind = oldest && oldest.position < first.position;
  const from = isBehind ? atPosition(lines, first.position, 0) : wordsBefore(lines, first.time);
  const to = atPosition(lines, last.position + 1, from);
  const take = (until: number, isBelow: boolean) => {
    for (; next < events.length && (events[next] as LogLine).position < until; next += 1) {
      merged.push(events[next] as LogLine);
      if (isBelow) below += 1;
    }
  };
  // Before the first line of the log are only words of the window.
  take(oldest?.position ?? Number.POSITIVE_INFINITY, from >= anchor);
  for (let at = from; at < to; at += 1) {
    const line = lines.at(at) as Line;
    if (isOfLog(line)) {
      take(line.position, at >= anchor);
      if (events[next]?.position === line.position) next += 1;
    }
    merged.push(line);
  }
  take(Number.POSITIVE_INFINITY, to >= anchor);
  return {
    ...room,
    lines: lines.replaced(from, to, merged),
    scrolled: scrolled && { ...scrolled, below: scrolled.below + below },
  };
}

/** How many words of the window are in the beginning that are of before this time; mostly they are of now. */
function wordsBefore(lines: List<Line>, time: number): number {
  let at = 0;
  for (let line = lines.at(0); line && !isOfLog(line) && line.time < time; line = lines.at(at)) at += 1;
  return at;
}

/** Where the first line of the log is whose position is not before this one; the end if there is none. */
function atPosition(lines: List<Line>, position: number, from: number): number {
  for (let at = from; at < lines.length; at += 1) {
    const line = lines.at(at);
    if (isOfLog(line) && line.position >= position) return at;
  }
  return lines.length;
}

/** The oldest line of the log that is here. */
export function oldestOf(lines: List<Line>): LogLine | undefined {
  for (const line of lines) if (isOfLog(line)) return line;
  return undefined;
}
