/** The server's core by hand: what it tells its clients, and when. */
import { eventsOf } from '../../src/chat/event-runs';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { openRequest, personKey, salt, sessionId } from '../people';
import { LIMITS, ServerHarness, say } from './harness';

test('opening a session is welcomed with what a client needs to resume', () => {
  const server = new ServerHarness();
  server.attach(7);
  server.open(7, 1, 'alice');
  const [welcome] = server.toldTo(7, 'welcome');
  expect(welcome).toMatchObject({ session: sessionId(1), server: 1, nick: 'alice', lastSeq: 0, rooms: [] });
  expect(welcome?.birth).toBe(server.core.birth);
  expect(server.core.birth).toMatch(/^[0-9a-f]{16}$/);
});

test('a client that was refused its session reads nothing and says nothing', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.submit(7, 1, 2, [say('among friends')]);
  server.attach(8);
  server.open(8, 2, 'alice');
  expect(server.toldTo(8, 'refused')).toMatchObject([{ code: 'nick-in-use' }]);
  const { position } = server.core.status();
  server.request(8, { type: 'history', id: 1, room: 'lobby', before: 0, limit: 10 });
  server.submit(8, 2, 1, [{ type: 'join', room: 'lobby' }]);
  server.pass(100);
  expect(server.toldTo(8, 'history')).toEqual([]);
  expect(server.toldTo(8, 'error').map(({ code }) => code)).toEqual(['not-open', 'not-open']);
  expect(server.core.status().position).toBe(position);
  server.open(8, 2, 'bob');
  expect(server.toldTo(8, 'welcome')).toMatchObject([{ nick: 'bob' }]);
});

test('who is spoken to in the very round that opened its session reads from there on', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.attach(8);
  // What comes while two rounds are under way gathers into one.
  server.diskWorks = false;
  server.submit(7, 1, 2, [say('one')]);
  server.submit(7, 1, 3, [say('two')]);
  server.open(8, 2, 'bob');
  server.submit(7, 1, 4, [{ type: 'direct', nick: 'bob', text: 'welcome', action: false }]);
  server.diskWorks = true;
  server.sync();
  server.pass(10);
  const [welcome] = server.toldTo(8, 'welcome');
  const spoken = server.acked(7, 1).filter(({ firstSeq }) => firstSeq === 4);
  expect(spoken).toHaveLength(1);
  server.request(8, { type: 'read', after: welcome?.position ?? 0 });
  server.pass(10);
  expect(server.toldTo(8, 'page').flatMap(({ runs }) => eventsOf(runs).map(({ text }) => text))).toEqual(['welcome']);
});

test('nothing is acknowledged or delivered before it is durable', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.diskWorks = false;
  server.submit(7, 1, 2, [say('hello')]);
  server.pass(100);
  expect(server.acked(7, 1)).toHaveLength(1); // the join's
  expect(
    server
      .toldTo(7, 'deliver')
      .flatMap(({ runs }) => eventsOf(runs))
      .map(({ kind }) => kind),
  ).toEqual(['join']);
  server.sync();
  expect(server.acked(7, 1).slice(1)).toEqual([{ firstSeq: 2, count: 1, firstPosition: 2, round: expect.any(Number) }]);
  expect(
    server
      .toldTo(7, 'deliver')
      .flatMap(({ runs }) => eventsOf(runs))
      .map(({ text }) => text),
  ).toEqual(['', 'hello']);
});

test('a group is delivered in one frame to all who are in the room, and acknowledged as one range by that', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.enter(8, 2, 'bob');
  server.told.length = 0;
  server.submit(7, 1, 2, [say('one'), say('two'), say('three')]);
  expect(server.acked(7, 1)).toEqual([{ firstSeq: 2, count: 3, firstPosition: 3, round: expect.any(Number) }]);
  expect(server.toldTo(7, 'acks')).toEqual([]);
  const deliveries = server.told.filter(({ message }) => message.type === 'deliver');
  expect(deliveries.map(({ attachments }) => attachments)).toEqual([[7, 8]]);
});

