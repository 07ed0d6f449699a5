/**
 * Parts of a history that came, until they are written. LevelDB merges tables that overlap, again and again; what it gets
 * in one write becomes one table if it is as large as what it keeps in memory. So each write holds neighbours only:
 * blocks of one stretch, or what leads to them, and as many as that.
 */
import type { StoredRecord } from '../storage/storage';

/** What LevelDB keeps in memory before it makes a table of it is as much (storage/level.ts). */
const WRITE_BYTES = 4 * 1024 * 1024;
/** The pile of the records that lead to blocks by their indexes; those of the stretches have numbers from 0. */
const INDEXES = -1;

interface Pile {
  records: StoredRecord[];
  bytes: number;
}

export class Gathering {
  private readonly piles = new Map<number, Pile>();

  /** @param stretch a number that no other stretch has that is on its way */
  add(stretch: number, records: readonly StoredRecord[]): void {
    for (const record of records) {
      const { key, value } = record;
      const pile = this.pile(value.length > 0 ? stretch : INDEXES);
      pile.records.push(record);
      pile.bytes += key.length + value.length;
    }
  }

  /** There is enough of this stretch: no more of it is asked for until it is written. */
  isFull(stretch: number): boolean {
    return this.pile(stretch).bytes >= WRITE_BYTES;
  }

  /** What is to be written next: a pile that is large enough. */
  takeFull(): readonly StoredRecord[] | undefined {
    for (const [stretch, { records, bytes }] of this.piles) {
      if (bytes < WRITE_BYTES) continue;
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

  private pile(stretch: number): Pile {
    let pile = this.piles.get(stretch);
    if (!pile) {
      pile = { records: [], bytes: 0 };
      this.piles.set(stretch, pile);
    }
    return pile;
  }
}
