/** The model as rows of text for each pane. Pure; colours are SGR sequences of our own, text of others is inert. */
import { isConversation } from '../../chat/names';
import type { ThemeName } from '../../config/preferences';
import { roomLabel } from '../room-label';
import { hasDraft } from './asking';
import { BANNER_FROM_ROWS, bannerRow, isTroubled, troubleOf } from './banner';
import { cellsOf, cut, padTo } from './cells';
import { inertLine, type Pane, rowsInSight } from './conversation';
import { flawOf } from './flaw';
import { inputArea, inputHeight } from './input-area';
import { menuRows } from './menu';
import { currentRoom, hearerOf, NO_ROOM, type RoomModel, type WindowModel } from './model';
import { type OverlayPane, overlayInSight } from './overlay';
import type { Person } from './people';
import { colourOf, type Glyphs, SGR } from './style';
import type { Place } from './text-rows';

/** Where each pane lies; a width of 0: it is folded away. */
export interface Layout {
  readonly rooms: number;
  readonly people: number;
  readonly conversation: number;
  /** Rows between the title and the panes. */
  readonly banner: number;
  /** Rows of the panes; below them are the status line and what is being typed. */
  readonly height: number;
}

/** What is painted: rows of each pane, none wider than the pane. */
export interface View {
  readonly layout: Layout;
  readonly rooms: readonly string[];
  readonly title: string;
  /** What is lost, when something is and there is a row for it. */
  readonly banner: readonly string[];
  readonly conversation: readonly string[];
  readonly people: readonly string[];
  readonly status: string;
  readonly input: readonly string[];
  /** In the rows of the input. */
  readonly cursor: Place;
  /** Of the terminal's window: inert, on one line. */
  readonly windowTitle: string;
  /** Painted with colours. */
  readonly coloured: boolean;
}

/** Narrower than this, the people are folded away, and then the rooms. */
const PEOPLE_FROM = 70;
const ROOMS_FROM = 50;
const ROOMS_WIDTH = 16;
const PEOPLE_WIDTH = 16;
/** The title and the status line. */
const FIXED_ROWS = 2;
/** Of rooms with news in the status line. */
const MAX_NUMBERS = 5;
/** Of a room in the title of the terminal's window. */
const MAX_TITLE_CELLS = 64;

export function layoutOf(model: WindowModel): Layout {
  const { columns, rows } = model.size;
  // What lies over the conversation takes the room of all panes.
  const isCovered = model.overlay !== undefined;
  const roomsWidth = columns >= ROOMS_FROM && !isCovered ? ROOMS_WIDTH : 0;
  const people = columns >= PEOPLE_FROM && !isCovered && hasPeople(model) ? PEOPLE_WIDTH : 0;
  const separators = (roomsWidth > 0 ? 1 : 0) + (people > 0 ? 1 : 0);
  const conversation = Math.max(4, columns - roomsWidth - people - separators);
  const banner = isTroubled(model) && rows >= BANNER_FROM_ROWS ? 1 : 0;
  const height = Math.max(1, rows - FIXED_ROWS - banner - inputHeight(model));
  return { rooms: roomsWidth, people, conversation, banner, height };
}

/** A conversation of two has nobody to list, and neither has no room. */
function hasPeople({ current }: WindowModel): boolean {
  return current !== NO_ROOM && !isConversation(current);
}

/** The pane of the conversation, and how lines are shown in it. */
export function paneOf(model: WindowModel): Pane {
  const { conversation: width, height } = layoutOf(model);
  const { timestamps } = model.preferences;
  return { ...hearerOf(model), width, height, now: model.time, timestamps, position: model.position };
}

/** What lies over the conversation is as large. */
export function overlayPaneOf(model: WindowModel): OverlayPane {
  const { conversation: width, height } = layoutOf(model);
  const { time: now, link, troubleSince, heardOfServers: heard } = model;
  return { width, height, now, link, troubleSince, heard };
}

export function view(model: WindowModel, glyphs: Glyphs): View {
  const { size } = model;
  const { theme } = model.preferences;
  const layout = layoutOf(model);
  const { rows: input, cursor } = inputArea(model, glyphs);
  const room = currentRoom(model);
  const pane = paneOf(model);
  return {
    layout,
    rooms: roomRows(model, layout, glyphs),
    title: `${SGR.bold}${padTo(titleOf(room), size.columns)}${SGR.reset}`,
    banner: layout.banner > 0 ? [bannerRow(model)] : [],
    conversation: withLast(
      menuRows(model.menu, pane.width, pane.height, glyphs),
      layout.height,
      model.overlay ? overlayInSight(model.overlay, overlayPaneOf(model)) : rowsInSight(room, { glyphs, theme }, pane),
    ),
    people: peopleRows(room, layout, theme),
    status: statusRow(model, room, layout),
    input,
    cursor,
    windowTitle: windowTitleOf(model, room),
    coloured: theme !== 'none',
  };
}

function titleOf({ name, topic }: RoomModel): string {
  return ` ${inertLine(roomLabel(name))}${topic === '' ? '' : ` · ${inertLine(topic)}`}`;
}

/** Rows over the last ones of a pane. */
function withLast(last: readonly string[], height: number, rows: readonly string[]): readonly string[] {
  if (last.length === 0) return rows;
  const above = height - last.length;
  // Those that were said last stay in sight.
  const kept = rows.slice(Math.max(0, rows.length - above));
  return [...kept, ...Array.from({ length: above - kept.length }, () => ''), ...last];
}

