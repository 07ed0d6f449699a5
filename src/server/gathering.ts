/**
 * Parts of a history that came, until they are written. LevelDB merges tables that overlap, again and again; what it gets
 * in one write becomes one table if it is as large as what it keeps in memory. So each write but the last holds
 * neighbours: blocks of one stretch, or what leads to them, and as many as that.
 */
import type { StoredRecord } from '../storage/storage';
import type { ServerLimits } from './limits';

/** The pile of the records that lead to blocks by their indexes; those of the stretches have numbers from 0. */
const INDEXES = -1;

interface Pile {
  readonly records: StoredRecord[];
  bytes: number;
}

export class Gathering {
  private readonly piles = new Map<number, Pile>();

  constructor(private readonly limits: Pick<ServerLimits, 'gatheredBytes'>) {}

  /** @param stretch a number that no other stretch has that is on its way */
  add(stretch: number, records: readonly StoredRecord[]): void {
    for (const record of records) {
      const { key, value } = record;
      const name = value.length > 0 ? stretch : INDEXES;
      const pile = this.piles.get(name) ?? { records: [], bytes: 0 };
      this.piles.set(name, pile);
      pile.records.push(record);
      pile.bytes += key.length + value.length;
    }
  }

  /** There is enough of this stretch: no more of it is asked for until it is written. */
  isFull(stretch: number): boolean {
    return (this.piles.get(stretch)?.bytes ?? 0) >= this.limits.gatheredBytes;
  }

  /** What is to be written next: a pile that is large enough. */
  takeFull(): readonly StoredRecord[] | undefined {
    for (const [stretch, { records, bytes }] of this.piles) {
      if (bytes < this.limits.gatheredBytes) continue;
      this.piles.delete(stretch);
      return records;
    }
    return undefined;
  }

  /** All that is left. */
  takeAll(): readonly StoredRecord[] {
    const records = [...this.piles.values()].flatMap((pile) => pile.records);
    this.piles.clear();
    return records;
  }
}
