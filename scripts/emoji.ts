/**
 * Writes src/client/window/emoji-names.ts: the short names of emoji, as most chats have them.
 *   npm pack emojibase-data && tar xzf emojibase-data-*.tgz
 *   node -r ts-node/register/transpile-only scripts/emoji.ts package > src/client/window/emoji-names.ts
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** In the files, what the code points have in between. */
const JOINT = '-';
const ROW_CHARS = 116;

const folder = process.argv[2] ?? 'package';
const read = (file: string) => JSON.parse(readFileSync(path.join(folder, 'en', file), 'utf8'));
const names: Readonly<Record<string, string | readonly string[]>> = read('shortcodes/github.json');

/** Those of one character: the window shows no more of the others. */
const single = Object.entries(names).filter(
  ([codes]) => codes.split(JOINT).filter((code) => code !== 'FE0F').length === 1,
);
const words = single
  .filter(([codes]) => /\p{Extended_Pictographic}/u.test(characterOf(codes)))
  .flatMap(([codes, all]) => [all].flat().map((name) => `${name} ${characterOf(codes)}`))
  .filter((word) => /^[a-z0-9_+-]+ /.test(word))
  .sort();

function characterOf(codes: string): string {
  const [first = ''] = codes.split(JOINT);
  return String.fromCodePoint(Number.parseInt(first, 16));
}

const rows: string[] = [];
for (const word of words) {
  const last = rows.at(-1);
  if (last !== undefined && last.length + word.length + 1 <= ROW_CHARS) rows[rows.length - 1] = `${last} ${word}`;
  else rows.push(word);
}

process.stdout.write(`/** Short names of emoji, each before its emoji: those of GitHub, from emojibase-data (MIT). Made by scripts/emoji.ts. */
export const EMOJI_NAMES = \`
${rows.join('\n')}
\`;
`);
