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
  /** What was written is sorted into a table once there is so much of it: with 16 MiB bulk goes twice as fast as with 4. */
  writeBufferSize: 16 * MIB,
  /** A quarter of the tables that there are by default: every one is looked at when the store is opened. */
  maxFileSize: 8 * MIB,
  /** Records of the history are larger than the 4 KiB by default: the indexes are a quarter as large. */
  blockSize: 16 * 1024,
  /** Tables are mapped into memory while they are open: those that were read last, not the whole history. */
  maxOpenFiles: 100,
} as const;

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
