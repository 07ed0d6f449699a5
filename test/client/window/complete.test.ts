/** Tab: what a word becomes, and how one of several is chosen. */
import { emojiCalled, withEmoji } from '../../../src/client/window/emoji';
import { editorOf } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, OWN, presence, Story } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;

function typed(story: Story): string {
  const { before, after } = editorOf(story.model);
  return `${before.join('')}|${after.join('')}`;
}

function candidates(story: Story): readonly string[] {
  return (story.model.menu?.candidates ?? []).map(({ text }) => text);
}

/** In the lobby with three others, and in another room. */
function among(): Story {
  const story = Story.online();
  for (const [at, nick] of ['bob', 'Bobby', 'carla'].entries()) story.hear(presence({ nick, index: 2 + at }));
  return story.hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 })).press('M-1');
}

function tab(text: string): Story {
  return among().type(text).press('tab');
}

test.each([
  ['car', 'carla: |'],
  ['CAR', 'carla: |'],
  ['hi car', 'hi carla |'],
  ['b', 'bob: |'],
  ['bobb', 'Bobby: |'],
  ['/top', '/topic |'],
  ['/msg car', '/msg carla |'],
  ['/join d', '/join dev |'],
  ['/set his', '/set history |'],
  ['/theme li', '/theme light |'],
  ['/set theme da', '/set theme dark |'],
  ['/set timestamps se', '/set timestamps seconds |'],
  ['/set notify b', '/set notify bell |'],
  ['/set nick b', '/set nick b|'],
  ['/log o', '/log on |'],
  ['/goto ye', '/goto yesterday |'],
  ['see (@car', 'see (@carla |'],
  ['(car', '(carla |'],
  ["don't", "don't|"],
  ['/help retai', '/help retain |'],
  ['/topic ', '/topic |'],
  ['/room @b', '/room @bob |'],
  ['see #d', 'see #dev |'],
  [':smile:', '😄 |'],
  ['so :tada', 'so 🎉 |'],
  ['x /to', 'x /to|'],
  ['al', 'al|'],
  ['zzz', 'zzz|'],
  [':', ':|'],
  ['', '|'],
])('%s: %s', (text, expected) => {
  expect(typed(tab(text))).toBe(expected);
});

test('who spoke last comes first, who said nothing last', () => {
  const story = among()
    .hear(message({ nick: 'Bobby', index: 6 }), message({ nick: 'carla', index: 7 }))
    .type('b')
    .press('tab');
  expect(candidates(story)).toEqual(['Bobby', 'bob']);
  story.hear(message({ nick: 'bob', index: 8 })).press('escape', 'tab');
  expect(candidates(story)).toEqual(['bob', 'Bobby']);
});

test.each([
  ['/set theme ', ['dark', 'light', '16', 'none']],
  ['/log ', ['on', 'off']],
  ['/msg ', ['bob', 'Bobby', 'carla']],
  ['/ignore ', ['bob', 'Bobby', 'carla']],
  ['/leave ', ['lobby', 'dev']],
  ['/goto ', ['today', 'yesterday', 'synod://']],
  ['hi ', []],
  ['/since ', []],
  ['/set nick ', []],
])('behind %j all that may stand there is shown', (text, expected) => {
  expect(candidates(tab(text))).toEqual(expected);
});

test('Tab goes on, Shift-Tab back, both round the end', () => {
  const story = tab('b');
  expect(typed(story.press('tab'))).toBe('Bobby: |');
  expect(typed(story.press('tab'))).toBe('bob: |');
  story.happen({ type: 'key', key: { name: 'tab', shift: true, sequence: '\u001b[Z' }, time: 0 });
  expect(typed(story)).toBe('Bobby: |');
});

test('Esc leaves the line as it was, any other key takes the candidate', () => {
  const story = tab('b').press('tab', 'escape');
  expect(typed(story)).toBe('b|');
  expect(story.model.menu).toBeUndefined();
  story.press('tab').type('hi');
  expect(typed(story)).toBe('bob: hi|');
  expect(story.model.menu).toBeUndefined();
  expect(tab('b').press('return').effects().at(-1)).toMatchObject({ command: { text: 'bob: ' } });
});

describe('rooms that one is not in', () => {
  const ROOMS = { type: 'query', what: 'rooms', name: '' } as const;
  const rows = ['lobby', 'dev', 'ops', 'ops-2'].map((name) => ({ name, text: '', count: 1 }));

  test('are asked for, and shown with those that one is in', () => {
    const story = among().effects() && among().type('/join o').press('tab');
    expect(story.effects().at(-1)).toEqual({ type: 'ask', question: ROOMS, id: 'rooms to complete' });
    story.hear({ type: 'answer', what: 'rooms', name: '', rows, id: 'rooms to complete' });
    expect(candidates(story)).toEqual(['ops', 'ops-2']);
    expect(typed(story.press('tab'))).toBe('/join ops-2 |');
    expect(story.effects()).toEqual([]);
  });

  test('do not take away what was chosen or typed meanwhile, nor are they told', () => {
    const answer = { type: 'answer', what: 'rooms', name: '', rows, id: 'rooms to complete' } as const;
    const chosen = among()
      .hear(presence({ room: 'den', nick: 'alice', session: OWN, index: 1 }))
      .press('M-1');
    chosen.type('/join d').press('tab', 'tab');
    expect(typed(chosen)).toBe('/join den |');
    expect(typed(chosen.hear(answer))).toBe('/join den |');
    const none = among().type('/join o').press('tab').type('p').hear(answer).type('era');
    expect(typed(none)).toBe('/join opera|');
    const story = among().type('/join o').press('tab').type('ther');
    story.hear(answer);
    expect(typed(story)).toBe('/join other|');
    expect([...(story.model.rooms[0]?.lines ?? [])].filter(({ type }) => type === 'notice')).toEqual([]);
  });
});

