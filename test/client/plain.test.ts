import { AUDIT_ROOM } from '../../src/chat/names';
import type { AnswerEvent, ClientEvent, MessageEvent } from '../../src/client/events';
import { plainVoice, presenceText } from '../../src/client/plain';
import { NOBODY } from './script';
import { message, presence, TIME } from './window/window-model';

function shown(event: ClientEvent): string {
  return plainVoice(TIME, NOBODY).show(event, 'alice');
}

test.each<[string, ClientEvent, string]>([
  ['a line', message({ text: 'hi' }), '09:10 #lobby <bob> hi\n'],
  ['an action', message({ text: 'waves', action: true }), '09:10 #lobby * bob waves\n'],
  ['a direct message', message({ room: '@bob', text: 'psst' }), '09:10 (@bob) <bob> psst\n'],
  ['two lines are one', message({ text: 'a\nb' }), '09:10 #lobby <bob> a ⏎ b\n'],
  ['a link', { type: 'status', state: 'waiting', server: 0, reason: '2 of 3' }, '-- waiting: 2 of 3\n'],
  ['a nick that was asked for', { type: 'welcome', session: '', server: 1, nick: 'alice', position: 0 }, ''],
  ['another nick', { type: 'welcome', session: '', server: 1, nick: 'al', position: 0 }, '-- you are called al here\n'],
  ['an acknowledgement', { type: 'ack', id: '', seq: 1, position: 1, round: 1 }, ''],
  ['an error, which goes elsewhere', { type: 'error', code: 'x', message: 'no' }, ''],
  ['the end', { type: 'ended', status: 0 }, ''],
  [
    'earlier lines, without comings and goings',
    { type: 'history', room: 'lobby', lines: [message({ text: 'old' }), presence({})], more: false },
    '09:10 #lobby <bob> old\n',
  ],
])('%s', (_, event, expected) => {
  expect(shown(event)).toBe(expected);
});

test.each([
  ['join', '', 'bob has joined'],
  ['leave', '', 'bob has left'],
  ['leave', 'bye', 'bob has left: bye'],
  ['quit', 'bye', 'bob is gone: bye'],
  ['nick', 'rob', 'bob is now called rob'],
  ['topic', 'the log', 'bob set the topic: the log'],
  ['topic', '', 'bob took the topic away'],
  ['away', 'tea', 'bob is away: tea'],
  ['back', '', 'bob is back'],
  ['offline', '', 'bob lost the connection'],
  ['online', '', 'bob is connected again'],
  ['retain', '30 days', 'bob set how much is kept here: 30 days'],
  ['kick', 'alice: spam', 'bob was taken out of the room by alice: spam'],
  ['mute', 'alice', 'bob was muted by alice'],
  ['unmute', 'alice', 'bob can speak again, by alice'],
  ['shut', 'off topic', 'bob has closed this room: off topic'],
  ['shut', '', 'bob has closed this room'],
  ['reopen', '', 'bob has opened this room again'],
  ['slow', 'once in 10 s', 'bob set how often one may post here: once in 10 s'],
] as const)('%s %s', (event, text, expected) => {
  expect(presenceText(presence({ event, text }))).toBe(expected);
});

test.each<[Omit<AnswerEvent, 'type'>, readonly string[]]>([
  [
    {
      what: 'names',
      name: 'lobby',
      rows: [
        { name: 'bob', text: '', count: 0 },
        { name: 'zoe', text: 'tea', count: 0 },
      ],
    },
    ['in #lobby', '  bob', '  zoe: tea'],
  ],
  [{ what: 'names', name: '@bob', rows: [] }, ['in @bob']],
  [{ what: 'rooms', name: '', rows: [{ name: 'dev', text: 'tools', count: 3 }] }, ['rooms', '  dev (3): tools']],
  [{ what: 'rooms', name: 'dev', rows: [{ name: 'dev', text: 'tools', count: 3 }] }, ['the topic of #dev: tools']],
  [{ what: 'rooms', name: 'dev', rows: [{ name: 'dev', text: '', count: 3 }] }, ['#dev has no topic']],
  [{ what: 'whois', name: 'bob', rows: [{ name: 'state', text: 'here', count: 0 }] }, ['whois bob', '  state: here']],
])('an answer: %j', (answer, lines) => {
  expect(shown({ type: 'answer', ...answer })).toBe(lines.map((line) => `-- ${line}\n`).join(''));
});

