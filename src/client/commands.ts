/** The commands that can be typed: one table, for parsing, for `/help` and for completion. */
import type { Command } from '../chat/commands';
import { parseRetention } from './retention';

/** What a line of input asks for. */
export type Action =
  /** A command for the log. */
  | { readonly type: 'command'; readonly command: Command }
  /** Go on in another room, which was joined. */
  | { readonly type: 'switch'; readonly room: string }
  | { readonly type: 'query'; readonly what: 'names' | 'rooms' | 'whois'; readonly name: string }
  /** Lines of a room before an index; 0: the last ones. */
  | { readonly type: 'history'; readonly room: string; readonly before: number; readonly count: number }
  /** The last lines of a room, before an index or 0, that have a text in them. */
  | {
      readonly type: 'search';
      readonly room: string;
      readonly text: string;
      readonly before: number;
      readonly count: number;
    }
  | { readonly type: 'help' }
  | { readonly type: 'quit'; readonly text: string }
  /** Nothing can be done with it, and why. */
  | { readonly type: 'problem'; readonly message: string };

export interface CommandEntry {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly help: string;
  /** @param rest what follows the name, trimmed · @param room the current room, '' for none */
  parse(rest: string, room: string): Action;
}

/** Lines that can be asked for at once. */
export const MAX_HISTORY = 500;
const DEFAULT_HISTORY = 50;
/** Lines that a search shows, unless it says otherwise. */
export const DEFAULT_FOUND = 20;

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'join',
    usage: 'ROOM',
    help: 'join a room, and go on there',
    parse: (room) => (room === '' ? needs('join', 'ROOM') : asCommand({ type: 'join', room: bare(room) })),
  },
  {
    name: 'leave',
    usage: '[ROOM]',
    help: 'leave this room, or another one',
    parse: (rest, room) => inRoom(rest || room, (name) => asCommand({ type: 'leave', room: name, text: '' })),
  },
  {
    name: 'room',
    usage: 'ROOM',
    help: 'go on in a room that you are in, or with @NICK',
    parse: (room) => (room === '' ? needs('room', 'ROOM') : { type: 'switch', room: bare(room) }),
  },
  {
    name: 'msg',
    usage: 'NICK TEXT',
    help: 'say something to one person',
    parse: (rest) => {
      const [nick, text] = split(rest);
      if (nick === '' || text === '') return needs('msg', 'NICK TEXT');
      return asCommand({ type: 'direct', nick: nick.replace(/^@/, ''), text, action: false });
    },
  },
  {
    name: 'me',
    usage: 'TEXT',
    help: 'say what you do: * alice waves',
    parse: (text, room) => (text === '' ? needs('me', 'TEXT') : say(room, text, true)),
  },
  {
    name: 'nick',
    usage: 'NAME',
    help: 'be called otherwise',
    parse: (nick) => (nick === '' ? needs('nick', 'NAME') : asCommand({ type: 'nick', nick })),
  },
  {
    name: 'topic',
    usage: 'TEXT',
    help: "set this room's topic; - takes it away",
    parse: (text, room) => {
      if (text === '') return needs('topic', 'TEXT');
      return topic(room, text === '-' ? '' : text);
    },
  },
  {
    name: 'retain',
    usage: '30d|1000 lines|10MB|forever',
    help: 'set how much of this room is kept; several limits may be given',
    parse: (rest, room) => retain(room, rest),
  },
  {
    name: 'away',
    usage: '[TEXT]',
    help: 'say that you are away; without text: back again',
    parse: (text) => asCommand({ type: 'away', text }),
  },
  {
    name: 'names',
    usage: '[ROOM]',
    help: 'who is here',
    parse: (rest, room) => inRoom(rest || room, (name) => ({ type: 'query', what: 'names', name })),
  },
  {
    name: 'rooms',
    usage: '',
    help: 'which rooms there are',
    parse: () => ({ type: 'query', what: 'rooms', name: '' }),
  },
  {
    name: 'whois',
    usage: 'NICK',
    help: 'who somebody is',
    parse: (nick) => (nick === '' ? needs('whois', 'NICK') : { type: 'query', what: 'whois', name: nick }),
  },
  {
    name: 'history',
    usage: '[COUNT]',
    help: 'earlier lines of this room',
    parse: (rest, room) => {
      const count = rest === '' ? DEFAULT_HISTORY : Number(rest);
      const valid = Number.isInteger(count) && count >= 1 && count <= MAX_HISTORY;
      if (!valid) return { type: 'problem', message: `/history takes 1 to ${MAX_HISTORY}` };
      return inRoom(room, (name) => ({ type: 'history', room: name, before: 0, count }));
    },
  },
  {
    name: 'search',
    usage: 'TEXT',
    help: 'the last lines of this room with that in them',
    parse: (text, room) => {
      if (text === '') return needs('search', 'TEXT');
      return inRoom(room, (name) => ({ type: 'search', room: name, text, before: 0, count: DEFAULT_FOUND }));
    },
  },
  { name: 'help', usage: '', help: 'this list', parse: () => ({ type: 'help' }) },
  { name: 'quit', usage: '[TEXT]', help: 'leave', parse: (text) => ({ type: 'quit', text }) },
];

