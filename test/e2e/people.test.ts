/** People on a real cluster: whose a nick is, who is let in, what operators do, and how fast one may be. */
import path from 'node:path';
import { Cluster, synod } from './cluster';
import type { JsonClient } from './json-client';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({ limited: true });
}, 60_000);
afterAll(() => cluster.stop());

/** Somebody else than the one who made the cluster, who is its operator. */
const somebody = (name: string) => ['--identity', path.join(cluster.folder, `${name}.pem`)];

async function keyOf(name: string): Promise<string> {
  const { stdout } = await synod(['identity', ...somebody(name)]);
  return stdout.split('\n')[0] ?? '';
}

/** The operator gives a command, and waits until the log has it. */
async function rules(operator: JsonClient, text: string): Promise<void> {
  operator.write(JSON.stringify({ type: 'command', id: text, text }));
  const answer = await operator.until(({ id }) => id === text, text);
  expect(answer).toMatchObject({ type: 'ack' });
}

const sees = (client: JsonClient, event: string, nick: string) =>
  client.until((seen) => seen.type === 'presence' && seen.event === event && seen.nick === nick, `${event} ${nick}`);
const fails = (client: JsonClient, code: string) =>
  client.until((event) => event.type === 'error' && event.code === code, code);

test('a nick stays its person\u2019s, whoever comes while it is away', async () => {
  const mine = cluster.client('carol', ...somebody('carol'));
  await mine.joined();
  await mine.kill();
  const other = cluster.client('carol', ...somebody('mallory'));
  expect((await fails(other, 'nick-in-use')).message).toMatch(/^carol belongs to somebody else; choose another/);
  expect(await other.exited).toBe(1);
  const alike = cluster.client('caro1', ...somebody('mallory'));
  expect((await fails(alike, 'nick-in-use')).message).toMatch(
    /^caro1 looks like carol, which belongs to somebody else/,
  );
  const again = cluster.client('carol', '--reclaim', ...somebody('carol'));
  expect(await again.joined()).toBeDefined();
});

test('an operator keeps order, and what was done can be read by operators only', async () => {
  const operator = cluster.client('op');
  const mallory = cluster.client('mallory', ...somebody('mallory'));
  await Promise.all([operator.joined(), mallory.joined()]);
  mallory.write(JSON.stringify({ type: 'command', id: 'no', text: '/ban op' }));
  await fails(mallory, 'not-operator');

  await rules(operator, '/slow 1h');
  mallory.write('first');
  mallory.write('second');
  await fails(mallory, 'slow-mode');
  await rules(operator, '/slow off');
  await rules(operator, '/mute mallory shouting');
  await sees(operator, 'mute', 'mallory');
  mallory.write('third');
  expect((await fails(mallory, 'muted')).message).toBe('you are muted by op: shouting');
  await rules(operator, '/kick mallory');
  await sees(mallory, 'kick', 'mallory');
  await rules(operator, '/ban mallory spam');
  expect((await fails(mallory, 'banned')).message).toBe('you are banned by op: spam');
  expect(await mallory.exited).toBe(1);

  // It is in the log: also after all servers have started again.
  for (const id of cluster.serverIds) await cluster.signal(`server ${id}`, 'SIGKILL');
  for (const id of cluster.serverIds) cluster.startServer(id);
  const again = cluster.client('somebody', ...somebody('mallory'));
  await fails(again, 'banned');
  const audit = ['history', '--config', cluster.config, '--room', '!audit'];
  const { stdout } = await synod(audit);
  const done = stdout.split('\n').filter((line) => line.includes('<op>'));
  const [mallorys, by] = [await keyOf('mallory'), `, by ${cluster.operator}`];
  expect(done.map((line) => line.replace(/^.*<op> /, ''))).toEqual([
    `posts in #lobby: once in 3600 s${by}`,
    `posts in #lobby: as often as you like${by}`,
    `muted mallory (${mallorys}): shouting${by}`,
    `kicked mallory (${mallorys}) from #lobby${by}`,
    `banned mallory (${mallorys}): spam${by}`,
  ]);
  expect(stdout).toContain(`<configuration> access open; operators ${cluster.operator}; `);
  const refused = await synod([...audit, ...somebody('carol')]);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('there is no room or conversation')]);
});

test('a cluster can be closed to all who are not on its list, while it runs', async () => {
  const operator = cluster.client('keeper');
  const guest = cluster.client('guest', ...somebody('guest'));
  await Promise.all([operator.joined(), guest.joined()]);
  await rules(operator, '/access listed');
  await fails(guest, 'not-listed');
  const refused = cluster.client('guest', ...somebody('guest'));
  expect((await fails(refused, 'not-listed')).message).toContain(await keyOf('guest'));
  await rules(operator, `/admit ${await keyOf('guest')}`);
  await cluster.client('guest', ...somebody('guest')).joined();
  await rules(operator, '/access open');
  await cluster.client('stranger', ...somebody('stranger')).joined();
});

test('who posts faster than one may is slowed down, and loses nothing', async () => {
  const lines = Array.from({ length: 300 }, (_, at) => `line ${at}`);
  const args = [
    'chat',
    '--json',
    '--config',
    cluster.config,
    '--nick',
    'quick',
    '--room',
    'race',
    ...somebody('quick'),
  ];
  const { stdout, status } = await synod(args, `${lines.join('\n')}\n`);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; state?: string; reason?: string });
  expect(status).toBe(0);
  expect(events.filter(({ type }) => type === 'ack')).toHaveLength(lines.length);
  expect(events.find(({ state }) => state === 'slowed')?.reason).toMatch(/^at most 100 a second are taken/);
});
