/** A server whose disk is slow costs the others nothing: neither a follower's nor the leader's own is waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryStorage } from '../../src/storage/memory';
import type { StorageWrite } from '../../src/storage/storage';
import { LocalCluster } from './local-cluster';

jest.setTimeout(120_000);

const POSTS = 60;
const SYNC_MS = 200;
const NO_LOSS = { random: { next: () => 0.5 }, loss: 0, reorder: 0, late: 1 };

/** As a disk that takes its time for each sync. */
class SlowStorage extends MemoryStorage {
  writes = 0;
  slow = false;

  override async write(writes: readonly StorageWrite[]): Promise<void> {
    if (this.slow) await sleep(SYNC_MS);
    this.writes += 1;
    return super.write(writes);
  }
}

let cluster: LocalCluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
});

test.each(['a follower', 'the leader'] as const)('posts do not wait for the disk of %s', async (who) => {
  const storages = new Map<number, SlowStorage>();
  cluster = await LocalCluster.start(
    3,
    () => NO_LOSS,
    (id) => {
      const storage = new SlowStorage();
      storages.set(id, storage);
      return storage;
    },
  );
  const { leader, servers } = await cluster.until('a leader', (report) => report.leader !== 0);
  const slow = who === 'the leader' ? leader : (servers.find(({ id }) => id !== leader)?.id ?? 0);
  const storage = storages.get(slow) as SlowStorage;
  let acked = () => {};
  const nextAck = () =>
    new Promise<void>((resolve) => {
      acked = resolve;
    });
  const client = cluster.client('alice', (event) => {
    if (event.type === 'ack') acked();
  });
  const joined = nextAck();
  client.post({ type: 'join', room: 'lobby' }, 'join');
  await joined;
  storage.slow = true;
  const before = storage.writes;
  for (let number = 1; number <= POSTS; number += 1) {
    const ack = nextAck();
    client.post({ type: 'say', room: 'lobby', text: `line ${number}`, action: false }, String(number));
    await ack;
  }
  // Each of the posts was confirmed before the next one was said: had it been waited for, it would have written as often.
  expect(storage.writes - before).toBeLessThan(POSTS / 2);
  storage.slow = false;
  await cluster.until('three equal servers', (report) => {
    const states = report.servers.map((server) => ('digest' in server ? `${server.applied} ${server.digest}` : ''));
    return new Set(states).size === 1;
  });
});
