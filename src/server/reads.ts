/**
 * Readings of the store. A reading says what it needs, the shell reads it and brings it here, and the reading goes on,
 * until it has its result. A few are under way at a time, as each holds a page or more in memory: the others wait.
 */
import type { Reading } from '../history/reading';
import type { StoredRecord } from '../storage/storage';
import type { ServerEffect } from './effects';
import type { ServerLimits } from './limits';

export class Reads {
  private readonly underWay = new Map<number, (records: readonly StoredRecord[]) => void>();
  private readonly waiting: (() => void)[] = [];
  private running = 0;
  private last = 0;

  constructor(
    private readonly send: (effect: ServerEffect) => void,
    private readonly limits: Pick<ServerLimits, 'readings' | 'readingsAtOnce'>,
  ) {}

  /**
   * @param then what to do with the result, for which so many bytes were read; may be called before this returns
   * @returns false when there are too many: nothing will come of this one, whoever needs it asks again
   */
  start<Result>(reading: Reading<Result>, then: (result: Result, bytes: number) => void): boolean {
    const { readings, readingsAtOnce } = this.limits;
    if (this.running + this.waiting.length >= readings) return false;
    let bytes = 0;
    const step = ({ done, value }: ReturnType<typeof reading.next>): void => {
      if (done) {
        this.running -= 1;
        then(value, bytes);
        return this.next();
      }
      this.last += 1;
      this.underWay.set(this.last, (records) => {
        for (const record of records) bytes += record.value.length;
        step(reading.next(records));
      });
      this.send({ type: 'read', id: this.last, range: value });
    };
    this.waiting.push(() => step(reading.next()));
    if (this.running < readingsAtOnce) this.next();
    return true;
  }

  /** The records that a `read` effect asked for. */
  onRecords(id: number, records: readonly StoredRecord[]): void {
    const goOn = this.underWay.get(id);
    this.underWay.delete(id);
    goOn?.(records);
  }

  private next(): void {
    const start = this.waiting.shift();
    if (!start) return;
    this.running += 1;
    start();
  }
}
