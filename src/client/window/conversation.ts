/** The conversation as rows of a pane: what is in sight, and what scrolling brings into sight. Pure. */

import { isConversation } from '../../chat/names';
import type { Preferences, ThemeName } from '../../config/preferences';
import { clockOf, dayInWords, isSameDay } from '../days';
import type { MessageEvent, SeamEvent } from '../events';
import { isIgnored } from '../ignoring';
import * as inertly from '../inert';
import { concerns, type Hearer, isOfOthers, isOwn } from '../news';
import { presenceText, seamText } from '../plain';
import { belowRow, toldRows } from './below';
import { cut, settled, wrap, wrapFurther } from './cells';
import type { Echo } from './echoes';
import { gapBefore, isOfLog, lastBefore, linesBefore, oldestOf } from './logged';
import { earlierOf, type Line, NO_ROOM, type RoomModel, type Scrolled } from './model';
import { isFirstNews } from './reading';
import { ASCII_GLYPHS, colourOf, type Glyphs, SGR } from './style';

/** Text of others: it neither does anything to the terminal nor has a width that terminals disagree on. */
export const inert = (text: string) => settled(inertly.inert(text));
export const inertLine = (text: string) => settled(inertly.inertLine(text));

/** How they are drawn. */
export interface Reader {
  readonly glyphs: Glyphs;
  readonly theme: ThemeName;
}

export interface Pane extends Hearer {
  readonly width: number;
  readonly height: number;
  /** Milliseconds since the epoch: what is of this day needs no date. */
  readonly now: number;
  readonly timestamps: Preferences['timestamps'];
  /** The highest one of the log that was seen: what stands before a line is as wide for all of them. */
  readonly position: number;
}

/** Cells of a position, at least. */
const POSITION_WIDTH = 4;
/** Before words of the window. */
const WORDS_MARK = '-- ';
/** Of the mark, with the space behind it. */
const MARK_WIDTH = 2;
/** For counting rows: how many there are does not depend on who reads them. */
const ANYBODY: Reader = { glyphs: ASCII_GLYPHS, theme: 'none' };

/** The rows that are in sight: built from the last one upwards, no further than the pane is high. */
export function rowsInSight(room: RoomModel, reader: Reader, pane: Pane): readonly string[] {
  const { width, height } = pane;
  const { scrolled, lines, echoes } = room;
  const wanted = height - (scrolled ? 1 : 0);
  const rows: string[] = [];
  for (let index = echoes.length - 1; !scrolled && index >= 0 && rows.length < wanted; index -= 1) {
    rows.unshift(...echoRows(echoes[index] as Echo, reader, pane));
  }
  const end = lines.length - 1 - (scrolled?.below ?? 0);
  for (let index = end; index >= 0 && rows.length < wanted; index -= 1) {
    const all = rowsOf(room, index, reader, pane);
    rows.unshift(...(index === end && scrolled ? all.slice(0, Math.max(1, all.length - scrolled.hidden)) : all));
  }
  if (rows.length < wanted) rows.unshift(topRow(room, width));
  const inSight = rows.slice(Math.max(0, rows.length - wanted));
  if (!scrolled) return inSight;
  const blank = Array.from({ length: Math.max(0, wanted - inSight.length) }, () => '');
  const filled = [...inSight, ...blank];
  const told = toldRows(scrolled, reader.glyphs, width, Math.max(1, wanted - 1));
  return [...filled.slice(0, filled.length - told.length), ...told, belowRow(room, scrolled, width)].slice(-height);
}

/** What is above the first line: how much, and how to see it. */
function topRow(room: RoomModel, width: number): string {
  return `${SGR.dim}${cut(` -- ${aboveInWords(room)}`, width)}${SGR.reset}`;
}

function aboveInWords(room: RoomModel): string {
  if (room.name === NO_ROOM) return 'you are in no room: /join one';
  const oldest = oldestOf(room.lines);
  const above = oldest ? linesBefore(oldest) : 0;
  const many = above === 1 ? '1 earlier line' : `${above} earlier lines`;
  switch (earlierOf(room)) {
    case 'asked':
      return 'earlier lines are coming';
    case 'maybe':
      return oldest ? `${many}: PgUp fetches ${above === 1 ? 'it' : 'them'}` : 'PgUp looks for earlier lines';
    case 'none':
      return above === 0 ? 'here it began' : `${many} ${above === 1 ? 'is' : 'are'} not kept any more`;
  }
}

