/** What a server that starts makes of its store. */
import { headRecord } from '../../src/history/history';
import { manifestOf, partKey } from '../../src/server/snapshots';
import { loadStored } from '../../src/server/stored';
import { MemoryStorage } from '../../src/storage/memory';
import { snapshotOf } from './snapshot-of';
import { played, roundsOf, STATE } from './solo';

async function storeWith(historyThrough: number): Promise<MemoryStorage> {
  const rounds = roundsOf(10);
  const { info, parts } = snapshotOf(played(rounds).chat, rounds.length);
  const puts = parts.map((value, part) => ({ key: partKey(info.round, part), value }));
  const storage = new MemoryStorage();
  await storage.write([{ state: STATE, puts: [...puts, manifestOf([info]), headRecord(historyThrough)] }]);
  return storage;
}

test('a history that ends before the snapshot does is damage: what is between is nowhere', async () => {
  const whole = await loadStored(await storeWith(11));
  expect(whole.restored?.info.position).toBe(11);
  await expect(loadStored(await storeWith(10))).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('the history reaches position 10, the snapshot 11'),
  });
});
