/** Both storages do what every storage must. */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { MemoryStorage } from '../../src/storage/memory';
import type { Storage } from '../../src/storage/storage';
import { hardState, storageContract, value } from '../contract/storage';
import { Folders } from './folders';

const folders = new Folders();
afterAll(() => folders.remove());

const folderOf = new Map<Storage, string>();

storageContract('disk', {
  async create() {
    const folder = folders.next();
    const storage = await folders.open(folder);
    folderOf.set(storage, folder);
    return storage;
  },
  async again(storage, ending) {
    const folder = folderOf.get(storage) ?? '';
    const left = ending === 'killed' ? folders.killed(folder) : folder;
    await folders.close(storage);
    const reopened = await folders.open(left);
    folderOf.set(reopened, left);
    return reopened;
  },
});

storageContract('memory', {
  create: async () => new MemoryStorage(),
  again: async (storage) => storage,
});

test('a disk that was not read is not written to: its sums would be wrong', async () => {
  const storage = await folders.open(await folders.filled(3));
  await expect(storage.write([{ state: hardState(2) }])).rejects.toThrow('unread');
  await folders.close(storage);
});

test('two writes at once are a bug of ours', async () => {
  const storage = await folders.open(folders.next());
  await storage.load();
  const first = storage.write([{ state: hardState(1), accepted: [value(0, 'one')] }]);
  await expect(storage.write([{ state: hardState(2) }])).rejects.toThrow('writing');
  await first;
  await folders.close(storage);
});

test.each([
  ['in bulk is no damage', 'bulk', undefined],
  ['that counts is', 'puts', 'corrupt'],
] as const)('the loss of a last write %s', async (_, how, code) => {
  const folder = folders.next();
  const storage = await folders.open(folder);
  await storage.load();
  await storage.write([{ state: hardState(1), accepted: [value(0, 'one')] }]);
  const log = path.join(
    folder,
    'store',
    readdirSync(path.join(folder, 'store')).find((name) => /\.log$/.test(name)) ?? '',
  );
  const size = statSync(log).size;
  await storage.write([{ [how]: [{ key: Uint8Array.of(1), value: Uint8Array.of(1) }] }]);
  await folders.close(storage);
  truncateSync(log, size);
  const again = await folders.open(folder);
  if (code) await expect(again.load()).rejects.toMatchObject({ code });
  else {
    expect((await again.load())?.accepted).toEqual([value(0, 'one')]);
    expect(await again.get(Uint8Array.of(1))).toBeUndefined();
  }
  await folders.close(again);
});

test('closing twice is closing once', async () => {
  const storage = await folders.open(folders.next());
  await storage.close();
  await storage.close();
  await expect(storage.write([{ state: hardState(1) }])).rejects.toThrow('closed');
});

test('a memory that keeps no values still keeps its promise', async () => {
  const storage = new MemoryStorage(false);
  await storage.write([{ state: hardState(4), accepted: [value(0, 'kept elsewhere')] }]);
  expect(await storage.load()).toEqual({ state: hardState(4), first: 0, accepted: [] });
});
