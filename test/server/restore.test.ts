/** A log that is cut: servers that were away, or lost everything, get snapshot and history of a peer. */

import { eventsOf } from '../../src/chat/event-runs';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import { blockKey } from '../../src/history/keys';
import { seededRandom } from '../../src/lib/prng';
import { loadStored } from '../../src/server/stored';
import type { StoredRecord } from '../../src/storage/storage';
import { VirtualCluster, type VirtualOptions } from './virtual';

const { server } = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
const GIVING_CREDIT_MS = server.givingCreditMs;
/** Small, so that a few hundred lines make several of everything. */
const LIMITS = {
  snapshotBytes: 4000,
  recentBytes: 5000,
  historyWriteBytes: 500,
  pageEvents: 50,
  partBytes: 4000,
  gatheredBytes: 6000,
};
const LINES = 1000;

async function started(options: Partial<VirtualOptions> = {}): Promise<{ cluster: VirtualCluster; server: number }> {
  const cluster = await VirtualCluster.start({ limits: LIMITS, ...options });
  const server = cluster.leader();
  await cluster.enter(server, 1);
  await cluster.say(server, 1, 2, LINES);
  await cluster.until('all said', () => cluster.core(server).status().position >= LINES + 1);
  return { cluster, server };
}

function followers(cluster: VirtualCluster): [number, number] {
  const [one = 0, other = 0] = cluster.ids.filter((id) => id !== cluster.leader());
  return [one, other];
}

test('snapshots are taken, equal at equal rounds on all servers, and the log is cut behind the last but one', async () => {
  const { cluster } = await started();
  await cluster.until('equal servers', () => cluster.equal());
  await cluster.pass(1000);
  const stored = await Promise.all(cluster.ids.map((id) => loadStored(cluster.storage(id))));
  const [first] = stored;
  for (const { snapshots, log, historyThrough } of stored) {
    expect(snapshots).toHaveLength(2);
    expect(snapshots).toEqual(first?.snapshots);
    expect(log?.first).toBe(snapshots[0]?.round);
    expect(historyThrough).toBeGreaterThanOrEqual(snapshots[1]?.position ?? 0);
  }
});

test('a server that restarts goes on from its snapshot', async () => {
  const { cluster, server } = await started();
  await cluster.until('equal servers', () => cluster.equal());
  const [follower] = followers(cluster);
  cluster.kill(follower);
  await cluster.startServer(follower);
  await cluster.until('equal servers', () => cluster.equal());
  await cluster.say(server, 1, LINES + 2, 50);
  await cluster.until('equal servers', () => cluster.equal());
  expect(cluster.sent.get('FetchSnapshot') ?? 0).toBe(0);
});

function blocksOf(cluster: VirtualCluster, server: number): Promise<readonly StoredRecord[]> {
  const range = { from: blockKey('lobby', 0), to: blockKey('lobby', 1_000_000), limit: 10_000, bytes: 10_000_000 };
  return cluster.storage(server).scan(range);
}

async function everyLineOf(cluster: VirtualCluster, server: number, client: number, lines: number): Promise<void> {
  const found: string[] = [];
  for (let before = 0, more = true; more; ) {
    const request = { type: 'history', id: 1, room: 'lobby', before, limit: 50 } as const;
    const page = await cluster.ask(server, client, request, 'history');
    const some = eventsOf(page.runs).filter(({ kind }) => kind === 'message');
    found.unshift(...some.map(({ text }) => text));
    before = some[0]?.index ?? 0;
    more = page.more && some.length > 0;
  }
  expect(found).toEqual(Array.from({ length: lines }, (_, at) => `line ${at + 2}`));
}

test.each([
  ['comes back wiped', true],
  ['was away while the log was cut', false],
])('a server that %s has everything again, and votes', async (_, wiped) => {
  const cluster = await VirtualCluster.start({ limits: LIMITS });
  const server = cluster.leader();
  const [away, other] = followers(cluster);
  await cluster.enter(server, 1);
  await cluster.say(server, 1, 2, 100);
  await cluster.until('equal servers', () => cluster.equal());
  cluster.kill(away);
  if (wiped) cluster.wipe(away);
  await cluster.say(server, 1, 102, LINES - 100);
  await cluster.startServer(away);
  await cluster.until('equal servers', () => cluster.equal());
  expect(cluster.sent.get('HistoryPart')).toBeGreaterThan(0);
  cluster.kill(other);
  await cluster.say(server, 1, LINES + 2, 50);
  await cluster.until('a vote', () => cluster.core(away).status().position >= LINES + 51);
  await cluster.enter(away, 2);
  await everyLineOf(cluster, away, 2, LINES + 50);
});