/** Scrolled by so many rows, up when positive; undefined: the end is in sight. */
export function scrolledBy(room: RoomModel, by: number, pane: Pane): Scrolled | undefined {
  const moved = by > 0 ? scrolledUp(room, by, pane) : scrolledDown(room, room.scrolled, -by, pane);
  if (!moved || by <= 0) return moved;
  // The pane stays full, as long as there are lines to fill it.
  const missing = pane.height - 1 - rowsUpTo(room, moved, pane);
  return missing > 0 ? scrolledDown(room, moved, missing, pane) : moved;
}

function scrolledUp(room: RoomModel, by: number, pane: Pane): Scrolled | undefined {
  const { lines, echoes } = room;
  let { below, hidden } = room.scrolled ?? { below: 0, hidden: 0 };
  const echoed = room.scrolled ? 0 : echoes.reduce((sum, echo) => sum + echoRows(echo, ANYBODY, pane).length, 0);
  hidden += Math.max(0, by - echoed);
  for (;;) {
    const high = lines.length > below ? heightOf(room, lines.length - 1 - below, pane) : 0;
    if (hidden < high) return scrolledOr(below, hidden);
    if (below >= lines.length - 1) return scrolledOr(below, Math.max(0, high - 1));
    hidden -= high;
    below += 1;
  }
}

function scrolledDown(room: RoomModel, from: Scrolled | undefined, by: number, pane: Pane): Scrolled | undefined {
  if (!from) return undefined;
  const { lines } = room;
  let { below, hidden } = from;
  hidden -= by;
  while (hidden < 0 && below > 0) {
    below -= 1;
    hidden += heightOf(room, lines.length - 1 - below, pane);
  }
  return hidden < 0 ? undefined : scrolledOr(below, hidden);
}

/** Undefined: nothing is out of sight. */
function scrolledOr(below: number, hidden: number): Scrolled | undefined {
  return below === 0 && hidden === 0 ? undefined : { below, hidden, told: [] };
}

/** Rows from the beginning down to the last one in sight, counted no further than the pane is high. */
function rowsUpTo(room: RoomModel, { below, hidden }: Scrolled, pane: Pane): number {
  const { lines } = room;
  // The row above the first line counts.
  let rows = 1 - hidden;
  for (let index = lines.length - 1 - below; index >= 0 && rows < pane.height; index -= 1) {
    rows += heightOf(room, index, pane);
  }
  return rows;
}

/** The index of the line that is the last one in sight with all its rows, or is before it. */
export function lastInSight(room: RoomModel, { below, hidden }: Scrolled, pane: Pane): number {
  const at = room.lines.length - 1 - below;
  // One row is shown of it in any case.
  const isCut = hidden > 0 && at >= 0 && heightOf(room, at, pane) > 1;
  return lastBefore(room.lines, isCut ? at : at + 1)?.index ?? 0;
}

/** The index of the first line of the room that is in sight, if only in part; 0: there is none. */
export function firstInSight(room: RoomModel, { below, hidden }: Scrolled, pane: Pane): number {
  const { lines } = room;
  let left = pane.height - 1 + hidden;
  let first = 0;
  for (let at = lines.length - 1 - below; at >= 0 && left > 0; at -= 1) {
    const line = lines.at(at);
    if (line?.type === 'message') first = line.index;
    left -= heightOf(room, at, pane);
  }
  return first;
}

/** Scrolled so that a line is the first one in sight; undefined: then the end is in sight, too. */
export function scrolledTo(room: RoomModel, at: number, pane: Pane): Scrolled | undefined {
  const { lines } = room;
  let rows = 0;
  for (let index = at; index < lines.length; index += 1) {
    rows += heightOf(room, index, pane);
    const hidden = rows - (pane.height - 1);
    const below = lines.length - 1 - index;
    if (hidden >= 0 && below + hidden > 0) return { below, hidden, told: [] };
  }
  return undefined;
}

