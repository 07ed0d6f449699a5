/** A log that is cut: what a server has that comes back to it, restarted or wiped, and what the folders then hold. */
import { Cluster, synod } from './cluster';
import type { JsonClient } from './json-client';

jest.setTimeout(240_000);

/** So that a few thousand lines make several snapshots. */
const SNAPSHOT_BYTES = 65_536;
const LINES = 3000;

interface LogLine {
  readonly round: number;
}

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

async function started(): Promise<Cluster> {
  cluster = await Cluster.create();
  cluster.configure((config) => {
    config.limits = { snapshotBytes: SNAPSHOT_BYTES, batchBytes: SNAPSHOT_BYTES };
  });
  cluster.startAll();
  await cluster.untilServing();
  return cluster;
}

/** Says so many lines, and waits until they are acknowledged. */
async function say(client: JsonClient, count: number): Promise<void> {
  const from = client.posted.length;
  for (let number = from + 1; number <= from + count; number += 1) {
    client.post(`${client.nick}-${number}`, `${client.nick}-${number} ${'x'.repeat(80)}`);
  }
  await client.allAcked();
}

async function stopAll(running: Cluster): Promise<void> {
  await Promise.all(running.serverIds.map((id) => running.signal(`server ${id}`, 'SIGTERM')));
}

/** The lowest round in the log of a stopped server. */
async function firstRound(running: Cluster, id: number): Promise<number> {
  const { stdout, status } = await synod(['log', '--config', running.config, '--id', String(id), '--json']);
  expect(status).toBe(0);
  return (JSON.parse(stdout.split('\n')[0] ?? '') as LogLine).round;
}

async function verified(running: Cluster): Promise<void> {
  const { stdout, status } = await synod(['verify', '--config', running.config]);
  expect(stdout).toMatch('all of it is whole, and the servers agree');
  expect(status).toBe(0);
}

test('the log is cut behind snapshots, and a restart goes on from there', async () => {
  const running = await started();
  const client = running.client('alice');
  await client.joined();
  await say(client, LINES);
  await running.untilEqual();
  await stopAll(running);
  for (const id of running.serverIds) expect(await firstRound(running, id)).toBeGreaterThan(0);
  await verified(running);
  for (const id of running.serverIds) running.startServer(id);
  await say(client, 100);
  await running.untilEqual();
  const late = running.client('bob', '--history', '500');
  await late.joined();
  const lines = late.events.filter((event) => event.type === 'message').map(({ index }) => index);
  expect(lines).toEqual(Array.from({ length: 500 }, (_, at) => LINES + 100 - 500 + 1 + at));
});

test('a wiped server gets snapshot and history from its peers, votes, and has the same', async () => {
  const running = await started();
  const client = running.client('alice');
  await client.joined();
  await say(client, LINES);
  const { leader } = await running.untilEqual();
  const wiped = running.serverIds.find((id) => id !== leader) ?? 0;
  await running.signal(`server ${wiped}`, 'SIGKILL');
  running.wipe(wiped);
  running.startServer(wiped);
  await running.until(
    ({ servers }) => servers.some(({ id, state }) => id === wiped && state === 'follower'),
    'its return',
  );
  const other = running.serverIds.find((id) => id !== leader && id !== wiped) ?? 0;
  await running.signal(`server ${other}`, 'SIGKILL');
  await say(client, 100);
  running.startServer(other);
  await running.untilEqual();
  await stopAll(running);
  expect(await firstRound(running, wiped)).toBeGreaterThan(0);
  await verified(running);
});

test('a server that was away while the log was cut catches up from a snapshot', async () => {
  const running = await started();
  const client = running.client('alice');
  await client.joined();
  await say(client, 300);
  const { leader } = await running.untilEqual();
  const away = running.serverIds.find((id) => id !== leader) ?? 0;
  await running.signal(`server ${away}`, 'SIGKILL');
  await say(client, LINES);
  running.startServer(away);
  await running.untilEqual();
  await stopAll(running);
  await verified(running);
});
