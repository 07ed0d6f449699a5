/** The service as people and scripts use it, with real processes. */
import { Cluster, synod } from './cluster';
import { Crowd } from './crowd';
import { checkTranscripts } from './load';

jest.setTimeout(240_000);

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start();
});
afterAll(() => cluster.stop());

test('a line typed at one client is acknowledged there and read by another, at the same position', async () => {
  const alice = cluster.client('alice');
  const bob = cluster.client('bob');
  await Promise.all([alice.joined(), bob.joined()]);
  alice.post('alice-1', 'alice-1');
  const ack = await alice.until((event) => event.type === 'ack' && event.id === 'alice-1', 'the acknowledgement');
  const line = await bob.until((event) => event.type === 'message' && event.text === 'alice-1', 'the line');
  expect(line).toMatchObject({ nick: 'alice', room: 'lobby', position: ack.position, round: ack.round, seq: ack.seq });
  expect(typeof line.time).toBe('number');
  const welcome = await alice.until((event) => event.type === 'welcome', 'the welcome');
  expect(line.session).toBe(welcome.session);
  await alice.sees(['alice-1']);
  checkTranscripts([alice, bob]);
  expect(await alice.end()).toBe(0);
  expect(await bob.end()).toBe(0);
});

test('who comes later reads the last lines of the room', async () => {
  const early = cluster.client('early', '--room', 'late-show');
  await early.joined('late-show');
  for (let number = 1; number <= 5; number += 1) early.post(`early-${number}`, `early-${number}`, 'late-show');
  await early.allAcked();
  const late = cluster.client('late', '--room', 'late-show', '--history', '3');
  await late.joined('late-show');
  await late.sees(['early-3', 'early-4', 'early-5'], 'late-show');
  expect(late.transcript('late-show').map(({ text }) => text)).toEqual(['early-3', 'early-4', 'early-5']);
});

test('direct messages reach the one they are for, and nobody else', async () => {
  const carol = cluster.client('carol');
  const dave = cluster.client('dave');
  const eve = cluster.client('eve');
  await Promise.all([carol, dave, eve].map((client) => client.joined()));
  carol.write('/msg dave between us');
  await dave.until((event) => event.type === 'message' && event.text === 'between us', 'the direct message');
  expect(dave.transcript('@carol').map(({ text }) => text)).toEqual(['between us']);
  carol.post('carol-1', 'carol-1');
  await eve.sees(['carol-1']);
  expect(eve.events.some((event) => event.text === 'between us')).toBe(false);
});

test('a nick that somebody has is refused with its code', async () => {
  const first = cluster.client('twin');
  await first.joined();
  const second = cluster.client('Twin');
  await second.until((event) => event.type === 'error' && event.code === 'nick-in-use', 'the refusal');
  expect(await second.exited).toBe(1);
});

test('/me, /topic, /nick and /leave are seen by the room', async () => {
  const frank = cluster.client('frank', '--room', 'stage');
  const grace = cluster.client('grace', '--room', 'stage');
  await Promise.all([frank.joined('stage'), grace.joined('stage')]);
  frank.write('/me bows');
  frank.write('/topic a play in one act');
  frank.write('/nick francis');
  frank.write('/leave');
  await grace.until((event) => event.type === 'message' && event.text === 'bows', 'the action');
  for (const event of ['topic', 'nick', 'leave']) {
    await grace.until((seen) => seen.type === 'presence' && seen.event === event, event);
  }
});

test('thirty clients on three servers are ten on each', async () => {
  const fresh = await Cluster.start();
  const crowd = new Crowd();
  try {
    await crowd.join(fresh.config, 30);
    const { servers } = await fresh.until(({ balancer }) => balancer.clients === 30, 'thirty clients');
    expect(servers.map(({ clients }) => clients)).toEqual([10, 10, 10]);
    // One server dies, its clients go to the others; it comes back, and whoever is new goes there first.
    await fresh.signal('server 2', 'SIGKILL');
    await fresh.until(({ servers: [first, , third] }) => (first?.clients ?? 0) + (third?.clients ?? 0) === 30, 'moves');
    fresh.startServer(2);
    await fresh.until(
      ({ servers: all }) => all.every(({ state }) => state === 'follower' || state === 'leader'),
      'return',
    );
    await crowd.join(fresh.config, 10);
    await fresh.until(({ servers: all }) => all.map(({ clients }) => clients).join() === '15,10,15', '15, 10, 15');
  } finally {
    await crowd.leave();
    await fresh.stop();
  }
});

test('a pipe of lines is posted in order, and the client ends when all is confirmed', async () => {
  const reader = cluster.client('reader', '--room', 'pipe');
  await reader.joined('pipe');
  const lines = Array.from({ length: 100 }, (_, number) => `line ${number}`);
  const args = ['chat', '--plain', '--config', cluster.config, '--nick', 'writer', '--room', 'pipe'];
  const { status } = await synod(args, `${lines.join('\n')}\n`);
  expect(status).toBe(0);
  await reader.sees(lines, 'pipe');
  expect(reader.transcript('pipe').map(({ text }) => text)).toEqual(lines);
});

test('a line over the limit and a line that is not UTF-8 are refused, and the lines around them are posted', async () => {
  const loud = cluster.client('loud', '--room', 'limits');
  await loud.joined('limits');
  loud.post('loud-1', 'loud-1', 'limits');
  loud.post('too-long', 'x'.repeat(10_000), 'limits');
  loud.write('{"type":"post"');
  loud.post('loud-2', 'loud-2', 'limits');
  const refusal = await loud.until((event) => event.type === 'error' && event.id === 'too-long', 'the refusal');
  expect(refusal.code).toBe('text-too-long');
  await loud.sees(['loud-1', 'loud-2'], 'limits');
  expect(loud.transcript('limits').map(({ text }) => text)).toEqual(['loud-1', 'loud-2']);
});

test('synod status tells leader, servers and balancer', async () => {
  const status = await cluster.until(({ servers }) => servers.every(({ pid }) => pid > 0), 'all servers');
  expect(status.leader).toBeGreaterThan(0);
  for (const server of status.servers) {
    expect(server).toEqual(
      expect.objectContaining({
        id: expect.any(Number),
        pid: expect.any(Number),
        state: expect.any(String),
        ballot: expect.any(String),
        committed: expect.any(Number),
        applied: expect.any(Number),
        clients: expect.any(Number),
        uptimeMs: expect.any(Number),
      }),
    );
  }
  expect(status.balancer).toEqual(expect.objectContaining({ pid: expect.any(Number), phase: 'serving' }));
});
