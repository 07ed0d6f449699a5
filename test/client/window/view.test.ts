import fc from 'fast-check';
import { cellsOf } from '../../../src/client/window/cells';
import type { WindowModel } from '../../../src/client/window/model';
import { NO_ROOM } from '../../../src/client/window/model';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../../../src/client/window/style';
import { layoutOf, type View, view } from '../../../src/client/window/view';
import { message, OWN, presence, Story, TIME } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;

function bare(text: string): string {
  return text.replace(SGR, '');
}

function shownOf(model: WindowModel): View {
  return view(model, UNICODE_GLYPHS);
}

test.each([
  [120, { rooms: 16, people: 16, conversation: 86 }],
  [70, { rooms: 16, people: 16, conversation: 36 }],
  [69, { rooms: 16, people: 0, conversation: 52 }],
  [50, { rooms: 16, people: 0, conversation: 33 }],
  [49, { rooms: 0, people: 0, conversation: 49 }],
  [20, { rooms: 0, people: 0, conversation: 20 }],
])('%i columns', (columns, widths) => {
  expect(layoutOf(Story.online({ columns, rows: 24 }).model)).toEqual({ ...widths, banner: 0, height: 21 });
});

test('a conversation of two has all of the room on the right, and so has no room', () => {
  const story = Story.online({ columns: 80, rows: 24 });
  expect(layoutOf(story.enter('/query bob').model)).toMatchObject({ people: 0, conversation: 63 });
  expect(layoutOf(story.press('M-1').model)).toMatchObject({ people: 16, conversation: 46 });
  expect(layoutOf({ ...story.model, current: NO_ROOM })).toMatchObject({ people: 0, conversation: 63 });
});

test('whatever happens, in whatever size, nothing is wider or higher than its pane', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 40 }));
  const step = fc.oneof(
    text.map((said) => ({ what: 'say', said })),
    text.map((said) => ({ what: 'type', said })),
    text.map((said) => ({ what: 'topic', said })),
    text.map((said) => ({ what: 'status', said })),
    fc
      .constantFrom('pageup', 'pagedown', 'return', 'tab', 'C-c', 'left', 'home', 'C-r', 'escape', 'up', 'M-return')
      .map((said) => ({ what: 'key', said })),
    fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 })).map(([columns, rows]) => ({
      what: 'resize',
      said: `${columns} ${rows}`,
    })),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const story = Story.online();
      let index = 1;
      for (const { what, said } of steps) {
        index += 1;
        if (what === 'say') story.hear(message({ nick: said.slice(0, 20), text: said, index }));
        else if (what === 'type') story.happen({ type: 'paste', text: said, time: TIME });
        else if (what === 'topic') story.hear(presence({ event: 'topic', text: said, index }));
        else if (what === 'status') story.hear({ type: 'status', state: 'waiting', server: 0, reason: said });
        else if (what === 'key') story.press(said);
        else story.resize(Number(said.split(' ')[0]), Number(said.split(' ')[1]));
        const { columns } = story.model.size;
        const shown = shownOf(story.model);
        const { layout } = shown;
        const rows: [string, number][] = [
          [shown.title, columns],
          [shown.status, columns],
          ...shown.input.map((row): [string, number] => [row, Math.max(6, columns)]),
          ...shown.banner.map((row): [string, number] => [row, columns]),
          ...shown.rooms.map((row): [string, number] => [row, layout.rooms]),
          ...shown.people.map((row): [string, number] => [row, layout.people]),
          ...shown.conversation.map((row): [string, number] => [row, layout.conversation]),
        ];
        for (const [row, width] of rows) {
          expect(cellsOf(bare(row))).toBeLessThanOrEqual(width);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing of the kind may be left
          expect(bare(row)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
        for (const pane of [shown.rooms, shown.people, shown.conversation])
          expect(pane.length).toBeLessThanOrEqual(layout.height);
        const { rows: high } = story.model.size;
        expect(shown.input.length).toBeLessThanOrEqual(1 + Math.max(1, Math.min(8, high / 3)));
        const others = shown.banner.length + shown.input.length + 2;
        expect(layout.height).toBe(Math.max(1, high - others));
        expect(shown.cursor.row).toBeLessThan(shown.input.length);
        expect(shown.cursor.column).toBeGreaterThanOrEqual(2);
        expect(shown.cursor.column).toBeLessThan(Math.max(8, columns));
      }
    }),
    { numRuns: 150 },
  );
});