test('who does not hear yet what it says is told of its outcome', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.attach(9);
  server.open(9, 1, 'alice', { position: 1, resume: true });
  server.submit(9, 1, 2, [say('one'), say('')]);
  expect(server.toldTo(9, 'deliver')).toEqual([]);
  expect(server.toldTo(9, 'acks')).toMatchObject([{ runs: [{ firstSeq: 2, count: 1, firstPosition: 2 }] }]);
  expect(server.toldTo(9, 'failed')).toMatchObject([{ seq: 3, code: 'bad-text' }]);
});

test('the same commands again have the same outcome and are said once', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.submit(7, 1, 2, [say('once')]);
  server.submit(7, 1, 2, [say('once')]);
  const acks = server.acked(7, 1).filter(({ firstSeq }) => firstSeq === 2);
  expect(acks).toHaveLength(2);
  expect(acks[1]).toEqual(acks[0]);
  expect(
    server
      .toldTo(7, 'deliver')
      .flatMap(({ runs }) => eventsOf(runs))
      .filter(({ text }) => text === 'once'),
  ).toHaveLength(1);
});

test('commands whose outcome their client knows are not proposed for ever when they come once more', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.submit(7, 1, 2, [say('one')]);
  server.submit(7, 1, 3, [say('two')], 2);
  server.told.length = 0;
  server.submit(7, 1, 2, [say('one')]);
  const { committed } = server.core.status();
  server.pass(2.5 * LIMITS.server.retryMs);
  expect(server.toldTo(7, 'acks')).toEqual([]);
  expect(server.core.status().committed).toBe(committed);
});

test('commands of another session than the one that is open are refused', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.submit(7, 2, 1, [say('forged')]);
  expect(server.toldTo(7, 'error').map(({ code }) => code)).toEqual(['bad-session']);
  expect(server.core.status().position).toBe(1);
});

test('a client that is not live is told nothing until it has read up to the end, and then misses nothing', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.enter(8, 2, 'bob');
  server.gone(8);
  server.submit(7, 1, 2, [say('while bob was away')]);
  server.attach(9);
  server.open(9, 2, 'bob', { position: 2, resume: true });
  server.submit(7, 1, 3, [say('before bob reads')]);
  expect(server.toldTo(9, 'deliver')).toEqual([]);
  server.request(9, { type: 'read', after: 2 });
  const [page] = server.toldTo(9, 'page');
  expect(eventsOf(page?.runs ?? []).map(({ text }) => text)).toEqual(['while bob was away', 'before bob reads']);
  expect(page?.live).toBe(true);
  server.submit(7, 1, 4, [say('and now')]);
  expect(
    server
      .toldTo(9, 'deliver')
      .flatMap(({ runs }) => eventsOf(runs))
      .map(({ text }) => text),
  ).toEqual(['and now']);
});

test('a client that is live stays so when it reads old pages, for a question of it may come twice or late', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  for (let seq = 2; seq <= LIMITS.server.pageEvents + 2; seq += 1) server.submit(7, 1, seq, [say(`line ${seq}`)]);
  server.request(7, { type: 'read', after: 0 });
  expect(server.toldTo(7, 'page').at(-1)?.live).toBe(false);
  const { length } = server.toldTo(7, 'deliver');
  server.submit(7, 1, LIMITS.server.pageEvents + 3, [say('and now')]);
  expect(server.toldTo(7, 'deliver')).toHaveLength(length + 1);
});

test('a client that is live stays so when its open comes once more', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.open(7, 1, 'alice');
  const { length } = server.toldTo(7, 'deliver');
  server.submit(7, 1, 2, [say('and now')]);
  expect(server.toldTo(7, 'deliver')).toHaveLength(length + 1);
});

test('a position of another birth is refused with a word of its own', () => {
  const server = new ServerHarness();
  server.attach(7);
  const resumed = { nick: 'alice', position: 9, birth: '00'.repeat(8), resume: true };
  server.request(7, openRequest(1, server.nonce(7), resumed));
  expect(server.toldTo(7, 'refused').map(({ code }) => code)).toEqual(['other-birth']);
});

