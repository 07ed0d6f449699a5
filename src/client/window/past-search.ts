/** Looking through the lines that were entered before, while one types what to look for. Pure. */

export interface PastSearch {
  readonly type: 'search';
  readonly query: string;
  /** The line that is shown; the number of lines: none of them yet. */
  readonly at: number;
  /** No further line has it. */
  readonly missing: boolean;
}

/** UTF-16 units of what is looked for. */
const MAX_QUERY_UNITS = 256;

export function searchIn(past: readonly string[]): PastSearch {
  return { type: 'search', query: '', at: past.length, missing: false };
}

/** For a text with more to it: the line that is shown may have that too. */
export function narrowed(search: PastSearch, past: readonly string[], typed: string): PastSearch {
  const query = search.query + typed;
  return query.length > MAX_QUERY_UNITS ? search : found({ ...search, query }, past, search.at, -1);
}

/** For a text without its last character: from the newest line again. */
export function widened({ query }: PastSearch, past: readonly string[]): PastSearch {
  const shorter = [...query].slice(0, -1).join('');
  return shorter === '' ? searchIn(past) : found({ ...searchIn(past), query: shorter }, past, past.length - 1, -1);
}

/** The next line that has it, and is another one than is shown. @param by -1: older, 1: newer */
export function further(search: PastSearch, past: readonly string[], by: -1 | 1): PastSearch {
  let start = search.at + by;
  while (past[start] !== undefined && past[start] === past[search.at]) start += by;
  return found(search, past, start, by);
}

/** Where in the line that is shown it is, in UTF-16 units; upper and lower case are one. */
export function foundAt({ query }: PastSearch, line: string): number {
  return line.toLowerCase().indexOf(query.toLowerCase());
}

function found(search: PastSearch, past: readonly string[], start: number, by: -1 | 1): PastSearch {
  for (let at = Math.min(start, by < 0 ? past.length - 1 : start); past[at] !== undefined; at += by) {
    if (foundAt(search, past[at] as string) >= 0) return { ...search, at, missing: false };
  }
  return { ...search, missing: true };
}
