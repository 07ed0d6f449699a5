import { GroupCommit } from '../../src/server/group-commit';
import { MemoryStorage } from '../../src/storage/memory';
import type { StorageError, StorageWrite } from '../../src/storage/storage';

const MIB = 1024 * 1024;

/** A disk whose writes end when they are told to. */
class HeldStorage extends MemoryStorage {
  readonly writes: (readonly StorageWrite[])[] = [];
  private release: () => void = () => {};

  override write(writes: readonly StorageWrite[]): Promise<void> {
    this.writes.push(writes);
    return new Promise((resolve) => {
      this.release = resolve;
    });
  }

  async finish(): Promise<void> {
    this.release();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function put(bytes: number): StorageWrite {
  return { puts: [{ key: Buffer.from('k'), value: new Uint8Array(bytes) }] };
}

function setUp(): { storage: HeldStorage; commit: GroupCommit; durable: number[]; failures: StorageError[] } {
  const storage = new HeldStorage(false);
  const durable: number[] = [];
  const failures: StorageError[] = [];
  const commit = new GroupCommit(
    storage,
    { waitingBytes: 64 * MIB },
    (then) => {
      for (const one of then) if (one.type === 'stored') durable.push(one.through);
    },
    (error) => failures.push(error as StorageError),
  );
  return { storage, commit, durable, failures };
}

test('what gathers while a write is under way becomes one write, in order', async () => {
  const { storage, commit, durable } = setUp();
  for (let at = 1; at <= 4; at += 1) commit.add(put(at), [{ type: 'stored', through: at }]);
  expect(storage.writes.map((writes) => writes.length)).toEqual([1]);
  expect(durable).toEqual([]);
  await storage.finish();
  expect(durable).toEqual([1]);
  expect(storage.writes.map((writes) => writes.length)).toEqual([1, 3]);
  await storage.finish();
  expect(durable).toEqual([1, 2, 3, 4]);
});

test('a disk that is stuck stops the server before its memory is full, and nothing is said any more', async () => {
  const { storage, commit, durable, failures } = setUp();
  const value = put(16 * MIB);
  for (let at = 1; at <= 40 && failures.length === 0; at += 1) commit.add(value, [{ type: 'stored', through: at }]);
  expect(failures.map(({ code }) => code)).toEqual(['failed']);
  expect(failures[0]?.message).toMatch(/the disk is stuck: 80 MiB/);
  await storage.finish();
  commit.add(value, [{ type: 'stored', through: 99 }]);
  await storage.finish();
  expect(durable).toEqual([]);
  expect(storage.writes).toHaveLength(1);
  expect(failures).toHaveLength(1);
});

test('what is being written counts, until it is written; the largest write, be it a snapshot, does not', async () => {
  const { storage, commit, durable, failures } = setUp();
  commit.add(put(40 * MIB), [{ type: 'stored', through: 1 }]);
  commit.add(put(100 * MIB), [{ type: 'stored', through: 2 }]);
  commit.add(put(20 * MIB), [{ type: 'stored', through: 3 }]);
  await storage.finish();
  // Without the first one there is room again.
  commit.add(put(40 * MIB), [{ type: 'stored', through: 4 }]);
  expect(failures).toEqual([]);
  await storage.finish();
  await storage.finish();
  expect(durable).toEqual([1, 2, 3, 4]);
  commit.add(put(MIB), []);
  commit.add(put(64 * MIB), []);
  expect(failures).toEqual([]);
  commit.add(put(64 * MIB), []);
  expect(failures.map(({ code }) => code)).toEqual(['failed']);
});
