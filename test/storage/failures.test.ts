/** A write that fails is said to have failed, nothing is written after it, and what was acknowledged before is there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryStorage } from '../../src/storage/memory';
import { FaultyStorage } from '../contract/faulty-storage';
import { hardState, storageContract, value } from '../contract/storage';
import { Folders, read } from './folders';

const folders = new Folders();
const mounted: string[] = [];
afterAll(async () => {
  for (const place of mounted) execFileSync('umount', ['-l', place]);
  await folders.remove();
});

/** A file system of four megabytes; undefined where this process may not make one. */
function smallDisk(): string | undefined {
  const place = folders.next();
  mkdirSync(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mounted.push(place);
  return place;
}

const disk = smallDisk();
(disk ? test : test.skip)(
  'a full disk: nothing more is written, and all that was acknowledged is found again',
  async () => {
    const folder = path.join(disk ?? '', 'server-1');
    const ballast = path.join(disk ?? '', 'ballast');
    const storage = await folders.open(folder);
    await storage.load();
    writeFileSync(ballast, Buffer.alloc(3_000_000));
    let acknowledged = 0;
    const write = () =>
      storage.write([{ state: hardState(1), accepted: [value(acknowledged, 'words '.repeat(5000))] }]);
    const fill = async () => {
      for (; acknowledged < 1000; acknowledged += 1) await write();
    };
    await expect(fill()).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/No space left.*free space/),
    });
    expect(acknowledged).toBeGreaterThan(5);
    writeFileSync(ballast, '');
    await expect(write()).rejects.toThrow('failed is not written to');
    await folders.close(storage);
    const found = await read(folder);
    // The one that failed may be there as well: nobody was told of it.
    expect(found?.accepted.length).toBeGreaterThanOrEqual(acknowledged);
    expect(found?.accepted.length).toBeLessThanOrEqual(acknowledged + 1);
  },
);

storageContract('faulty, while all is well', {
  create: async () => new FaultyStorage(new MemoryStorage()),
  again: async (storage) => storage,
});

test('a faulty storage fails when it is told to, is slow when it is told to, and stuck until it is let go', async () => {
  const inner = new MemoryStorage();
  const storage = new FaultyStorage(inner);
  await storage.write([{ state: hardState(1) }]);
  storage.failWrites('EIO');
  await expect(storage.write([{ state: hardState(2) }])).rejects.toMatchObject({ code: 'failed' });
  expect((await inner.load())?.state).toEqual(hardState(1));
  storage.mend();
  const release = storage.hold();
  const done = storage.write([{ state: hardState(3) }]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(storage.written).toBe(1);
  release();
  await done;
  storage.syncMs = 5;
  await storage.write([{ state: hardState(4) }]);
  expect(storage.written).toBe(3);
  expect((await inner.load())?.state).toEqual(hardState(4));
});
