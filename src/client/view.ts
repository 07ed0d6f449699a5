/** The model as rows of text for each pane. Pure; colours are SGR sequences of our own, text of others is inert. */
import { cellsOf, cut, padTo, settled, widthOf, wrap } from './cells';
import * as inertly from './inert';
import { currentRoom, type Echo, type Line, type RoomModel, type WindowModel } from './model';
import { presenceText } from './plain';

/** Text of others: it neither does anything to the terminal nor has a width that terminals disagree on. */
const inert = (text: string) => settled(inertly.inert(text));
const inertLine = (text: string) => settled(inertly.inertLine(text));

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Where each pane lies; a width of 0: it is folded away. */
export interface Layout {
  readonly rooms: number;
  readonly people: number;
  readonly conversation: number;
  /** Rows of the panes; below them are the status line and the input line. */
  readonly height: number;
}

/** What is painted: rows of each pane, none wider than the pane. */
export interface View {
  readonly layout: Layout;
  readonly rooms: readonly string[];
  readonly title: string;
  readonly conversation: readonly string[];
  readonly people: readonly string[];
  readonly status: string;
  readonly input: string;
  /** The cursor's column in the input line. */
  readonly cursor: number;
}

/** Glyphs, for terminals that have Unicode and for those that do not. */
export interface Glyphs {
  readonly sent: string;
  readonly committed: string;
  readonly failed: string;
}

export const UNICODE_GLYPHS: Glyphs = { sent: '…', committed: '✓', failed: '✗' };
export const ASCII_GLYPHS: Glyphs = { sent: '.', committed: '+', failed: 'x' };

const SGR = { reset: '\u001b[0m', bold: '\u001b[1m', dim: '\u001b[2m', reverse: '\u001b[7m', red: '\u001b[31m' };
const LOUD = '\u001b[1;37;41m';
const NICK_COLOURS = [31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96];
/** Narrower than this, the people are folded away, and then the rooms. */
const PEOPLE_FROM = 70;
const ROOMS_FROM = 50;
const ROOMS_WIDTH = 16;
const PEOPLE_WIDTH = 16;
const FIXED_ROWS = 3;

export function layoutOf({ columns, rows }: Size): Layout {
  const roomsWidth = columns >= ROOMS_FROM ? ROOMS_WIDTH : 0;
  const people = columns >= PEOPLE_FROM ? PEOPLE_WIDTH : 0;
  const separators = (roomsWidth > 0 ? 1 : 0) + (people > 0 ? 1 : 0);
  const conversation = Math.max(4, columns - roomsWidth - people - separators);
  return { rooms: roomsWidth, people, conversation, height: Math.max(1, rows - FIXED_ROWS) };
}

export function view(model: WindowModel, size: Size, glyphs: Glyphs): View {
  const layout = layoutOf(size);
  const room = currentRoom(model);
  const { input, cursor } = inputRow(model, size.columns);
  return {
    layout,
    rooms: model.rooms.map((each, index) => roomRow(each, index, each.name === model.current, layout.rooms)),
    title: `${SGR.bold}${padTo(titleOf(room), size.columns)}${SGR.reset}`,
    conversation: conversationRows(room, model, layout, glyphs),
    people: [...room.people].sort().map((nick) => colourOf(nick) + padTo(inertLine(nick), layout.people) + SGR.reset),
    status: statusRow(model, room, size.columns),
    input,
    cursor,
  };
}

function titleOf({ name, topic }: RoomModel): string {
  return ` ${inertLine(labelOf(name))}${topic === '' ? '' : ` · ${inertLine(topic)}`}`;
}

function labelOf(name: string): string {
  return name.startsWith('@') || name === '' ? name : `#${name}`;
}

function roomRow(room: RoomModel, index: number, isCurrent: boolean, width: number): string {
  const count = room.unread > 0 ? ` ${room.unread}${room.mentioned ? '!' : ''}` : '';
  const label = padTo(`${index + 1} ${inertLine(labelOf(room.name))}`, Math.max(0, width - count.length)) + count;
  const style = isCurrent ? SGR.reverse : room.mentioned ? SGR.bold + SGR.red : room.unread > 0 ? SGR.bold : '';
  return `${style}${cut(label, width)}${SGR.reset}`;
}

