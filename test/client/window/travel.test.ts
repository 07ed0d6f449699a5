/** Where the news begins, what is missing between lines, and going there. */
import fc from 'fast-check';
import type { MessageEvent } from '../../../src/client/events';
import { withLogged } from '../../../src/client/window/logged';
import { currentRoom, type RoomModel } from '../../../src/client/window/model';
import { withLine } from '../../../src/client/window/room-lines';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { opening } from '../../../src/client/window/update';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story, TIME } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;

function rows(story: Story): readonly string[] {
  return view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, '').trimEnd());
}

function lines(from: number, to: number, fields: Partial<MessageEvent> = {}): readonly MessageEvent[] {
  return Array.from({ length: to - from + 1 }, (_, at) => {
    return message({ index: from + at, text: `line ${from + at}`, ...fields });
  });
}

function indexes(story: Story, { lines: all }: RoomModel = currentRoom(story.model)): readonly number[] {
  return [...all].flatMap((line) => (line.type === 'message' ? [line.index] : []));
}

/** In the lobby and in #dev, of which the lobby is shown. */
function two(): Story {
  const story = Story.online().hear(...lines(2, 4));
  story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 0 })).press('M-1');
  story.effects();
  return story;
}

describe('the mark of what was read', () => {
  test('is where the news begins, and stays while one looks at it', () => {
    const story = two()
      .press('M-2')
      .hear(...lines(5, 6))
      .press('M-1');
    expect(rows(story).slice(-4)).toEqual(
      ['09:10 ✓ bob: line 4', ' -- new --', '09:10 ✓ bob: line 5', '09:10 ✓ bob: line 6'].slice(-4),
    );
    story.hear(message({ index: 7 }));
    expect(rows(story).filter((row) => row === ' -- new --')).toHaveLength(1);
    story.press('M-2', 'M-1');
    expect(rows(story)).not.toContain(' -- new --');
  });

  test('is not there when nothing is new, nor for own lines', () => {
    const story = two()
      .press('M-2')
      .hear(message({ index: 5, session: OWN, nick: 'alice' }))
      .press('M-1');
    expect(rows(story)).not.toContain(' -- new --');
  });

  test('comes when the terminal was not looked at', () => {
    const story = two()
      .happen({ type: 'focus', focused: false })
      .hear(...lines(5, 5));
    story.happen({ type: 'focus', focused: true });
    expect(rows(story).slice(-2)).toEqual([' -- new --', '09:10 ✓ bob: line 5']);
  });

  test('of a conversation that somebody begins is before its first line', () => {
    const story = two()
      .hear(message({ room: '@bob', index: 1, text: 'psst' }))
      .press('M-3');
    expect(rows(story).slice(-2)).toEqual([' -- new --', '09:10 ✓ bob: psst']);
  });

  test('Alt-N goes there, and to the end when nothing is unread', () => {
    const story = two()
      .press('M-2')
      .hear(...lines(5, 90))
      .press('M-1', 'M-n');
    expect(rows(story).slice(0, 2)).toEqual([' -- new --', '09:10 ▸ bob: line 5']);
    story.press('M-2', 'M-1', 'M-n');
    expect(rows(story).slice(-2)).toEqual(['09:10 ✓ bob: line 90', '09:10 -- nothing is unread here']);
  });
});

describe('Alt-A', () => {
  test('goes to whoever calls, then to what is unread, then nowhere', () => {
    const story = two();
    story.hear(message({ room: 'dev', index: 1 }), message({ room: '@bob', index: 1 }));
    const visited = [1, 2, 3].map(() => story.press('M-a').model.current);
    expect(visited).toEqual(['@bob', 'dev', 'dev']);
  });
});

test('behind very many words of the window a gap is still seen, and a room with lines is none without', () => {
  const story = Story.online().hear(...lines(2, 5));
  for (let at = 0; at < 300; at += 1) story.happen({ type: 'remark', text: `word ${at}`, time: TIME });
  story.hear(...lines(9, 9));
  expect(rows(story)).toContain(' -- 3 lines on their way');
  const words = Story.online().hear(...lines(2, 5));
  for (let at = 0; at < 300; at += 1) words.happen({ type: 'remark', text: `word ${at}`, time: TIME });
  words.enter('/goto 1').hear({ type: 'digest', room: 'lobby', index: 0, position: 0, digest: '', id: 'goto 1 lobby' });
  expect(rows(words).join('\n')).not.toContain('nothing was said in #lobby yet');
});

