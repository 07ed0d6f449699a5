/** What a person sees: the view painted by neo-blessed on a terminal in memory. */

import type { Size } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story } from '../window/window-model';
import { disposeShown, Shown } from './shown';

afterEach(disposeShown);

/** A room in the middle of an evening. */
function evening(size: Size): Story {
  const story = Story.online(size);
  story.hear(
    presence({ nick: 'bob', index: 1, position: 2 }),
    presence({ nick: 'bob', event: 'topic', text: 'the log', index: 1, position: 3 }),
    message({ text: 'hi, 漢字 and 👨‍👩‍👧 and ❤️ and 🇩🇪 and x̂.', index: 2, position: 4 }),
    message({ text: 'waves 👋🏽', action: true, index: 3, position: 5 }),
    message({ nick: 'alice', session: OWN, text: 'two\nlinés', index: 4, position: 6 }),
    message({ room: '@bob', text: 'psst', index: 1, position: 7 }),
  );
  return story.enter('on its way').type('draft 漢');
}

test('80 × 24', async () => {
  const shown = new Shown(evening({ columns: 80, rows: 24 }));
  expect(await shown.lines()).toEqual([
    ' #lobby · the log',
    '1 #lobby        │ -- 1 earlier line: PgUp fetches it           │alice',
    '2 @bob      1 !1│09:10 -- alice has joined                     │bob',
    '                │09:10 -- bob has joined                       │',
    '                │09:10 -- bob set the topic: the log           │',
    '                │09:10 ✓ bob: hi, 漢字 and 👨 and ❤ and DE and │',
    '                │        ┊ x̂.                                  │',
    '                │09:10 ✓ * bob waves 👋                        │',
    '                │09:10 ✓ alice: two                            │',
    '                │        ┊ linés                               │',
    '                │      ◦ alice: on its way                     │',
    ...Array.from({ length: 11 }, () => '                │                                              │'),
    ' alice | #lobby | server 2 | complete through 7 | 1 not confirmed',
    '> draft 漢',
  ]);
  expect(shown.screen.terminal.buffer.active).toMatchObject({ cursorX: 10, cursorY: 23, type: 'alternate' });
});

test('every letter of a line is in a cell, with the marks on it', async () => {
  const text = 'ก็ สวัสดีครับ नमस्ते за́мок שָׁלוֹם ẹ́ end';
  const shown = new Shown(Story.online({ columns: 120, rows: 8 }).hear(message({ index: 2, text })));
  const lines = await shown.lines();
  expect(lines.join('\n').normalize('NFC')).toContain(`bob: ${text.normalize('NFC')}`);
});

test('120 × 40', async () => {
  const lines = await new Shown(evening({ columns: 120, rows: 40 })).lines();
  expect(lines.slice(0, 8)).toEqual([
    ' #lobby · the log',
    `1 #lobby        │ -- 1 earlier line: PgUp fetches it${' '.repeat(51)}│alice`,
    `2 @bob      1 !1│09:10 -- alice has joined${' '.repeat(61)}│bob`,
    `                │09:10 -- bob has joined${' '.repeat(63)}│`,
    `                │09:10 -- bob set the topic: the log${' '.repeat(51)}│`,
    `                │09:10 ✓ bob: hi, 漢字 and 👨 and ❤ and DE and x̂.${' '.repeat(38)}│`,
    `                │09:10 ✓ * bob waves 👋${' '.repeat(64)}│`,
    `                │09:10 ✓ alice: two${' '.repeat(68)}│`,
  ]);
  expect(lines.slice(38)).toEqual([' alice | #lobby | server 2 | complete through 7 | 1 not confirmed', '> draft 漢']);
});

test('40 × 12: nothing but the conversation', async () => {
  expect(await new Shown(evening({ columns: 40, rows: 12 })).lines()).toEqual([
    ' #lobby · the log',
    '09:10 -- alice has joined',
    '09:10 -- bob has joined',
    '09:10 -- bob set the topic: the log',
    '09:10 ✓ bob: hi, 漢字 and 👨 and ❤ and',
    '        ┊ DE and x̂.',
    '09:10 ✓ * bob waves 👋',
    '09:10 ✓ alice: two',
    '        ┊ linés',
    '      ◦ alice: on its way',
    ' alice | #lobby [2!] | server 2 | throu…',
    '> draft 漢',
  ]);
});

test('20 × 5', async () => {
  expect(await new Shown(evening({ columns: 20, rows: 5 })).lines()).toEqual([
    ' #lobby · the log',
    '      ◦ alice: on',
    '┊ its way',
    ' alice | #lobby [2!…',
    '> draft 漢',
  ]);
});