/** The room, and in how many rooms somebody calls this person. */
function windowTitleOf({ rooms }: WindowModel, { name }: RoomModel): string {
  const calls = rooms.filter(({ mentions }) => mentions > 0).length;
  const where = cut(inertLine(roomLabel(name)), MAX_TITLE_CELLS);
  return `${calls > 0 ? `(${calls}) ` : ''}${where === '' ? '' : `${where} - `}synod`;
}

function roomRow(room: RoomModel, index: number, isCurrent: boolean, width: number, glyphs: Glyphs): string {
  const draft = !isCurrent && hasDraft(room) ? ` ${glyphs.draft}` : '';
  const count = draft + (room.unread > 0 ? ` ${room.unread}` : '') + (room.mentions > 0 ? ` !${room.mentions}` : '');
  const label = padTo(`${index + 1} ${inertLine(roomLabel(room.name))}`, Math.max(0, width - cellsOf(count))) + count;
  const style = isCurrent ? SGR.reverse : room.mentions > 0 ? SGR.bold + SGR.red : room.unread > 0 ? SGR.bold : '';
  return `${style}${cut(label, width)}${SGR.reset}`;
}

function firstRoomInSight({ rooms, current }: WindowModel, height: number): number {
  const at = rooms.findIndex(({ name }) => name === current);
  return Math.max(0, Math.min(at - height + 1, rooms.length - height));
}

/** The numbers of rooms with news that the list does not show, those in which somebody calls first; '' for none. */
function newsOutOfSight(model: WindowModel, { rooms: width, height }: Layout): string {
  const first = width > 0 ? firstRoomInSight(model, height) : model.rooms.length;
  const hidden = model.rooms.flatMap(({ name, unread, mentions }, at) => {
    const isNews = unread > 0 && name !== model.current && (at < first || at >= first + height);
    return isNews ? [{ number: at + 1, mentions }] : [];
  });
  const [calls, others] = [
    hidden.filter(({ mentions }) => mentions > 0),
    hidden.filter(({ mentions }) => mentions === 0),
  ];
  const all = [...calls.map(({ number }) => `${number}!`), ...others.map(({ number }) => `${number}`)];
  const shown = all.slice(0, MAX_NUMBERS).join(',');
  return shown && ` [${shown}${all.length > MAX_NUMBERS ? ',…' : ''}]`;
}

/** As many as there is room for: the current one is among them. */
function roomRows(model: WindowModel, { rooms: width, height }: Layout, glyphs: Glyphs): readonly string[] {
  const { rooms, current } = model;
  const first = firstRoomInSight(model, height);
  const inSight = rooms.slice(first, first + height);
  return inSight.map((room, index) => roomRow(room, first + index, room.name === current, width, glyphs));
}

/** As many as there is room for, and how many more there are. */
function peopleRows({ people }: RoomModel, { people: width, height }: Layout, theme: ThemeName): readonly string[] {
  // Those who read along come first: the end may be cut.
  const rows = [...people]
    .sort((a, b) => Number(isAbsent(a)) - Number(isAbsent(b)) || (a.nick < b.nick ? -1 : 1))
    .map((person) => personRow(person, width, theme));
  return rows.length <= height ? rows : [...rows.slice(0, height - 1), `and ${rows.length - height + 1} more`];
}

function personRow(person: Person, width: number, theme: ThemeName): string {
  const nick = inertLine(person.nick);
  if (!isAbsent(person)) return colourOf(person.nick, theme) + padTo(nick, width) + SGR.reset;
  const why = person.offline ? ' offline' : ' away';
  return SGR.dim + padTo(cut(nick, Math.max(1, width - why.length)) + why, width) + SGR.reset;
}

/** Whether others see this person as away. */
function isAway({ rooms, nick }: WindowModel): boolean {
  return rooms.some(({ people }) => people.some((person) => person.nick === nick && person.away));
}

function isAbsent({ away, offline }: Person): boolean {
  return away || offline;
}

/** Who one is, where, and how the link is: loud, and before all else, when it is lost and no banner says so. */
function statusRow(model: WindowModel, room: RoomModel, layout: Layout): string {
  const { banner } = layout;
  const { columns } = model.size;
  const { server } = model.link;
  const waiting = model.rooms.reduce(
    (sum, { echoes }) => sum + echoes.filter(({ state }) => state !== 'committed').length,
    0,
  );
  const posts = waiting > 0 ? `${waiting} not confirmed` : '';
  const after = posts === '' ? '' : ` | ${posts}`;
  const where = `${inertLine(model.nick)}${isAway(model) ? ' (away)' : ''} | ${inertLine(roomLabel(room.name))}${newsOutOfSight(model, layout)}`;
  const row = (style: string, text: string) => `${style}${padTo(text, columns)}${SGR.reset}`;
  if (model.leaving) return row(SGR.reverse, ` leaving${after} | Ctrl-C leaves at once`);
  if (model.warned) return row(SGR.loud, ' Ctrl-C again leaves; what you are typing is kept');
  if (banner > 0 || !isTroubled(model)) {
    const served = server === 0 ? 'no server' : `server ${server}`;
    const flaw = flawOf(model);
    const through = `through ${model.position}`;
    const how = flaw === undefined ? `complete ${through}` : flaw === '' ? through : `${through}, ${flaw}`;
    const line = (what: string) => ` ${where} | ${served} | ${what}${after}`;
    return row(SGR.reverse, line(cellsOf(line(how)) > columns ? through : how));
  }
  // The end may be cut.
  return row(SGR.loud, ` ${troubleOf(model, posts)} | ${where}`);
}
