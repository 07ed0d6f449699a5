import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import type { Mode } from '../../src/client/command-entry';
import { COMMANDS, helpLines, parseInput } from '../../src/client/commands';
import { MAX_ID_UNITS, parseJsonInput } from '../../src/client/json-input';
import { MAX_LINE_BYTES, readLines } from '../../src/client/lines';

function command(fields: object) {
  return { type: 'command', command: fields };
}

function say(room: string, text: string, action = false) {
  return command({ type: 'say', room, text, action });
}

function retain(limits: object) {
  return command({ type: 'retain', room: 'lobby', ageMs: 0, count: 0, bytes: 0, ...limits });
}

const NEEDS_LIMITS = '/retain needs 30d (or h, m), 1000 lines, 10MB (or kB, GB), each at most once, or forever';

function problem(message: string) {
  return { type: 'problem', message };
}

describe('what is typed in #lobby', () => {
  test.each([
    ['hello', say('lobby', 'hello')],
    ['  two  words ', say('lobby', '  two  words ')],
    ['//join is a command', say('lobby', '/join is a command')],
    ['/me waves', say('lobby', 'waves', true)],
    ['/ME waves', say('lobby', 'waves', true)],
    ['/me', problem('/me needs TEXT')],
    ['/join dev', command({ type: 'join', room: 'dev' })],
    ['/join #dev', command({ type: 'join', room: 'dev' })],
    ['/join', problem('/join needs ROOM')],
    ['/leave', command({ type: 'leave', room: 'lobby', text: '' })],
    ['/leave #dev', command({ type: 'leave', room: 'dev', text: '' })],
    ['/room @bob', { type: 'switch', room: '@bob' }],
    ['/room #dev', { type: 'switch', room: 'dev' }],
    ['/msg bob  hi there', command({ type: 'direct', nick: 'bob', text: 'hi there', action: false })],
    ['/msg @bob hi', command({ type: 'direct', nick: 'bob', text: 'hi', action: false })],
    ['/msg bob', problem('/msg needs NICK TEXT')],
    ['/nick rob', command({ type: 'nick', nick: 'rob' })],
    ['/topic a new one', command({ type: 'topic', room: 'lobby', text: 'a new one' })],
    ['/away lunch', command({ type: 'away', text: 'lunch' })],
    ['/away', command({ type: 'away', text: '' })],
    ['/names', { type: 'ask', question: { type: 'query', what: 'names', name: 'lobby' } }],
    ['/names #dev', { type: 'ask', question: { type: 'query', what: 'names', name: 'dev' } }],
    ['/rooms', { type: 'ask', question: { type: 'query', what: 'rooms', name: '' } }],
    ['/whois bob', { type: 'ask', question: { type: 'query', what: 'whois', name: 'bob' } }],
    ['/whois', problem('/whois needs NICK')],
    ['/history', { type: 'ask', question: { type: 'history', room: 'lobby', before: 0, limit: 50 } }],
    ['/history 500', { type: 'ask', question: { type: 'history', room: 'lobby', before: 0, limit: 500 } }],
    [
      '/search two words',
      { type: 'ask', question: { type: 'search', room: 'lobby', text: 'two words', before: 0, limit: 20 } },
    ],
    ['/search', problem('/search needs TEXT')],
    ['/digest', { type: 'ask', question: { type: 'digest', room: 'lobby', index: 0, position: 0 } }],
    ['/digest 1042', { type: 'ask', question: { type: 'digest', room: 'lobby', index: 0, position: 1042 } }],
    ['/digest #12', { type: 'ask', question: { type: 'digest', room: 'lobby', index: 12, position: 0 } }],
    ['/digest twelve', problem('/digest takes a position, as 1042, or the index of a line, as #12')],
    ['/digest 0', problem('/digest takes a position, as 1042, or the index of a line, as #12')],
    ['/history 501', problem('/history takes 1 to 500')],
    ['/history 0', problem('/history takes 1 to 500')],
    ['/history many', problem('/history takes 1 to 500')],
    ['/help', { type: 'help', about: '' }],
    ['/help operators', { type: 'help', about: 'operators' }],
    ['/help Join', { type: 'help', about: 'join' }],
    ['/help /ban', { type: 'help', about: 'ban' }],
    ['/help frobnicate', problem('there is no command /frobnicate; /help lists all')],
    ['/query bob', { type: 'switch', room: '@bob' }],
    ['/query @bob', { type: 'switch', room: '@bob' }],
    ['/query', problem('/query needs NICK')],
    ['/quit', { type: 'quit', text: '' }],
    ['/quit good night', { type: 'quit', text: 'good night' }],
    ['/release old', command({ type: 'release', nick: 'old' })],
    ['/release', problem('/release needs NICK')],
    ['/give mine bob', command({ type: 'give', nick: 'mine', to: 'bob' })],
    ['/give mine', problem('/give needs NICK WHOM')],
    ['/kick bob too loud', command({ type: 'kick', room: 'lobby', who: 'bob', text: 'too loud' })],
    ['/kick', problem('/kick needs NICK [WHY]')],
    ['/ban bob spam', command({ type: 'rule', ruling: 'ban', who: 'bob', text: 'spam' })],
    ['/unban bob', command({ type: 'pardon', ruling: 'ban', who: 'bob', text: '' })],
    ['/mute bob', command({ type: 'rule', ruling: 'mute', who: 'bob', text: '' })],
    ['/unmute bob sorry', command({ type: 'pardon', ruling: 'mute', who: 'bob', text: 'sorry' })],
    ['/admit bob', command({ type: 'rule', ruling: 'admit', who: 'bob', text: '' })],
    ['/expel bob', command({ type: 'rule', ruling: 'expel', who: 'bob', text: '' })],
    ['/ban', problem('/ban needs WHO [WHY]')],
    ['/access listed', command({ type: 'access', mode: 'listed' })],
    ['/access shut', problem('/access needs open or listed')],
    ['/shut #dev for good', command({ type: 'shut', room: 'dev', text: 'for good' })],
    ['/reopen dev', command({ type: 'reopen', room: 'dev', text: '' })],
    ['/shut', problem('/shut needs ROOM [WHY]')],
    ['/slow 10s', command({ type: 'slow', room: 'lobby', pauseMs: 10_000 })],
    ['/slow 5m', command({ type: 'slow', room: 'lobby', pauseMs: 300_000 })],
    ['/slow 24h', command({ type: 'slow', room: 'lobby', pauseMs: 86_400_000 })],
    ['/slow 7', command({ type: 'slow', room: 'lobby', pauseMs: 7000 })],
    ['/slow off', command({ type: 'slow', room: 'lobby', pauseMs: 0 })],
    ['/slow 25h', problem('/slow needs 10s, 5m, 1h, at most 24h, or off')],
    ['/slow soon', problem('/slow needs 10s, 5m, 1h, at most 24h, or off')],
    ['/nicks', { type: 'ask', question: { type: 'query', what: 'nicks', name: '' } }],
    ['/rulings', { type: 'ask', question: { type: 'query', what: 'rulings', name: '' } }],
    ['/audit', { type: 'ask', question: { type: 'history', room: '!audit', before: 0, limit: 50 } }],
    ['/audit 501', problem('/audit takes 1 to 500')],
    ['/frobnicate', problem('there is no command /frobnicate; /help lists all')],
    ['/', problem('there is no command /; /help lists all')],
    ['/ join dev', command({ type: 'join', room: 'dev' })],
    ['/topic', { type: 'ask', question: { type: 'query', what: 'rooms', name: 'lobby' } }],
    ['/query bob x', problem('/query takes NICK and nothing more')],
    ['/rooms x', problem('/rooms takes nothing')],
    ['/leave lobby bye', problem('/leave takes [ROOM] and nothing more')],
    ['/retain 30d', retain({ ageMs: 30 * 86_400_000 })],
    ['/retain 12 h', retain({ ageMs: 12 * 3_600_000 })],
    ['/retain 90m', retain({ ageMs: 90 * 60_000 })],
    ['/retain 1000 lines', retain({ count: 1000 })],
    ['/retain 1 line', retain({ count: 1 })],
    ['/retain 10MB', retain({ bytes: 10_000_000 })],
    ['/retain 7d, 500 lines, 2 GB', retain({ ageMs: 7 * 86_400_000, count: 500, bytes: 2_000_000_000 })],
    ['/retain forever', retain({})],
    ['/topic -', command({ type: 'topic', room: 'lobby', text: '' })],
  ])('%s', (line, expected) => {
    expect(parseInput(line, 'lobby', 'window')).toEqual(expected);
  });
});