describe('a gap', () => {
  test('is asked for as soon as it shows, and filled where it is', () => {
    const story = Story.online().hear(...lines(2, 4), message({ index: 10, text: 'line 10' }));
    expect(story.effects()).toEqual([
      { type: 'ask', question: { type: 'history', room: 'lobby', before: 10, limit: 5 }, id: 'gap lobby' },
    ]);
    expect(rows(story).slice(-2)).toEqual([' -- 5 lines on their way', '09:10 ✓ bob: line 10']);
    story.hear({ type: 'history', room: 'lobby', lines: lines(5, 9), more: true, id: 'gap lobby' });
    expect(indexes(story)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(story.effects()).toEqual([]);
  });

  test('that could not be loaded is shown with its size, and loads on Enter', () => {
    const story = Story.online().hear(...lines(2, 4), message({ index: 10, text: 'line 10' }));
    story.hear({ type: 'error', code: 'x', message: 'not now', id: 'gap lobby' });
    story.effects();
    expect(rows(story)).toContain(' -- 5 lines not loaded: Enter fetches them');
    expect(story.press('return').effects()).toMatchObject([{ question: { before: 10, limit: 5 } }]);
    story.hear({ type: 'history', room: 'lobby', lines: lines(8, 9), more: true, id: 'gap lobby' });
    expect(story.effects()).toMatchObject([{ question: { before: 8, limit: 3 } }]);
  });

  test('of one line says so', () => {
    const story = Story.online().hear(...lines(2, 4), message({ index: 6 }));
    expect(rows(story)).toContain(' -- 1 line on its way');
    story.hear({ type: 'error', code: 'x', message: 'not now', id: 'gap lobby' });
    expect(rows(story)).toContain(' -- 1 line not loaded: Enter fetches it');
  });

  test('of very many lines waits until it is wanted', () => {
    const story = Story.online().hear(...lines(2, 4), message({ index: 5000 }));
    expect(story.effects()).toEqual([]);
    expect(rows(story)).toContain(' -- 4995 lines not loaded: Enter fetches them');
    expect(story.press('return').effects()).toMatchObject([{ question: { before: 5000, limit: 500 } }]);
  });

  test('whose lines are not kept any more says so, and is not asked for again', () => {
    const story = Story.online().hear(...lines(2, 4), message({ index: 10 }));
    story.hear({ type: 'history', room: 'lobby', lines: lines(9, 9), more: false, id: 'gap lobby' });
    story.effects();
    expect(rows(story)).toContain(' -- 4 lines are not kept any more');
    expect(story.press('return').effects()).toEqual([]);
  });

  test('above what is in sight leaves that where it is', () => {
    const story = Story.online().hear(...lines(2, 60), ...lines(70, 90));
    story.press('pageup');
    const before = rows(story).slice(0, -1);
    story.hear({ type: 'history', room: 'lobby', lines: lines(61, 69), more: true, id: 'gap lobby' });
    expect(rows(story).slice(-3, -1)).toEqual(before.slice(-2));
    expect(indexes(story)).toEqual(lines(2, 90).map(({ index }) => index));
  });

  test('below what is in sight leaves that where it is, too', () => {
    const story = Story.online().hear(...lines(2, 60), ...lines(70, 90));
    story.press('pageup', 'pageup', 'pageup');
    const before = rows(story).slice(0, -1);
    story.hear({ type: 'history', room: 'lobby', lines: lines(61, 69), more: true, id: 'gap lobby' });
    expect(rows(story).slice(0, -1)).toEqual(before);
  });
});

describe('the row above the first line', () => {
  test('says how many there are before it', () => {
    const story = Story.online()
      .hear(message({ room: 'dev', index: 41 }))
      .press('M-2');
    expect(rows(story)[0]).toBe(' -- 40 earlier lines: PgUp fetches them');
    story.press('pageup');
    expect(rows(story)[0]).toBe(' -- earlier lines are coming');
    story.hear({ type: 'history', room: 'dev', lines: lines(39, 40, { room: 'dev' }), more: false, id: 'earlier dev' });
    expect(rows(story)[0]).toBe(' -- 38 earlier lines are not kept any more');
  });

  test('says so when it is one', () => {
    const story = Story.online()
      .hear(message({ room: 'dev', index: 2 }))
      .press('M-2');
    expect(rows(story)[0]).toBe(' -- 1 earlier line: PgUp fetches it');
  });

  test('says where it began', () => {
    const story = Story.online()
      .hear(message({ room: 'dev', index: 1 }))
      .press('M-2');
    expect(rows(story)[0]).toBe(' -- here it began');
  });
});

test('a window that is opened by a link goes there', () => {
  const how = { nick: 'alice', room: 'lobby', link: 'synod://lobby/1042', greeting: [] };
  expect(opening(how, { columns: 80, rows: 24 }, TIME).effects).toMatchObject([
    { type: 'post', command: { type: 'join', room: 'lobby' } },
    { type: 'ask', question: { type: 'digest', room: 'lobby', position: 1042 }, id: 'goto 1042 lobby' },
  ]);
});

test('lines are put where they belong, whatever is there already', () => {
  const places = fc.uniqueArray(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 20 });
  const pages = fc.array(fc.tuple(places, fc.boolean()), { maxLength: 6 });
  fc.assert(
    fc.property(pages, fc.nat(30), (pages, below) => {
      let room: RoomModel = currentRoom(Story.online().model);
      const all = new Set<number>();
      for (const [indexes, noticed] of pages) {
        const page = [...indexes].sort((a, b) => a - b).map((index) => message({ index, position: index }));
        for (const index of indexes) all.add(index);
        const scrolled = { below: Math.min(below, Math.max(0, room.lines.length - 1)), hidden: 0, told: [] };
        const lastInSight = room.lines.at(room.lines.length - 1 - scrolled.below);
        room = withLogged({ ...room, scrolled }, page);
        expect(room.lines.at(room.lines.length - 1 - (room.scrolled?.below ?? 0))).toBe(lastInSight);
        if (noticed) room = withLine(room, { type: 'notice', text: 'a word', time: TIME });
      }
      const positions = [...room.lines].flatMap((line) => (line.type === 'message' ? [line.position] : []));
      expect(positions).toEqual([...all].sort((a, b) => a - b));
    }),
  );
});

