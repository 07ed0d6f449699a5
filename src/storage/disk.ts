/**
 * Storage on LevelDB. Each `write` is one atomic, synced batch: whatever gathered while the last one was under way.
 *
 * What is read is checked: every record against its checksum, and all accepted values together against the sums that
 * the last batch left. A batch that is lost in the middle shows; what cannot be seen from inside the store is the loss
 * of its very last batches together, as when a disk takes back what it had synced.
 */
import { ClassicLevel } from 'classic-level';
import type { DurableWrite, HardState, StoredState } from '../paxos/effects';
import type { AcceptedValue } from '../paxos/messages';
import { LOST, markReady, openFolder } from './folder';
import {
  AFTER_LAST_ROUND_KEY,
  checksumOf,
  decodeAccepted,
  decodeJson,
  decodeState,
  encodeAccepted,
  encodeJson,
  FIRST_ROUND_KEY,
  IDENTITY_KEY,
  roundKey,
  STATE_KEY,
  type Sums,
} from './records';
import { type Storage, StorageError, type StorageIdentity } from './storage';

type Store = ClassicLevel<Buffer, Buffer>;

/** Opens, or makes, the data folder of a server. @throws StorageError */
export async function openDiskStorage(folder: string, identity: StorageIdentity): Promise<Storage> {
  const { store, isNew } = await openFolder(folder, identity);
  const level: Store = new ClassicLevel(store, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  try {
    await level.open({ createIfMissing: isNew });
  } catch (error) {
    throw openError(folder, error);
  }
  try {
    if (isNew) {
      await level.put(IDENTITY_KEY, encodeJson(IDENTITY_KEY, identity), { sync: true });
      await markReady(folder, identity);
    } else {
      await checkIdentity(folder, level, identity);
    }
  } catch (error) {
    await level.close();
    throw error instanceof StorageError ? error : readError(folder, error);
  }
  return new DiskStorage(folder, level);
}

async function checkIdentity(folder: string, level: Store, identity: StorageIdentity): Promise<void> {
  const bytes = await level.get(IDENTITY_KEY);
  const found = bytes && decodeJson(IDENTITY_KEY, bytes);
  if (!found) throw new StorageError('corrupt', `${folder}: the store does not say whose it is; ${LOST}`);
  if (found.cluster === identity.cluster && found.server === identity.server) return;
  throw new StorageError(
    'foreign',
    `${folder}: the store is of server ${String(found.server)} of cluster ${String(found.cluster)}; name another folder`,
  );
}

class DiskStorage implements Storage {
  private state: HardState | null = null;
  /** The checksum of each round's record: what is taken out of the sums when the record is written again. */
  private readonly checksums = new Map<number, number>();
  private xor = 0;

  constructor(
    private readonly folder: string,
    private readonly level: Store,
  ) {}

  async load(): Promise<StoredState | undefined> {
    const accepted: AcceptedValue[] = [];
    try {
      for await (const [key, bytes] of this.level.iterator({ gte: FIRST_ROUND_KEY, lt: AFTER_LAST_ROUND_KEY })) {
        const value = decodeAccepted(key, bytes);
        if (!value) throw this.corrupt(`the record ${key.toString('hex')} is not what was written`);
        this.remember(value.round, checksumOf(bytes));
        accepted.push(value);
      }
      const bytes = await this.level.get(STATE_KEY);
      if (!bytes && accepted.length === 0) return undefined;
      const record = bytes && decodeState(bytes);
      if (!record) throw this.corrupt('the state is missing or not what was written');
      this.checkSums(record.sums);
      this.state = record.state;
      return record.state === null ? undefined : { state: record.state, accepted };
    } catch (error) {
      throw error instanceof StorageError ? error : readError(this.folder, error);
    }
  }

  async write(writes: readonly DurableWrite[]): Promise<void> {
    const batch = this.level.batch();
    for (const { state, accepted } of writes) {
      this.state = state ?? this.state;
      for (const value of accepted ?? []) {
        const key = roundKey(value.round);
        const bytes = encodeAccepted(key, value);
        this.remember(value.round, checksumOf(bytes));
        batch.put(key, bytes);
      }
    }
    const sums: Sums = { count: this.checksums.size, xor: this.xor };
    batch.put(STATE_KEY, encodeJson(STATE_KEY, { state: this.state, sums }));
    try {
      await batch.write({ sync: true });
    } catch (cause) {
      throw new StorageError(
        'failed',
        `${this.folder}: a write failed (${reasonOf(cause)}); free space or replace the disk, then start again`,
        {
          cause,
        },
      );
    }
  }

  close(): Promise<void> {
    return this.level.close();
  }

  private remember(round: number, checksum: number): void {
    this.xor = (this.xor ^ checksum ^ (this.checksums.get(round) ?? 0)) >>> 0;
    this.checksums.set(round, checksum);
  }

  private checkSums(sums: Sums): void {
    if (sums.count === this.checksums.size && sums.xor === this.xor) return;
    throw this.corrupt(
      `${this.checksums.size} rounds are there, ${sums.count} were written, or one of them is an older one`,
    );
  }

  private corrupt(what: string): StorageError {
    return new StorageError('corrupt', `${this.folder}: ${what}; ${LOST}`);
  }
}

function openError(folder: string, error: unknown): StorageError {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const options = { cause: error };
  if (cause?.code === 'LEVEL_LOCKED') {
    return new StorageError('locked', `${folder}: another process has it open; stop that server first`, options);
  }
  if (cause?.message?.includes('Permission denied')) {
    return new StorageError('not-permitted', `${folder}: cannot be opened; check its owner and mode`, options);
  }
  return new StorageError('corrupt', `${folder}: the store cannot be opened (${reasonOf(error)}); ${LOST}`, options);
}

function readError(folder: string, error: unknown): StorageError {
  return new StorageError('corrupt', `${folder}: the store cannot be read (${reasonOf(error)}); ${LOST}`, {
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return (cause?.message ?? message ?? String(error)).replaceAll('\n', ' ');
}
