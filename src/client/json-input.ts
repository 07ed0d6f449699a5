/** A line of `--json` input: a JSON object, or what a person would type. */
import { type Action, asks, MAX_HISTORY } from './command-entry';
import { DEFAULT_FOUND, parseInput, retain, say, topic } from './commands';

export interface JsonRequest {
  readonly action: Action;
  /** Comes back in the ack or the error; '' for none. */
  readonly id: string;
}

/** UTF-16 units of an id: it is kept until the post is confirmed. */
export const MAX_ID_UNITS = 256;

type Fields = Readonly<Record<string, string | boolean | number>>;
type FieldType = keyof typeof FIELD_TYPES;

/** What a field may be, in words. */
const FIELD_TYPES = { string: 'a text', boolean: 'true or false', number: 'a whole number, 0 or more' } as const;

interface JsonEntry {
  /** Fields that have to be there, and fields that may, with what each is. */
  readonly needs: Readonly<Record<string, FieldType>>;
  readonly takes: Readonly<Record<string, FieldType>>;
  /** @param room the room named, or the current one */
  make(fields: Fields, room: string): Action;
}

const text = (fields: Fields, name: string): string => String(fields[name] ?? '');

const ENTRIES: Readonly<Record<string, JsonEntry>> = {
  post: {
    needs: { text: 'string' },
    takes: { room: 'string', action: 'boolean' },
    make: (fields, room) => say(room, text(fields, 'text'), fields.action === true),
  },
  /** A line as it would be typed: for what has no type of its own. */
  command: {
    needs: { text: 'string' },
    takes: { room: 'string' },
    make: (fields, room) => parseInput(text(fields, 'text'), room, 'json'),
  },
  join: {
    needs: { room: 'string' },
    takes: {},
    make: (_, room) => ({ type: 'command', command: { type: 'join', room } }),
  },
  leave: {
    needs: { room: 'string' },
    takes: { text: 'string' },
    make: (fields, room) => ({ type: 'command', command: { type: 'leave', room, text: text(fields, 'text') } }),
  },
  topic: {
    needs: { room: 'string', text: 'string' },
    takes: {},
    make: (fields, room) => topic(room, text(fields, 'text')),
  },
  nick: {
    needs: { nick: 'string' },
    takes: {},
    make: (fields) => ({ type: 'command', command: { type: 'nick', nick: text(fields, 'nick') } }),
  },
  away: {
    needs: { text: 'string' },
    takes: {},
    make: (fields) => ({ type: 'command', command: { type: 'away', text: text(fields, 'text') } }),
  },
  retain: {
    needs: { room: 'string', keep: 'string' },
    takes: {},
    make: (fields, room) => retain(room, text(fields, 'keep')),
  },
  history: {
    needs: {},
    takes: { room: 'string', before: 'number', limit: 'number' },
    make: (fields, room) => asks({ type: 'history', room, ...pageOf(fields, MAX_HISTORY) }),
  },
  search: {
    needs: { text: 'string' },
    takes: { room: 'string', before: 'number', limit: 'number' },
    make: (fields, room) =>
      asks({ type: 'search', room, text: text(fields, 'text'), ...pageOf(fields, DEFAULT_FOUND) }),
  },
  names: {
    needs: {},
    takes: { room: 'string' },
    make: (_, room) => asks({ type: 'query', what: 'names', name: room }),
  },
  rooms: {
    needs: {},
    takes: {},
    make: () => asks({ type: 'query', what: 'rooms', name: '' }),
  },
  whois: {
    needs: { nick: 'string' },
    takes: {},
    make: (fields) => asks({ type: 'query', what: 'whois', name: text(fields, 'nick') }),
  },
  why: {
    needs: {},
    takes: { room: 'string', index: 'number', position: 'number' },
    make: ({ index = 0, position = 0 }, room) => {
      return asks({ type: 'why', room, index: Number(index), position: Number(position) });
    },
  },
  digest: {
    needs: {},
    takes: { room: 'string', index: 'number', position: 'number' },
    make: ({ index = 0, position = 0 }, room) => {
      return asks({ type: 'digest', room, index: Number(index), position: Number(position) });
    },
  },
  place: {
    needs: { time: 'number' },
    takes: { room: 'string' },
    make: ({ time }, room) => asks({ type: 'place', room, time: Number(time) }),
  },
  cluster: {
    needs: {},
    takes: {},
    make: () => asks({ type: 'cluster' }),
  },
  quit: {
    needs: {},
    takes: { text: 'string' },
    make: (fields) => ({ type: 'quit', text: text(fields, 'text') }),
  },
};

/** @param count unless `limit` says how many */
function pageOf({ before, limit }: Fields, count: number): { readonly before: number; readonly limit: number } {
  return { before: Number(before ?? 0), limit: Math.min(Math.max(1, Number(limit ?? count)), MAX_HISTORY) };
}

/** @param room the current room, for posts that name none */
export function parseJsonInput(line: string, room: string): JsonRequest {
  if (!line.trimStart().startsWith('{')) return { action: parseInput(line, room, 'json'), id: '' };
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(line);
  } catch {
    return problem('a line that begins with { has to be a JSON object', '');
  }
  const { type, id: rawId = '', ...fields } = value;
  if (typeof rawId !== 'string' && typeof rawId !== 'number') return problem('id is neither a text nor a number', '');
  const id = String(rawId);
  if (id.length > MAX_ID_UNITS) return problem(`id has more than ${MAX_ID_UNITS} characters`, '');
  const entry = typeof type === 'string' && Object.hasOwn(ENTRIES, type) ? ENTRIES[type] : undefined;
  if (!entry) {
    const found = type === undefined ? 'missing' : shortened(JSON.stringify(type));
    return problem(`type is ${found}; allowed: ${Object.keys(ENTRIES).join(', ')}`, id);
  }
  const wrong = wrongField(fields, entry);
  if (wrong) return problem(wrong, id);
  return { action: entry.make(fields as Fields, typeof fields.room === 'string' ? fields.room : room), id };
}

/** What is wrong with the fields, or undefined. */
function wrongField(fields: Readonly<Record<string, unknown>>, { needs, takes }: JsonEntry): string | undefined {
  const missing = Object.keys(needs).find((name) => fields[name] === undefined);
  if (missing !== undefined) return `${missing} is missing`;
  const allowed = { ...takes, ...needs };
  for (const [name, value] of Object.entries(fields)) {
    const wanted = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (!wanted)
      return `unknown field ${shortened(name)}; allowed: ${['type', 'id', ...Object.keys(allowed)].join(', ')}`;
    const isWanted =
      typeof value === wanted && (wanted !== 'number' || (Number.isSafeInteger(value) && Number(value) >= 0));
    if (!isWanted) return `${name} has to be ${FIELD_TYPES[wanted]}`;
  }
  return undefined;
}

function shortened(found: string): string {
  return found.length > 32 ? `${found.slice(0, 32).toWellFormed()}…` : found;
}

function problem(message: string, id: string): JsonRequest {
  return { action: { type: 'problem', message }, id };
}
