/**
 * Whether the last process that opened a store got through its first seconds. LevelDB merges tables in the background,
 * from the moment it is opened, and compares no checksums: a damaged block may end the process by an assertion of
 * LevelDB's own, in no words that anybody could act on, and would again at each start. So a start after one that did
 * not last checks every block of every table first.
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';

/** A merge that is due begins at once, and takes a second or two. */
const SETTLED_AFTER_MS = 10_000;

export class Settling {
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    /** The last process ended before it had settled. */
    readonly failedBefore: boolean,
  ) {
    this.timer = setTimeout(() => rmSync(path, { force: true }), SETTLED_AFTER_MS);
    this.timer.unref();
  }

  /** @throws the system's error */
  static begin(path: string): Settling {
    const failedBefore = existsSync(path);
    if (!failedBefore) closeSync(openSync(path, 'w', 0o600));
    return new Settling(path, failedBefore);
  }

  /** The store was not opened. When it was refused as damaged, it is looked at as closely the next time. */
  giveUp(isDamaged: boolean): void {
    clearTimeout(this.timer);
    if (!isDamaged) this.end();
  }

  /** The process is done with the store. */
  end(): void {
    clearTimeout(this.timer);
    rmSync(this.path, { force: true });
  }
}
