/**
 * A text with a cursor in it, and what can be done to it. Pure. Counts in graphemes, so no character is cut: both sides
 * of the cursor together are always the graphemes of the whole.
 */
import { graphemes } from './graphemes';

export interface Draft {
  /** Graphemes on both sides of the cursor. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A draft after something was taken out of it, and what that was. */
export interface Cut {
  readonly draft: Draft;
  readonly text: string;
}

/** UTF-16 units of a draft, at most: no server takes a longer message, however it is configured. */
export const MAX_DRAFT_UNITS = 65_536;

export const EMPTY_DRAFT: Draft = { before: [], after: [] };

export function textOf({ before, after }: Draft): string {
  return before.join('') + after.join('');
}

/** A draft with the cursor behind so many UTF-16 units, or behind the grapheme that they end in. */
export function draftOf(text: string, cursor = text.length): Draft {
  return parted(graphemes(text), cursor);
}

/** Puts text in at the cursor: a typed character, or a whole paste. What makes it too long does not go in. */
export function putIn(draft: Draft, text: string): Draft {
  return withText(draft, draft.before.length, draft.before.length, text);
}

/** The cursor behind so many graphemes. */
export function movedTo({ before, after }: Draft, position: number): Draft {
  const all = [...before, ...after];
  const at = Math.max(0, Math.min(position, all.length));
  return { before: all.slice(0, at), after: all.slice(at) };
}

/** Takes out what is between the cursor and a place that is so many graphemes from the beginning. */
export function cutTo({ before, after }: Draft, position: number): Cut {
  const all = [...before, ...after];
  const start = Math.max(0, Math.min(position, before.length));
  const end = Math.max(position, before.length);
  return { draft: joined(all.slice(0, start), all.slice(end)), text: all.slice(start, end).join('') };
}

/** Where the word before the cursor begins. */
export function wordStart({ before }: Draft): number {
  let at = before.length;
  while (at > 0 && !isWord(before[at - 1])) at -= 1;
  while (at > 0 && isWord(before[at - 1])) at -= 1;
  return at;
}

/** Where the word after the cursor ends. */
export function wordEnd({ before, after }: Draft): number {
  let at = 0;
  while (at < after.length && !isWord(after[at])) at += 1;
  while (at < after.length && isWord(after[at])) at += 1;
  return before.length + at;
}

/** Where the line with the cursor begins: behind the line break before it. */
export function lineStart({ before }: Draft): number {
  return before.lastIndexOf('\n') + 1;
}

/** Where it ends: before its line break. */
export function lineEnd({ before, after }: Draft): number {
  const at = after.indexOf('\n');
  return before.length + (at < 0 ? after.length : at);
}

/** The graphemes around the cursor change places, at the end of a line those before it. */
export function transposed(draft: Draft): Draft {
  const { before, after } = draft;
  const end = before.length < lineEnd(draft) ? before.length + 1 : before.length;
  if (end - 2 < lineStart(draft)) return draft;
  const all = [...before, ...after];
  const [one = '', other = ''] = all.slice(end - 2, end);
  return withText(draft, end - 2, end, other + one);
}

/** The word after the cursor in other letters; the cursor goes behind it. */
export function recased(draft: Draft, change: (word: string) => string): Draft {
  const end = wordEnd(draft);
  const word = draft.after.slice(0, end - draft.before.length).join('');
  return withText(draft, draft.before.length, end, change(word));
}

/** Text in the place of some graphemes, with the cursor behind it. */
function withText(draft: Draft, start: number, end: number, text: string): Draft {
  const all = [...draft.before, ...draft.after];
  const left = joined(all.slice(0, start), graphemes(text));
  const next = joined([...left.before, ...left.after], all.slice(end));
  return textOf(next).length <= MAX_DRAFT_UNITS ? next : draft;
}

/**
 * What stood apart may be one grapheme once it is side by side: a letter and its accent, the halves of a flag. The
 * cursor goes behind it, so that it never stands inside of one.
 */
function joined(before: readonly string[], after: readonly string[]): Draft {
  const last = before.at(-1);
  const [first] = after;
  if (last === undefined || first === undefined || graphemes(last + first)[0] === last) return { before, after };
  const seam = parted(graphemes(last + after.join('')), last.length);
  return { before: [...before.slice(0, -1), ...seam.before], after: seam.after };
}

function parted(all: readonly string[], cursor: number): Draft {
  let at = 0;
  for (let units = 0; at < all.length && units < cursor; at += 1) units += (all[at] as string).length;
  return { before: all.slice(0, at), after: all.slice(at) };
}

function isWord(grapheme: string | undefined): boolean {
  return grapheme !== undefined && /[\p{L}\p{N}_]/u.test(grapheme);
}