test('what others are called is inert among the candidates', () => {
  const story = Story.online().hear(
    presence({ nick: 'bo\u202eb\u001b[31m', index: 2 }),
    presence({ nick: 'bod', index: 3 }),
  );
  story.type('bo').press('tab');
  const rows = view(story.model, UNICODE_GLYPHS)
    .conversation.slice(-2)
    .map((row) => row.replace(SGR, ''));
  expect(rows.map((row) => row.trimEnd())).toEqual([' bob', ' bod']);
});

test('what is behind the cursor stays', () => {
  const story = among().type('x car there').press('M-b', 'left', 'tab');
  expect(typed(story)).toBe('x carla| there');
});

describe('the candidates', () => {
  const conversation = (story: Story) =>
    view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, ''));

  test('are above the input, with what commands take, and the one that is chosen stands out', () => {
    const story = tab('/re');
    expect(conversation(story)).toHaveLength(view(story.model, UNICODE_GLYPHS).layout.height);
    const [first, second] = conversation(story).slice(-candidates(story).length);
    expect(first).toMatch(/^ \/retain {2}30d\|1000 lines/);
    expect(second).toMatch(/^ \/re\w+ {2}\S/);
    const reversed = view(story.press('tab').model, UNICODE_GLYPHS).conversation.filter((row) =>
      row.includes('\u001b[7m'),
    );
    expect(reversed).toEqual([expect.stringContaining(second?.trimEnd() ?? '')]);
    expect(conversation(story)[1]).toMatch(/alice has joined/);
  });

  test('scroll when they are many, and fit into any window', () => {
    for (const [columns, rows] of [
      [80, 24],
      [20, 5],
    ] as const) {
      const story = Story.online({ columns, rows }).type(':he').press('tab');
      const all = story.model.menu?.candidates ?? [];
      expect(all.length).toBeGreaterThan(20);
      for (const { note } of all) {
        const { conversation: shown, layout } = view(story.model, UNICODE_GLYPHS);
        expect(shown.length).toBeLessThanOrEqual(layout.height);
        expect(shown.find((row) => row.includes('\u001b[7m'))).toContain(note.slice(0, 10));
        story.press('tab');
      }
    }
  });
});

test('of many, as many as fit are shown, the last page to its end', () => {
  const story = Story.online().type(':he').press('tab');
  const all = candidates(story).length;
  const shown = () =>
    view(story.model, UNICODE_GLYPHS)
      .conversation.map((row) => row.replace(SGR, ''))
      .filter((row) => /:\w+:$/.test(row.trimEnd()));
  expect(shown()).toHaveLength(8);
  expect(
    shown()
      .map((row) => row[0])
      .join(''),
  ).toBe('       ↓');
  story.press('tab', 'tab', 'tab', 'tab', 'tab', 'tab');
  expect(
    shown()
      .map((row) => row[0])
      .join(''),
  ).toBe('↑      ↓');
  for (let at = 7; at < all; at += 1) story.press('tab');
  expect(shown()).toHaveLength(8);
  expect(
    shown()
      .map((row) => row[0])
      .join(''),
  ).toBe('↑       ');
  expect(shown().at(-1)).toContain(story.model.menu?.candidates.at(-1)?.note);
});

describe('emoji by name', () => {
  test.each([
    ['well :smile:', 'well 😄'],
    [':+1::tada:', ':+1::tada:'],
    ['(:heart:)', '(❤)'],
    ['at 10:30:45', 'at 10:30:45'],
    ['http://a:x:b', 'http://a:x:b'],
    [':no_such_thing:', ':no_such_thing:'],
  ])('%s: %s', (text, expected) => {
    expect(withEmoji(text)).toBe(expected);
  });

  test('is said as the emoji', () => {
    expect(Story.online().enter('hi :wave:').effects()).toMatchObject([{ command: { text: 'hi 👋' } }]);
    expect(Story.online().enter('/me :wave:').effects()).toMatchObject([{ command: { text: '👋' } }]);
  });

  test('is found by its beginning first', () => {
    const [first] = emojiCalled('smile', 5);
    expect(first?.name).toBe('smile');
    expect(emojiCalled('mile', 100).map(({ name }) => name)).toContain('smile');
  });
});
