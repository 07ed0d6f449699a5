/** What a person sees: the view painted by neo-blessed on a terminal in memory. */

import { Painter } from '../../../src/client/ui/painter';
import type { Size } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story, TIME } from '../window/window-model';
import { Screen } from './terminal';

const painters: Painter[] = [];
afterEach(() => {
  for (const painter of painters.splice(0)) painter.destroy();
});

/** A window on a terminal in memory. */
class Shown {
  readonly screen: Screen;
  readonly painter: Painter;

  constructor(
    readonly story: Story,
    size: Size = story.model.size,
    colours = true,
  ) {
    this.screen = new Screen(size);
    this.painter = new Painter({ output: this.screen.output, unicode: true, colours });
    painters.push(this.painter);
  }

  async lines(): Promise<readonly string[]> {
    this.painter.paint(view(this.story.model, UNICODE_GLYPHS));
    return this.screen.lines();
  }

  async resize(columns: number, rows: number): Promise<readonly string[]> {
    this.screen.resize({ columns, rows });
    this.story.resize(columns, rows);
    return this.lines();
  }
}

/** A room in the middle of an evening. */
function evening(size: Size): Story {
  const story = Story.online(size);
  story.hear(
    presence({ nick: 'bob', index: 2 }),
    presence({ nick: 'bob', event: 'topic', text: 'the log', index: 3 }),
    message({ text: 'hi, 漢字 and 👨‍👩‍👧 and ❤️ and 🇩🇪 and x̂.', index: 4 }),
    message({ text: 'waves 👋🏽', action: true, index: 5 }),
    message({ nick: 'alice', session: OWN, text: 'two\nlinés', index: 6 }),
    message({ room: '@bob', text: 'psst', index: 1, position: 7 }),
  );
  return story.enter('on its way').type('draft 漢');
}

test('80 × 24', async () => {
  const shown = new Shown(evening({ columns: 80, rows: 24 }));
  expect(await shown.lines()).toEqual([
    ' #lobby · the log',
    '1 #lobby        │ -- PgUp looks for earlier lines              │alice',
    '2 @bob        1!│09:10 -- alice has joined                     │bob',
    '                │09:10 -- bob has joined                       │',
    '                │09:10 -- bob set the topic: the log           │',
    '                │09:10   bob: hi, 漢字 and 👨 and ❤ and DE and │',
    '                │        x̂.                                    │',
    '                │09:10   * bob waves 👋                        │',
    '                │09:10 ✓ alice: two                            │',
    '                │        linés                                 │',
    '                │      … alice: on its way                     │',
    ...Array.from({ length: 11 }, () => '                │                                              │'),
    ' alice | #lobby | server 2 | through 7 | 1 not confirmed',
    '> draft 漢',
  ]);
  expect(shown.screen.terminal.buffer.active).toMatchObject({ cursorX: 10, cursorY: 23, type: 'alternate' });
});

test('120 × 40', async () => {
  const lines = await new Shown(evening({ columns: 120, rows: 40 })).lines();
  expect(lines.slice(0, 8)).toEqual([
    ' #lobby · the log',
    `1 #lobby        │ -- PgUp looks for earlier lines${' '.repeat(54)}│alice`,
    `2 @bob        1!│09:10 -- alice has joined${' '.repeat(61)}│bob`,
    `                │09:10 -- bob has joined${' '.repeat(63)}│`,
    `                │09:10 -- bob set the topic: the log${' '.repeat(51)}│`,
    `                │09:10   bob: hi, 漢字 and 👨 and ❤ and DE and x̂.${' '.repeat(38)}│`,
    `                │09:10   * bob waves 👋${' '.repeat(64)}│`,
    `                │09:10 ✓ alice: two${' '.repeat(68)}│`,
  ]);
  expect(lines.slice(38)).toEqual([' alice | #lobby | server 2 | through 7 | 1 not confirmed', '> draft 漢']);
});