test.each(['', '30', '30x', 'd', '0d', '-1d', '1.5d', '30d 7d', '30d forever', 'lines', '9999999999999999 lines'])(
  '/retain %s is not taken, in one line',
  (limits) => {
    expect(parseInput(`/retain ${limits}`, 'lobby', 'window')).toEqual(problem(NEEDS_LIMITS));
  },
);

test('in a conversation, what is said is for one person', () => {
  expect(parseInput('hi', '@bob', 'window')).toEqual(
    command({ type: 'direct', nick: 'bob', text: 'hi', action: false }),
  );
  expect(parseInput('/me waves', '@bob', 'window')).toEqual(
    command({ type: 'direct', nick: 'bob', text: 'waves', action: true }),
  );
});

test.each([
  ['/topic', 'topic'],
  ['/names', 'list of people'],
  ['/names @bob', 'list of people'],
  ['/retain 1d', 'retention'],
])('%s in a conversation', (line, what) => {
  expect(parseInput(line, '@bob', 'window')).toEqual({
    type: 'problem',
    message: `a conversation of two has no ${what}`,
  });
});

test('a conversation has no topic', () => {
  expect(parseInput('/topic tea', '@bob', 'window')).toEqual({
    type: 'problem',
    message: 'a conversation of two has no topic',
  });
});

