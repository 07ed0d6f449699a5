/**
 * One durable write for all that gathered while the last one was under way: the cost of a sync is shared by however
 * many asked for it. Writes become durable in the order in which they were asked, and so do their consequences.
 */
import type { Storage, StorageWrite } from '../storage/storage';
import type { Consequence } from './effects';

interface Waiting {
  readonly write: StorageWrite;
  readonly then: readonly Consequence[];
}

export class GroupCommit {
  private waiting: Waiting[] = [];
  private writing = false;
  private failed = false;

  /**
   * @param onDurable what waited for a write, once it is durable
   * @param onFailure the disk failed: nothing may be said any more that was not durable before
   */
  constructor(
    private readonly storage: Storage,
    private readonly onDurable: (then: readonly Consequence[]) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  add(write: StorageWrite, then: readonly Consequence[]): void {
    this.waiting.push({ write, then });
    if (!this.writing) void this.writeAll();
  }

  /** Resolves once nothing is being written any more. */
  async idle(): Promise<void> {
    while (this.writing) await new Promise((resolve) => setImmediate(resolve));
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    try {
      while (this.waiting.length > 0 && !this.failed) {
        const batch = this.waiting;
        this.waiting = [];
        const writes = batch.map(({ write }) => write).filter(holdsSomething);
        if (writes.length > 0) await this.storage.write(writes);
        for (const { then } of batch) this.onDurable(then);
      }
    } catch (error) {
      this.failed = true;
      this.onFailure(error);
    } finally {
      this.writing = false;
    }
  }
}

function holdsSomething(write: StorageWrite): boolean {
  return Object.values(write).some((part) => !Array.isArray(part) || part.length > 0);
}