test.each(['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029', '\u001bE', '\u001b[E'])(
  'no line of somebody else is forged behind %j',
  (breaking) => {
    const forged = `hi${breaking}09:10 #lobby <bob> I agree`;
    const events = [message({ nick: 'eve', text: forged }), message({ nick: 'eve', text: forged, action: true })];
    for (const event of [...events, presence({ nick: 'eve', event: 'topic', text: forged })]) {
      const lines = shown(event).split(/[\n\r\v\f\u0085\u2028\u2029]/u);
      expect(lines).toEqual([expect.stringMatching(/^09:10 #lobby (?:<eve>|\* eve|eve set the topic:) /), '']);
    }
  },
);

test('text of others does nothing to a terminal, wherever it stands, and never breaks a line', () => {
  const evil = '\u001b[2J\u202e\u0007x\n\u001b]0;t\u0007y\ud800';
  const rows = [{ name: evil, text: evil, count: 1 }];
  const events: readonly ClientEvent[] = [
    message({ nick: evil, room: evil, text: evil }),
    message({ nick: evil, room: `@${evil}`, text: evil, action: true }),
    ...(['join', 'leave', 'quit', 'nick', 'topic', 'away'] as const).map((event) =>
      presence({ nick: evil, room: evil, text: evil, event }),
    ),
    { type: 'status', state: 'waiting', server: 0, reason: evil },
    { type: 'welcome', session: '', server: 1, nick: evil, position: 0 },
  ];
  for (const event of events) {
    const text = shown(event);
    expect(text).toMatch(/x ⏎ y\ufffd/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left, but the line break at the end
    expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\ud800-\udfff]+\n$/u);
  }
  for (const what of ['names', 'rooms', 'whois'] as const) {
    const lines = shown({ type: 'answer', what, name: evil, rows }).split('\n');
    expect(lines).toHaveLength(what === 'rooms' ? 2 : 3);
  }
});

test('a new day is told before its first line, and today is not', () => {
  const { show } = plainVoice(TIME, NOBODY);
  const dayMs = 86_400_000;
  const line = (text: string, days: number) => message({ text, time: TIME + days * dayMs });
  const history = [line('old', -3), line('older', -3), line('newer', -1)];
  expect(show({ type: 'history', room: 'lobby', lines: history, more: false }, 'alice').split('\n')).toEqual([
    '-- Friday, 20 November 2026 --',
    '09:10 #lobby <bob> old',
    '09:10 #lobby <bob> older',
    '-- Sunday, 22 November 2026 --',
    '09:10 #lobby <bob> newer',
    '',
  ]);
  expect(show(line('now', 0), 'alice')).toBe('-- Monday, 23 November 2026 --\n09:10 #lobby <bob> now\n');
  expect(show(line('and now', 0), 'alice')).toBe('09:10 #lobby <bob> and now\n');
  expect(show(presence({ time: TIME + dayMs }), 'alice')).toMatch(/^-- Tuesday, 24 November 2026 --\n/);
});

test('help is there', () => {
  expect(plainVoice(TIME, NOBODY).help('')).toMatch(/^\/join ROOM .*\n[\s\S]*\n$/);
});

describe('whoever is ignored', () => {
  const lines = [message({ nick: 'Bob', text: 'hi' }), message({ nick: 'zoe', text: 'ho' }), presence({ nick: 'bob' })];
  const history = { type: 'history', room: 'lobby', lines, more: false } as const;

  test('is not printed, whatever the case of their nick', () => {
    const { show } = plainVoice(TIME, { ...NOBODY, ignored: ['bob'] });
    expect(lines.map((event) => show(event, 'alice'))).toEqual(['', '09:10 #lobby <zoe> ho\n', '']);
    expect(show(history, 'alice')).toBe('09:10 #lobby <zoe> ho\n');
  });

  test('is not printed when their lines are found either, and those are counted', () => {
    const { show } = plainVoice(TIME, { ...NOBODY, ignored: ['bob'] });
    const [rubbish, sense] = [message({ text: 'x rubbish' }), message({ nick: 'zoe', text: 'x' })];
    const found = (found: readonly MessageEvent[], before = 0) =>
      show({ type: 'found', room: 'lobby', text: 'x', before, lines: found }, 'alice').split('\n');
    expect(found([rubbish, sense, rubbish])).toEqual([
      '-- 1 line in #lobby with x; 2 lines of ignored nicks',
      '--   1: 2026-11-23 09:10 #lobby <zoe> x',
      '',
    ]);
    expect(found([rubbish], 7)).toEqual([
      '-- no line in #lobby with x, and maybe earlier ones; 1 line of ignored nicks',
      '',
    ]);
    expect(found([sense])[0]).toBe('-- 1 line in #lobby with x');
  });

  test('is an operator like any other in what operators did', () => {
    const { show } = plainVoice(TIME, { ...NOBODY, ignored: ['bob'] });
    const lines = [message({ room: AUDIT_ROOM, text: 'ban eve' })];
    expect(show({ type: 'history', room: AUDIT_ROOM, lines, more: false }, 'alice')).toContain('bob ban eve');
  });

  test('is changed by /ignore and /unignore, and told', () => {
    const voice = plainVoice(TIME, NOBODY);
    const ask = (line: string) => {
      const { action } = voice.parse(line, 'lobby');
      return action.type === 'window' ? voice.wish?.(action.wish, 'alice') : undefined;
    };
    expect(ask('/ignore')).toBe('-- nobody is ignored\n');
    expect(ask('/ignore bob')).toBe('-- ignored: bob\n');
    expect(voice.show(message({}), 'alice')).toBe('');
    expect(ask('/ignore @BOB')).toBe('-- BOB is ignored already\n');
    expect(ask('/ignore Alice')).toBe('-- that is you\n');
    expect(ask('/unignore zoe')).toBe('-- zoe is not ignored\n');
    expect(ask('/unignore Bob')).toBe('-- nobody is ignored\n');
    expect(voice.show(message({}), 'alice')).not.toBe('');
  });

  test('stays as it was when that cannot be written', () => {
    const voice = plainVoice(TIME, { ignored: [], change: () => ({ problem: 'the disk is full' }) });
    expect(voice.wish?.({ type: 'ignore', nick: 'bob' }, 'alice')).toBe('-- error: the disk is full\n');
    expect(voice.show(message({}), 'alice')).not.toBe('');
  });
});
