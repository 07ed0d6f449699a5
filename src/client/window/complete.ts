/** What the word before the cursor may become: a command, a nick, a room, an emoji. Pure. */
import { isConversation } from '../../chat/names';
import { PREFERENCE_CHOICES, PREFERENCE_NAMES } from '../../config/preferences';
import { COMMANDS } from '../commands';
import { type Draft, draftOf } from './draft';
import { emojiCalled } from './emoji';

export interface Words {
  /** Nicks, those who spoke last first. */
  readonly people: readonly string[];
  /** Rooms, and conversations as `@nick`. */
  readonly rooms: readonly string[];
  /** Rooms that one is not in. */
  readonly others: readonly string[];
  /** Nicks whose lines are not shown. */
  readonly ignored: readonly string[];
}

/** What a word may become. */
export interface Candidate {
  readonly text: string;
  /** Beside it, for whoever chooses. */
  readonly note: string;
}

/** Candidates of one word: more than can be looked through, fewer than there are emoji. */
const MAX_CANDIDATES = 100;
/** Letters of an emoji's name that have to be there. */
const EMOJI_LETTERS = 2;

/** A room is being named that one may not be in. */
export const JOINING = /^\/join +\S*$/i;

/** What may stand behind some commands. */
const ARGUMENTS: readonly (readonly [before: RegExp, words: (words: Words) => readonly string[]])[] = [
  [JOINING, ({ rooms, others }) => [...others, ...rooms]],
  [/^\/(leave|room|names) +\S*$/i, ({ rooms }) => rooms],
  [/^\/help +\S*$/i, () => COMMANDS.map(({ name }) => name)],
  [/^\/set +\S*$/i, () => PREFERENCE_NAMES],
  [/^\/(set +)?theme +\S*$/i, () => PREFERENCE_CHOICES.theme],
  [/^\/set +timestamps +\S*$/i, () => PREFERENCE_CHOICES.timestamps],
  [/^\/set +notify +\S*$/i, () => PREFERENCE_CHOICES.notify],
  [/^\/set +logs +\S*$/i, () => ['off', '~/']],
  [/^\/set +\S+ .*$/i, () => []],
  [/^\/log +\S*$/i, () => ['on', 'off']],
  [/^\/goto +\S*$/i, () => ['today', 'yesterday', 'synod://']],
  [/^\/(msg|query|whois|ignore) +\S*$/i, ({ people }) => people],
  [/^\/unignore +\S*$/i, ({ ignored }) => ignored],
];

/** The word before the cursor, without what opens a bracket or a quotation before it; '' for none. */
export function wordBefore({ before }: Draft): string {
  return /(?:^|\s)["'“‘«(]*(\S*)$/.exec(before.join(''))?.[1] ?? '';
}

/** What the word before the cursor may become, the likeliest first. */
export function candidatesFor(draft: Draft, words: Words): readonly Candidate[] {
  const word = wordBefore(draft);
  const before = draft.before.join('');
  const [, name] = /^:([a-z0-9_+-]*):?$/i.exec(word) ?? [];
  if (name !== undefined) return emoji(name.toLowerCase());
  return candidatesOf(before, word, words)
    .filter(({ text }) => text.toLowerCase().startsWith(word.toLowerCase()))
    .slice(0, MAX_CANDIDATES);
}

/** The draft with a candidate in the place of the word before the cursor, and what follows a word of its kind. */
export function completedWith(draft: Draft, { text }: Candidate): Draft {
  const before = draft.before.join('');
  const head = before.slice(0, before.length - wordBefore(draft).length);
  // Whoever is named first is spoken to.
  const colon = head === '' && /^[\p{L}\p{N}_[\]{}^`|-]/u.test(text) ? ':' : '';
  const space = draft.after[0] === ' ' ? '' : ' ';
  return { before: draftOf(`${head}${text}${colon}${space}`).before, after: draft.after };
}

function candidatesOf(before: string, word: string, words: Words): readonly Candidate[] {
  const { people, rooms } = words;
  if (word.startsWith('/') && before === word) return commands();
  if (isConversation(word)) return bare(people.map((nick) => `@${nick}`));
  if (word.startsWith('#')) return bare(rooms.filter((name) => !isConversation(name)).map((name) => `#${name}`));
  const argument = ARGUMENTS.find(([pattern]) => pattern.test(before));
  if (argument) return bare(argument[1](words));
  // Somebody is named by their first letters at least.
  return word === '' ? [] : bare(people);
}

function commands(): readonly Candidate[] {
  return COMMANDS.map(({ name, usage, help }) => ({ text: `/${name}`, note: `${usage}  ${help}`.trimStart() }));
}

function bare(texts: readonly string[]): readonly Candidate[] {
  return texts.map((text) => ({ text, note: '' }));
}

/** A name that is one in full is meant. */
function emoji(name: string): readonly Candidate[] {
  if (name.length < EMOJI_LETTERS) return [];
  const found = emojiCalled(name, MAX_CANDIDATES);
  return found.map((each) => ({ text: each.emoji, note: `:${each.name}:` }));
}
