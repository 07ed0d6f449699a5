/**
 * One durable write for all that gathered while the last one was under way: the cost of a sync is shared by however
 * many asked for it. Writes become durable in the order in which they were asked, and so do their consequences.
 */
import type { DurableWrite, Effect } from '../paxos/effects';
import type { Storage } from '../storage/storage';

interface Waiting {
  readonly write: DurableWrite;
  readonly then: readonly Effect[];
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
    private readonly onDurable: (then: readonly Effect[]) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  add(write: DurableWrite, then: readonly Effect[]): void {
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

function holdsSomething(write: DurableWrite): boolean {
  return write.state !== undefined || (write.accepted !== undefined && write.accepted.length > 0);
}
