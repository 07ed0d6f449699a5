/** Whose lines a person does not want to see. Pure. */
import { fold } from '../chat/names';
import type { WindowWish } from './command-entry';

/** By the nicks as the preferences have them: folded once, and not for each line that is heard or drawn. */
const foldedOf = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Upper and lower case are one. */
export function isIgnored(ignored: readonly string[], nick: string): boolean {
  return ignored.length > 0 && folded(ignored).has(fold(nick));
}

export function withoutIgnored<Line extends { readonly nick: string }>(
  ignored: readonly string[],
  lines: readonly Line[],
): readonly Line[] {
  return lines.filter(({ nick }) => !isIgnored(ignored, nick));
}

function folded(ignored: readonly string[]): ReadonlySet<string> {
  const known = foldedOf.get(ignored);
  if (known) return known;
  const made = new Set(ignored.map(fold));
  foldedOf.set(ignored, made);
  return made;
}

/** What `/ignore` and `/unignore` make of who is ignored, or what there is to say instead. @param own one's own nick */
export function ignoredAfter(
  ignored: readonly string[],
  { type, nick }: Extract<WindowWish, { readonly type: 'ignore' | 'unignore' }>,
  own: string,
): { readonly ignored: readonly string[] } | { readonly say: string } {
  const isThere = isIgnored(ignored, nick);
  if (type === 'unignore') {
    if (!isThere) return { say: `${nick} is not ignored` };
    return { ignored: ignored.filter((each) => fold(each) !== fold(nick)) };
  }
  if (nick === '') return { say: ignoredInWords(ignored) };
  if (isThere) return { say: `${nick} is ignored already` };
  return fold(nick) === fold(own) ? { say: 'that is you' } : { ignored: [...ignored, nick] };
}

export function ignoredInWords(ignored: readonly string[]): string {
  return ignored.length === 0 ? 'nobody is ignored' : `ignored: ${ignored.join(', ')}`;
}
