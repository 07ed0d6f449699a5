/** Records in memory, in the order of their keys, and readings that are carried out on them at once. */
import type { Reading } from '../../src/history/reading';
import type { ScanRange, StoredRecord } from '../../src/storage/storage';

export class Store {
  private records: { readonly key: Buffer; readonly value: Uint8Array }[] = [];
  /** How often it was read. */
  scans = 0;

  put(records: readonly StoredRecord[]): void {
    for (const { key, value } of records) {
      const known = this.records.findIndex((record) => record.key.equals(key));
      if (known >= 0) this.records.splice(known, 1);
      this.records.push({ key: Buffer.from(key), value });
    }
    this.records.sort((a, b) => a.key.compare(b.key));
  }

  remove(keys: readonly Uint8Array[]): void {
    this.records = this.records.filter(({ key }) => !keys.some((gone) => key.equals(gone)));
  }

  /** Many at once, into an empty store. */
  fill(records: readonly StoredRecord[]): void {
    this.records = records.map(({ key, value }) => ({ key: Buffer.from(key), value }));
    this.records.sort((a, b) => a.key.compare(b.key));
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.records.find((record) => record.key.equals(key))?.value;
  }

  scan({ from, to, reverse, limit, bytes }: ScanRange): readonly StoredRecord[] {
    this.scans += 1;
    const inRange = this.records.filter(({ key }) => key.compare(from) >= 0 && key.compare(to) < 0);
    if (reverse) inRange.reverse();
    const found: StoredRecord[] = [];
    let size = 0;
    for (const record of inRange) {
      if (found.length >= limit || size >= bytes) break;
      found.push(record);
      size += record.value.length;
    }
    return found;
  }

  read<Result>(reading: Reading<Result>): Result {
    let step = reading.next();
    while (!step.done) step = reading.next(this.scan(step.value));
    return step.value;
  }
}
