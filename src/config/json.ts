/**
 * JSON with errors that say where: line and column, and what was expected there. A key that comes twice is an error
 * too: `JSON.parse` would take the later one without a word.
 */

export interface JsonProblem {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  readonly what: string;
}

export type ParsedJson = { readonly value: unknown } | { readonly problem: JsonProblem };

/** A configuration has four levels. */
const MAX_DEPTH = 32;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none within a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

export function parseJson(text: string): ParsedJson {
  try {
    new Scanner(text).document();
    return { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { problem: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, what: error.message } };
  }
}

class Mistake extends Error {
  constructor(
    readonly at: number,
    what: string,
  ) {
    super(what);
  }
}

/** Walks through the text and stops at the first mistake. */
class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value(0);
    if (this.peek() !== '') this.fail('the end of the file');
  }

  private value(depth: number): void {
    if (depth > MAX_DEPTH) throw new Mistake(this.at, `nested deeper than ${MAX_DEPTH} levels`);
    const next = this.peek();
    if (next === '{') this.members('}', depth, new Set());
    else if (next === '[') this.members(']', depth, undefined);
    else if (!this.take(STRING) && !this.take(NUMBER) && !this.take(WORD)) this.fail('a value');
  }

  /** What an object (`keys` are those that it has) or an array holds. */
  private members(close: '}' | ']', depth: number, keys: Set<string> | undefined): void {
    this.at += 1;
    if (this.peek() === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      if (keys) this.key(keys);
      this.value(depth + 1);
      const next = this.peek();
      if (next !== ',' && next !== close) this.fail(`"," or "${close}"`);
      this.at += 1;
      if (next === close) return;
    }
  }

  private key(keys: Set<string>): void {
    this.peek();
    const from = this.at;
    const quoted = this.take(STRING);
    if (!quoted) this.fail('a key in double quotes');
    const key = JSON.parse(quoted) as string;
    if (keys.has(key)) throw new Mistake(from, `the key ${quoted} comes twice`);
    keys.add(key);
    if (this.peek() !== ':') this.fail('":"');
    this.at += 1;
  }

  /** The next character that is no space; the empty text at the end. */
  private peek(): string {
    this.take(SPACE);
    return this.text.charAt(this.at);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private fail(expected: string): never {
    const found = this.text.charAt(this.at);
    throw new Mistake(
      this.at,
      `found ${found === '' ? 'the end of the file' : JSON.stringify(found)}, expected ${expected}`,
    );
  }
}
