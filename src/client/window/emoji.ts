/** Emoji by their short names: `:smile:`. Pure. */
import { EMOJI_NAMES } from './emoji-names';

/** By name, in the order of the names. */
const EMOJI: ReadonlyMap<string, string> = tableOf(EMOJI_NAMES.trim().split(/\s+/));
/** Not a time of day, not a part of an address. */
const NAMED = /(?<![\p{L}\p{N}:/]):([a-z0-9_+-]+):(?![\p{L}\p{N}:/])/gu;

/** Names that stand between colons in a text become emoji, if there are any of that name. */
export function withEmoji(text: string): string {
  return text.replace(NAMED, (whole, name: string) => EMOJI.get(name) ?? whole);
}

export interface NamedEmoji {
  readonly name: string;
  readonly emoji: string;
}

/** Those whose name begins with a text, then those that have it inside; the shortest first, so that the one of that name is. */
export function emojiCalled(part: string, most: number): readonly NamedEmoji[] {
  const begins: NamedEmoji[] = [];
  const has: NamedEmoji[] = [];
  for (const [name, emoji] of EMOJI) {
    if (name.startsWith(part)) begins.push({ name, emoji });
    else if (name.includes(part)) has.push({ name, emoji });
  }
  const byLength = (a: NamedEmoji, b: NamedEmoji) => a.name.length - b.name.length;
  return [...begins.sort(byLength), ...has.sort(byLength)].slice(0, most);
}

function tableOf(words: readonly string[]): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (let at = 0; at + 1 < words.length; at += 2) table.set(words[at] as string, words[at + 1] as string);
  return table;
}
