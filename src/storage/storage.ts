/**
 * What a server remembers. Two implementations, `disk.ts` (LevelDB) and `memory.ts`, that pass the same tests
 * (test/contract/storage.ts).
 */
import type { DurableWrite, StoredState } from '../paxos/effects';

/** Whose data it is. A folder of anybody else is refused. */
export interface StorageIdentity {
  readonly cluster: string;
  readonly server: number;
}

/** All of it becomes durable, or nothing. */
export interface StorageWrite extends DurableWrite {
  readonly puts?: readonly StoredRecord[];
  /** Records that nothing says are there before a later write does: that these got lost is not to be noticed. */
  readonly bulk?: readonly StoredRecord[];
  readonly deletes?: readonly Uint8Array[];
}

/** A record of the state machine's own, beside the log: opaque here. Keys are ordered byte by byte. */
export interface StoredRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Which records to read: those with `from` ≤ key < `to`, the last ones first when it is `reverse`. */
export interface ScanRange {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly reverse?: boolean;
  /** At most so many records … */
  readonly limit: number;
  /** … and no further one once their values have so many bytes. */
  readonly bytes: number;
}

export interface Storage {
  /**
   * What was stored, or undefined when nothing ever was: a new server, or one that lost its memory. Called once, before
   * the first write.
   * Values are checked (checksum, order) before they are handed out.
   * @throws StorageError `corrupt`
   */
  load(): Promise<StoredState | undefined>;
  /**
   * Resolves once all of `writes` is durable, as one atomic write in their order: of two states, and of two values of
   * one round, the later one stays. Never called while another is under way, nor with values before there is a state.
   * @throws StorageError `failed`, or `corrupt` when damage was found meanwhile: nothing may be said any more, the server
   * stops
   */
  write(writes: readonly StorageWrite[]): Promise<void>;
  /** A record, if there is one. May be called while something is written. @throws StorageError `corrupt` */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Records in the order of their keys. May be called while something is written. @throws StorageError `corrupt` */
  scan(range: ScanRange): Promise<readonly StoredRecord[]>;
  close(): Promise<void>;
}

export type StorageErrorCode =
  /** Cannot be read, or what is read is not what was written. */
  | 'corrupt'
  /** Belongs to another cluster, another server or another version. */
  | 'foreign'
  /** A living process has it open. */
  | 'locked'
  /** The folder cannot be made or entered. */
  | 'not-permitted'
  /** A write failed: disk full, I/O error. */
  | 'failed';

/** A data folder that cannot be used. The message says what, where and what to do. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
