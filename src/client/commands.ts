/** The commands that can be typed: one table, for parsing, for `/help` and for completion. */
import { isConversation } from '../chat/names';
import { AGREEMENT_COMMANDS } from './agreement-commands';
import {
  type Action,
  asCommand,
  asks,
  bare,
  type CommandEntry,
  HISTORY_COUNT,
  historyCount,
  inRoom,
  type Mode,
  needs,
  split,
} from './command-entry';
import { PERSON_COMMANDS } from './person-commands';
import { PLACE_COMMANDS } from './place-commands';
import { POST_COMMANDS } from './post-commands';
import { parseRetention } from './retention';
import { WINDOW_COMMANDS } from './window-commands';

/** What `/help` takes for what only they may do; no command is called so. */
const OPERATORS = 'operators';
/** Lines that a search shows, unless it says otherwise. */
export const DEFAULT_FOUND = 20;

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'join',
    usage: 'ROOM',
    most: 1,
    help: 'join a room, and go on there',
    parse: (room) => (room === '' ? needs('join', 'ROOM') : asCommand({ type: 'join', room: bare(room) })),
  },
  {
    name: 'leave',
    usage: '[ROOM]',
    most: 1,
    help: 'leave this room, or another one',
    parse: (rest, room) => inRoom(rest || room, (name) => asCommand({ type: 'leave', room: name, text: '' })),
  },
  {
    name: 'room',
    usage: 'ROOM',
    most: 1,
    help: 'go on in a room that you are in, or with @NICK',
    parse: (room) => (room === '' ? needs('room', 'ROOM') : { type: 'switch', room: bare(room) }),
  },
  {
    name: 'query',
    usage: 'NICK',
    most: 1,
    help: 'go on in a conversation with one person',
    parse: (nick) => (nick === '' ? needs('query', 'NICK') : { type: 'switch', room: `@${nick.replace(/^@/, '')}` }),
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
    most: 1,
    help: 'be called otherwise',
    parse: (nick) => (nick === '' ? needs('nick', 'NAME') : asCommand({ type: 'nick', nick })),
  },
  {
    name: 'topic',
    usage: '[TEXT]',
    help: 'show or set the topic; - takes it away',
    parse: (text, room) => {
      if (text !== '') return topic(room, text === '-' ? '' : text);
      return ofRoom('topic', room, (name) => asks({ type: 'query', what: 'rooms', name }));
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
    most: 1,
    help: 'who is here',
    parse: (rest, room) =>
      ofRoom('list of people', rest || room, (name) => asks({ type: 'query', what: 'names', name })),
  },
  {
    name: 'rooms',
    usage: '',
    most: 0,
    help: 'which rooms there are',
    parse: () => asks({ type: 'query', what: 'rooms', name: '' }),
  },
  {
    name: 'whois',
    usage: 'NICK',
    most: 1,
    help: 'who somebody is',
    parse: (nick) => (nick === '' ? needs('whois', 'NICK') : asks({ type: 'query', what: 'whois', name: nick })),
  },
  {
    name: 'history',
    usage: '[COUNT]',
    help: 'earlier lines of this room',
    parse: (rest, room) => {
      const count = historyCount(rest);
      if (count === undefined) return { type: 'problem', message: `/history takes ${HISTORY_COUNT}` };
      return inRoom(room, (name) => asks({ type: 'history', room: name, before: 0, limit: count }));
    },
  },
  {
    name: 'search',
    usage: 'TEXT',
    help: 'the last lines of this room with that in them',
    parse: (text, room) => {
      if (text === '') return needs('search', 'TEXT');
      return inRoom(room, (name) => asks({ type: 'search', room: name, text, before: 0, limit: DEFAULT_FOUND }));
    },
  },
  ...AGREEMENT_COMMANDS,
  ...POST_COMMANDS,
  ...PLACE_COMMANDS,
  ...PERSON_COMMANDS,
  ...WINDOW_COMMANDS,
  {
    name: 'help',
    usage: '[COMMAND|operators]',
    help: 'this list, one command, or what operators may do',
    parse: (rest) => {
      const about = rest.replace(/^\//, '').toLowerCase();
      return about === '' || about === OPERATORS || entryOf(about) ? { type: 'help', about } : noSuch(about);
    },
  },
  { name: 'quit', usage: '[TEXT]', help: 'leave', parse: (text) => ({ type: 'quit', text }) },
];

/** @param text '' takes it away */
export function topic(room: string, text: string): Action {
  return ofRoom('topic', room, (name) => asCommand({ type: 'topic', room: name, text }));
}

/** @param keep how much, as it is typed */
export function retain(room: string, keep: string): Action {
  const kept = parseRetention(keep);
  if (!kept) return needs('retain', '30d (or h, m), 1000 lines, 10MB (or kB, GB), each at most once, or forever');
  return ofRoom('retention', room, (name) => asCommand({ type: 'retain', room: name, ...kept }));
}

/** @param what there is of a room, and not where two talk to each other */
function ofRoom(what: string, room: string, make: (room: string) => Action): Action {
  return isConversation(room)
    ? { type: 'problem', message: `a conversation of two has no ${what}` }
    : inRoom(room, make);
}

/** A command or a key, and what it does. */
export type HelpRow = readonly [what: string, does: string];

/** Lines of text about one command, what only operators may do ('operators'), or what everybody may (''). */
export function helpLines(about: string, mode: Mode): readonly string[] {
  const entry = entryOf(about);
  if (entry) return [`/${entry.name} ${entry.usage}`.trimEnd(), `  ${absence(entry, mode) ?? entry.help}`];
  const { rows, last } = helpOn(about === OPERATORS, mode);
  const width = Math.max(...rows.map(([command]) => command.length));
  return [...rows.map(([command, help]) => `${command.padEnd(width)}  ${help}`), last];
}

/** What can be typed, each with what it does, and what else there is to know of it. @param operators only what they may do */
export function helpOn(operators: boolean, mode: Mode): { readonly rows: readonly HelpRow[]; readonly last: string } {
  const shown = COMMANDS.filter((each) => (each.operators ?? false) === operators && !absence(each, mode));
  const rows = shown.map(({ name, usage, help }) => [`/${name} ${usage}`.trimEnd(), help] as const);
  return {
    rows,
    last: operators
      ? 'WHO is a nick or a key, as /whois shows it.'
      : 'Anything else is said in the current room; //text says "/text".',
  };
}

/** What a typed line asks for. @param room the current room or conversation, '' for none */
export function parseInput(line: string, room: string, mode: Mode): Action {
  if (line.startsWith('//')) return say(room, line.slice(1), false);
  if (!line.startsWith('/')) return say(room, line, false);
  const [name, rest] = split(line.slice(1));
  const entry = entryOf(name.toLowerCase());
  if (!entry) return noSuch(name);
  const missing = absence(entry, mode);
  if (missing !== undefined) return { type: 'problem', message: missing };
  const { most = Number.POSITIVE_INFINITY, usage } = entry;
  if (rest === '' || rest.split(/\s+/).length <= most) return entry.parse(rest, room);
  return { type: 'problem', message: `/${entry.name} takes ${most === 0 ? 'nothing' : `${usage} and nothing more`}` };
}

/** What there is to say of a command that is missing in a mode; undefined: it is there. */
function absence({ name, missing }: CommandEntry, mode: Mode): string | undefined {
  return missing?.in.includes(mode) ? `there is no /${name} here: ${missing.instead}` : undefined;
}

function entryOf(name: string): CommandEntry | undefined {
  return COMMANDS.find((command) => command.name === name);
}

function noSuch(name: string): Action {
  return { type: 'problem', message: `there is no command /${name.slice(0, 32)}; /help lists all` };
}

/** Says something in a room or, when it is called `@nick`, to one person. */
export function say(room: string, text: string, action: boolean): Action {
  if (isConversation(room)) return asCommand({ type: 'direct', nick: room.slice(1), text, action });
  return inRoom(room, (name) => asCommand({ type: 'say', room: name, text, action }));
}
