/** What the chat window knows: rooms with their lines and people, the line being typed, how the link is. Plain data. */
import { fold, isConversation } from '../../chat/names';
import type { Preferences } from '../../config/preferences';
import { MAX_STRING_BYTES } from '../../wire/limits';
import type {
  DigestDiffersEvent,
  DiscontinuityEvent,
  MessageEvent,
  PresenceEvent,
  SeamEvent,
  StatusEvent,
} from '../events';
import type { Hearer } from '../news';
import { type Drafts, editorWith } from './drafts';
import type { Echo } from './echoes';
import { type Editor, EMPTY_EDITOR } from './editor';
import { type Kills, NO_KILLS } from './kills';
import { List } from './list';
import { linesBefore, oldestOf } from './logged';
import type { Menu } from './menu';
import type { HeardOfServers, Overlay } from './overlay';
import type { Person } from './people';
import { MAX_LINES, trimmed, withTold } from './room-lines';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A line of a room: from the log, a word of the window itself, where it lost its server, or an own post that was refused. */
export type Line =
  | MessageEvent
  | PresenceEvent
  | { readonly type: 'notice'; readonly text: string; readonly time: number }
  | { readonly type: 'seam'; readonly seam: SeamEvent; readonly time: number }
  | FailedLine
  | PastLine;

/** What was said in a log, or a conversation, that is not the present one. */
export interface PastLine {
  readonly type: 'past';
  readonly nick: string;
  readonly text: string;
  readonly action: boolean;
  readonly time: number;
}

/** A post that will not be said, or of which nobody knows whether it was. */
export interface FailedLine {
  readonly type: 'failed';
  readonly nick: string;
  readonly text: string;
  readonly action: boolean;
  /** What became of it, in words. */
  readonly reason: string;
  readonly time: number;
}

/** The conversation is scrolled up. Counted from the end, so that earlier lines may come without moving anything. */
export interface Scrolled {
  /** Lines after the last one in sight. */
  readonly below: number;
  /** Rows of the last line in sight that lie below the pane. */
  readonly hidden: number;
  /** What the window said since one scrolled last: it is at the end, out of sight. */
  readonly told: readonly string[];
}

export interface RoomModel {
  /** `@nick` for a conversation. */
  readonly name: string;
  readonly lines: List<Line>;
  /** In the order in which they were posted. */
  readonly echoes: readonly Echo[];
  /** Posts that failed, also those that are not among the lines any more: their text is nowhere else. */
  readonly failed: readonly FailedLine[];
  readonly topic: string;
  /** In the order of joining. */
  readonly people: readonly Person[];
  /** Lines of others behind that one, those that are not loaded among them. */
  readonly unread: number;
  /** How many of the unread lines name this person, or are for them alone. */
  readonly mentions: number;
  /** The index of the last line that was read here; undefined: that is not known yet. */
  readonly readThrough: number | undefined;
  /** Lines after this index are new since one looked here last; undefined: nothing is. */
  readonly divider: number | undefined;
  /** Lines up to this index are known not to be kept any more. */
  readonly gone: number;
  /** Lines before this index are being asked for, to fill a gap; undefined: none are. */
  readonly filling: number | undefined;
  /** The index of the line that somebody went to, which is marked; undefined: there is none. */
  readonly found: number | undefined;
  /** undefined: the last line is in sight. */
  readonly scrolled: Scrolled | undefined;
  /** Whether there may be earlier lines, and whether they are being asked for. */
  readonly earlier: 'maybe' | 'asked' | 'none';
  /** Whether it is written to a file; undefined: as all rooms are. */
  readonly logged: boolean | undefined;
  /** The person asked who is here; else the answer only fills the pane. */
  readonly namesAsked: boolean;
  /** What is being typed here, and what was said here before. */
  readonly editor: Editor;
}

export type Alarm = DigestDiffersEvent | DiscontinuityEvent;

/** Somebody is on the way to a place. */
export interface Going {
  /** What the server was asked with last; the answer to anything before it comes too late. */
  readonly id: string;
  /** The index of the line that is to be shown once it is here; undefined: where that is, is being asked for. */
  readonly index: number | undefined;
  /** The room that was shown when they asked for it. */
  readonly from: string;
  /** As they typed it; undefined: it was no position. */
  readonly position: number | undefined;
  /** What is to be told there; '' for nothing. */
  readonly word: string;
}