test('what could not be decoded is answered, and changes nothing', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  const before = server.core.status();
  server.request(7, { bad: 'truncated' });
  expect(server.toldTo(7, 'error')).toEqual([expect.objectContaining({ code: 'bad-request', message: 'truncated' })]);
  expect(server.core.status().digest).toBe(before.digest);
});

test('a session that is opened on a second attachment leaves the first', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.attach(8);
  server.open(8, 1, 'alice', { position: 1, resume: true });
  expect(server.effects).toContainEqual({ type: 'toBalancer', frame: { type: 'detach', attachment: 7 } });
  expect(server.toldTo(8, 'welcome')).toHaveLength(1);
});

test('a client that vanishes is offline for the others after a while, and not when it comes back in time', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.enter(8, 2, 'bob');
  server.gone(8);
  server.pass(2000);
  server.attach(9);
  server.open(9, 2, 'bob', { position: 2, resume: true });
  server.pass(10_000);
  const kinds = () =>
    server
      .toldTo(7, 'deliver')
      .flatMap(({ runs }) => eventsOf(runs))
      .map(({ kind }) => kind);
  expect(kinds()).not.toContain('offline');
  server.gone(9);
  server.pass(10_000);
  expect(kinds()).toContain('offline');
});

test('a request on an attachment that is not here sends the client back to the balancer', () => {
  const server = new ServerHarness();
  server.request(99, { type: 'read', after: 0 });
  expect(server.effects).toContainEqual({ type: 'toBalancer', frame: { type: 'detach', attachment: 99 } });
});

describe('what is older than what is in memory', () => {
  /** Alice and Bob have been in the lobby for many lines, of which the server remembers few. */
  function longAgo(): ServerHarness {
    const server = new ServerHarness({ recentBytes: 2000, historyWriteBytes: 500, pageEvents: 20 });
    server.enter(7, 1, 'alice');
    server.enter(8, 2, 'bob');
    for (let seq = 2; seq <= 101; seq += 1) server.submit(7, 1, seq, [say(`line ${seq - 1}`)]);
    server.pass(1000);
    server.told.length = 0;
    return server;
  }

  test('is read from the store, page by page, up to what comes live', async () => {
    const server = longAgo();
    server.attach(9);
    server.open(9, 2, 'bob', { position: 2, resume: true });
    const seen: string[] = [];
    for (let after = 2, live = false; !live; ) {
      server.request(9, { type: 'read', after });
      await server.read();
      const page = server.toldTo(9, 'page').at(-1);
      expect(page?.after).toBe(after);
      expect(eventsOf(page?.runs ?? []).length).toBeLessThanOrEqual(20);
      seen.push(...eventsOf(page?.runs ?? []).map(({ text }) => text));
      after = page?.through ?? 0;
      live = page?.live ?? true;
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => `line ${at + 1}`));
    server.submit(7, 1, 102, [say('now')]);
    expect(server.toldTo(9, 'deliver').flatMap(({ runs }) => eventsOf(runs).map(({ text }) => text))).toEqual(['now']);
  });

  test('is paged back in a room', async () => {
    const server = longAgo();
    server.request(8, { type: 'history', id: 5, room: 'lobby', before: 11, limit: 3 });
    expect(server.toldTo(8, 'history')).toEqual([]);
    await server.read();
    const [page] = server.toldTo(8, 'history');
    expect(page).toMatchObject({ id: 5, room: 'lobby', more: true });
    expect(eventsOf(page?.runs ?? []).map(({ text }) => text)).toEqual(['line 8', 'line 9', 'line 10']);
  });

  test('is not told to whoever has gone meanwhile', async () => {
    const server = longAgo();
    server.request(8, { type: 'history', id: 5, room: 'lobby', before: 11, limit: 3 });
    server.request(8, { type: 'read', after: 0 });
    server.gone(8);
    await server.read();
    expect(server.toldTo(8, 'history')).toEqual([]);
    expect(server.toldTo(8, 'page')).toEqual([]);
  });
});

