/** What one is told while the pane is scrolled up. */
import fc from 'fast-check';
import type { RoomModel } from '../../../src/client/window/model';
import { MAX_LINES, MAX_LINES_SCROLLED } from '../../../src/client/window/room-lines';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const SGR = /\u001b\[[\d;]*m/g;

function lines(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, at) => message({ index: from + at, text: `line ${from + at}` }));
}

function scrolledUp(): Story {
  const story = Story.online()
    .hear(...lines(2, 60))
    .press('pageup');
  story.effects();
  return story;
}

function room(story: Story): RoomModel {
  const [only] = story.model.rooms;
  if (!only) throw new Error('there is a room');
  return only;
}

function rows(story: Story): readonly string[] {
  return view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, '').trimEnd());
}

describe('what comes meanwhile', () => {
  test('is unread, and in the list, until one comes down to it', () => {
    const story = scrolledUp().hear(message({ index: 61 }), message({ index: 62, text: 'alice: look' }));
    expect(room(story)).toMatchObject({ unread: 2, mentions: 1, readThrough: 60 });
    expect(rows(story).at(-1)).toMatch(/^ \d+ below, 2 new: PgDn, Alt-End$/);
    expect(view(story.model, UNICODE_GLYPHS).rooms[0]).toMatch(/2 !1/);
    story.press('pagedown', 'pagedown');
    expect(room(story)).toMatchObject({ scrolled: undefined, unread: 0, mentions: 0, readThrough: 62, divider: 60 });
    expect(rows(story).slice(-3)).toEqual([' -- new --', '09:10 ✓ bob: hello', '09:10 ✓ bob: alice: look']);
  });

  test('calls whom it names', () => {
    const story = scrolledUp().hear(message({ index: 61, text: 'alice: look' }));
    expect(story.effects()).toContainEqual({
      type: 'call',
      how: 'bell',
      title: 'synod #lobby',
      text: 'bob: alice: look',
    });
  });

  test('is not said to have been read elsewhere before one has come down', () => {
    const story = scrolledUp().hear({ type: 'markers', markers: [{ room: 'lobby', index: 60 }] });
    story.effects();
    story.hear(...lines(61, 100));
    expect(story.effects().filter(({ type }) => type === 'read')).toEqual([]);
    story.press('pagedown', 'pagedown');
    const told = story.effects().flatMap((effect) => (effect.type === 'read' ? [effect.index] : []));
    expect(told.at(-1)).toBeLessThan(100);
    story.press('pagedown', 'pagedown', 'pagedown');
    expect(story.effects()).toContainEqual({ type: 'read', room: 'lobby', index: 100 });
  });

  test('stays unread when one looks at another room or window, and comes back', () => {
    const story = scrolledUp().hear(...lines(61, 63));
    story.happen({ type: 'focus', focused: false }).happen({ type: 'focus', focused: true });
    expect(room(story)).toMatchObject({ unread: 3, readThrough: 60 });
    story.enter('/query bob').press('M-1');
    expect(room(story)).toMatchObject({ unread: 3, readThrough: 60, divider: 60 });
  });

  test('is read when one says something: its end is in sight then', () => {
    const story = scrolledUp()
      .hear(...lines(61, 63))
      .enter('hi');
    expect(room(story)).toMatchObject({ scrolled: undefined, unread: 0, readThrough: 63, divider: 60 });
  });
});

describe('the mark of what is new', () => {
  test('is not before what one says oneself', () => {
    const story = scrolledUp()
      .hear(...lines(61, 61))
      .press('pagedown', 'pagedown');
    expect(rows(story).join('\n')).toContain('-- new --');
    const other = Story.online().hear(message({ index: 2 }));
    other.hear({ type: 'markers', markers: [{ room: 'lobby', index: 2 }] });
    other.happen({ type: 'focus', focused: false }).happen({ type: 'focus', focused: true });
    other.hear(message({ index: 3, session: OWN, nick: 'alice' }), message({ index: 4 }));
    expect(rows(other).join('\n')).not.toContain('-- new --');
  });

  test('is gone with what was cleared', () => {
    const story = scrolledUp()
      .hear(...lines(61, 63))
      .press('pagedown', 'pagedown')
      .enter('/clear');
    story.hear(message({ index: 64 }));
    expect(rows(story).join('\n')).not.toContain('-- new --');
  });
});

describe('what is below', () => {
  test('counts lines that are not loaded', () => {
    const story = scrolledUp();
    const before = Number(/\d+/.exec(rows(story).at(-1) ?? '')?.[0]);
    story.hear(message({ index: 5000 }));
    expect(rows(story).at(-1)).toBe(` ${before + 4940} below, 4940 new: PgDn, Alt-End`);
  });
});

