/** What is wrong with a configuration, in lines that say where, what was found, and what is allowed. */

/** A configuration that cannot be used. Its message has one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(
    readonly problems: readonly string[],
    options?: { cause?: unknown },
  ) {
    super(problems.join('\n'), options);
  }
}

/** Where a value stands in the configuration: the keys and indexes that lead to it. */
export type KeyPath = readonly PropertyKey[];

/** A path as a user would write it: `servers[1].pub`. */
export function showPath(path: KeyPath): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || 'the whole';
}

/** A line: where it stands (`cluster.json: servers[1].pub`), what it is, what it may be. */
export function showProblem(where: string, found: unknown, allowed: string): string {
  return `${where}: found ${showValue(found)}, allowed: ${allowed}`;
}

/** What a value may take in a message. */
const SHOWN_CHARS = 80;

function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN_CHARS ? text : `${text.slice(0, SHOWN_CHARS)}…`;
}

/** What a misspelt key was meant to be, as far as one can tell: `; did you mean "dataDir"?`, or nothing. */
export function suggest(unknown: string, known: readonly string[]): string {
  const distances = known.map((key) => ({ key, distance: distanceOf(unknown.toLowerCase(), key.toLowerCase()) }));
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  const isNear = nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.key.length / 3));
  return isNear ? `; did you mean ${nearest.key}?` : '';
}

/** A character left out is a smaller mistake than another one: a word is forgotten more often than made up. */
const LEFT_OUT = 0.5;

/** What it takes to make `b` out of `a`: a character more or another one, 1; one left out, `LEFT_OUT` (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index * LEFT_OUT);
  for (const [index, char] of [...a].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= b.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (char === b[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + LEFT_OUT));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