export interface WindowModel {
  readonly size: Size;
  readonly nick: string;
  readonly session: string;
  readonly link: StatusEvent;
  /** Since when it is not as it should be, milliseconds since the epoch; undefined: it is. */
  readonly troubleSince: number | undefined;
  /** When the cluster is looked for again, milliseconds since the epoch; undefined: that is not due. */
  readonly nextTry: number | undefined;
  readonly rooms: readonly RoomModel[];
  /** The room that is shown. */
  readonly current: string;
  /** What an earlier window left in rooms that are not there yet. */
  readonly drafts: Drafts;
  /** What was cut, in whatever room. */
  readonly kills: Kills;
  /** What lies over the conversation. */
  readonly overlay: Overlay | undefined;
  /** How the servers were when the pane of them was open last; undefined: it never was. */
  readonly heardOfServers: HeardOfServers | undefined;
  /** The digits of a room's number, while it is being typed. */
  readonly jump: string | undefined;
  /** The line for which all rooms were asked for last. */
  readonly completing: string;
  /** All rooms that there are, as was heard last. */
  readonly allRooms: readonly string[];
  /** What the word before the cursor may become, while it is being chosen. */
  readonly menu: Menu | undefined;
  /** What was told of a room is not what its server has, or not all of it; undefined: nothing of the kind was seen. */
  readonly alarm: Alarm | undefined;
  /** The person has seen it. */
  readonly alarmHidden: boolean;
  readonly preferences: Preferences;
  /** The terminal is being looked at, as far as it tells. */
  readonly focused: boolean;
  /** When the person was called last; milliseconds since the epoch. */
  readonly calledAt: number;
  /** The place that was asked for last; undefined: none was. */
  readonly going: Going | undefined;
  /** Where the person was who joined a room last; undefined: nobody did. */
  readonly joining: string | undefined;
  /** How far this person had read in each room, as was heard last; undefined: it was not heard yet. */
  readonly markers: ReadonlyMap<string, number> | undefined;
  /** They are being asked for. */
  readonly markersAsked: boolean;
  /** When they were asked for last, milliseconds since the epoch. */
  readonly markersAskedAt: number;
  /** When something happened last, milliseconds since the epoch. */
  readonly time: number;
  /** The last position seen. */
  readonly position: number;
  /** The session goes on from an earlier window, and the room that is shown wants its last lines once all is read. */
  readonly resumed: boolean;
  /** UTF-8 bytes of one message, at most. */
  readonly textBytes: number;
  /** Posts handed over so far: their ids. */
  readonly posts: number;
  /** Ctrl-C was pressed once: once more leaves. */
  readonly warned: boolean;
  /** The session is being closed. */
  readonly leaving: boolean;
}

/** Where words of the window go while one is in no room. */
export const NO_ROOM = '';

/** What a room knows of a log of which it has heard nothing. */
export const NOTHING_HEARD = {
  unread: 0,
  mentions: 0,
  readThrough: undefined,
  divider: undefined,
  gone: 0,
  filling: undefined,
  found: undefined,
  earlier: 'maybe',
} as const;

export function newRoom(name: string): RoomModel {
  return {
    ...NOTHING_HEARD,
    name,
    lines: List.of(),
    echoes: [],
    failed: [],
    topic: '',
    people: [],
    scrolled: undefined,
    logged: undefined,
    namesAsked: false,
    editor: EMPTY_EDITOR,
  };
}

/**
 * @param room the room that is joined first
 * @param drafts what an earlier window left: conversations of two come back with it, rooms when one is in them
 */
export function newModel(
  nick: string,
  room: string,
  size: Size,
  time: number,
  preferences: Preferences,
  drafts: Drafts = [],
): WindowModel {
  const names = [room, ...drafts.map(({ name }) => name).filter((name) => isConversation(name))];
  return names.reduce((model, name) => withRoom(model, name, (same) => same), {
    ...emptyModel(nick, room, size, time, preferences),
    drafts,
  });
}

/** Without a room. */
function emptyModel(nick: string, room: string, size: Size, time: number, preferences: Preferences): WindowModel {
  return {
    size,
    nick,
    session: '',
    link: { type: 'status', state: 'connecting', server: 0, reason: 'looking for the cluster' },
    troubleSince: time,
    nextTry: undefined,
    rooms: [],
    current: room,
    drafts: [],
    kills: NO_KILLS,
    overlay: undefined,
    heardOfServers: undefined,
    alarm: undefined,
    alarmHidden: false,
    going: undefined,
    joining: undefined,
    markers: undefined,
    markersAsked: false,
    markersAskedAt: 0,
    jump: undefined,
    completing: '',
    allRooms: [],
    menu: undefined,
    preferences,
    focused: true,
    calledAt: 0,
    time,
    position: 0,
    resumed: false,
    textBytes: MAX_STRING_BYTES,
    posts: 0,
    warned: false,
    leaving: false,
  };
}