test('in no room, nothing is said', () => {
  for (const line of ['hello', '/me waves', '/topic x', '/retain 1d', '/names', '/leave']) {
    expect(parseInput(line, '', 'window')).toEqual(problem('you are in no room; /join one first'));
  }
});

test('help names every command', () => {
  const all = [...helpLines('', 'window'), ...helpLines('operators', 'window')].join('\n');
  for (const { name } of COMMANDS) expect(all).toContain(`/${name} `);
  expect(helpLines('msg', 'plain')).toEqual(['/msg NICK TEXT', '  say something to one person']);
});

describe.each(['plain', 'json'] as const)('in --%s', (mode) => {
  const listed = [...helpLines('', mode), ...helpLines('operators', mode)].join('\n');

  test.each(COMMANDS.map(({ name }) => name))('/%s is done if help has it, else it says what there is', (name) => {
    const actions = ['', 'x', '5', 'on'].map((rest) => parseInput(`/${name} ${rest}`, 'lobby', mode));
    const isThere = new RegExp(`^/${name}\\b`, 'm').test(listed);
    for (const action of actions) {
      if (!isThere) expect(action).toEqual(problem(expect.stringContaining(`there is no /${name} here: `)));
      // In lines nobody sees a post of which it is not known yet what becomes of it, and a script reads no words.
      expect(['retry', 'cancel', ...(mode === 'json' ? ['window'] : [])]).not.toContain(action.type);
      if (action.type === 'window') expect(action.wish.type).toMatch(/^(un)?ignore$/);
    }
    const [usage, what] = helpLines(name, mode);
    expect(usage).toMatch(new RegExp(`^/${name}\\b`));
    expect(what?.includes('there is no')).toBe(!isThere);
  });
});

test('what only a window has is not in the help of the lines', () => {
  const listed = (mode: Mode) => helpLines('', mode).flatMap((row) => /^\/([a-z]+)/.exec(row)?.[1] ?? []);
  const missing = (mode: Mode) => listed('window').filter((name) => !listed(mode).includes(name));
  expect(missing('plain').sort()).toEqual(['cancel', 'clear', 'goto', 'log', 'retry', 'set', 'since', 'theme']);
  expect(missing('json').filter((name) => !missing('plain').includes(name))).toEqual(['ignore', 'unignore']);
});

test('no line is too strange to be parsed', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom(...COMMANDS.map(({ name }) => name)), fc.string({ unit: 'binary' }))
      .map(([name, rest]) => `/${name} ${rest}`),
  );
  fc.assert(
    fc.property(line, fc.constantFrom('lobby', '@bob', ''), (text, room) => {
      expect(parseInput(text, room, 'window').type).toEqual(expect.any(String));
      expect(parseJsonInput(text, room).action.type).toEqual(expect.any(String));
    }),
  );
});

