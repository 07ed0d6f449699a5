/**
 * What stands out on the screen, and how: below each row, a mark for every cell that does not look as text does. The
 * screens of screens.test.ts are text without colours.
 */
import { Story } from '../window/window-model';
import { disposeShown, Shown } from './shown';
import { STORIES } from './stories';

afterEach(disposeShown);

const SIZES = { '80 x 24': [80, 24], '40 x 12': [40, 12], '20 x 5': [20, 5] } as const;
const [USUAL, SMALL, TINY] = ['80 x 24', '40 x 12', '20 x 5'] as const;

/** By colours of text and ground, then bold, reverse and dim as @xterm/headless says them. */
const MARKS: readonly (readonly [pattern: RegExp, mark: string])[] = [
  [/^-1 -1 0 0 0$/, ' '],
  [/^7 1 \d{2,} 0 0$/, '#'], // white on red
  [/^1 -1 \d{2,} 0 0$/, 'R'], // bold red
  [/^1 -1 0 0 0$/, 'r'], // red
  [/^-1 -1 \d{2,} 0 0$/, 'b'], // bold
  [/^-1 -1 0 \d{2,} 0$/, '='], // in reverse
  [/^-1 -1 0 0 \d{2,}$/, 'd'], // dim
  [/^\d{2,3} -1 0 0 0$/, 'n'], // of a nick
  [/^\d{2,3} -1 \d{2,} 0 0$/, 'N'], // of a nick, bold
  [/^\d{2,3} -1 0 0 \d{2,}$/, 'm'], // of a nick, dim
];

function markOf(cell: string): string {
  const looks = cell.split(' ').slice(-5).join(' ');
  const [, mark] = MARKS.find(([pattern]) => pattern.test(looks)) ?? [];
  if (mark === undefined) throw new Error(`nothing should look like ${looks}: ${cell}`);
  return mark;
}

/** The rows of a screen, each with its marks below it when there are any. */
async function looksOf(story: Story): Promise<string> {
  const shown = new Shown(story);
  const lines = await shown.lines();
  const cells = await shown.screen.allCells();
  const rows = lines.flatMap((line, row) => {
    const marks = (cells[row] ?? []).map(markOf).join('').trimEnd();
    return marks === '' ? [`|${line}`] : [`|${line}`, ` ${marks}`];
  });
  return ['', ...rows, ''].join('\n');
}

function storyOf(name: string, size: keyof typeof SIZES): Story {
  const [columns, rows] = SIZES[size];
  const story = Story.online({ columns, rows });
  return STORIES[name]?.(story) ?? story;
}

const LOOKED_AT = [
  ['a server lost', USUAL],
  ['a server lost, and a line with it', USUAL],
  ['a server lost, and a line with it', SMALL],
  ['no majority', USUAL],
  ['no majority', SMALL],
  ['no majority', TINY],
  ['a history that differs', USUAL],
  ['one server lost', SMALL],
  ['the majority lost', SMALL],
  ['candidates of a word', SMALL],
  ['a gap', SMALL],
  ['what is new', SMALL],
  ['how a line was agreed on', SMALL],
  ['an answer while scrolled back', SMALL],
  ['a place gone to', SMALL],
  ['posts queued, sent and failed', USUAL],
  ['leaving is asked for once more', TINY],
] as const;

test.each(LOOKED_AT)('%s, %s', async (name, size) => {
  expect(await looksOf(storyOf(name, size))).toMatchSnapshot();
});