/** @param text '' takes it away */
export function topic(room: string, text: string): Action {
  if (room.startsWith('@')) return { type: 'problem', message: 'a conversation of two has no topic' };
  return inRoom(room, (name) => asCommand({ type: 'topic', room: name, text }));
}

/** @param keep how much, as it is typed */
export function retain(room: string, keep: string): Action {
  const kept = parseRetention(keep);
  if (!kept) return needs('retain', '30d (or h, m), 1000 lines, 10MB (or kB, GB), each at most once, or forever');
  return inRoom(room, (name) => asCommand({ type: 'retain', room: name, ...kept }));
}

/** The table as lines of text. */
export function helpLines(): readonly string[] {
  const width = Math.max(...COMMANDS.map(({ name, usage }) => name.length + usage.length + 2));
  const rows = COMMANDS.map(({ name, usage, help }) => `${`/${name} ${usage}`.padEnd(width)}  ${help}`);
  return [...rows, 'Anything else is said in the current room; //text says "/text".'];
}

/** What a typed line asks for. @param room the current room or conversation, '' for none */
export function parseInput(line: string, room: string): Action {
  if (line.startsWith('//')) return say(room, line.slice(1), false);
  if (!line.startsWith('/')) return say(room, line, false);
  const [name, rest] = split(line.slice(1));
  const entry = COMMANDS.find((command) => command.name === name.toLowerCase());
  if (!entry) return { type: 'problem', message: `there is no command /${name.slice(0, 32)}; /help lists all` };
  return entry.parse(rest, room);
}

/** Says something in a room or, when it is called `@nick`, to one person. */
export function say(room: string, text: string, action: boolean): Action {
  if (room.startsWith('@')) return asCommand({ type: 'direct', nick: room.slice(1), text, action });
  return inRoom(room, (name) => asCommand({ type: 'say', room: name, text, action }));
}

function inRoom(room: string, make: (room: string) => Action): Action {
  return room === '' ? { type: 'problem', message: 'you are in no room; /join one first' } : make(bare(room));
}

function asCommand(command: Command): Action {
  return { type: 'command', command };
}

function needs(name: string, usage: string): Action {
  return { type: 'problem', message: `/${name} needs ${usage}` };
}

/** The first word, and the rest. */
function split(text: string): readonly [string, string] {
  const trimmed = text.trim();
  const space = trimmed.search(/\s/);
  return space < 0 ? [trimmed, ''] : [trimmed.slice(0, space), trimmed.slice(space).trim()];
}

function bare(room: string): string {
  return room.startsWith('#') ? room.slice(1) : room;
}
