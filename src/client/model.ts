/** What the chat window knows: rooms with their lines and people, the line being typed, how the link is. Plain data. */
import { type Editor, EMPTY_EDITOR } from './editor';
import type { MessageEvent, PresenceEvent, StatusEvent } from './events';

/** A post of one's own that has not come back from the log yet. */
export interface Echo {
  readonly id: string;
  readonly text: string;
  readonly action: boolean;
  readonly state: 'sent' | 'committed' | 'failed';
  /** Why it failed. */
  readonly reason: string;
}

/** A line of a room: from the log, or a word of the window itself. */
export type Line =
  | MessageEvent
  | PresenceEvent
  | { readonly type: 'notice'; readonly text: string; readonly time: number };

export interface RoomModel {
  /** `@nick` for a conversation. */
  readonly name: string;
  readonly lines: readonly Line[];
  readonly echoes: readonly Echo[];
  readonly topic: string;
  /** Nicks of those who are here, in the order of joining. */
  readonly people: readonly string[];
  readonly unread: number;
  /** One of the unread lines names this client. */
  readonly mentioned: boolean;
  /** Rows that the conversation is scrolled up by. */
  readonly scroll: number;
  /** Lines that came while it was scrolled up. */
  readonly below: number;
  /** Whether there may be earlier lines, and whether they are being asked for. */
  readonly earlier: 'maybe' | 'asked' | 'none';
}

export interface WindowModel {
  readonly nick: string;
  readonly session: string;
  readonly link: StatusEvent;
  readonly rooms: readonly RoomModel[];
  /** The room that is shown. */
  readonly current: string;
  readonly editor: Editor;
  /** The last position seen. */
  readonly position: number;
  /** Posts handed over so far: their ids. */
  readonly posts: number;
  /** Ctrl-C was pressed once: once more leaves. */
  readonly leaving: boolean;
}

/** Lines kept of a room; earlier ones are read again from the log. */
export const MAX_LINES = 2000;

export function newRoom(name: string): RoomModel {
  return {
    name,
    lines: [],
    echoes: [],
    topic: '',
    people: [],
    unread: 0,
    mentioned: false,
    scroll: 0,
    below: 0,
    earlier: 'maybe',
  };
}

/** @param room the room that is joined first */
export function newModel(nick: string, room: string): WindowModel {
  return {
    nick,
    session: '',
    link: { type: 'status', state: 'connecting', server: 0, reason: 'looking for the cluster' },
    rooms: [newRoom(room)],
    current: room,
    editor: EMPTY_EDITOR,
    position: 0,
    posts: 0,
    leaving: false,
  };
}

export function currentRoom(model: WindowModel): RoomModel {
  return model.rooms.find(({ name }) => name === model.current) ?? newRoom(model.current);
}

/** The model with one room changed; a room that is not there yet is added. */
export function withRoom(model: WindowModel, name: string, change: (room: RoomModel) => RoomModel): WindowModel {
  const known = model.rooms.some((room) => room.name === name);
  const rooms = known ? model.rooms : [...model.rooms, newRoom(name)];
  return { ...model, rooms: rooms.map((room) => (room.name === name ? change(room) : room)) };
}
