/** At which rounds snapshots are taken follows from the log alone, wherever a server joined it. */

import { readHead } from '../../src/history/history';
import { HEAD_KEY } from '../../src/history/keys';
import { MANIFEST_KEY, partKey, readManifest } from '../../src/server/snapshots';
import { loadStored } from '../../src/server/stored';
import { MemoryStorage } from '../../src/storage/memory';
import type { SnapshotInfo } from '../../src/wire/peer';
import { GivingPeer } from './giving-peer';
import { played, roundsOf, SoloServer } from './solo';

const rounds = roundsOf(600);
const limits = { snapshotBytes: 3000, historyWriteBytes: 500 };

/** Rounds one after another, as they are agreed on. */
function follow(server: SoloServer, from: number, to: number): void {
  for (let round = from; round < to; round += 1) {
    server.values(rounds, round, round + 1);
    server.pass(30);
  }
}

/** All snapshots that this server ever had, by round. */
function takenBy(server: SoloServer): ReadonlyMap<number, string> {
  const manifests = server.written.flatMap(({ puts = [] }) => puts.filter(({ key }) => MANIFEST_KEY.equals(key)));
  return new Map(manifests.flatMap(({ value }) => listed(value)).map(({ round, digest }) => [round, digest]));
}

function listed(value: Uint8Array | undefined): readonly SnapshotInfo[] {
  const list = readManifest(value);
  if ('bad' in list) throw new Error(list.bad);
  return list;
}

/** A server with the first 300 rounds, and one that gives what it has. */
function giver(): { server: SoloServer; peer: GivingPeer; round: number } {
  const server = new SoloServer({ limits });
  follow(server, 0, 300);
  const info = listed(server.store.get(MANIFEST_KEY)).at(-1) as SnapshotInfo;
  const parts = Array.from(
    { length: info.parts },
    (_, part) => server.store.get(partKey(info.round, part)) as Uint8Array,
  );
  return { server, peer: new GivingPeer(played(rounds.slice(0, 300)).events, { info, parts }), round: info.round };
}

test.each([
  ['goes on from it', 100, 110],
  ['had more when it came', 100, 300],
])('a server that was restored and %s takes its snapshots at the rounds of the others', (_, before, meanwhile) => {
  const { server, peer, round } = giver();
  const restored = new SoloServer({ limits });
  follow(restored, 0, before);
  restored.values(rounds, before, before, { first: 200 });
  const complete = peer.restore(restored);
  restored.held = true;
  complete();
  // Of a peer that has not cut its log; in one page, so that snapshots are due in it.
  restored.values(rounds, before, meanwhile, { peer: 3 });
  restored.release();
  expect(restored.core.status().applied).toBe(Math.max(round, meanwhile));
  follow(restored, Math.max(round, meanwhile), rounds.length);
  follow(server, 300, rounds.length);
  const [ours, theirs] = [takenBy(server), takenBy(restored)];
  const late = [...ours].filter(([at]) => at >= 300);
  expect(late.length).toBeGreaterThan(3);
  expect([...theirs].filter(([at]) => at >= 300)).toEqual(late);
});

test('a server that restarts takes its snapshots at the same rounds', async () => {
  const { server } = giver();
  const storage = new MemoryStorage();
  await storage.write(server.written);
  const stored = await loadStored(storage);
  expect(stored.historyThrough).toBe(readHead(server.store.get(HEAD_KEY)));
  const again = new SoloServer({ limits, stored });
  follow(again, 300, rounds.length);
  follow(server, 300, rounds.length);
  const late = [...takenBy(server)].filter(([at]) => at > 300);
  expect(late.length).toBeGreaterThan(3);
  expect([...takenBy(again)].filter(([at]) => at > 300)).toEqual(late);
});