describe('what is being typed', () => {
  test('takes as many rows as it needs, and goes on where there is no more room', () => {
    const story = Story.online({ columns: 20, rows: 24 }).type('abcdefghijklmnopqrstuvwxyz');
    expect(shownOf(story.model)).toMatchObject({
      input: ['> abcdefghijklmnopq', '  rstuvwxyz'],
      cursor: { row: 1, column: 11 },
      layout: { height: 20 },
    });
    expect(shownOf(story.press('home').model).cursor).toEqual({ row: 0, column: 2 });
    expect(shownOf(story.press('end').type('34567890').model).cursor).toEqual({ row: 1, column: 19 });
  });

  test('is in at most eight rows, and a third of the window: the one with the cursor, and marks of more', () => {
    const story = Story.online({ columns: 80, rows: 40 }).happen({ type: 'paste', time: TIME, text: 'a\nb\nc' });
    story
      .happen({ type: 'paste', time: TIME, text: '\nd\ne\nf' })
      .happen({ type: 'paste', time: TIME, text: '\ng\nh\ni' });
    const ends = shownOf(story.model);
    expect(ends).toMatchObject({ cursor: { row: 7, column: 3 }, layout: { height: 30 } });
    expect(ends.input).toEqual(['↑ b', '  c', '  d', '  e', '  f', '  g', '  h', '  i']);
    expect(shownOf(story.resize(80, 9).model).input).toEqual(['↑ g', '  h', '  i']);
    expect(shownOf(story.press('up', 'up', 'up').model)).toMatchObject({
      input: ['↑ d', '  e', '↓ f'],
      cursor: { row: 2, column: 3 },
    });
    expect(shownOf(story.resize(20, 5).model).input).toEqual(['↕ f']);
    expect(view(story.model, ASCII_GLYPHS).input).toEqual([': f']);
  });

  test('counts cells', () => {
    const story = Story.online().type('漢字é👍').press('left');
    expect(shownOf(story.model)).toMatchObject({ input: ['> 漢字é👍'], cursor: { row: 0, column: 7 } });
    const narrow = Story.online({ columns: 10, rows: 24 }).type('漢字漢字漢');
    expect(shownOf(narrow.model)).toMatchObject({ input: ['> 漢字漢', '  字漢'], cursor: { row: 1, column: 6 } });
  });

  test('shows line breaks, and what does not print as a mark', () => {
    const story = Story.online().happen({ type: 'paste', time: TIME, text: 'a\r\nb\u200b\tc' });
    expect(shownOf(story.model).input).toEqual(['> a', '  b·    c']);
  });
});

