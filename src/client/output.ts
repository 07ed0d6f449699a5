/** Where a line mode prints: waits for whoever reads slowly, and notices when nobody reads, or nothing can be written. */
import type { Writable } from 'node:stream';

/** How long the end waits for whoever reads the output, milliseconds. */
const LAST_READER_MS = 1000;

export class Output {
  private waiting: { readonly drained: Promise<void>; readonly release: () => void } | undefined;
  private failed = false;
  private readonly others: ((error: Error) => void)[];

  /** @param onFailed told once; nothing is written after it */
  constructor(
    private readonly stream: Writable,
    private readonly onFailed: (error: NodeJS.ErrnoException) => void,
  ) {
    // Whoever listened would end the process, and a session is to be closed first.
    this.others = stream.listeners('error') as ((error: Error) => void)[];
    stream.removeAllListeners('error').on('error', this.onError);
  }

  /** While it is a promise, the reader is slow. */
  get drained(): Promise<void> | undefined {
    return this.waiting?.drained;
  }

  write(text: string): void {
    if (this.failed || this.stream.write(text) || this.waiting) return;
    let release = () => {};
    const drained = new Promise<void>((resolve) => {
      release = () => {
        this.waiting = undefined;
        resolve();
      };
    });
    this.waiting = { drained, release };
    this.stream.once('drain', release);
  }

  /** Gives the stream back, once what was written has been read, or nobody is in a hurry to read it. */
  async end(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      late = setTimeout(resolve, LAST_READER_MS);
    });
    await Promise.race([this.drained, patience]);
    clearTimeout(late);
    // What could not be written has been told; it is not told again.
    if (this.failed) return;
    this.stream.off('error', this.onError);
    for (const other of this.others) this.stream.on('error', other);
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    if (this.failed) return;
    this.failed = true;
    this.waiting?.release();
    this.onFailed(error);
  };
}
