/** Shares the process: what pours in from the cluster lets whoever types have a turn of the event loop now and then. */

/** What comes from the cluster takes no more than this of one turn. Milliseconds. */
const TURN_MS = 8;

export class Turns {
  private startedAt = 0;

  constructor(private readonly nowMs: () => number) {}

  /** To be called after each message. @returns a promise when it is the others' turn: then the next one waits for it */
  next(): Promise<void> | undefined {
    if (this.nowMs() - this.startedAt < TURN_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.startedAt = this.nowMs();
        resolve();
      });
    });
  }
}
