/** Checks what was not checked when the store was opened, little by little. */
import type { Tables } from './tables';

/** Between two steps of half a megabyte, milliseconds: 3 GB take two minutes, and 3 % of a processor. */
const PAUSE_MS = 16;

export class Scrub {
  private timer: NodeJS.Timeout | undefined;
  private step: Promise<void> = Promise.resolve();

  /** @param onFailure what `Tables.checkMore` throws; nothing comes after it */
  constructor(
    private readonly tables: Tables,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.wait();
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.step;
  }

  private wait(): void {
    this.timer = setTimeout(() => {
      this.step = this.check();
    }, PAUSE_MS);
    this.timer.unref();
  }

  private async check(): Promise<void> {
    try {
      const isMore = await this.tables.checkMore();
      if (isMore && this.timer) this.wait();
    } catch (error) {
      this.onFailure(error);
    }
  }
}
