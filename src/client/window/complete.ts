/** Tab: the word before the cursor, completed to a command, a nick or a room. Pure. */
import { COMMANDS } from '../commands';
import type { Editor } from './editor';
import { graphemes } from './graphemes';

export interface Words {
  readonly people: readonly string[];
  /** Rooms, and conversations as `@nick`. */
  readonly rooms: readonly string[];
}

export interface Completed {
  readonly editor: Editor;
  /** What it may be, when there is more than one and none of them is any nearer. */
  readonly candidates: readonly string[];
}

/** Commands that take a room. */
const ROOM_FIRST = /^\/(join|leave|room|names) +\S*$/i;

export function completed(editor: Editor, words: Words): Completed {
  const before = editor.before.join('');
  const word = /\S*$/.exec(before)?.[0] ?? '';
  if (word === '') return { editor, candidates: [] };
  const found = wordsFor(before, word, words).filter((candidate) => startsWith(candidate, word));
  const [first] = found;
  if (first === undefined) return { editor, candidates: [] };
  const head = before.slice(0, before.length - word.length);
  if (found.length === 1) {
    const isAtStart = head === '' && !word.startsWith('/');
    const space = editor.after[0] === ' ' ? '' : ' ';
    return { editor: withBefore(editor, `${head}${first}${isAtStart ? ':' : ''}${space}`), candidates: [] };
  }
  const common = found.reduce(commonStart, first);
  const isNearer = common.length > word.length;
  return { editor: isNearer ? withBefore(editor, head + common) : editor, candidates: isNearer ? [] : found };
}

function wordsFor(before: string, word: string, { people, rooms }: Words): readonly string[] {
  if (word.startsWith('/') && before === word) return COMMANDS.map(({ name }) => `/${name}`);
  if (word.startsWith('@')) return people.map((nick) => `@${nick}`);
  if (word.startsWith('#')) return rooms.filter((name) => !name.startsWith('@')).map((name) => `#${name}`);
  return ROOM_FIRST.test(before) ? rooms : people;
}

function withBefore(editor: Editor, text: string): Editor {
  return { ...editor, before: graphemes(text) };
}

function startsWith(candidate: string, word: string): boolean {
  return candidate.toLowerCase().startsWith(word.toLowerCase());
}

function commonStart(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one[at]?.toLowerCase() === other[at]?.toLowerCase()) at += 1;
  return one.slice(0, at).toWellFormed() === one.slice(0, at) ? one.slice(0, at) : one.slice(0, at - 1);
}
