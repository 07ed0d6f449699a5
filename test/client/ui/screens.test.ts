/**
 * What a person sees, in every size that counts: `__snapshots__/screens.test.ts.snap` is to be read when it changes. A new
 * pane or state is one more story in stories.ts.
 */
import fc from 'fast-check';
import type { Size } from '../../../src/client/window/model';
import { message, Story } from '../window/window-model';
import { disposeShown, Shown } from './shown';
import { STORIES, seam } from './stories';

afterEach(disposeShown);

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 40, rows: 12 },
  { columns: 20, rows: 5 },
];
/** Sequences of sizes for each story. */
const RUNS = 8;
/** Of the size from the first event on, in a story that begins online. */
function storyOf(name: string, size: Size): Story {
  const story = STORIES[name]?.(Story.online(size)) ?? Story.online(size);
  return story.resize(size.columns, size.rows);
}

/** With a frame, so that one sees where it ends. */
function framed(lines: readonly string[], { columns }: Size): string {
  const edge = `+${'-'.repeat(columns)}+`;
  return ['', edge, ...lines.map((line) => `|${line}`), edge, ''].join('\n');
}

describe.each(SIZES)('$columns x $rows', (size) => {
  test.each(Object.keys(STORIES))('%s', async (name) => {
    const shown = new Shown(storyOf(name, size));
    const lines = await shown.lines();
    const { cursorX, cursorY } = shown.screen.terminal.buffer.active;
    expect(`${framed(lines, size)}cursor: ${cursorX}, ${cursorY}\n`).toMatchSnapshot();
  });
});

test.each(Object.keys(STORIES))(
  'after any resizes it is the screen that a terminal of that size shows: %s',
  async (name) => {
    const size = fc.record({ columns: fc.integer({ min: 20, max: 160 }), rows: fc.integer({ min: 5, max: 50 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 5 }), async (sizes) => {
        const shown = new Shown(storyOf(name, SIZES[0] as Size));
        await shown.lines();
        for (const { columns, rows } of sizes) await shown.resize(columns, rows);
        const fresh = new Shown(shown.story);
        await fresh.lines();
        expect(await shown.screen.allCells()).toEqual(await fresh.screen.allCells());
        disposeShown();
      }),
      { numRuns: RUNS },
    );
  },
);

/** How each character of a text looks that is on the screen: colours, bold, reverse, dim. */
async function looksOf(shown: Shown, text: string): Promise<ReadonlySet<string>> {
  const row = (await shown.lines()).findIndex((line) => line.includes(text));
  const cells = (await shown.screen.cells(row)).map((cell) => cell.split(' '));
  const at = cells
    .map(([character]) => character || ' ')
    .join('')
    .indexOf(text);
  return new Set(cells.slice(at, at + text.length).map((cell) => cell.slice(-5).join(' ')));
}

describe('what nobody may overlook is white on red', () => {
  const LOUD = new Set(['7 1 134217728 0 0']);

  test.each([
    ['a banner', 'no majority', 'NO MAJORITY'],
    ['a history that differs', 'a history that differs', 'HISTORY DIFFERS'],
    ['a seam behind which something is missing', 'a server lost, and a line with it', 'server 2 lost'],
    ['that a second Ctrl-C leaves', 'leaving is asked for once more', 'Ctrl-C again leaves'],
  ])('%s', async (_, story, text) => {
    expect(await looksOf(new Shown(storyOf(story, { columns: 100, rows: 24 })), text)).toEqual(LOUD);
  });

  test('a seam behind which nothing is missing is not', async () => {
    const story = Story.online({ columns: 100, rows: 24 }).hear(seam({ resent: 1 }));
    expect(await looksOf(new Shown(story), 'server 2 lost')).not.toEqual(LOUD);
    const doubled = Story.online({ columns: 100, rows: 24 }).hear(seam({ doubled: 1 }), message({ index: 2 }));
    expect(await looksOf(new Shown(doubled), 'server 2 lost')).toEqual(LOUD);
  });
});
