/** What a person makes of the window: settings, who is ignored, logs, and what calls them. */

import { CALL_PAUSE_MS } from '../../../src/client/news';
import { colourOf, UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { DEFAULT_PREFERENCES, type Preferences } from '../../../src/config/preferences';
import { message, OWN, presence, Story, TIME } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;

/** A window of somebody who prefers something. */
function preferring(preferences: Partial<Preferences>): Story {
  const story = Story.online();
  story.model = { ...story.model, preferences: { ...DEFAULT_PREFERENCES, ...preferences } };
  return story;
}

function conversation(story: Story): readonly string[] {
  return view(story.model, UNICODE_GLYPHS).conversation.map((row) => row.replace(SGR, ''));
}

function lastNotice(story: Story): string | undefined {
  const { rooms, current } = story.model;
  const lines = rooms.find(({ name }) => name === current)?.lines ?? [];
  return [...lines].flatMap((line) => (line.type === 'notice' ? [line.text] : [])).at(-1);
}

/** The calls among what it wanted done. */
function calls(story: Story): readonly string[] {
  return story
    .effects()
    .flatMap((effect) => (effect.type === 'call' ? [`${effect.how} ${effect.title}: ${effect.text}`] : []));
}

describe('/set', () => {
  test('lists, and shows one', () => {
    expect(lastNotice(Story.online().enter('/set'))).toBe(
      'your configuration\n  theme: dark\n  timestamps: time\n  notify: bell\n  logs: off\n  ignored: not set\n' +
        '  nick: not set\n  room: not set\n  history: not set',
    );
    expect(lastNotice(Story.online().enter('/set notify'))).toBe('notify: bell');
    expect(lastNotice(Story.online().enter('/theme'))).toBe('theme: dark');
  });

  test.each([
    ['/set timestamps seconds', { type: 'prefer', key: 'timestamps', text: 'seconds' }],
    ['/set logs ~/a folder', { type: 'prefer', key: 'logs', text: '~/a folder' }],
    ['/set colour', { type: 'prefer', key: 'colour', text: '' }],
    ['/theme light', { type: 'prefer', key: 'theme', text: 'light' }],
  ])('%s is asked for', (line, effect) => {
    expect(Story.online().enter(line).effects()).toEqual([effect]);
  });

  test('takes effect when it is written, and says so; or why not', () => {
    const result = { ...DEFAULT_PREFERENCES, timestamps: 'off' as const };
    const story = Story.online().happen({ type: 'preferred', key: 'timestamps', result, time: TIME });
    expect(lastNotice(story)).toBe('timestamps: off');
    expect(conversation(story)).toContain('-- alice has joined');
    story.happen({ type: 'preferred', key: 'theme', result: { problem: 'theme: found "x"' }, time: TIME });
    expect(lastNotice(story)).toBe('error: theme: found "x"');
    expect(story.model.preferences).toBe(result);
  });
});

test('Alt-T goes round the timestamps, and long lines stay below their text', () => {
  const story = Story.online({ columns: 40, rows: 12 }).hear(
    message({ text: 'one two three four five six', index: 2 }),
  );
  story.enter('said');
  expect(conversation(story).slice(2)).toEqual(['09:10 ✓ bob: one two three four five six', '      ◦ alice: said']);
  expect(conversation(story.press('M-t')).slice(2)).toEqual([
    '09:10:00 ✓ bob: one two three four five',
    '           ┊ six',
    '         ◦ alice: said',
  ]);
  const positions = ['   2 ✓ bob: one two three four five six', '     ◦ alice: said'];
  expect(conversation(story.press('M-t')).slice(2)).toEqual(positions);
  expect(conversation(story.press('M-t')).slice(2)).toEqual(['✓ bob: one two three four five six', '◦ alice: said']);
  expect(story.press('M-t').model.preferences.timestamps).toBe('time');
});

test('positions are those that /goto takes, as wide as the highest one, and words of the window have none', () => {
  const story = Story.online({ columns: 60, rows: 12 }).press('M-t', 'M-t');
  story.hear(message({ index: 2, position: 9999 }), message({ index: 3, position: 123_456, text: 'a\nb' }));
  story.enter('/ignore');
  expect(conversation(story).slice(1)).toEqual([
    '     1 -- alice has joined',
    '  9999 ✓ bob: hello',
    '123456 ✓ bob: a',
    '         ┊ b',
    '       -- nobody is ignored',
  ]);
  story.type('on its way').press('return');
  expect(conversation(story).find((row) => row.includes('on its way'))).toBe('       ◦ alice: on its way');
});

describe('themes', () => {
  test('a nick has the same colour in all of a theme, and none without colours', () => {
    for (const theme of ['dark', 'light', '16', 'none'] as const) {
      const story = preferring({ theme }).hear(message({ index: 2 }), presence({ nick: 'Bob', index: 3 }));
      const { conversation: rows, people, coloured } = view(story.model, UNICODE_GLYPHS);
      const colour = colourOf('bob', theme);
      expect(rows.some((row) => row.includes(`${colour}bob`))).toBe(true);
      expect(people.some((row) => row.startsWith(`${colour}Bob`))).toBe(true);
      expect(coloured).toBe(theme !== 'none');
      expect(colour === '').toBe(theme === 'none');
    }
    expect(colourOf('bob', 'dark')).not.toBe(colourOf('bob', 'light'));
  });
});

describe('/ignore', () => {
  test('asks to add a nick, /unignore to take it away', () => {
    const story = preferring({ ignored: ['carla'] });
    story.effects();
    story
      .enter('/ignore @bob')
      .enter('/unignore CARLA')
      .enter('/unignore bob')
      .enter('/ignore alice')
      .enter('/ignore Carla');
    expect(story.effects()).toEqual([
      { type: 'prefer', key: 'ignored', text: 'carla bob' },
      { type: 'prefer', key: 'ignored', text: '' },
    ]);
    expect(lastNotice(story.enter('/ignore'))).toBe('ignored: carla');
  });

  test('their lines are not among what a search finds', () => {
    const story = preferring({ ignored: ['BOB'] });
    const lines = [message({ text: 'spam', index: 2 }), message({ nick: 'carla', text: 'no spam', index: 3 })];
    story.hear({ type: 'found', room: 'lobby', text: 'spam', before: 0, lines });
    expect(lastNotice(story)?.split('\n')).toEqual([
      '1 line in #lobby with spam; 1 line of ignored nicks',
      expect.stringContaining('<carla> no spam'),
    ]);
  });

  test('their lines are not shown, not counted and call nobody, until they are heard again', () => {
    const story = preferring({ ignored: ['BOB'] });
    story.effects();
    story.hear(
      message({ text: 'alice: spam', index: 2 }),
      presence({ event: 'topic', text: 'spam', index: 2 }),
      message({ nick: 'carla', text: 'hello', index: 3 }),
      message({ room: '@bob', text: 'psst', index: 1 }),
    );
    expect(conversation(story).slice(1)).toEqual(['09:10 -- alice has joined', '09:10 ✓ carla: hello']);
    expect(story.model.rooms.map(({ name, unread, mentions }) => [name, unread, mentions])).toEqual([['lobby', 0, 0]]);
    expect(calls(story)).toEqual([]);
    story.happen({ type: 'preferred', key: 'ignored', result: DEFAULT_PREFERENCES, time: TIME });
    expect(conversation(story).join('\n')).toMatch(/bob: alice: spam/);
  });

  test('what they said is not unread any more, and is again once they are heard', () => {
    const story = Story.online().hear(presence({ room: 'dev', nick: 'alice', session: OWN, index: 0, position: 2 }));
    story.press('M-2').hear(message({ index: 2, position: 5, text: 'alice!' }), message({ index: 3, nick: 'zoe' }));
    const prefer = (ignored: readonly string[]) => {
      const result = { ...story.model.preferences, ignored };
      return story.happen({ type: 'preferred', key: 'ignored', result, time: TIME }).model.rooms[0];
    };
    expect(prefer(['bob'])).toMatchObject({ unread: 1, mentions: 0 });
    expect(prefer([])).toMatchObject({ unread: 2, mentions: 1 });
  });

  test('scrolling knows that they are not there', () => {
    const story = preferring({ ignored: ['bob'] });
    for (let index = 2; index < 200; index += 1)
      story.hear(message({ nick: index % 2 === 0 ? 'bob' : 'carla', text: `line ${index}.`, index }));
    expect(conversation(story)).toHaveLength(21);
    const lastAbove = conversation(story)[1];
    expect(conversation(story.press('pageup'))[19]).toBe(lastAbove);
  });
});

test('/clear shows the end, and what comes next is not new', () => {
  const lines = Array.from({ length: 60 }, (_, at) => message({ text: `line ${at}`, index: at + 2 }));
  const story = Story.online()
    .hear(...lines.slice(0, 50))
    .press('pageup');
  story.hear(...lines.slice(50)).enter('/clear');
  expect(story.model.rooms[0]).toMatchObject({ scrolled: undefined, unread: 0, divider: undefined });
  expect(conversation(story.hear(message({ text: 'next', index: 62 }))).join('\n')).not.toMatch(/new --/);
});

test('/clear leaves nothing but what is nowhere else, and PgUp brings the rest back', () => {
  const story = Story.online()
    .hear(message({ text: 'old', index: 2 }))
    .enter('mine');
  story.hear({ type: 'error', code: 'x', message: 'no', id: '1' });
  story.enter('/clear');
  expect(conversation(story).join('\n')).not.toMatch(/old|joined/);
  expect(conversation(story).join('\n')).toMatch(/alice: mine\n.*not posted: no/);
  story.effects();
  story.press('pageup');
  expect(story.effects()).toMatchObject([{ type: 'ask', question: { type: 'history', room: 'lobby', before: 0 } }]);
  story.hear({ type: 'history', room: 'lobby', lines: [message({ text: 'old', index: 2 })], more: false });
  expect(conversation(story).join('\n')).toMatch(/bob: old/);
});

describe('a call', () => {
  test('comes from a line that names one where one is not looking', () => {
    const story = Story.online().hear(message({ text: 'alice: here', index: 2 }));
    expect(calls(story)).toEqual([]);
    story.happen({ type: 'focus', focused: false }).hear(message({ text: 'alice: there', index: 3 }));
    expect(calls(story)).toEqual(['bell synod #lobby: bob: alice: there']);
  });

  test('comes from another room, and from a person alone; not without a name, not from oneself, not from the past', () => {
    const story = preferring({ notify: 'desktop' });
    story.effects();
    const hear = (fields: Parameters<typeof message>[0], time: number) =>
      story.happen({ type: 'client', event: message(fields), time });
    hear({ room: 'dev', text: 'nobody', index: 1 }, TIME + CALL_PAUSE_MS);
    hear({ room: 'dev', text: 'alice', session: OWN, index: 2 }, TIME + 2 * CALL_PAUSE_MS);
    hear({ room: 'dev', text: 'alice', earlier: true, index: 3 }, TIME + 3 * CALL_PAUSE_MS);
    expect(calls(story)).toEqual([]);
    hear({ room: 'dev', text: 'Alice?', index: 4 }, TIME + 4 * CALL_PAUSE_MS);
    hear({ room: '@bob', text: 'psst\u001b]0;x\u0007\n!', index: 1 }, TIME + 5 * CALL_PAUSE_MS);
    expect(calls(story)).toEqual(['desktop synod #dev: bob: Alice?', 'desktop synod: bob: psst ⏎ !']);
  });

  test('is one of a flood, short, and none when it is off', () => {
    const flood = Array.from({ length: 50 }, (_, at) => message({ room: '@bob', text: 'x'.repeat(5000), index: at }));
    const [call, ...more] = calls(Story.online().hear(...flood));
    expect(more).toEqual([]);
    expect(call).toBe(`bell synod: bob: ${'x'.repeat(115)}`);
    expect(calls(preferring({ notify: 'off' }).hear(...flood))).toEqual([]);
  });
});

describe("the title of the terminal's window", () => {
  const title = (story: Story) => view(story.model, UNICODE_GLYPHS).windowTitle;

  test('shows the room, and in how many one is called', () => {
    const story = Story.online();
    expect(title(story)).toBe('#lobby - synod');
    story.hear(message({ room: '@bob', index: 1 }), message({ room: 'dev', text: 'alice', index: 1 }));
    expect(title(story)).toBe('(2) #lobby - synod');
    expect(title(story.press('M-2'))).toBe('(1) @bob - synod');
  });

  test('counts what is said here while one is not looking', () => {
    const story = Story.online().happen({ type: 'focus', focused: false });
    expect(title(story.hear(message({ text: 'alice!', index: 2 })))).toBe('(1) #lobby - synod');
    expect(title(story.happen({ type: 'focus', focused: true }))).toBe('#lobby - synod');
  });

  test('is inert and short', () => {
    const story = Story.online().hear(message({ room: `@\u001b]0;x\u0007${'y'.repeat(200)}`, index: 1 }));
    expect(title(story.press('M-2'))).toMatch(/^@y+… - synod$/);
    expect(title(story).length).toBeLessThan(80);
  });
});

describe('a log', () => {
  const logged = (story: Story) => story.effects().filter(({ type }) => type === 'log');

  test('of this room is begun and ended, and is told of', () => {
    const story = Story.online();
    const line = message({ index: 2 });
    expect(logged(story.hear(line))).toEqual([]);
    expect(lastNotice(story.enter('/log'))).toBe('this room is not written to a file');
    story.effects();
    expect(story.enter('/log on').effects()).toEqual([{ type: 'say-where', room: 'lobby' }]);
    expect(story.enter('/log').effects()).toEqual([{ type: 'say-where', room: 'lobby' }]);
    expect(logged(story.hear(line, message({ room: '@bob', index: 1 })))).toEqual([{ type: 'log', line }]);
    expect(logged(story.enter('/log off').hear(line))).toEqual([]);
    expect(lastNotice(story.enter('/log maybe'))).toBe('/log needs on or off');
  });

  test('is of a room, and who is in none is told so', () => {
    const story = Story.online().hear(presence({ nick: 'alice', session: OWN, event: 'leave', index: 2 }));
    story.effects();
    story.enter('/log on');
    expect(conversation(story).at(-1)).toContain('you are in no room; /join one first');
    expect(story.effects()).toEqual([]);
  });

  test('of all rooms has what happens in them, also that one leaves, but not this room if one says so', () => {
    const story = preferring({ logs: '/logs' }).enter('/log off');
    const lines = [
      message({ room: '@bob', index: 1 }),
      presence({ room: 'dev', nick: 'alice', session: OWN, index: 1 }),
    ];
    const leave = presence({ room: 'dev', nick: 'alice', session: OWN, event: 'leave', index: 2 });
    story.effects();
    story.hear(message({ index: 2 }), ...lines, leave);
    expect(logged(story)).toEqual([...lines, leave].map((line) => ({ type: 'log', line })));
  });
});

test('what goes wrong beside the screen is told', () => {
  const story = Story.online().happen({ type: 'remark', text: 'error: the disk is full', time: TIME });
  expect(lastNotice(story)).toBe('error: the disk is full');
});
