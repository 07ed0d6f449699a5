/** Storage that keeps nothing: as fast as memory is. A server that uses it comes back without its memory. */
import { invariant } from '../lib/assert';
import type { HardState, StoredState } from '../paxos/effects';
import type { AcceptedValue } from '../paxos/messages';
import type { ScanRange, Storage, StorageWrite, StoredRecord } from './storage';

/** Holds what is written as long as the object lives, so that it can be read again; a new one is empty. */
export class MemoryStorage implements Storage {
  private state: HardState | undefined;
  private first = 0;
  private readonly accepted = new Map<number, AcceptedValue>();
  /** In the order of their keys. */
  private readonly records: { readonly key: Buffer; readonly value: Uint8Array }[] = [];

  /** @param keepsValues false in a server, which has every value in its log already and never reads it here again */
  constructor(private readonly keepsValues = true) {}

  async load(): Promise<StoredState | undefined> {
    if (!this.state) return undefined;
    return {
      state: this.state,
      first: this.first,
      accepted: [...this.accepted.values()].sort((a, b) => a.round - b.round),
    };
  }

  async write(writes: readonly StorageWrite[]): Promise<void> {
    for (const { state, accepted, cut, puts = [], bulk = [], deletes } of writes) {
      this.state = state ?? this.state;
      this.cut(cut ?? 0);
      for (const { key, value } of puts) this.put(Buffer.from(key), value);
      for (const { key, value } of bulk) this.put(Buffer.from(key), value);
      for (const key of deletes ?? []) this.delete(key);
      if (!this.keepsValues) continue;
      for (const value of accepted ?? []) this.accepted.set(value.round, value);
    }
    invariant(this.state, 'nothing is accepted before there is a state');
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const record = this.records[this.firstFrom(key)];
    return record?.key.equals(key) ? record.value : undefined;
  }

  async scan({ from, to, reverse = false, limit, bytes }: ScanRange): Promise<readonly StoredRecord[]> {
    const [low, high] = [this.firstFrom(from), this.firstFrom(to)];
    const found: StoredRecord[] = [];
    let size = 0;
    for (let count = 0; count < high - low && count < limit && size < bytes; count += 1) {
      const record = this.records[reverse ? high - 1 - count : low + count] as StoredRecord;
      found.push(record);
      size += record.value.length;
    }
    return found;
  }

  async close(): Promise<void> {}

  private cut(below: number): void {
    this.first = Math.max(this.first, below);
    for (const round of this.accepted.keys()) if (round < below) this.accepted.delete(round);
  }

  private put(key: Buffer, value: Uint8Array): void {
    const at = this.firstFrom(key);
    const known = this.records[at]?.key.equals(key) ? 1 : 0;
    this.records.splice(at, known, { key, value });
  }

  private delete(key: Uint8Array): void {
    const at = this.firstFrom(key);
    if (this.records[at]?.key.equals(key)) this.records.splice(at, 1);
  }

  /** Where the first record stands whose key is not below this one. */
  private firstFrom(key: Uint8Array): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.records[middle] as StoredRecord & { key: Buffer }).key.compare(key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