test('parts that are lost are asked for again, also of another peer', async () => {
  const random = seededRandom(7);
  const lost = ['FetchSnapshot', 'SnapshotPart', 'FetchHistory', 'HistoryPart'];
  let giver = 0;
  const { cluster } = await started({
    loses: (from, _, { type }) => {
      if (!lost.includes(type)) return false;
      if (type === 'HistoryPart') giver ||= from;
      // Whoever gave first falls silent at last.
      return from === giver ? random.next() < 0.9 : random.next() < 0.3;
    },
  });
  await cluster.until('equal servers', () => cluster.equal());
  const [away] = followers(cluster);
  cluster.kill(away);
  cluster.wipe(away);
  await cluster.startServer(away);
  await cluster.until('equal servers', () => cluster.equal());
  await cluster.enter(away, 2);
  await everyLineOf(cluster, away, 2, LINES);
});

test('stopped at any moment of getting a snapshot, it begins again and has everything at last', async () => {
  const { cluster, server } = await started();
  await cluster.until('equal servers', () => cluster.equal());
  const [away] = followers(cluster);
  cluster.kill(away);
  cluster.wipe(away);
  await cluster.startServer(away);
  for (let lives = 0; lives < 20 && !cluster.equal(); lives += 1) {
    await cluster.pass(30 * lives);
    if (cluster.equal()) break;
    cluster.kill(away);
    await cluster.startServer(away);
  }
  await cluster.until('equal servers', () => cluster.equal());
  await cluster.say(server, 1, LINES + 2, 50);
  await cluster.until('equal servers', () => cluster.equal());
  await cluster.enter(away, 2);
  await everyLineOf(cluster, away, 2, LINES + 50);
});

test('what a room has let go is read no more, and leaves the store', async () => {
  const { cluster, server } = await started();
  const before = (await blocksOf(cluster, server)).length;
  const retain = { type: 'retain', room: 'lobby', ageMs: 0, count: 100, bytes: 0 } as const;
  await cluster.do(server, 1, LINES + 2, retain);
  // The log's time is judged every now and then; the store is tidied up after that.
  await cluster.pass(40_000);
  await cluster.enter(server, 2);
  const request = { type: 'history', id: 1, room: 'lobby', before: 0, limit: 50 } as const;
  const last = await cluster.ask(server, 2, request, 'history');
  expect(eventsOf(last.runs).at(-1)?.index).toBe(LINES);
  const gone = await cluster.ask(server, 2, { ...request, before: LINES - 200 }, 'history');
  expect(gone.runs).toEqual([]);
  expect(gone.more).toBe(false);
  const after = (await blocksOf(cluster, server)).length;
  expect(after).toBeLessThan(before / 2);
  expect(after).toBeGreaterThan(0);
  await cluster.until('equal servers', () => cluster.equal());
});

test('a peer that gets everything again has no more than its share of the others, who go on as before', async () => {
  const readMs = 20;
  const { cluster, server } = await started({ readMs, limits: { ...LIMITS, partBytes: 200, givingShare: 0.25 } });
  await cluster.until('equal servers', () => cluster.equal());
  const [away] = followers(cluster);
  cluster.kill(away);
  cluster.wipe(away);
  await cluster.startServer(away);
  await cluster.until('that it restores', () => cluster.core(away).status().state === 'restoring');
  const givers = cluster.ids.filter((id) => id !== away);
  const before = new Map(givers.map((id) => [id, cluster.reads.get(id) ?? 0]));
  const beganMs = cluster.nowMs;
  for (let seq = LINES + 2; cluster.core(away).status().state === 'restoring'; seq += 1) {
    const { position } = cluster.core(server).status();
    await cluster.say(server, 1, seq, 1);
    // A line is agreed on within the tick, whatever is read beside it.
    expect(cluster.core(server).status().position).toBe(position + 1);
  }
  const tookMs = cluster.nowMs - beganMs;
  const givenMs = givers.map((id) => readMs * ((cluster.reads.get(id) ?? 0) - (before.get(id) ?? 0)));
  for (const ms of givenMs) {
    expect(ms).toBeGreaterThan(readMs);
    expect(ms).toBeLessThanOrEqual(0.25 * (tookMs + GIVING_CREDIT_MS) + 4 * readMs);
  }
  await cluster.until('equal servers', () => cluster.equal());
});
