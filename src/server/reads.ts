/**
 * Readings of the store that are under way. A reading says what it needs, the shell reads it and brings it here, and
 * the reading goes on, until it has its result.
 */
import type { Reading } from '../history/reading';
import type { StoredRecord } from '../storage/storage';
import type { ServerEffect } from './effects';

/** Readings at the same time. What is asked for beyond is dropped: whoever needs it asks again. */
const MAX_READINGS = 256;

export class Reads {
  private readonly underWay = new Map<number, (records: readonly StoredRecord[]) => void>();
  private last = 0;

  constructor(private readonly send: (effect: ServerEffect) => void) {}

  /**
   * @param then what to do with the result; may be called before this returns
   * @returns false when too many are under way: nothing will come of this one
   */
  start<Result>(reading: Reading<Result>, then: (result: Result) => void): boolean {
    if (this.underWay.size >= MAX_READINGS) return false;
    const step = ({ done, value }: ReturnType<typeof reading.next>): void => {
      if (done) return then(value);
      this.last += 1;
      this.underWay.set(this.last, (records) => step(reading.next(records)));
      this.send({ type: 'read', id: this.last, range: value });
    };
    step(reading.next());
    return true;
  }

  /** The records that a `read` effect asked for. */
  onRecords(id: number, records: readonly StoredRecord[]): void {
    const goOn = this.underWay.get(id);
    this.underWay.delete(id);
    goOn?.(records);
  }
}