test('one lost frame of commands costs nothing but that they are sent again', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  const { committed } = server.core.status();
  server.submit(7, 1, 3, [say('second')]);
  server.pass(5000);
  expect(server.core.status().committed).toBeLessThan(committed + 5);
  server.submit(7, 1, 2, [say('first'), say('second')]);
  server.pass(100);
  const lines = server.toldTo(7, 'deliver').flatMap(({ runs }) => eventsOf(runs).map(({ text }) => text));
  expect(lines).toEqual(['', 'first', 'second']);
});

test('a client that opens again on another attachment is counted once', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  for (let attachment = 8; attachment < 18; attachment += 1) {
    server.attach(attachment);
    server.open(attachment, 1, 'alice', { resume: true });
  }
  expect(server.core.status().clients).toBe(1);
});

test('a page has no more bytes than fit in a message', () => {
  const server = new ServerHarness({ pageBytes: 4000 });
  server.enter(7, 1, 'alice');
  for (let seq = 2; seq <= 21; seq += 1) server.submit(7, 1, seq, [say(`${seq} ${'x'.repeat(1000)}`)]);
  server.attach(8);
  server.open(8, 1, 'alice', { position: 1, resume: true });
  const seen: string[] = [];
  for (let after = 1, live = false; !live; ) {
    server.request(8, { type: 'read', after });
    const page = server.toldTo(8, 'page').at(-1);
    expect(eventsOf(page?.runs ?? []).length).toBeLessThanOrEqual(2);
    seen.push(...eventsOf(page?.runs ?? []).map(({ text }) => text.split(' ')[0] ?? ''));
    after = page?.through ?? 0;
    live = page?.live ?? true;
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => `${at + 2}`));
  server.request(8, { type: 'history', id: 1, room: 'lobby', before: 10, limit: 50 });
  const [last] = server.toldTo(8, 'history');
  expect([last?.more, eventsOf(last?.runs ?? []).map(({ index }) => index)]).toEqual([true, [8, 9]]);
});

test('who says more than it may is told, and all of it is said in time', () => {
  const server = new ServerHarness({ postsPerSecond: 100, postBurst: 20 });
  server.enter(7, 1, 'alice');
  for (let seq = 2; seq <= 41; seq += 1) server.submit(7, 1, seq, [say(`line ${seq}`)]);
  expect(server.toldTo(7, 'slowed')[0]).toEqual({ type: 'slowed', perSecond: 100 });
  const acked = () => server.acked(7, 1).map(({ firstSeq }) => firstSeq);
  expect(acked()).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  server.pass(100);
  expect(acked().length).toBeLessThanOrEqual(31);
  server.pass(200);
  expect(acked()).toEqual(Array.from({ length: 41 }, (_, at) => at + 1));
  expect(server.toldTo(7, 'error')).toEqual([]);
});

describe('a person who is banned', () => {
  /** Alice keeps order, on attachment 1; Bob is on 2. */
  function banned(): ServerHarness {
    const server = new ServerHarness({}, undefined, { ...OPEN_TO_ALL, operators: [personKey(1)] });
    server.enter(1, 1, 'alice');
    server.enter(2, 2, 'bob');
    server.submit(1, 1, 2, [say('a secret'), { type: 'rule', ruling: 'ban', who: 'bob', text: '' }]);
    return server;
  }

  test('reads nothing more, also when its client does not take that for an end', () => {
    const server = banned();
    expect(server.toldTo(2, 'refused').map(({ code }) => code)).toEqual(['banned']);
    server.request(2, { type: 'history', id: 1, room: 'lobby', before: 0, limit: 10 });
    server.request(2, { type: 'query', id: 2, what: 'names', name: 'lobby' });
    server.request(2, { type: 'read', after: 0 });
    server.submit(2, 2, 2, [say('more')]);
    const told = [server.toldTo(2, 'history'), server.toldTo(2, 'answer'), server.toldTo(2, 'page').slice(1)];
    expect(told).toEqual([[], [], []]);
    expect(server.toldTo(2, 'error').map(({ code }) => code)).toEqual(new Array(4).fill('not-open'));
  });

  test('is not written down again and again when it comes back', () => {
    const server = banned();
    const { committed } = server.core.status();
    server.attach(3);
    for (let times = 0; times < 5; times += 1) server.open(3, 2, 'bob');
    expect(server.toldTo(3, 'refused').map(({ code }) => code)).toEqual(new Array(5).fill('banned'));
    expect(server.core.status().committed).toBe(committed);
  });
});

