/** Posts at a steady rate, whatever becomes of it: each poster in turn. */

const TICK_MS = 5;

export class Pacer {
  private posted = 0;
  private readonly timer: NodeJS.Timeout;

  /** @param perSec posts, of all of them together */
  constructor(posters: readonly { postStamped(): void }[], perSec: number) {
    const startedAt = performance.now();
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) * perSec) / 1000);
      for (; this.posted < due; this.posted += 1) posters[this.posted % posters.length]?.postStamped();
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
