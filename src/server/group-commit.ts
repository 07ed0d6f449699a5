/**
 * One durable write for all that gathered while the last one was under way: the cost of a sync is shared by however
 * many asked for it. Writes become durable in the order in which they were asked, and so do their consequences.
 */
import { type Storage, StorageError, type StorageWrite, type StoredRecord } from '../storage/storage';
import type { Consequence } from './effects';
import type { ServerLimits } from './limits';

interface Waiting {
  readonly write: StorageWrite;
  readonly bytes: number;
  readonly then: readonly Consequence[];
}

export class GroupCommit {
  private waiting: Waiting[] = [];
  /** Of all that is not durable yet, what is being written among it; and of the largest write among that. */
  private bytes = 0;
  private largest = 0;
  private writing = false;
  private written: Promise<void> = Promise.resolve();
  private failed = false;

  /**
   * @param onDurable what waited for a write, once it is durable
   * @param onFailure the disk failed: nothing may be said any more that was not durable before
   */
  constructor(
    private readonly storage: Storage,
    private readonly limits: Pick<ServerLimits, 'waitingBytes'>,
    private readonly onDurable: (then: readonly Consequence[]) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  add(write: StorageWrite, then: readonly Consequence[]): void {
    if (this.failed) return;
    const bytes = bytesOf(write);
    this.waiting.push({ write, bytes, then });
    this.bytes += bytes;
    this.largest = Math.max(this.largest, bytes);
    // A disk that is slow gets larger writes, and keeps up; one that is stuck, while the others go on, would fill the
    // memory. The largest write does not count: it may be the snapshot of a peer, of whatever size.
    if (this.bytes - this.largest > this.limits.waitingBytes) this.fail(stuck(this.bytes));
    else if (!this.writing) this.written = this.writeAll();
  }

  /** Resolves once nothing is being written any more. */
  idle(): Promise<void> {
    return this.written;
  }

  private fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.waiting = [];
    this.onFailure(error);
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    try {
      while (this.waiting.length > 0 && !this.failed) {
        const batch = this.waiting;
        this.waiting = [];
        const writes = batch.map(({ write }) => write).filter(holdsSomething);
        if (writes.length > 0) await this.storage.write(writes);
        if (this.failed) return;
        this.bytes = this.waiting.reduce((sum, { bytes }) => sum + bytes, 0);
        this.largest = this.waiting.reduce((most, { bytes }) => Math.max(most, bytes), 0);
        for (const { then } of batch) this.onDurable(then);
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.writing = false;
    }
  }
}

function stuck(bytes: number): StorageError {
  const megabytes = Math.round(bytes / 1024 ** 2);
  return new StorageError('failed', `the disk is stuck: ${megabytes} MiB wait to be written; see what it does`);
}

function bytesOf({ accepted = [], puts = [], bulk = [] }: StorageWrite): number {
  const values = accepted.reduce((sum, { value }) => sum + value.length, 0);
  return values + sizeOf(puts) + sizeOf(bulk);
}

function sizeOf(records: readonly StoredRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
}

function holdsSomething(write: StorageWrite): boolean {
  return Object.values(write).some((part) => !Array.isArray(part) || part.length > 0);
}
