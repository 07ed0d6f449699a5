/**
 * The mark of a store that is to be looked at closely: every block of every table, before LevelDB opens it. LevelDB
 * merges tables in the background, from the moment it is opened, and compares no checksums: a damaged block may end the
 * process by an assertion of LevelDB's own, in no words that anybody could act on, and would again at each start. So a
 * store has the mark while it is new to its process, and keeps it when damage was found.
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';

/** A merge that is due begins at once, and takes a second or two. */
const SETTLED_AFTER_MS = 10_000;

export class Settling {
  private timer: NodeJS.Timeout | undefined;
  private isDamaged = false;

  private constructor(
    private readonly path: string,
    /** The last process ended before it had settled, or found damage. */
    readonly failedBefore: boolean,
  ) {
    this.timer = setTimeout(() => this.end(), SETTLED_AFTER_MS);
    this.timer.unref();
  }

  /** @throws the system's error */
  static begin(path: string): Settling {
    const failedBefore = existsSync(path);
    mark(path);
    return new Settling(path, failedBefore);
  }

  /** The store is damaged. */
  lookCloserNextTime(): void {
    this.isDamaged = true;
    try {
      mark(this.path);
    } catch {
      // What is wrong will be said anyhow; without the mark it is found again by whoever reads it next.
    }
  }

  /** The process is done with the store, or got through its first seconds. */
  end(): void {
    clearTimeout(this.timer);
    if (!this.isDamaged) rmSync(this.path, { force: true });
  }
}

function mark(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}
