/** Lines in, lines out, and how it ends: the shell of the line modes on a model of a cluster. */
import { PassThrough, Readable, Writable } from 'node:stream';
import type { ErrorEvent } from '../../src/client/events';
import { type HeadlessOptions, runHeadless } from '../../src/client/headless';
import { jsonVoice } from '../../src/client/json';
import { plainVoice } from '../../src/client/plain';
import { thisMachine } from '../../src/lib/machine';
import { person } from '../people';
import { CLUSTER, ModelTransport } from './model-transport';
import { LIMITS, NOBODY } from './script';

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly complaints: readonly string[];
}

/** Runs it on these lines of input, until it ends by itself. */
async function run(
  input: string | Uint8Array | Readable,
  settings: Partial<HeadlessOptions> = {},
  model = new ModelTransport(),
): Promise<Ended> {
  let out = '';
  const complaints: string[] = [];
  const status = await runHeadless({
    endpoint: 'tcp://127.0.0.1:7300',
    cluster: CLUSTER,
    nick: 'alice',
    signer: person(1),
    reclaim: false,
    history: 0,
    limits: LIMITS,
    transport: model.transport,
    machine: thisMachine,
    room: 'lobby',
    voice: plainVoice(0, NOBODY),
    input: input instanceof Readable ? input : Readable.from([Buffer.from(input)]),
    output: new Writable({
      write(chunk, _, done) {
        out += chunk;
        done();
      },
    }),
    complain: (line) => complaints.push(line),
    stay: false,
    timeoutMs: 300,
    connectTimeoutMs: 300,
    ...settings,
  });
  return { status, out, complaints };
}

function said(model: ModelTransport): readonly string[] {
  return model.cluster.events.filter(({ kind }) => kind === 'message').map(({ room, text }) => `${room}: ${text}`);
}

function errorsIn(out: string): readonly ErrorEvent[] {
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'error');
}

describe('what is refused', () => {
  test.each([
    ['x'.repeat(501), 'line 2: the text has 501 bytes, at most 500 are allowed'],
    ['/me', 'line 2: /me needs TEXT'],
    ['/parley', 'line 2: there is no command /parley; /help lists all'],
    [
      '/theme dark',
      'line 2: there is no /theme here: lines have no looks; config.json has nick, room, history, ignored and notify',
    ],
    ['/log on', 'line 2: there is no /log here: what is printed can go to a file, and synod history prints a room'],
    ['/RETRY all', 'line 2: there is no /retry here: an error says what failed, which can be said once more'],
    ['/leave attic', 'line 2: you are not in attic; /join it first'],
  ])('%.20s is told with its line, and ends it with 1', async (line, expected) => {
    const model = new ModelTransport();
    const { status, complaints } = await run(`one\n${line}\n\nthree\n`, {}, model);
    expect(status).toBe(1);
    expect(complaints).toEqual([expected]);
    expect(said(model)).toEqual(['lobby: one', 'lobby: three']);
  });

  test('a line that is not UTF-8', async () => {
    const { status, complaints } = await run(Buffer.from([0x61, 0x0a, 0xff, 0x0a]));
    expect(status).toBe(1);
    expect(complaints).toEqual(['line 2: a line that is not UTF-8 was not sent']);
  });

  test('is an event with its line and its id, and a line on standard error at the end', async () => {
    const lines = [{ type: 'post', room: 'attic', text: 'x', id: 'a' }, { type: 'post' }];
    const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const { status, out, complaints } = await run(input, { voice: jsonVoice });
    expect(status).toBe(1);
    expect(errorsIn(out)).toMatchObject([
      { code: 'bad-input', line: 2 },
      { code: 'not-in-room', line: 1, id: 'a' },
    ]);
    expect(complaints).toEqual(['line 1: you are not in attic; /join it first (and 1 more before)']);
  });

  test('nothing: it ends with 0', async () => {
    expect(await run('one\ntwo\n')).toMatchObject({ status: 0, complaints: [] });
  });
});

describe('what is not confirmed in time', () => {
  const stuck = () => Object.assign(new ModelTransport(), { commits: false });

  test.each([
    ['', 'could not join #lobby in 0.3 s'],
    ['one\n', '1 post was not confirmed in 0.3 s'],
    ['one\n/topic tea\ntwo\n', '2 posts were not confirmed in 0.3 s'],
  ])('of %j', async (input, expected) => {
    expect(await run(input, {}, stuck())).toMatchObject({ status: 75, complaints: [expected] });
  });

  test('each post that was not sent says so', async () => {
    const { out } = await run('{"type":"post","id":"a","text":"x"}\n', { voice: jsonVoice }, stuck());
    expect(errorsIn(out)).toMatchObject([
      { code: 'unconfirmed', message: '1 post was not confirmed in 0.3 s' },
      { code: 'unconfirmed', message: 'not sent', id: 'a', line: 1 },
    ]);
  });

  test('a signal, too, tells of each open post, and has its own status', async () => {
    const input = new PassThrough();
    input.write('{"type":"post","id":"a","text":"x"}\n');
    const running = run(input, { voice: jsonVoice, timeoutMs: 60_000, connectTimeoutMs: 60_000 }, stuck());
    setTimeout(() => process.emit('SIGINT'), 100);
    const { status, out } = await running;
    expect(status).toBe(130);
    expect(errorsIn(out)).toMatchObject([{ code: 'unconfirmed', id: 'a' }]);
  });
});