describe('a JSON line', () => {
  function parsed(value: object | string) {
    return parseJsonInput(typeof value === 'string' ? value : JSON.stringify(value), 'lobby');
  }

  test.each([
    [
      { type: 'post', text: 'hi' },
      { action: say('lobby', 'hi'), id: '' },
    ],
    [
      { type: 'post', id: 'a1', room: 'dev', text: '/quit' },
      { action: say('dev', '/quit'), id: 'a1' },
    ],
    [
      { type: 'post', id: 7, text: 'hi', action: true },
      { action: say('lobby', 'hi', true), id: '7' },
    ],
    [
      { type: 'post', room: '@bob', text: 'hi' },
      { action: command({ type: 'direct', nick: 'bob', text: 'hi', action: false }), id: '' },
    ],
    [
      { type: 'join', room: 'dev' },
      { action: command({ type: 'join', room: 'dev' }), id: '' },
    ],
    [
      { type: 'leave', room: 'dev' },
      { action: command({ type: 'leave', room: 'dev', text: '' }), id: '' },
    ],
    [
      { type: 'topic', room: 'dev', text: 't' },
      { action: command({ type: 'topic', room: 'dev', text: 't' }), id: '' },
    ],
    [
      { type: 'nick', nick: 'rob' },
      { action: command({ type: 'nick', nick: 'rob' }), id: '' },
    ],
    [
      { type: 'away', text: '' },
      { action: command({ type: 'away', text: '' }), id: '' },
    ],
    [{ type: 'quit' }, { action: { type: 'quit', text: '' }, id: '' }],
    [
      { type: 'retain', room: 'dev', keep: '2 lines' },
      { action: command({ type: 'retain', room: 'dev', ageMs: 0, count: 2, bytes: 0 }), id: '' },
    ],
    [{ type: 'names' }, { action: { type: 'ask', question: { type: 'query', what: 'names', name: 'lobby' } }, id: '' }],
    [
      { type: 'names', room: 'dev', id: 'n' },
      { action: { type: 'ask', question: { type: 'query', what: 'names', name: 'dev' } }, id: 'n' },
    ],
    [{ type: 'rooms' }, { action: { type: 'ask', question: { type: 'query', what: 'rooms', name: '' } }, id: '' }],
    [
      { type: 'whois', nick: 'bob' },
      { action: { type: 'ask', question: { type: 'query', what: 'whois', name: 'bob' } }, id: '' },
    ],
    [
      { type: 'topic', room: '@bob', text: 't' },
      { action: { type: 'problem', message: 'a conversation of two has no topic' }, id: '' },
    ],
    [
      { type: 'history' },
      { action: { type: 'ask', question: { type: 'history', room: 'lobby', before: 0, limit: 500 } }, id: '' },
    ],
    [
      { type: 'history', room: 'dev', before: 7, limit: 2 },
      { action: { type: 'ask', question: { type: 'history', room: 'dev', before: 7, limit: 2 } }, id: '' },
    ],
    [
      { type: 'search', text: 'tea', limit: 9999 },
      {
        action: { type: 'ask', question: { type: 'search', room: 'lobby', text: 'tea', before: 0, limit: 500 } },
        id: '',
      },
    ],
    ['plain words', { action: say('lobby', 'plain words'), id: '' }],
    ['/join dev', { action: command({ type: 'join', room: 'dev' }), id: '' }],
  ])('%j', (value, expected) => {
    expect(parsed(value)).toEqual(expected);
  });

  test.each([
    ['{"type":', '', 'a line that begins with { has to be a JSON object'],
    ['{} {}', '', 'a line that begins with { has to be a JSON object'],
    [
      {},
      '',
      'type is missing; allowed: post, command, join, leave, topic, nick, away, retain, history, search, names, rooms, whois, why, digest, place, cluster, quit',
    ],
    [
      { type: 'shout', id: 'x' },
      'x',
      'type is "shout"; allowed: post, command, join, leave, topic, nick, away, retain, history, search, names, rooms, whois, why, digest, place, cluster, quit',
    ],
    [
      { type: 'constructor' },
      '',
      'type is "constructor"; allowed: post, command, join, leave, topic, nick, away, retain, history, search, names, rooms, whois, why, digest, place, cluster, quit',
    ],
    [
      { type: ['post'] },
      '',
      'type is ["post"]; allowed: post, command, join, leave, topic, nick, away, retain, history, search, names, rooms, whois, why, digest, place, cluster, quit',
    ],
    [{ type: 'post', id: 'x' }, 'x', 'text is missing'],
    [{ type: 'history', before: -1 }, '', 'before has to be a whole number, 0 or more'],
    [{ type: 'history', limit: '5' }, '', 'limit has to be a whole number, 0 or more'],
    [{ type: 'search', text: 'x', before: 1.5 }, '', 'before has to be a whole number, 0 or more'],
    [{ type: 'post', id: 'x', text: 7 }, 'x', 'text has to be a text'],
    [{ type: 'post', text: null }, '', 'text has to be a text'],
    [{ type: 'post', text: 'hi', action: 'yes' }, '', 'action has to be true or false'],
    [{ type: 'post', text: 'hi', rooom: 'x' }, '', 'unknown field rooom; allowed: type, id, room, action, text'],
    [{ type: 'post', text: 'hi', toString: 'x' }, '', 'unknown field toString; allowed: type, id, room, action, text'],
    [{ type: 'post', text: 'hi', id: {} }, '', 'id is neither a text nor a number'],
    [{ type: 'post', text: 'hi', id: 'x'.repeat(MAX_ID_UNITS + 1) }, '', `id has more than ${MAX_ID_UNITS} characters`],
    [{ type: 'join' }, '', 'room is missing'],
  ])('%j', (value, id, message) => {
    expect(parsed(value)).toEqual({ action: problem(message), id });
  });

  test('its prototype is no field', () => {
    expect(parsed('{"type":"post","text":"hi","__proto__":{"room":"x"}}').action).toMatchObject({ type: 'problem' });
  });
});

