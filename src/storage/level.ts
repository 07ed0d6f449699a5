/** The LevelDB of a store, and what it costs. Figures: 1 GB of history beside its log. */
import { ClassicLevel } from 'classic-level';
import { levelFailure } from './failures';
import type { DataFolder } from './folder';

export type Store = ClassicLevel<Buffer, Buffer>;
export type Batch = ReturnType<Store['batch']>;

const MIB = 1024 * 1024;

const STORE_OPTIONS = {
  keyEncoding: 'buffer',
  valueEncoding: 'buffer',
  /** It costs processor time, and table.ts reads what is not compressed only. */
  compression: false,
  /** Half of the default: see `maxOpenFiles`. */
  maxFileSize: MIB,
  /** What was written becomes a table once there is so much of it. Larger ones hold up whoever syncs at that moment. */
  writeBufferSize: 4 * MIB,
  /** Records of the history are larger than the 4 KiB by default: the indexes are a quarter as large. */
  blockSize: 16 * 1024,
  /** Of blocks that were read: the system's cache holds their files anyway, and what is read is checked each time. */
  cacheSize: 2 * MIB,
  /**
   * Tables are mapped into memory while they are open: 64 of them, those that were read last, not the whole
   * history. LevelDB takes no lower number.
   */
  maxOpenFiles: 74,
} as const;

/** Entries read at once, at most. */
const MOST_ENTRIES = 100;

export interface EntryRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
  readonly reverse: boolean;
  readonly limit: number;
  readonly highWaterMarkBytes: number;
  readonly snapshot: ReturnType<Store['snapshot']>;
}

/** @throws StorageError */
export async function openLevel(folder: string, { store, isNew }: DataFolder): Promise<Store> {
  // It opens itself in the next tick, and makes what is missing, unless it is told in this one.
  const level: Store = new ClassicLevel(store, { ...STORE_OPTIONS, createIfMissing: isNew });
  try {
    await level.open();
    return level;
  } catch (error) {
    throw levelFailure(folder, 'the store cannot be opened', error);
  }
}

/** What is in a range: entries are read as many at once as make `highWaterMarkBytes`. */
export async function* entriesIn(level: Store, range: EntryRange): AsyncGenerator<readonly [Buffer, Buffer]> {
  const iterator = level.iterator(range);
  try {
    for (;;) {
      const entries = await iterator.nextv(MOST_ENTRIES);
      if (entries.length === 0) return;
      yield* entries;
    }
  } finally {
    // It keeps what it read last until it is collected, and the collector does not know how much that is: half a
    // gigabyte after a thousand scans was measured. With the next read, of nothing, it lets go of it.
    iterator.seek(range.reverse ? range.gte : range.lt);
    await iterator.nextv(1);
    await iterator.close();
  }
}
