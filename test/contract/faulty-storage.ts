/** A storage whose disk is slow, or fails: around another one, which keeps what is written. */
import { type ScanRange, type Storage, StorageError, type StorageWrite } from '../../src/storage/storage';

export class FaultyStorage implements Storage {
  /** Each write takes so much longer, milliseconds. */
  syncMs = 0;
  /** Writes that came to the storage behind. */
  written = 0;
  private failure: string | undefined;
  private held: Promise<void> | undefined;

  constructor(private readonly inner: Storage) {}

  /** From here on every write fails, as on a full disk (ENOSPC) or a broken one (EIO). */
  failWrites(reason = 'ENOSPC'): void {
    this.failure = reason;
  }

  /** There is space again. A storage that failed stays as it is: a server opens it anew. */
  mend(): void {
    this.failure = undefined;
  }

  /** A disk that is stuck: nothing is written until the function is called that is returned. */
  hold(): () => void {
    let release = () => {};
    this.held = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async write(writes: readonly StorageWrite[]): Promise<void> {
    await this.held;
    if (this.syncMs > 0) await new Promise((resolve) => setTimeout(resolve, this.syncMs));
    if (this.failure) throw new StorageError('failed', `a write failed (${this.failure})`);
    await this.inner.write(writes);
    this.written += 1;
  }

  load() {
    return this.inner.load();
  }

  get(key: Uint8Array) {
    return this.inner.get(key);
  }

  scan(range: ScanRange) {
    return this.inner.scan(range);
  }

  close() {
    return this.inner.close();
  }
}