describe('lines of standard input', () => {
  /** Everything that was heard, once the input has ended. */
  async function heard(chunks: readonly Uint8Array[]): Promise<readonly string[]> {
    const said: string[] = [];
    const input = Readable.from(chunks);
    await new Promise<void>((resolve) => {
      readLines(input, {
        onLine: (line) => said.push(line),
        onBadLine: (code) => said.push(`!${code}`),
        onEnd: resolve,
      });
    });
    return said;
  }

  test.each([
    ['', []],
    ['one\ntwo\n', ['one', 'two']],
    ['one\r\ntwo', ['one', 'two']],
    ['\n\none', ['', '', 'one']],
    ['a\rb\n', ['a\rb']],
  ])('%j', async (text, expected) => {
    expect(await heard([Buffer.from(text)])).toEqual(expected);
  });

  test('however the bytes come', async () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line.toWellFormed()}\n`).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(await heard(chunks)).toEqual(lines.map((line) => line.toWellFormed()));
      }),
      { numRuns: 50 },
    );
  });

  test('one that is not UTF-8 is refused whole, those around it are not', async () => {
    const broken = Buffer.from([0x61, 0xff, 0x62]);
    const half = Buffer.from('é\n').subarray(0, 1);
    expect(await heard([Buffer.from('a\n'), broken, Buffer.from('\nb\n'), half])).toEqual([
      'a',
      '!not-utf8',
      'b',
      '!not-utf8',
    ]);
  });

  test('one that is too long is refused once, and nothing of it is kept', async () => {
    const chunk = Buffer.alloc(MAX_LINE_BYTES / 2, 'x');
    const end = Buffer.from('\nb\n');
    expect(await heard([chunk, chunk, end])).toEqual(['x'.repeat(MAX_LINE_BYTES), 'b']);
    expect(await heard([chunk, chunk, Buffer.from('x'), chunk, chunk, end])).toEqual(['!line-too-long', 'b']);
    expect(await heard([chunk, chunk, Buffer.from('x')])).toEqual(['!line-too-long']);
  });

  test('each has its number, as an editor counts', async () => {
    const numbers: number[] = [];
    const input = Readable.from([Buffer.from('one\n\n'), Buffer.from([0xff, 0x0a]), Buffer.from('four')]);
    await new Promise<void>((resolve) => {
      readLines(input, {
        onLine: (_, number) => numbers.push(number),
        onBadLine: (_code, _message, number) => numbers.push(-number),
        onEnd: resolve,
      });
    });
    expect(numbers).toEqual([1, 2, -3, 4]);
  });

  test('input that fails ends once, and says why', async () => {
    const input = new PassThrough();
    const said: string[] = [];
    readLines(input, {
      onLine: (line) => said.push(line),
      onBadLine: (code, message) => said.push(`${code}: ${message}`),
      onEnd: () => said.push('end'),
    });
    input.write('one\nhalf');
    input.destroy(new Error('gone'));
    await finished(input).catch(() => {});
    expect(said.slice(-2)).toEqual(['input-failed: standard input cannot be read: gone', 'end']);
    expect(said).not.toContain('half');
  });
});