describe('/goto', () => {
  const place = (story: Story, index: number) =>
    story.hear({ type: 'place', room: 'lobby', time: TIME, index, id: story.model.going?.id ?? '' });

  test('a line that is here is shown', () => {
    const story = Story.online()
      .hear(...lines(2, 90))
      .enter('/goto #30');
    expect(rows(story)[0]).toBe('09:10 ▸ bob: line 30');
    expect(story.effects()).toEqual([]);
  });

  test('a line that is in sight already is marked, until something is said', () => {
    const story = Story.online()
      .hear(...lines(2, 9))
      .enter('/goto #7');
    expect(rows(story)).toContain('09:10 ▸ bob: line 7');
    story.enter('hello');
    expect(rows(story)).toContain('09:10 ✓ bob: line 7');
  });

  test('a line that is not here is asked for with those around it, and shown between gaps', () => {
    const story = Story.online()
      .hear(...lines(9000, 9060))
      .enter('/goto #300');
    expect(story.effects()).toEqual([
      { type: 'ask', question: { type: 'history', room: 'lobby', before: 360, limit: 100 }, id: 'goto #300 lobby' },
    ]);
    story.hear({ type: 'history', room: 'lobby', lines: lines(260, 359), more: true, id: 'goto #300 lobby' });
    expect(rows(story)[0]).toBe('09:10 ▸ bob: line 300');
    for (let page = 0; page < 3; page += 1) story.press('pagedown');
    expect(rows(story)).toContain(' -- 8640 lines not loaded: Enter fetches them');
    story.effects();
    expect(story.press('return').effects()).toMatchObject([
      { question: { before: 9000, limit: 500 }, id: 'gap lobby' },
    ]);
  });

  test('a position, a time: the server knows which line that is', () => {
    const story = Story.online()
      .hear(...lines(2, 90))
      .enter('/goto 1042');
    expect(story.effects()).toEqual([
      { type: 'ask', question: { type: 'digest', room: 'lobby', index: 0, position: 1042 }, id: 'goto 1042 lobby' },
    ]);
    story.hear({ type: 'digest', room: 'lobby', index: 40, position: 1040, digest: '', id: 'goto 1042 lobby' });
    expect(rows(story)[0]).toBe('09:10 ▸ bob: line 40');
    story.enter('/goto 09:00');
    expect(story.effects()).toMatchObject([
      { question: { type: 'place', room: 'lobby' }, id: expect.stringMatching(/^goto @\d+ lobby$/) },
    ]);
    expect(rows(place(story, 20))[0]).toBe('09:10 ▸ bob: line 20');
  });

  test('what is not there, or no place, is told', () => {
    const story = Story.online().enter('/goto 09:00');
    expect(rows(place(story, 0)).at(-1)).toBe('09:10 -- nothing was said in #lobby since then');
    expect(rows(story.enter('/goto nowhere')).join(' ')).toMatch(/nowhere is no place: those are [ ┊]+positions/);
    story.enter('/goto #7').hear({ type: 'history', room: 'lobby', lines: [], more: false, id: 'goto #7 lobby' });
    expect(rows(story).slice(-2).join(' ')).toMatch(/-- #lobby has no line 7 yet: the last[ ┊]+one is #1$/);
    story.enter('/goto 5').hear({ type: 'error', code: 'x', message: 'not now', id: 'goto 5 lobby' });
    expect(rows(story).at(-1)).toBe('09:10 -- error: not now');
  });

  test.each([
    ['0', /0 is no place: those are positions from 1 on/],
    ['-5', /-5 is no place/],
    ['1e99', /1e99 is no place/],
    ['9'.repeat(400), /^9{60}… is no place/],
    ['synod://', /synod:\/\/ is no link: those are as synod:\/\/lobby\/1042/],
    ['synod://nosuch room/x', /synod:\/\/nosuch room\/x is no link/],
    ['synod://lobby/0', /is no link: .* from 1 on$/],
    ['synod://%E0/7', /is no link/],
  ])('what is mistyped is said back, with what to type: %s', (typed, expected) => {
    const story = Story.online();
    story.effects();
    story.enter(`/goto ${typed}`);
    const last = currentRoom(story.model).lines.at(-1);
    expect(last?.type === 'notice' && last.text).toMatch(expected);
    expect(story.effects()).toEqual([]);
  });

  const digest = (asked: number, index: number, position = index) =>
    ({ type: 'digest', room: 'lobby', index, position, digest: '', id: `goto ${asked} lobby` }) as const;
  const told = (story: Story) => {
    const last = currentRoom(story.model).lines.at(-1);
    return last?.type === 'notice' ? last.text : '';
  };

  test('a position beyond the end, or of something else, goes to the line before it and says so', () => {
    const story = Story.online().hear(...lines(2, 90));
    story.enter('/goto 99999').hear(digest(99_999, 90));
    expect(told(story)).toBe('position 99999 is no line of #lobby: the last one before it is at 90');
    story.enter('/goto 30').hear(digest(30, 30));
    expect(told(story)).toBe('position 99999 is no line of #lobby: the last one before it is at 90');
    story.enter('/goto 31').hear(digest(31, 30));
    expect(rows(story)[0]).toBe('09:10 ▸ bob: line 30');
    expect(rows(story).join('\n')).toMatch(/-- position 31 is no line of #lobby/);
  });

  test('a position before the beginning, or in a room without a line, has nothing', () => {
    const story = Story.online().enter('/goto 1').hear(digest(1, 0));
    expect(told(story)).toBe('nothing was said in #lobby up to there: /goto #1 is where it begins');
    const none = new Story().enter('/goto 5').hear(digest(5, 0));
    expect(told(none)).toBe('nothing was said in #lobby yet');
    const empty = new Story().enter('/goto #1');
    empty.hear({ type: 'history', room: 'lobby', lines: [], more: false, id: 'goto #1 lobby' });
    expect(told(empty)).toBe('#lobby has no line 1 yet, nor any other');
  });

  test('of two at once, it is the last one that is gone to, and nothing is said of the first', () => {
    const story = Story.online()
      .hear(...lines(9900, 9950))
      .enter('/goto 5')
      .enter('/goto 1042')
      .hear(digest(5, 5));
    expect(told(story)).toBe('');
    story.enter('/goto #70').enter('/goto #5000').hear(digest(1042, 1040));
    story.hear({ type: 'history', room: 'lobby', more: true, lines: lines(30, 129), id: 'goto #70 lobby' });
    expect(told(story)).toBe('');
    story.hear({ type: 'history', room: 'lobby', more: true, lines: lines(4960, 5059), id: 'goto #5000 lobby' });
    expect(rows(story)[0]).toBe('09:10 ▸ bob: line 5000');
  });

  test('asked for twice, the second answer moves nobody', () => {
    const answer = { type: 'history', room: 'lobby', more: true, lines: lines(30, 129), id: 'goto #70 lobby' } as const;
    const story = Story.online()
      .hear(...lines(9900, 9950))
      .enter('/goto #70')
      .enter('/goto #70')
      .hear(answer)
      .press('M-end');
    const end = rows(story);
    expect(rows(story.hear(answer))).toEqual(end);
  });

  test('a room that cannot be joined is told once', () => {
    const story = Story.online().enter('/goto synod://%20bad/5');
    story.hear({ type: 'error', code: 'bad-room', message: 'no name' });
    story.hear({ type: 'error', code: 'no-such-room', message: 'there is none', id: 'goto 5  bad' });
    expect(told(story)).toBe('error: no name');
  });

  test('a line that is not kept any more is said to be gone, and the first one that is there is shown', () => {
    const story = Story.online()
      .hear(...lines(9000, 9060))
      .enter('/goto #5');
    story.hear({ type: 'history', room: 'lobby', lines: lines(40, 64), more: false, id: 'goto #5 lobby' });
    expect(rows(story).slice(0, 2)).toEqual([' -- 38 lines are not kept any more', '09:10 ▸ bob: line 40']);
    expect(rows(story).join('\n')).toMatch(/-- line 5 is not kept any more: the first one/);
  });

  test('which is the first one that is kept, the server is asked, and not taken from what is here', () => {
    const story = Story.online()
      .hear(...lines(9000, 9060))
      .enter('/goto #5');
    story.effects();
    story.hear({ type: 'history', room: 'lobby', lines: [], more: false, id: 'goto #5 lobby' });
    expect(story.effects()).toEqual([
      { type: 'ask', question: { type: 'place', room: 'lobby', time: 0 }, id: 'goto first lobby' },
    ]);
    story.hear({ type: 'place', room: 'lobby', time: 0, index: 1793, id: 'goto first lobby' });
    story.hear({ type: 'history', room: 'lobby', lines: lines(1793, 1850), more: false, id: 'goto #1793 lobby' });
    expect(rows(story)[1]).toBe('09:10 ▸ bob: line 1793');
    expect(rows(story).join(' ')).toMatch(/line 5 is not kept any more: the first one[ ┊]+of #lobby has number 1793/);
  });

  test('a link to another room joins it first', () => {
    const story = Story.online();
    story.effects();
    expect(story.enter('/goto synod://dev/7').effects()).toMatchObject([
      { type: 'post', command: { type: 'join', room: 'dev' } },
      { type: 'ask', question: { type: 'digest', room: 'dev', position: 7 }, id: 'goto 7 dev' },
    ]);
    story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 3 }), ...lines(4, 60, { room: 'dev' }));
    story.press('M-1').hear({ type: 'digest', room: 'dev', index: 5, position: 7, digest: '', id: 'goto 7 dev' });
    expect(story.model.current).toBe('dev');
    expect(rows(story)[0]).toBe('09:10 ▸ bob: line 5');
  });

  test('/since is Alt-N', () => {
    const story = two()
      .press('M-2')
      .hear(...lines(5, 90))
      .press('M-1')
      .enter('/since');
    expect(rows(story).slice(0, 2)).toEqual([' -- new --', '09:10 ▸ bob: line 5']);
  });
});