function heightOf(room: RoomModel, index: number, pane: Pane): number {
  return rowsOf(room, index, ANYBODY, pane).length;
}

/** A line, below what separates it from the line before: another day, a gap, the mark of what was read. */
function rowsOf(room: RoomModel, index: number, reader: Reader, pane: Pane): readonly string[] {
  const line = room.lines.at(index) as Line;
  const rows = isLeftOut(line, pane) ? [] : lineRows(line, reader, pane, isFound(room, line));
  return [...separators(room, index, pane), ...rows];
}

function separators(room: RoomModel, index: number, pane: Pane): readonly string[] {
  const { width, now } = pane;
  const { lines } = room;
  const line = lines.at(index) as Line;
  // Before the first line it is today.
  const before = index > 0 ? lines.at(index - 1)?.time : undefined;
  const rows: string[] = [];
  const add = (text: string, style = SGR.dim) => rows.push(`${style}${cut(` -- ${text}`, width)}${SGR.reset}`);
  if (!isSameDay(line.time, before ?? now)) add(`${dayInWords(line.time)} --`);
  const gap = gapBefore(room, index);
  if (gap > 0 && isOfLog(line)) add(gapInWords(gap, room, linesBefore(line) <= room.gone), SGR.bold);
  if (isFirstNews(room, index, pane)) add('new --', SGR.bold + SGR.red);
  return rows;
}

function gapInWords(gap: number, { filling }: RoomModel, isGone: boolean): string {
  const many = gap === 1 ? '1 line' : `${gap} lines`;
  if (isGone) return `${many} ${gap === 1 ? 'is' : 'are'} not kept any more`;
  const [them, their] = gap === 1 ? ['it', 'its'] : ['them', 'their'];
  return filling === undefined ? `${many} not loaded: Enter fetches ${them}` : `${many} on ${their} way`;
}

function isLeftOut(line: Line, { ignored }: Pane): boolean {
  return (isOfLog(line) || line.type === 'past') && isIgnored(ignored, line.nick);
}

/** Whether somebody went to it. */
function isFound({ found }: RoomModel, line: Line): boolean {
  return found !== undefined && line.type === 'message' && line.index === found;
}

function lineRows(line: Line, reader: Reader, pane: Pane, found: boolean): readonly string[] {
  const { width } = pane;
  const before = beforeOf(line, pane);
  switch (line.type) {
    case 'notice':
      // Somebody asked for it, or has to know it.
      return wordRows(`${before}${WORDS_MARK}`, inert(line.text), reader, width, '');
    case 'seam':
      return seamRows(before, line.seam, reader, width);
    case 'presence':
      return wordRows(`${before}${WORDS_MARK}`, settled(presenceText(line)), reader, width);
    case 'message':
      return saidRows({ before, ...markOf(line, reader, pane, found) }, line, reader, pane, {
        row: found ? SGR.bold : '',
        nick: isCall(line, pane) ? SGR.reverse : '',
      });
    case 'past':
      return saidRows({ before, mark: ' ' }, line, reader, pane);
    case 'failed': {
      const said = saidRows({ before, mark: reader.glyphs.failed }, line, reader, pane);
      const margin = marginOf(reader, pane);
      const why = wrapFurther(inertLine(line.reason), width, margin);
      return [...said, ...why.map((row) => `${SGR.red}${row}${SGR.reset}`)];
    }
  }
}

/** What the log has is agreed on, whoever said it; one's own is what one looks for. */
function markOf(line: MessageEvent, { glyphs }: Reader, pane: Pane, found: boolean): Pick<Head, 'mark' | 'markStyle'> {
  if (found) return { mark: glyphs.found };
  return { mark: glyphs.committed, markStyle: isOwn(pane, line) ? '' : SGR.dim };
}

/** Somebody names this person, where that is not so of every line. */
function isCall(line: MessageEvent, pane: Pane): boolean {
  return !isConversation(line.room) && isOfOthers(pane, line) && concerns(line, pane.nick);
}

