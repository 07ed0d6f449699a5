/**
 * What a person sees, in every size that counts: `__snapshots__/screens.test.ts.snap` is to be read when it changes. A new
 * pane or state is one more story here.
 */
import fc from 'fast-check';
import type { StatusEvent } from '../../../src/client/events';
import type { Size } from '../../../src/client/window/model';
import { message, OWN, presence, Story } from '../window/window-model';
import { disposeShown, Shown } from './shown';

afterEach(disposeShown);

const SIZES: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 40, rows: 12 },
  { columns: 20, rows: 5 },
];
/** Sequences of sizes for each story. */
const RUNS = 8;
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

const STORIES: Readonly<Record<string, (story: Story) => Story>> = {
  'a conversation, and rooms with unread lines': evening,
  'scrolled back, and something new below': (story) => {
    story.hear(...Array.from({ length: 60 }, (_, at) => message({ index: 2 + at, text: `line ${2 + at}` })));
    story.press('pageup', 'pageup').effects();
    return story.hear(message({ index: 62, text: 'unseen' }));
  },
  'long words and long lines': (story) =>
    story.hear(
      message({ index: 2, text: LONG_WORD }),
      message({ index: 3, text: `see https://example.com/${'path/'.repeat(12)} for all of it` }),
      message({ index: 4, nick: 'a-very-long-nick-of-somebody', text: 'word '.repeat(30) }),
      presence({ index: 4, position: 5, event: 'topic', text: `${LONG_WORD} and more` }),
    ),
  'wide characters and pictures': (story) =>
    story.hear(
      message({ index: 2, text: '漢字かな交じり文と한국어 '.repeat(4) }),
      message({ index: 3, text: `${'👍'.repeat(30)} 👨‍👩‍👧 🇩🇪 ❤️ 👋🏽` }),
      message({ index: 4, nick: '名前', text: 'a漢b字c👍d' }),
      message({ index: 5, text: 'שלום עולם, مرحبا, नमस्ते, ไทย' }),
    ),
  'connecting for the first time': () => new Story(),
  'between two servers': linkIs({ state: 'rerouted', server: 0, reason: 'server 2 is gone' }),
  'no server': linkIs({ state: 'waiting', server: 0, reason: 'the balancer has no server for it' }),
  'no majority': linkIs({ state: 'no-majority', server: 2, reason: '1 of 3 servers answers' }),
  'slowed down': linkIs({ state: 'slowed', server: 2, reason: 'you post faster than the server takes' }),
  'a long line being typed': (story) => story.type(`the beginning ${'of a long line '.repeat(12)}ends`),
  'the cursor in the middle of it': (story) => story.type('word '.repeat(60)).press('home', 'M-f', 'M-f'),
  'leaving is asked for once more': (story) => story.type('a draft').press('C-c'),
};

/** A room in the middle of an evening. */
function evening(story: Story): Story {
  story.hear(
    presence({ nick: 'bob', index: 1, position: 2 }),
    presence({ nick: 'carol', index: 1, position: 3 }),
    presence({ nick: 'bob', event: 'topic', text: 'the log', index: 1, position: 4 }),
    message({ text: 'has everybody seen round 1042?', index: 2, position: 5 }),
    message({ nick: 'alice', session: OWN, text: 'yes, here\nand there', index: 3, position: 6 }),
    message({ nick: 'carol', text: 'nods', action: true, index: 4, position: 7 }),
    presence({ nick: 'carol', event: 'away', text: 'lunch', index: 4, position: 8 }),
    message({ room: 'dev', text: 'alice: look', index: 1, position: 9 }),
    message({ room: '@bob', text: 'psst', index: 1, position: 10 }),
  );
  return story.enter('on its way').type('and a draft');
}

/** An evening on which something becomes of the link. */
function linkIs(status: Omit<StatusEvent, 'type'>): (story: Story) => Story {
  return (story) => evening(story).hear({ type: 'status', ...status });
}

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