describe('the status line', () => {
  test('when all is well', () => {
    const story = Story.online().hear(message({ index: 2, position: 42 }));
    expect(bare(shownOf(story.model).status).trimEnd()).toBe(' alice | #lobby | server 2 | complete through 42');
    story.enter('hi');
    expect(bare(shownOf(story.model).status)).toContain('| 1 not confirmed');
  });

  test('that fits exactly is whole, and says in fewer words what does not fit', () => {
    const whole = ' alice | #lobby | server 2 | complete through 1';
    const story = Story.online({ columns: whole.length, rows: 24 });
    expect(bare(shownOf(story.model).status)).toBe(whole);
    story.resize(whole.length - 1, 24);
    expect(bare(shownOf(story.model).status).trimEnd()).toBe(' alice | #lobby | server 2 | through 1');
  });

  test('tells the rooms with news that the list does not show, those that call first', () => {
    const story = Story.online({ columns: 40, rows: 12 });
    for (const name of ['dev', 'ops']) story.hear(presence({ room: name, nick: 'alice', session: OWN, index: 0 }));
    story.press('M-1').hear(message({ room: 'dev', index: 1 }), message({ room: 'ops', index: 1, text: 'alice?' }));
    expect(bare(shownOf(story.model).status)).toMatch(/^ alice \| #lobby \[3!,2\] \| /);
    expect(bare(shownOf(story.press('M-2').model).status)).toMatch(/^ alice \| #dev \[3!\] \| /);
    expect(bare(shownOf(story.resize(80, 24).model).status)).toMatch(/^ alice \| #dev \| /);
    for (let at = 0; at < 30; at += 1) story.hear(message({ room: `@n${at}`, index: 1 }));
    expect(bare(shownOf(story.model).status)).toMatch(/^ alice \| #dev \[22!,23!,24!,25!,26!,…\] \| /);
  });

  test('knows what was read before there was a window, though nothing is said', () => {
    const story = new Story();
    const welcome = {
      type: 'welcome',
      session: OWN,
      server: 2,
      nick: 'alice',
      position: 42,
      rooms: ['lobby'],
    } as const;
    story.hear(welcome, { type: 'status', state: 'online', server: 2, reason: '' });
    expect(bare(shownOf(story.model).status)).toContain('| complete through 42');
  });

  test('says that one is away, as all others are told', () => {
    const story = Story.online().hear(presence({ nick: 'alice', session: OWN, event: 'away', text: 'tea', index: 2 }));
    expect(bare(shownOf(story.model).status)).toContain(' alice (away) | #lobby');
    story.hear(presence({ nick: 'alice', session: OWN, event: 'back', index: 3 }));
    expect(bare(shownOf(story.model).status)).toContain(' alice | #lobby');
  });

  test('that is too low for a banner is the banner, and says what is not confirmed', () => {
    const story = Story.online({ columns: 60, rows: 7 }).enter('hi');
    story.hear({ type: 'status', state: 'no-majority', server: 0, reason: 'for many reasons '.repeat(9) });
    const { status, banner } = shownOf(story.model);
    expect(banner).toEqual([]);
    expect(bare(status)).toMatch(/^ NO MAJORITY \(1 not confirmed\) for 0 s: for many/);
    expect(status.startsWith('\u001b[1;37;41m')).toBe(true);
  });
});

describe('the banner', () => {
  const bannerOf = (story: Story) => shownOf(story.model).banner.map((row) => bare(row).trimEnd());

  test('is not there when all is well', () => {
    expect(bannerOf(Story.online())).toEqual([]);
  });

  test.each([
    ['connecting', ' NOT CONNECTED for 0 s: 2 of 3 servers connected'],
    ['waiting', ' NO SERVER for 0 s: 2 of 3 servers connected'],
    ['rerouted', ' MOVED for 0 s: 2 of 3 servers connected'],
    ['no-majority', ' NO MAJORITY for 0 s: 2 of 3 servers connected'],
    ['slowed', ' SLOWED for 0 s: 2 of 3 servers connected'],
  ] as const)('says what is lost when it is %s', (state, expected) => {
    const story = Story.online().hear({ type: 'status', state, server: 0, reason: '2 of 3 servers connected' });
    expect(bannerOf(story)).toEqual([expected]);
    expect(shownOf(story.model).banner[0]?.startsWith('\u001b[1;37;41m')).toBe(true);
    expect(bare(shownOf(story.model).status).trimEnd()).toBe(' alice | #lobby | no server | through 1');
  });

  test('says since when, also when the reason changes, and when it is tried again', () => {
    const story = Story.online().hear({ type: 'status', state: 'connecting', server: 0, reason: 'lost' });
    story.happen({ type: 'tick', time: TIME + 75_400, nextTryMs: 4100 });
    expect(bannerOf(story)).toEqual([' NOT CONNECTED for 75 s, next try in 4 s: lost']);
    story.happen({
      type: 'client',
      event: { type: 'status', state: 'waiting', server: 0, reason: 'x' },
      time: TIME + 80_000,
    });
    expect(bannerOf(story)).toEqual([' NO SERVER for 80 s: x']);
    story.happen({ type: 'tick', time: TIME + 3_600_000, nextTryMs: undefined });
    expect(bannerOf(story)).toEqual([' NO SERVER for 60 min: x']);
    story.happen({ type: 'tick', time: TIME + 90_000_000, nextTryMs: undefined });
    expect(bannerOf(story)).toEqual([' NO SERVER for 25 h: x']);
  });

  test('begins anew with the next trouble', () => {
    const story = Story.online().hear({ type: 'status', state: 'waiting', server: 0, reason: 'x' });
    story.hear({ type: 'status', state: 'online', server: 3, reason: '' });
    const event = { type: 'status', state: 'connecting', server: 0, reason: 'y' } as const;
    story.happen({ type: 'client', event, time: TIME + 60_000 });
    expect(bannerOf(story)).toEqual([' NOT CONNECTED for 0 s: y']);
  });

  test.each([
    [119.4, '119 s'],
    [119.5, '2 min'],
    [7199, '119 min'],
    [7200, '2 h'],
  ])('says %d s as one says it', (seconds, expected) => {
    const story = Story.online().hear({ type: 'status', state: 'waiting', server: 0, reason: 'x' });
    story.happen({ type: 'tick', time: TIME + seconds * 1000, nextTryMs: undefined });
    expect(bannerOf(story)).toEqual([` NO SERVER for ${expected}: x`]);
  });

  test('is about what is lost first, and about the log when nothing is', () => {
    const story = Story.online().hear({
      type: 'discontinuity',
      room: 'lob\u202e\nby',
      missing: 2,
      after: 3,
      before: 6,
    });
    const [alarm = ''] = bannerOf(story);
    expect(alarm).toMatch(/^ LINES MISSING \(Esc hides this\): \P{C}+$/u);
    story.hear({ type: 'status', state: 'waiting', server: 0, reason: 'a\u202e\nb' });
    expect(bannerOf(story)).toEqual([' NO SERVER for 0 s: a ⏎ b']);
    expect(bannerOf(story.press('escape'))).toEqual([' NO SERVER for 0 s: a ⏎ b']);
    story.hear({ type: 'status', state: 'online', server: 2, reason: '' });
    expect(bannerOf(story)).toEqual([alarm]);
    expect(bannerOf(story.press('escape'))).toEqual([]);
  });

  test('is there from eight rows on', () => {
    const story = Story.online({ columns: 80, rows: 8 }).hear({
      type: 'status',
      state: 'waiting',
      server: 0,
      reason: 'x',
    });
    expect(bannerOf(story)).toHaveLength(1);
    expect(bannerOf(story.resize(80, 7))).toEqual([]);
    expect(bare(shownOf(story.model).status)).toMatch(/^ NO SERVER/);
  });

  test('takes a row of the panes, and typing goes on', () => {
    const story = Story.online().hear({ type: 'status', state: 'waiting', server: 0, reason: 'x' }).type('abc');
    expect(layoutOf(story.model)).toMatchObject({ banner: 1, height: 20 });
    expect(shownOf(story.model).input).toEqual(['> abc']);
  });
});

describe('a line of the log', () => {
  const rowWith = (story: Story, text: string) =>
    shownOf(story.model).conversation.find((row) => bare(row).includes(text)) ?? '';
  const [DIM, REVERSE] = ['\u001b[2m', '\u001b[7m'];

  test('has the mark of what is agreed on, dim where it is not one’s own', () => {
    const story = Story.online().hear(
      message({ index: 2, text: 'theirs' }),
      message({ index: 3, text: 'mine', nick: 'alice', session: OWN }),
    );
    expect(rowWith(story, 'theirs')).toContain(`${DIM}✓`);
    expect(rowWith(story, 'mine')).toMatch(/^09:10 ✓ /);
    expect(bare(rowWith(story, 'theirs'))).toBe('09:10 ✓ bob: theirs');
  });

  test('of one’s own from an earlier session is still that', () => {
    const story = Story.online().hear(message({ index: 2, text: 'long ago', nick: 'alice', session: 'old' }));
    expect(rowWith(story, 'long ago')).not.toContain(DIM);
  });

  test('that names one stands out by its nick, but not where every line is for one, nor one’s own', () => {
    const story = Story.online().hear(
      message({ index: 2, text: 'a word to alice' }),
      message({ index: 3, text: 'a word to nobody' }),
      message({ index: 4, text: 'alice is me', nick: 'alice', session: OWN }),
    );
    expect(rowWith(story, 'a word to alice')).toContain(`${REVERSE}bob`);
    expect(rowWith(story, 'a word to nobody')).not.toContain(REVERSE);
    expect(rowWith(story, 'alice is me')).not.toContain(REVERSE);
    story.hear(message({ room: '@bob', text: 'psst, alice' })).press('M-2');
    expect(rowWith(story, 'psst')).not.toContain(REVERSE);
  });
});

test('why a post failed is inert', () => {
  const story = Story.online().enter('hi');
  story.hear({ type: 'error', code: 'x', message: 'no\u001b[2J\u202e\nway', id: '1' });
  expect(shownOf(story.model).conversation.map(bare).at(-1)).toBe('        ┊ not posted: no ⏎ way');
});

describe('the panes', () => {
  test('rooms show what is unread, and who was named', () => {
    const story = Story.online();
    story.hear(presence({ room: 'dev', nick: 'alice', session: story.model.session, index: 1 }));
    story.press('M-1');
    for (let index = 2; index < 14; index += 1) story.hear(message({ room: 'dev', index }));
    story.hear(message({ room: '@bob', index: 1 }));
    expect(shownOf(story.model).rooms.map(bare)).toEqual(['1 #lobby        ', '2 #dev        12', '3 @bob      1 !1']);
  });

  test('people who are not there come last, and say so', () => {
    const story = Story.online();
    const long = 'a-name-as-long-as-can-be';
    for (const [at, nick] of ['bob', long, 'zoe'].entries()) story.hear(presence({ nick, index: 2 + at }));
    story.hear(presence({ nick: 'bob', event: 'away', text: 'tea', index: 5 }));
    story.hear(presence({ nick: long, event: 'offline', index: 6 }));
    const { people } = shownOf(story.model);
    expect(people.map((row) => bare(row).trimEnd())).toEqual(['alice', 'zoe', 'a-name-… offline', 'bob away']);
    expect(people.map((row) => row.startsWith('\u001b[2m'))).toEqual([false, false, true, true]);
  });

  test('more rooms and people than rows', () => {
    const story = Story.online({ columns: 80, rows: 8 });
    for (let index = 2; index < 12; index += 1) {
      story.hear(presence({ nick: `n${index}`, index }));
      story.hear(message({ room: `@n${index}`, index: 1 }));
    }
    const shown = shownOf(story.model);
    expect(shown.people.map((row) => bare(row).trim())).toEqual(['alice', 'n10', 'n11', 'n2', 'and 7 more']);
    expect(shown.rooms[0]).toContain('#lobby');
    story.press('C-p');
    expect(bare(shownOf(story.model).rooms.at(-1) ?? '')).toContain('11 @n11');
  });

  test('ASCII glyphs', () => {
    const story = Story.online().enter('hi');
    expect(view(story.model, ASCII_GLYPHS).conversation.map(bare).at(-1)).toBe('      - alice: hi');
  });
});

test('a new day is told between lines, and before the first one when it is not today', () => {
  const dayMs = 86_400_000;
  const story = new Story({ columns: 49, rows: 13 });
  story.hear(
    message({ index: 5, text: 'a', time: TIME - dayMs }),
    message({ index: 6, text: 'b', time: TIME - dayMs }),
  );
  story.hear(message({ index: 7, text: 'c', time: TIME }), message({ index: 8, text: 'd', time: TIME + dayMs }));
  expect(shownOf(story.model).conversation.map(bare)).toEqual([
    ' -- 4 earlier lines: PgUp fetches them',
    ' -- Sunday, 22 November 2026 --',
    '09:10 ✓ bob: a',
    '09:10 ✓ bob: b',
    ' -- Monday, 23 November 2026 --',
    '09:10 ✓ bob: c',
    ' -- Tuesday, 24 November 2026 --',
    '09:10 ✓ bob: d',
  ]);
});

describe('scrolling', () => {
  /** 60 lines of up to four rows each, of which ten rows are in sight. */
  function long(): Story {
    const story = Story.online({ columns: 40, rows: 13 });
    for (let index = 2; index <= 60; index += 1) {
      const words = Array.from({ length: (index * 7) % 25 }, (_, at) => `w${index}-${at}`);
      // Some days have several lines, some one.
      const time = TIME + Math.floor(index / 3) * 86_400_000;
      story.hear(message({ text: `${index}. ${words.join(' ')}`, index, time }));
    }
    return story;
  }

  function inSight(story: Story): readonly string[] {
    return shownOf(story.model).conversation.map(bare);
  }

  /** All rows, as a terminal without an end would show them. */
  function allRows(story: Story): readonly string[] {
    const high = new Story();
    high.model = { ...story.model, size: { columns: 40, rows: 1000 } };
    high.press('pagedown', 'pagedown');
    return shownOf(high.model).conversation.map(bare);
  }

  test('up to the first line and down to the last one, and every row comes by', () => {
    const story = long();
    const all = allRows(story);
    expect(inSight(story)).toEqual(all.slice(-10));
    const seen = new Set(inSight(story));
    let pages = 0;
    // A day ends with a dash, what is above the first line does not.
    while (!/^ -- .*[^-]$/.test(inSight(story)[0] ?? '')) {
      story.press('pageup');
      const rows = inSight(story);
      expect(rows).toHaveLength(10);
      expect(rows[9]).toMatch(/^ \d+ below: PgDn, Alt-End $/);
      const at = all.indexOf(rows[2] ?? '');
      // The row above the first line says that more of them are being asked for.
      const isTop = at - 2 === 0 ? 1 : 0;
      expect(rows.slice(isTop, 9)).toEqual(all.slice(at - 2 + isTop, at + 7));
      for (const row of rows) seen.add(row);
      pages += 1;
      expect(pages).toBeLessThan(100);
    }
    for (const row of all.slice(1)) expect(seen).toContain(row);
    expect(inSight(story)[1]).toContain('alice has joined');
    const top = inSight(story);
    expect(inSight(story.press('pageup'))).toEqual(top);
    for (let page = 0; page <= pages; page += 1) story.press('pagedown');
    expect(inSight(story)).toEqual(all.slice(-10));
  });

  test('to the first line that is here and back to the end at once, typing none of it', () => {
    const story = long().type('draft');
    const end = inSight(story);
    story.effects();
    expect(inSight(story.press('M-home')).slice(0, 9)).toEqual(allRows(story).slice(0, 9));
    expect(story.effects()).toMatchObject([{ type: 'ask', question: { type: 'history', room: 'lobby' } }]);
    expect(inSight(story.press('M-end'))).toEqual(end);
    expect(shownOf(story.type('!').model).input).toEqual(['> draft!']);
  });

  test('nothing moves when lines come, below or above', () => {
    const story = long().press('pageup', 'pageup');
    const before = inSight(story).slice(0, 9);
    story.hear(message({ text: 'new '.repeat(50), index: 61 }), message({ text: 'newer', index: 62 }));
    expect(inSight(story).slice(0, 9)).toEqual(before);
    expect(inSight(story)[9]).toMatch(/^ \d+ below, 2 new: PgDn, Alt-End $/);
    const earlier = [message({ index: 0, text: 'long ago '.repeat(20) })];
    story.hear({ type: 'history', room: 'lobby', lines: earlier, more: true });
    expect(inSight(story).slice(0, 9)).toEqual(before);
  });

  test('a resize keeps the line that was read', () => {
    const story = long().press('pageup', 'pageup', 'pageup');
    const [, number = '?'] = /(\d+)[-.]/.exec(inSight(story)[8] ?? '') ?? [];
    for (const columns of [100, 24, 40]) {
      expect(inSight(story.resize(columns, 13))[8]).toMatch(new RegExp(`: ${number}\\.|w${number}-`));
    }
  });

  test('what one says oneself is in sight', () => {
    const story = long().press('pageup', 'pageup').enter('here I am');
    expect(inSight(story).at(-1)).toContain('here I am');
  });
});

describe('no text makes a row that looks like one of somebody else', () => {
  const forged = [
    'bob: I agree',
    '* bob agrees',
    '✓ bob: I agree',
    '  bob: I agree',
    '-- bob has left',
    ' -- new --',
    '09:10 ✓ bob: I agree',
    '┊ bob: I agree',
    ' 7 below: PgDn, Alt-End ',
    'NO MAJORITY for 3 s: the servers are lost',
  ];
  /** After a line break, and where the row before is full, with whatever is before it there. */
  const hostile = (forgery: string, width: number) => [
    `hi\n${forgery}`,
    `hi\r\n\n${forgery}`,
    ...Array.from({ length: width }, (_, more) => `${'x'.repeat(more)} ${' '.repeat(width)}${forgery}`),
    ...Array.from({ length: width }, (_, more) => `${'x'.repeat(width + more)} ${forgery}`),
  ];

  test.each(['off', 'time', 'seconds', 'position'] as const)('timestamps %s', (timestamps) => {
    for (const columns of [20, 34, 49]) {
      for (const text of forged.flatMap((forgery) => hostile(forgery, columns))) {
        const story = Story.online({ columns, rows: 24 });
        const { preferences } = story.model;
        story.happen({ type: 'preferred', key: 'timestamps', result: { ...preferences, timestamps }, time: TIME });
        story.enter('/clear').hear(message({ nick: 'eve', text, index: 2, action: true }));
        story.hear(presence({ nick: 'eve', event: 'topic', text, index: 2, position: 3 }));
        const time = { off: '', time: '09:10 ', seconds: '09:10:00 ', position: ' {3}[23] ' }[timestamps];
        const rows = shownOf(story.model).conversation.map(bare).slice(1);
        const begin = rows.filter((row) => !/^ *┊( |$)/.test(row));
        expect([text, begin]).toEqual([
          text,
          [expect.stringMatching(`^${time}✓ \\* eve`), expect.stringMatching(`^${time}-- eve set`)],
        ]);
      }
    }
  });
});