/** Upper and lower case are one. */
export function roomCalled(model: WindowModel, name: string): RoomModel | undefined {
  return model.rooms.find((room) => fold(room.name) === fold(name));
}

export function currentRoom(model: WindowModel): RoomModel {
  return roomCalled(model, model.current) ?? newRoom(model.current);
}

/** The model with one room changed; a room that is not there yet is added. */
export function withRoom(model: WindowModel, name: string, change: (room: RoomModel) => RoomModel): WindowModel {
  const known = roomCalled(model, name);
  if (!known) return withNewRoom(model, name, change);
  return { ...model, rooms: model.rooms.map((room) => (room === known ? change(room) : room)) };
}

/** What an earlier window left there to be typed on is in it. */
function withNewRoom(model: WindowModel, name: string, change: (room: RoomModel) => RoomModel): WindowModel {
  const left = model.drafts.find((draft) => fold(draft.name) === fold(name));
  const room = left ? { ...newRoom(name), editor: editorWith(left.text) } : newRoom(name);
  return { ...model, rooms: [...model.rooms, change(room)], drafts: model.drafts.filter((draft) => draft !== left) };
}

/** What is being typed where one is. */
export function editorOf(model: WindowModel): Editor {
  return currentRoom(model).editor;
}

/** The same with something else being typed where one is. */
export function withEditor(model: WindowModel, editor: Editor): WindowModel {
  return editor === editorOf(model) ? model : withRoom(model, model.current, (room) => ({ ...room, editor }));
}

/** The room is called as the log calls it, which may be otherwise than somebody typed it. */
export function named(model: WindowModel, name: string): WindowModel {
  const known = roomCalled(model, name);
  if (!known || known.name === name) return model;
  const current = model.current === known.name ? name : model.current;
  return { ...withRoom(model, name, (room) => ({ ...room, name })), current };
}

/** Shows a room. What of it is in sight is read once the event is over; where that begins is marked. */
export function shown(model: WindowModel, name: string): WindowModel {
  const room = roomCalled(model, name);
  if (!room) return model;
  const isLeft = room.name !== model.current && roomCalled(model, model.current) !== undefined;
  const left = isLeft
    ? withRoom(model, model.current, (known) => ({ ...withoutOldMark(known), found: undefined }))
    : model;
  return { ...left, current: room.name };
}

/** What was marked in it is known by now, but for what was not read. */
export function withoutOldMark(room: RoomModel): RoomModel {
  return { ...room, divider: room.unread > 0 ? room.readThrough : undefined };
}

/** The end of the conversation is in sight. */
export function atEnd(room: RoomModel): RoomModel {
  return trimmed({ ...room, scrolled: undefined, found: undefined }, MAX_LINES);
}

/** Whether a room is written to a file. */
export function isLogged({ preferences }: WindowModel, { logged }: RoomModel): boolean {
  return logged ?? preferences.logs !== 'off';
}

/** To whom things are told here. */
export function hearerOf({ session, nick, preferences }: WindowModel): Hearer {
  return { session, nick, ignored: preferences.ignored };
}

/** Without a room; what is shown instead is the one before it. */
export function withoutRoom(model: WindowModel, name: string): WindowModel {
  const at = model.rooms.findIndex((room) => fold(room.name) === fold(name));
  if (at < 0) return model;
  const rooms = model.rooms.filter((_, index) => index !== at);
  const { readThrough } = model.rooms[at] as RoomModel;
  // Whoever comes back to it has read it so far.
  const markers = model.markers && readThrough && new Map(model.markers).set(fold(name), readThrough);
  const without = { ...model, rooms, markers: markers || model.markers };
  if (model.current !== model.rooms[at]?.name) return without;
  const next = rooms[Math.max(0, at - 1)];
  return next ? shown(without, next.name) : { ...without, current: NO_ROOM };
}

/** Whether there may be earlier lines than those that are here: before the room's first one there are none. */
export function earlierOf(room: RoomModel): RoomModel['earlier'] {
  const oldest = oldestOf(room.lines);
  return oldest && linesBefore(oldest) === 0 ? 'none' : room.earlier;
}

/** What a question for earlier lines of a room is asked with, so that an error can be told from others. */
export function earlierId(room: string): string {
  return `earlier ${room}`;
}

/** Words of the window, where the person is looking. */
export function notice(model: WindowModel, texts: readonly string[], time: number): WindowModel {
  return withRoom(model, model.current, (room) =>
    texts.reduce<RoomModel>((changed, text) => withTold(changed, { type: 'notice', text, time }, text), room),
  );
}
