/** What a command that can be typed is, and what all of them need to be read. */

import type { Command } from '../chat/commands';
import type { Asked } from './questions';

/** What a line of input asks for. */
export type Action =
  /** A command for the log. */
  | { readonly type: 'command'; readonly command: Command }
  /** Go on in another room, which was joined. */
  | { readonly type: 'switch'; readonly room: string }
  /** A question to the server. */
  | { readonly type: 'ask'; readonly question: Asked }
  /** Of one's own posts: '' for the last one, `all`, or counted from the last one on. */
  | { readonly type: 'retry' | 'cancel'; readonly which: string }
  /** About one command, or `operators`: what only they may do, or '': what everybody may. */
  | { readonly type: 'help'; readonly about: string }
  /** Something that a window can do, and hardly anything else. */
  | { readonly type: 'window'; readonly wish: WindowWish }
  | { readonly type: 'quit'; readonly text: string }
  /** Nothing can be done with it, and why. */
  | { readonly type: 'problem'; readonly message: string };

export type WindowWish =
  /** A value of one's configuration: '' shows what it is; the key '' all of them. */
  | { readonly type: 'set'; readonly key: string; readonly value: string }
  /** '' shows who is ignored. */
  | { readonly type: 'ignore'; readonly nick: string }
  | { readonly type: 'unignore'; readonly nick: string }
  | { readonly type: 'clear' }
  /** Show a place in the past, as it was typed. */
  | { readonly type: 'goto'; readonly place: string }
  /** Show where the news begins. */
  | { readonly type: 'since' }
  /** Without `on`: whether this room is logged. */
  | { readonly type: 'log'; readonly on?: boolean };

/** What takes commands. */
export type Mode = 'window' | 'plain' | 'json';

export interface CommandEntry {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly help: string;
  /** Words that may follow the name; missing: any. */
  readonly most?: number;
  /** It is for operators only: most people need not read about it. */
  readonly operators?: true;
  /** Modes that do not have it, and what there is instead. */
  readonly missing?: { readonly in: readonly Mode[]; readonly instead: string };
  /** @param rest what follows the name, trimmed · @param room the current room, '' for none */
  parse(rest: string, room: string): Action;
}

/** What a command has that only a window does. */
export function onlyInWindow(instead: string): Pick<CommandEntry, 'missing'> {
  return { missing: { in: ['plain', 'json'], instead } };
}

/** Lines that can be asked for at once. */
export const MAX_HISTORY = 500;
const DEFAULT_HISTORY = 50;
/** What a count of lines may be, in words. */
export const HISTORY_COUNT = `1 to ${MAX_HISTORY}`;

/** How many lines are asked for; undefined when that is no such number. */
export function historyCount(text: string): number | undefined {
  const count = text === '' ? DEFAULT_HISTORY : Number(text);
  return Number.isInteger(count) && count >= 1 && count <= MAX_HISTORY ? count : undefined;
}

export function inRoom(room: string, make: (room: string) => Action): Action {
  return room === '' ? { type: 'problem', message: 'you are in no room; /join one first' } : make(bare(room));
}

export function asCommand(command: Command): Action {
  return { type: 'command', command };
}

export function asks(question: Asked): Action {
  return { type: 'ask', question };
}

export function needs(name: string, usage: string): Action {
  return { type: 'problem', message: `/${name} needs ${usage}` };
}

/** A position, as 1042, the index of a line, as #12, or nothing: what is not named is 0. undefined: it is neither. */
export function placeInLog(text: string): { readonly index: number; readonly position: number } | undefined {
  if (text === '') return { index: 0, position: 0 };
  const [, mark, digits] = /^(#?)([1-9]\d{0,14})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return mark === '#' ? { index: Number(digits), position: 0 } : { index: 0, position: Number(digits) };
}

/** What such a place may be, in words. */
export const PLACES_IN_LOG = 'a position, as 1042, or the index of a line, as #12';

/** The first word, and the rest. */
export function split(text: string): readonly [string, string] {
  const trimmed = text.trim();
  const space = trimmed.search(/\s/);
  return space < 0 ? [trimmed, ''] : [trimmed.slice(0, space), trimmed.slice(space).trim()];
}

export function bare(room: string): string {
  return room.startsWith('#') ? room.slice(1) : room;
}