/** The rows that are in sight: built from the last line upwards, no further than the pane is high. */
function conversationRows(room: RoomModel, model: WindowModel, layout: Layout, glyphs: Glyphs): readonly string[] {
  const wanted = layout.height + room.scroll;
  const rows: string[] = [];
  for (let index = room.echoes.length - 1; index >= 0 && rows.length < wanted; index -= 1) {
    rows.unshift(...echoRows(room.echoes[index] as Echo, model.nick, layout.conversation, glyphs));
  }
  for (let index = room.lines.length - 1; index >= 0 && rows.length < wanted; index -= 1) {
    rows.unshift(...lineRows(room.lines[index] as Line, model, layout.conversation, glyphs));
  }
  const end = Math.max(Math.min(layout.height, rows.length), rows.length - room.scroll);
  const inSight = rows.slice(Math.max(0, end - layout.height), end);
  if (room.below === 0) return inSight;
  return [...inSight.slice(0, layout.height - 1), `${SGR.reverse} ${room.below} below, PgDn ${SGR.reset}`];
}

function lineRows(line: Line, model: WindowModel, width: number, glyphs: Glyphs): readonly string[] {
  const time = clockOf(line.time);
  if (line.type === 'notice') return styled(SGR.dim, `${time} -- `, inert(line.text), width);
  if (line.type === 'presence') return styled(SGR.dim, `${time} -- `, presenceText(line), width);
  const mark = line.session === model.session ? glyphs.committed : ' ';
  return saidRows(`${time} ${mark} `, line.nick, line.action === true, line.text, width);
}

function echoRows(echo: Echo, nick: string, width: number, glyphs: Glyphs): readonly string[] {
  const rows = saidRows(`      ${glyphs[echo.state]} `.slice(0, 8), nick, echo.action, echo.text, width);
  const plain =
    echo.state === 'failed' ? styled(SGR.red, '        ', `not posted: ${inertLine(echo.reason)}`, width) : [];
  return [...rows.map((row) => `${SGR.dim}${row}${SGR.reset}`), ...plain];
}

/** A line as somebody said it: the nick in its colour, text of several lines below each other. */
function saidRows(head: string, nick: string, action: boolean, text: string, width: number): readonly string[] {
  const who = cut(inertLine(nick), Math.max(3, Math.floor(width / 3)));
  const prefix = action ? `${head}* ${who} ` : `${head}${who}: `;
  const indent = widthOf(head);
  const rows = inert(text)
    .split('\n')
    .flatMap((part, index) => wrap(index === 0 ? prefix + part : ' '.repeat(indent) + part, width, indent));
  const coloured = colourOf(nick) + who + SGR.reset;
  return rows.map((row, index) => (index === 0 ? row.replace(who, () => coloured) : row));
}

function styled(style: string, head: string, text: string, width: number): readonly string[] {
  return text
    .split('\n')
    .flatMap((part) => wrap(head + part, width, widthOf(head)))
    .map((row) => `${style}${row}${SGR.reset}`);
}

/** The same colour for the same nick, on every screen. */
function colourOf(nick: string): string {
  let hash = 0;
  for (const character of nick.toLowerCase()) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `\u001b[${NICK_COLOURS[hash % NICK_COLOURS.length]}m`;
}

/** Who one is, where, and how the link is: loud when it is not as it should be. */
function statusRow(model: WindowModel, room: RoomModel, columns: number): string {
  const { state, server, reason } = model.link;
  const waiting = model.rooms.reduce(
    (sum, { echoes }) => sum + echoes.filter((echo) => echo.state === 'sent').length,
    0,
  );
  const posts = waiting > 0 ? ` | ${waiting} not confirmed` : '';
  const where = ` ${model.nick} | ${labelOf(room.name)} | `;
  if (state === 'online') {
    return `${SGR.reverse}${padTo(`${where}server ${server} | through ${model.position}${posts}`, columns)}${SGR.reset}`;
  }
  return `${LOUD}${padTo(`${where}${state.toUpperCase()}: ${inertLine(reason)}${posts}`, columns)}${SGR.reset}`;
}

/** The line being typed, scrolled so that the cursor is in sight. */
function inputRow(model: WindowModel, columns: number): { readonly input: string; readonly cursor: number } {
  const before = model.editor.before.map(visible);
  const after = model.editor.after.map(visible);
  const width = Math.max(4, columns - 3);
  let start = before.length;
  let cells = 0;
  while (start > 0 && cells + cellsOf(before[start - 1] as string) <= width) {
    start -= 1;
    cells += cellsOf(before[start] as string);
  }
  const input = `> ${before.slice(start).join('')}${after.join('')}`;
  return { input: cut(input, columns - 1), cursor: 2 + cells };
}

/** A line break in the line being typed shows as a mark. */
function visible(grapheme: string): string {
  return grapheme === '\n' ? '⏎' : inertLine(grapheme) || '·';
}

function clockOf(time: number): string {
  const date = new Date(time);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}
