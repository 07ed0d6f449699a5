/** Checks what was not checked when the store was opened, little by little. */
import type { Cancel, Timers } from '../lib/machine';
import type { Tables } from './tables';

/** Between two steps of half a megabyte, milliseconds: 3 GB take two minutes, and 3 % of a processor. */
const PAUSE_MS = 16;

export class Scrub {
  private cancel: Cancel = () => {};
  private stopped = false;
  private step: Promise<void> = Promise.resolve();

  /** @param onFailure what `Tables.checkMore` throws; nothing comes after it */
  constructor(
    private readonly tables: Tables,
    private readonly timers: Timers,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.wait();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    await this.step;
  }

  private wait(): void {
    this.cancel = this.timers.after(PAUSE_MS, () => {
      this.step = this.check();
    });
  }

  private async check(): Promise<void> {
    try {
      const isMore = await this.tables.checkMore();
      if (isMore && !this.stopped) this.wait();
    } catch (error) {
      this.onFailure(error);
    }
  }
}