test('without colours, what nobody may overlook is in reverse', async () => {
  const story = evening({ columns: 80, rows: 24 });
  story.hear({ type: 'status', state: 'waiting', server: 0, reason: 'x' });
  const coloured = new Shown(story);
  await coloured.lines();
  const plain = new Shown(story, story.model.size, false);
  expect(await plain.lines()).toEqual(await coloured.lines());
  const cells = (shown: Shown) => Promise.all(Array.from({ length: 24 }, (_, row) => shown.screen.cells(row)));
  const colourless = /. -1 -1 \d+ \d+ \d+$/;
  expect((await cells(coloured)).flat().every((cell) => colourless.test(cell))).toBe(false);
  for (const cell of (await cells(plain)).flat()) expect(cell).toMatch(colourless);
  expect((await plain.screen.cells(1))[1]).toMatch(/^N -1 -1 [1-9]\d* [1-9]/);
  // Somebody calls in this room: what is bold and red is bold.
  expect((await plain.screen.cells(3))[2]).toMatch(/^@ -1 -1 [1-9]\d* 0 0$/);
});

test('words of the window and posts on their way are dim, with colours and without', async () => {
  const story = evening({ columns: 80, rows: 24 });
  for (const colours of [true, false]) {
    const shown = new Shown(story, story.model.size, colours);
    const lines = await shown.lines();
    const isDim = async (text: string) => {
      const row = lines.findIndex((line) => line.includes(text));
      const cell = (await shown.screen.cells(row))[lines[row]?.indexOf(text) ?? -1];
      return !cell?.endsWith(' 0');
    };
    expect(await isDim('alice has joined')).toBe(true);
    expect(await isDim('on its way')).toBe(true);
    expect(await isDim('linés')).toBe(false);
  }
});

test('a lost majority is loud, and the first thing to be read', async () => {
  const story = evening({ columns: 40, rows: 12 });
  story.hear({ type: 'status', state: 'no-majority', server: 2, reason: '1 of 3 servers answers' });
  const shown = new Shown(story);
  const lines = await shown.lines();
  expect(lines[1]).toBe(' NO MAJORITY for 0 s: 1 of 3 servers an…');
  expect(lines[10]).toBe(' alice | #lobby [2!] | server 2 | throu…');
  expect((await shown.screen.cells(1))[1]).toBe('N 7 1 134217728 0 0');
});

test('every resize leaves the same screen as a terminal that always had that size', async () => {
  const shown = new Shown(evening({ columns: 80, rows: 24 }));
  await shown.lines();
  const sizes = [
    [20, 5],
    [120, 40],
    [50, 9],
    [49, 30],
    [71, 6],
    [69, 24],
    [33, 7],
    [80, 24],
  ] as const;
  for (const [columns, rows] of sizes) {
    const fresh = await new Shown(evening({ columns, rows })).lines();
    expect({ columns, rows, lines: await shown.resize(columns, rows) }).toEqual({ columns, rows, lines: fresh });
  }
});

test('at the edge of the window a wide character that does not fit is left out, and nothing below moves', async () => {
  const story = Story.online({ columns: 20, rows: 8 }).type('x');
  const shown = new Shown(story);
  const below = (await shown.lines()).slice(1);
  const rows = view(story.model, UNICODE_GLYPHS);
  shown.painter.paint({ ...rows, title: `${'x'.repeat(19)}漢y` });
  expect(await shown.screen.lines()).toEqual(['x'.repeat(19), ...below]);
});

test('what is gone leaves nothing behind', async () => {
  const shown = new Shown(evening({ columns: 80, rows: 24 }));
  await shown.lines();
  shown.story.press('C-u').press('M-2');
  const lines = await shown.lines();
  const fresh = new Story({ columns: 80, rows: 24 });
  fresh.model = shown.story.model;
  expect(lines).toEqual(await new Shown(fresh).lines());
  expect(lines.slice(0, 4)).toEqual([
    ' @bob',
    '1 #lobby        │ -- here it began',
    '2 @bob          │ -- new --',
    '                │09:10 ✓ bob: psst',
  ]);
});

test('after something else wrote on the screen, it is painted anew', async () => {
  const shown = new Shown(evening({ columns: 80, rows: 24 }));
  const before = await shown.lines();
  shown.screen.output.write('\u001b[10;1Ha word of the kernel');
  expect(await shown.lines()).not.toEqual(before);
  shown.painter.forget();
  expect(await shown.lines()).toEqual(before);
});

test('it gives the terminal back as it was', async () => {
  const shown = new Shown(evening({ columns: 80, rows: 24 }));
  shown.screen.output.write('prompt$ ');
  await shown.lines();
  expect(shown.screen.terminal.modes.bracketedPasteMode).toBe(true);
  shown.painter.restore();
  await shown.screen.settled();
  expect(shown.screen.terminal.modes.bracketedPasteMode).toBe(false);
  expect(shown.screen.terminal.buffer.active.type).toBe('normal');
  const titles: string[] = [];
  shown.screen.terminal.onTitleChange((title) => titles.push(title));
  shown.story.press('M-2');
  expect((await shown.lines())[0]).toBe('prompt$');
  expect(titles).toEqual([]);
  shown.painter.take();
  await shown.lines();
  expect(titles).toEqual(['@bob - synod']);
  shown.story.press('M-1');
  expect((await shown.lines())[23]).toBe('> draft 漢');
  expect(shown.screen.terminal.modes.bracketedPasteMode).toBe(true);
});