/** Nobody overlooks one behind which something is missing. */
function seamRows(before: string, seam: SeamEvent, reader: Reader, width: number): readonly string[] {
  const style = seam.lost + seam.doubled > 0 ? SGR.loud : SGR.bold;
  return wordRows(`${before}${WORDS_MARK}`, seamText(seam), reader, width, style);
}

function echoRows(echo: Echo, reader: Reader, pane: Pane): readonly string[] {
  const head = { before: ' '.repeat(beforeWidth(pane)), mark: reader.glyphs[echo.state] };
  return saidRows(head, echo, reader, pane, { row: SGR.dim, nick: '' });
}

/** What stands before the nick: how far it is, behind the time. */
interface Head {
  readonly before: string;
  readonly mark: string;
  readonly markStyle?: string;
}

/** A line as somebody said it: the nick in its colour, text of several lines below each other, each marked as a part. */
function saidRows(
  { before, mark, markStyle = '' }: Head,
  { nick, action = false, text }: { readonly nick: string; readonly action?: boolean; readonly text: string },
  reader: Reader,
  pane: Pane,
  style: { readonly row: string; readonly nick: string } = { row: '', nick: '' },
): readonly string[] {
  const { width } = pane;
  const margin = marginOf(reader, pane);
  const who = cut(inertLine(nick), Math.max(3, Math.floor(width / 3)));
  const [first = '', ...rest] = inert(text).split('\n');
  const star = action ? '* ' : '';
  const head = `${before}${mark} ${star}${who}`;
  const [top = '', ...others] = wrap(`${head}${action ? '' : ':'} ${first}`, width, margin);
  const more = rest.flatMap((part) => wrapFurther(part, width, margin));
  const styled = (how: string, what: string) => (how === '' ? what : `${how}${what}${SGR.reset}${style.row}`);
  const colouredHead = `${before}${styled(markStyle, mark)} ${star}${styled(colourOf(nick, reader.theme) + style.nick, who)}`;
  // In a very narrow pane the nick may be broken, and stays without its colour.
  const colouredTop = top.startsWith(head) ? colouredHead + top.slice(head.length) : top;
  const { goesOn } = reader.glyphs;
  const parts = [...others, ...more].map((row) => row.replace(goesOn, styled(SGR.dim, goesOn)));
  return [colouredTop, ...parts].map((row) => (style.row === '' ? row : `${style.row}${row}${SGR.reset}`));
}

/** Words of the window, which breaks lines where it likes; what does not fit into a row is marked as a part of it. */
function wordRows(head: string, text: string, { glyphs }: Reader, width: number, style = SGR.dim): readonly string[] {
  const indent = ' '.repeat(head.length);
  const margin = `${' '.repeat(head.length - 2)}${glyphs.goesOn} `;
  return text
    .split('\n')
    .flatMap((part, index) => wrap((index === 0 ? head : indent) + part, width, margin))
    .map((row) => `${style}${row}${SGR.reset}`);
}

/** Before the further rows of a line: a mark where the nick of another one would be. */
function marginOf({ glyphs }: Reader, pane: Pane): string {
  return `${' '.repeat(beforeWidth(pane) + MARK_WIDTH)}${glyphs.goesOn} `;
}

/** What stands before a line, with a space behind it, or nothing. Words of the window have no position. */
function beforeOf(line: Line, pane: Pane): string {
  const { timestamps } = pane;
  switch (timestamps) {
    case 'off':
      return '';
    case 'time':
      return `${clockOf(line.time)} `;
    case 'seconds':
      return `${clockOf(line.time, 'seconds')} `;
    case 'position':
      return `${isOfLog(line) ? line.position : ''} `.padStart(beforeWidth(pane));
  }
}

/** Cells of a row for words of the window, behind what stands before them. */
export function wordsWidth(pane: Pane): number {
  return pane.width - beforeWidth(pane) - WORDS_MARK.length;
}

/** Its cells. */
function beforeWidth({ timestamps, position }: Pane): number {
  return {
    off: 0,
    time: '09:10 '.length,
    seconds: '09:10:00 '.length,
    position: Math.max(POSITION_WIDTH, String(position).length) + 1,
  }[timestamps];
}