describe('what the window says', () => {
  test('is shown over the last rows, until one scrolls on, and moves nothing', () => {
    const story = scrolledUp();
    const before = rows(story);
    story.enter('/help retry');
    const told = rows(story);
    const at = told.findIndex((row) => /^-+$/.test(row));
    expect(told.slice(0, at)).toEqual(before.slice(0, at));
    expect(told[at + 1]).toMatch(/^-- \/retry/);
    expect(told.at(-1)).toBe(before.at(-1));
    expect(rows(story.press('pageup').press('pagedown')).join('\n')).not.toContain('/retry');
  });

  test.each([
    ['an own post that was refused', 'hello: not posted: too long'],
    ['a server that was lost', 'server 1 lost, now on server 3'],
  ])('%s is told there, too', (what, words) => {
    const story = scrolledUp().enter('hello').press('pageup');
    const before = rows(story);
    const seam = {
      type: 'seam',
      reason: 'lost',
      from: 1,
      to: 3,
      afterMs: 420,
      lost: 0,
      resent: 1,
      doubled: 0,
    } as const;
    if (what.startsWith('an own')) story.hear({ type: 'error', code: 'x', message: 'too long', id: '1' });
    else story.hear(seam);
    const told = rows(story);
    expect(told.join('\n')).toContain(words);
    expect(told.slice(0, 10)).toEqual(before.slice(0, 10));
  });

  test('that is longer than the pane says so', () => {
    const story = scrolledUp().resize(80, 9).press('pageup').enter('/set');
    expect(rows(story).at(-2)).toBe('-- the rest of it is below');
  });
});

/** A room, its reader, and what may happen: what is unread is what came and was not passed. */
test('whatever comes and wherever one looks, nothing is read that was not in sight, nor unread that was', () => {
  const happenings = fc.array(
    fc.oneof(fc.constantFrom('hear', 'hear', 'hear', 'own', 'pageup', 'pagedown', 'blur', 'focus', 'away', 'back')),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(happenings, (all) => {
      const story = Story.online()
        .hear(...lines(2, 40))
        .enter('/query bob')
        .press('M-1');
      let index = 40;
      for (const what of all) {
        const was = room(story);
        if (what === 'hear') story.hear(message({ index: ++index }));
        else if (what === 'own') story.hear(message({ index: ++index, session: OWN, nick: 'alice', seq: index }));
        else if (what === 'blur' || what === 'focus') story.happen({ type: 'focus', focused: what === 'focus' });
        else if (what === 'away' || what === 'back') story.press(what === 'away' ? 'M-2' : 'M-1');
        else story.press(what);
        const now = room(story);
        const others = [...now.lines].filter((line) => line.type === 'message' && line.session !== OWN);
        const { readThrough = 0 } = now;
        const after = others.filter((line) => line.type === 'message' && line.index > readThrough);
        expect(readThrough).toBeGreaterThanOrEqual(was.readThrough ?? 0);
        expect(now.unread).toBe(after.length);
        if (now.unread > 0) expect(now.divider).toBeLessThanOrEqual(readThrough);
        const isAtEnd = story.model.focused && story.model.current === 'lobby' && !now.scrolled;
        if (isAtEnd) expect(now.unread).toBe(0);
        expect(now.lines.length).toBeLessThan(MAX_LINES);
      }
    }),
  );
});

describe('a room that is joined late', () => {
  const joinOf = (room: string) => presence({ room, nick: 'alice', session: OWN, index: 1, position: 90 });

  test('moves nobody who went on elsewhere, or is typing', () => {
    const story = Story.online().enter('/query bob').press('M-1').enter('/join dev').press('M-2');
    story.hear(joinOf('dev'));
    expect(story.model.current).toBe('@bob');
    expect(rows(story).at(-1)).toBe('09:10 -- you are in #dev now: /room dev');
    const typing = Story.online().enter('/join dev').type('secr').hear(joinOf('dev'));
    expect(typing.model.current).toBe('lobby');
  });

  test('of two, the last one is shown', () => {
    const story = Story.online().enter('/join dev').enter('/join ops').hear(joinOf('dev'), joinOf('ops'));
    expect(story.model.current).toBe('ops');
  });
});

test('with as many lines as are kept, another one does not make the window look through all of them', () => {
  let looks = 0;
  const counted = (index: number) => {
    const line = message({ index });
    return Object.defineProperty(line, 'text', {
      get: () => {
        looks += 1;
        return 'hello';
      },
    });
  };
  const story = Story.online()
    .hear(...lines(2, 60))
    .press('pageup');
  for (let index = 61; index <= MAX_LINES_SCROLLED + 100; index += 1) story.hear(counted(index));
  looks = 0;
  for (let index = MAX_LINES_SCROLLED + 101; index <= MAX_LINES_SCROLLED + 200; index += 1) story.hear(counted(index));
  expect(room(story).unread).toBeGreaterThan(19_000);
  expect(looks).toBeLessThan(1000);
});

test('PgUp where nothing is above does not scroll', () => {
  const story = Story.online({ columns: 20, rows: 5 }).enter('/query bob').press('pageup');
  story.hear(message({ room: '@bob', index: 1, position: 9, text: 'hey' }));
  expect(rows(story).join('\n')).toContain('hey');
});

test('what one jumps over stays unread, and is read by going through it', () => {
  const story = scrolledUp()
    .hear(...lines(61, 200))
    .enter('/goto #150');
  expect(room(story)).toMatchObject({ unread: 140, readThrough: 60 });
  story.press('M-n');
  expect(room(story).readThrough).toBeGreaterThan(60);
  for (let page = 0; page < 4; page += 1) story.press('pagedown');
  expect(room(story).unread).toBeLessThan(80);
});