test('whoever went on elsewhere meanwhile is not moved while they type', () => {
  const story = two()
    .hear(...lines(9000, 9060))
    .enter('/goto #300')
    .press('M-2')
    .type('secr');
  story.hear({ type: 'history', room: 'lobby', lines: lines(260, 359), more: true, id: 'goto #300 lobby' });
  expect(story.model.current).toBe('dev');
  expect(rows(story).slice(-2).join('')).toMatch(/#lobby is at the place that you asked[ ┊]+for$/);
  expect(rows(story.press('M-1'))[0]).toBe('09:10 ▸ bob: line 300');
});

test('what was fetched last stays, however much is here', () => {
  const story = Story.online()
    .hear(...lines(90_000, 90_060))
    .press('pageup', 'pageup');
  story.hear(...lines(90_061, 110_000));
  story.hear({ type: 'history', room: 'lobby', lines: lines(89_900, 89_999), more: true, id: 'earlier lobby' });
  expect(indexes(story)).toContain(89_900);
  expect(indexes(story)).not.toContain(109_999);
  expect(indexes(story).at(-1)).toBe(110_000);
  expect(rows(story).at(-1)).toBe(' 19978 below, 19940 new: PgDn, Alt-End');
  story.enter('hi');
  expect(rows(story).join('\n')).toMatch(/-- \d+ lines not loaded: Enter fetches them/);
});

describe('conversations', () => {
  test('with somebody who is ignored do not begin', () => {
    const story = Story.online();
    const { preferences } = story.model;
    story.happen({ type: 'preferred', key: 'ignored', result: { ...preferences, ignored: ['troll'] }, time: TIME });
    story.hear(message({ room: '@troll', nick: 'troll', index: 1, position: 99 }));
    expect(story.model.rooms.map(({ name }) => name)).toEqual(['lobby']);
    expect(story.model.position).toBe(99);
  });

  test('are no more than a hundred: the first one goes in which nothing is being said', () => {
    const story = Story.online();
    for (let at = 0; at < 100; at += 1) story.hear(message({ room: `@n${at}`, nick: `n${at}`, index: 1 }));
    story.press('M-2').type('a draft').press('M-1');
    story.hear(message({ room: '@more', nick: 'more', index: 1 }));
    const names = story.model.rooms.map(({ name }) => name);
    expect(names).toHaveLength(101);
    expect(names).toContain('@n0');
    expect(names).not.toContain('@n1');
  });

  test('show what was said in them, once one looks at them: asked for once, and when it can be', () => {
    const question = { type: 'history', room: '@bob', before: 0, limit: 100 } as const;
    const asked = { type: 'ask', question, id: 'earlier @bob' };
    const story = Story.online().enter('/query bob');
    expect(story.effects()).toContainEqual(asked);
    story.hear({
      type: 'history',
      room: '@bob',
      lines: lines(1, 3, { room: '@bob' }),
      more: false,
      id: 'earlier @bob',
    });
    expect(story.press('M-1', 'M-2').effects()).not.toContainEqual(asked);
    expect(rows(story).at(-1)).toBe('09:10 ✓ bob: line 3');
    const away = Story.online().hear({ type: 'status', state: 'waiting', server: 0, reason: '' }).enter('/query bob');
    expect(away.effects()).not.toContainEqual(asked);
    expect(away.hear({ type: 'status', state: 'online', server: 1, reason: '' }).effects()).toContainEqual(asked);
  });

  test('have no gaps: a nick may be another person’s by now', () => {
    const story = Story.online().hear(message({ room: '@bob', index: 1 }), message({ room: '@bob', index: 9 }));
    expect(story.effects().filter(({ type }) => type === 'ask')).toEqual([]);
  });
});

test('/why without a place is about the line that somebody went to, as long as it is marked', () => {
  const story = Story.online({ columns: 60, rows: 24 }).hear(...lines(1, 100));
  const why = () =>
    story
      .enter('/why')
      .effects()
      .filter(({ type }) => type === 'ask');
  const asked = (index: number) => [
    { type: 'ask', id: '', question: { type: 'why', room: 'lobby', index, position: 0 } },
  ];
  expect(why()).toEqual(asked(0));
  story.enter('/goto #50').effects();
  expect(why()).toEqual(asked(50));
  expect(story.enter('/why #7').effects()).toEqual(asked(7));
  while (story.model.rooms[0]?.scrolled) story.press('pagedown');
  expect(why().slice(-1)).toEqual(asked(0));
});