test('40 × 12: nothing but the conversation', async () => {
  expect(await new Shown(evening({ columns: 40, rows: 12 })).lines()).toEqual([
    ' #lobby · the log',
    '09:10 -- alice has joined',
    '09:10 -- bob has joined',
    '09:10 -- bob set the topic: the log',
    '09:10   bob: hi, 漢字 and 👨 and ❤ and',
    '        DE and x̂.',
    '09:10   * bob waves 👋',
    '09:10 ✓ alice: two',
    '        linés',
    '      … alice: on its way',
    ' alice | #lobby | server 2 | through 7 …',
    '> draft 漢',
  ]);
});

test('20 × 5', async () => {
  expect(await new Shown(evening({ columns: 20, rows: 5 })).lines()).toEqual([
    ' #lobby · the log',
    '      … alice: on',
    '        its way',
    ' alice | #lobby | s…',
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
});

test('a lost majority is loud, and the first thing to be read', async () => {
  const story = evening({ columns: 40, rows: 12 });
  story.hear({ type: 'status', state: 'no-majority', server: 2, reason: '1 of 3 servers answers' });
  const shown = new Shown(story);
  const lines = await shown.lines();
  expect(lines[1]).toBe(' NO MAJORITY for 0 s: 1 of 3 servers an…');
  expect(lines[10]).toBe(' alice | #lobby | server 2 | through 7 …');
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
    '1 #lobby        │ -- here it began                             │',
    '2 @bob          │09:10   bob: psst                             │',
    '                │                                              │',
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

describe('text of others changes no cell outside of its own line', () => {
  const HOSTILE: readonly string[] = [
    '\u001b[2J\u001b[H all gone',
    '\u001b[1;1Htop left',
    '\u001b[31mred \u001b[5mblinking \u001b[8minvisible',
    '\u001b[?1049l\u001b[?25l\u001b[?2004l',
    '\u001b]0;a new title\u0007after',
    '\u001b]0;a title without an end',
    '\u001b]52;c;Y2xpcGJvYXJk\u0007',
    '\u001b]8;;http://example.com\u001b\\link\u001b]8;;\u001b\\',
    '\u001bP+q544e\u001b\\dcs',
    '\u001b^pm\u001b\\ \u001b_apc\u001b\\ \u001bXsos\u001b\\',
    '\u001bc reset \u001b7\u001b8 \u001b(0lqqk',
    '\u009b2J \u009d0;title\u009c \u0090q\u009c',
    '\u001b',
    '\u001b[',
    '\u001b[38;2;1;2;3',
    '{red-fg}red{/red-fg} {bold}{/} {center}middle{/center} {open}{close} {|}',
    '\r\rover\b\b\bwrite\u0007\u000b\u000c\u000e\u000f',
    '\u0000\u0001\u0003\u007f\u0085\u009f',
    'a\tb\t\tc',
    '\u202egnp.exe\u202c \u2066isolated\u2069 \u200frtl\u200e \u061c',
    'שלום עולם مرحبا',
    'z\u200be\u200cr\u200do\ufeff w\u2060i\u00addth',
    '\u200d\u200d\u200d',
    '\ufe0f\ufe0e\u20e3',
    `Z${'\u0301'.repeat(200)}algo`,
    '\u0301\u0302 marks without a letter',
    '\ud800 lone \udfff halves \udc00\ud800',
    '\ufffe\uffff\u{1fffe}\u{10ffff}',
    '\ue000\u{f0000} private',
    '👩‍❤️‍💋‍👨👨🏿‍🚒🏴‍☠️🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}🇩🇪🇩1️⃣#️⃣*️⃣',
    '☺️☺︎☺ ❤ ✈️ ⌚ ⏏ 🈁 🈂 ㊙ 〰️ ©️ ™️ ‼️',
    '각 한글 \u1100\u1161\u11a8 \u1160\u11a8',
    'नमस्ते का கொ ไทยกำ ລາວ མཁན',
    '𝒶𝓁𝓅𝒽𝒶 𠀀𠮷 ｆｕｌｌ ｈａｌｆ ﾊﾝｶｸ',
    'x'.repeat(10_240),
    '漢'.repeat(3_400),
    '👍'.repeat(2_600),
    'word '.repeat(2_048),
    '\n\n\n',
    'a\n\n\nb',
    '$& $1 $$ \\u0041 %s %n',
    '\u2028\u2029line\u2028and\u2029paragraph',
    '\u3164\u115f\u2800\u00a0blank',
    '│──┐ box ┼',
    '\u{1d173}\u{1d165} notes \u{e0001}tags\u{e0041}',
  ];
  const SIZES = [
    [80, 24],
    [40, 12],
  ] as const;

  /** Everything but the message itself: other messages, the frame, the people, the status, the input. */
  function around(text: string, columns: number, rows: number): Story {
    const story = Story.online({ columns, rows });
    story.hear(message({ text, index: 2 }));
    for (let index = 3; index < 9; index += 1) story.hear(message({ nick: 'carol', text: `line ${index}`, index }));
    return story;
  }

  test.each(SIZES)('said in a room, at %d × %d', async (columns, rows) => {
    const calm = new Shown(around('calm', columns, rows));
    const expected = await calm.lines();
    const start = columns === 80 ? 17 : 0;
    const end = columns === 80 ? 63 : columns;
    const first = expected.findIndex((line) => line.includes('line 3'));
    const wanted = await Promise.all(expected.map((_, row) => calm.screen.cells(row)));
    // One screen for all of them, one after the other: what one leaves behind, the next one shows.
    const shown = new Shown(around('calm', columns, rows));
    const title: string[] = [];
    shown.screen.terminal.onTitleChange((changed) => changed === 'synod' || title.push(changed));
    for (const text of HOSTILE) {
      shown.story.model = around(text, columns, rows).model;
      const lines = await shown.lines();
      const cells = await Promise.all(lines.map((_, row) => shown.screen.cells(row)));
      const changed: string[] = [];
      const compare = (what: string, found: readonly string[] = [], calmly: readonly string[] = []) => {
        if (found.join('|') !== calmly.join('|')) changed.push(what);
      };
      // The conversation lies from `start` to `end`; the six lines after the hostile one are the last ones in it.
      const last = lines.findIndex((line) => line.includes('line 8'));
      for (let offset = 0; offset < 6; offset += 1) {
        const found = cells[last - 5 + offset]?.slice(start, end);
        compare(`line ${offset + 3}`, found, wanted[first + offset]?.slice(start, end));
      }
      for (let row = 0; row < rows; row += 1) {
        const isOutside = row === 0 || row >= rows - 2;
        const around = (line: readonly string[] = []) =>
          isOutside ? line : [...line.slice(0, start), ...line.slice(end)];
        compare(`row ${row}`, around(cells[row]), around(wanted[row]));
      }
      const { type } = shown.screen.terminal.buffer.active;
      expect({ text, changed, title, type }).toEqual({ text, changed: [], title: [], type: 'alternate' });
    }
  });

  test('as a topic, a nick, a room, a draft and a reason', async () => {
    const shown = new Shown(Story.online({ columns: 80, rows: 24 }));
    for (const text of HOSTILE) {
      const story = Story.online({ columns: 80, rows: 24 });
      story.hear(
        presence({ nick: text, index: 2 }),
        presence({ event: 'topic', text, index: 3 }),
        message({ room: `@${text}`, text: 'hi', index: 4 }),
        message({ nick: text, text: 'calm', index: 5 }),
        { type: 'status', state: 'waiting', server: 0, reason: text },
      );
      story.happen({ type: 'paste', time: TIME, text });
      shown.story.model = story.model;
      const lines = await shown.lines();
      expect(lines).toHaveLength(24);
      const status = 23 - view(story.model, UNICODE_GLYPHS).input.length;
      for (const row of [2, 3, 4, status - 2, status - 1]) {
        const cells = await shown.screen.cells(row);
        expect({ text, row, bars: [cells[16], cells[63]] }).toEqual({
          text,
          row,
          bars: ['│ -1 -1 0 0 0', '│ -1 -1 0 0 0'],
        });
      }
      expect(lines[1]).toMatch(/^ NO SERVER for /);
      expect(lines[status]).toMatch(/^ \S+ \|/);
      expect(lines[status + 1]).toMatch(/^[>↑]/);
    }
  });
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
  shown.painter.take();
  expect((await shown.lines())[23]).toBe('> draft 漢');
  expect(shown.screen.terminal.modes.bracketedPasteMode).toBe(true);
});