describe('a person', () => {
  test('is told where what they type goes', async () => {
    const { status, out } = await run('/query bob\n/room lobby\n');
    expect(status).toBe(0);
    expect(out).toContain('-- what you type goes to @bob now\n-- what you type goes to #lobby now\n');
  });

  test('who ignores somebody hears no more of them, and is called by others only, once for many lines', async () => {
    const model = new ModelTransport(3);
    const input = new PassThrough();
    let calls = 0;
    const call = () => {
      calls += 1;
    };
    const running = run(input, { timeoutMs: 60_000, connectTimeoutMs: 60_000, call }, model);
    input.write('/ignore bob\nalice says alice\n');
    while (said(model).length === 0) await new Promise(setImmediate);
    for (const [at, nick] of ['bob', 'zoe'].entries())
      await run('alice: hi\nAlice, ho\n', { nick, signer: person(2 + at) }, model);
    input.end();
    const { status, out } = await running;
    expect(status).toBe(0);
    expect(out).toContain('-- ignored: bob\n');
    expect(out).not.toMatch(/<bob>|bob has/);
    expect(out).toContain('<zoe> Alice, ho\n');
    expect(calls).toBe(1);
  });
});

describe('no server reachable', () => {
  test('nothing answers', async () => {
    const model = Object.assign(new ModelTransport(), { answers: false });
    const { status, complaints } = await run('hi\n', {}, model);
    expect(status).toBe(69);
    expect(complaints).toEqual(['no server reachable: nothing answers at tcp://127.0.0.1:7300 in 0.3 s']);
  });

  test.each([
    [0, 69, 'no server reachable: the balancer at tcp://127.0.0.1:7300 found none in 0.3 s'],
    [1, 75, '1 post was not confirmed in 0.6 s'],
  ])('a balancer with %i of 3 servers', async (connected, expected, complaint) => {
    const wait = { type: 'wait', reason: 'starting', connected, needed: 3 } as const;
    const { status, complaints } = await run('hi\n', { timeoutMs: 600 }, Object.assign(new ModelTransport(), { wait }));
    expect(status).toBe(expected);
    expect(complaints).toEqual([complaint]);
  });
});

test('a nick that is taken is the reason that is told, whatever else there is to tell', async () => {
  const model = new ModelTransport(2);
  const input = new PassThrough();
  const first = run(input, { stay: true }, model);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { status, out, complaints } = await run('{"type":"post","text":"x"}\n', { voice: jsonVoice }, model);
  expect(status).toBe(1);
  expect(complaints).toEqual([expect.stringContaining('alice is here already')]);
  expect(errorsIn(out).map(({ code }) => code)).toEqual(['nick-in-use', 'unconfirmed']);
  input.end('/quit\n');
  expect(await first).toMatchObject({ status: 0 });
});

describe('a room that is joined', () => {
  test('is where the next lines go; refused, it is left for the one before', async () => {
    const model = new ModelTransport();
    const input = new PassThrough();
    const running = run(input, {}, model);
    input.write('/join attic\nin the attic\n/join !\nnowhere\n');
    await new Promise((resolve) => setTimeout(resolve, 100));
    input.end('in the attic again\n');
    const { status, complaints } = await running;
    expect(status).toBe(1);
    expect(said(model)).toEqual(['attic: in the attic', 'attic: in the attic again']);
    expect(complaints).toEqual([expect.stringMatching(/^line 3: /), expect.stringMatching(/^line 4: /)]);
  });
});

describe('an output that cannot be written', () => {
  function failing(code: string): Writable {
    return new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: no`), { code })),
    });
  }

  test.each([
    ['ENOSPC', 74, ['standard output cannot be written: ENOSPC: no']],
    ['EPIPE', 0, []],
  ])('%s: what was posted is said, the session closed', async (code, expected, complaints) => {
    const model = new ModelTransport();
    const ended = await run('one\n', { output: failing(code) }, model);
    expect(ended).toMatchObject({ status: expected, complaints });
    expect(said(model)).toEqual(['lobby: one']);
    expect(model.cluster.chat.sessions.size).toBe(0);
  });
});