test('only operators are told who is let in and what was decided; everybody which nicks are their own', () => {
  const server = new ServerHarness({}, undefined, { ...OPEN_TO_ALL, operators: [personKey(1)] });
  server.enter(1, 1, 'alice');
  server.enter(2, 2, 'bob');
  for (const attachment of [1, 2]) {
    server.request(attachment, { type: 'query', id: 1, what: 'rulings', name: '' });
    server.request(attachment, { type: 'query', id: 2, what: 'nicks', name: '' });
  }
  const answered = (attachment: number) =>
    server.toldTo(attachment, 'answer').map(({ id, rows }) => [id, rows[0]?.name]);
  expect([answered(1), answered(2)]).toEqual([
    [
      [1, 'access'],
      [2, 'alice'],
    ],
    [[2, 'bob']],
  ]);
  expect(server.toldTo(2, 'error')).toMatchObject([{ id: 1, message: 'only operators may see that' }]);
});

test('one attachment opens so many sessions only, one after the other', () => {
  const server = new ServerHarness();
  server.attach(7);
  const nonce = server.nonce(7);
  server.diskWorks = false;
  for (let salted = 1; salted <= 5; salted += 1)
    server.request(7, openRequest(1, nonce, { nick: 'a', salt: salt(salted) }));
  server.diskWorks = true;
  server.sync();
  server.pass(10);
  expect(server.toldTo(7, 'welcome').map(({ session }) => session)).toEqual([sessionId(1, 1)]);
  for (let salted = 6; salted <= 100; salted += 1) {
    server.request(7, openRequest(1, nonce, { nick: 'a', salt: salt(salted) }));
    server.pass(10);
  }
  const { length } = server.toldTo(7, 'refused');
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(12);
});

test('a group of more commands than a client hands over at once is not taken', () => {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.submit(
    7,
    1,
    2,
    Array.from({ length: 129 }, () => say('x')),
  );
  expect(server.toldTo(7, 'error')).toMatchObject([
    { code: 'bad-request', message: 'a group has at most 128 commands' },
  ]);
});

describe('many questions of one client', () => {
  const history = (id: number) => ({ type: 'history', id, room: 'lobby', before: 0, limit: 100 }) as const;

  test('are answered in their order, so many of them, and the others refused by their number', () => {
    const server = new ServerHarness({ questionsOfClient: 3, answerBytesAtOnce: 40_000, answerBytesPerSec: 40_000 });
    server.enter(7, 1, 'alice');
    server.enter(8, 2, 'bob');
    server.pass(2000);
    for (let id = 1; id <= 12; id += 1) server.request(7, history(id));
    server.request(8, history(1));
    // Three had the credit, three wait.
    expect(server.toldTo(7, 'history').map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(server.toldTo(7, 'error')).toMatchObject(
      [7, 8, 9, 10, 11, 12].map((id) => ({ id, code: 'too-many-questions', message: expect.stringMatching(/^3 /) })),
    );
    expect(server.toldTo(8, 'history').map(({ id }) => id)).toEqual([1]);
    server.pass(3000);
    expect(server.toldTo(7, 'history').map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('that wait are forgotten with its attachment', () => {
    const server = new ServerHarness({ answerBytesAtOnce: 20_000, answerBytesPerSec: 10_000 });
    server.enter(7, 1, 'alice');
    server.pass(5000);
    for (let id = 1; id <= 8; id += 1) server.request(7, history(id));
    server.gone(7);
    const before = server.toldTo(7, 'history').length;
    server.pass(60_000);
    expect(server.toldTo(7, 'history')).toHaveLength(before);
  });
});
