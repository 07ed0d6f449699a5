/** Records in the order of their keys, as LevelDB has them. Keys are bytes as `latin1`: so they are ordered as bytes are. */

export type Key = string;

export class SortedRecords {
  private constructor(
    private readonly records: Map<Key, Buffer>,
    private readonly keys: Key[],
  ) {}

  static empty(): SortedRecords {
    return new SortedRecords(new Map(), []);
  }

  get size(): number {
    return this.keys.length;
  }

  get(key: Key): Buffer | undefined {
    return this.records.get(key);
  }

  /** The key at that place in the order. */
  keyAt(place: number): Key | undefined {
    return this.keys[place];
  }

  set(key: Key, value: Buffer): void {
    if (!this.records.has(key)) this.keys.splice(this.placeOf(key), 0, key);
    this.records.set(key, value);
  }

  delete(key: Key): void {
    if (this.records.delete(key)) this.keys.splice(this.placeOf(key), 1);
  }

  /** From the first key to before the second. */
  between(from: Buffer, to: Buffer): [Buffer, Buffer][] {
    const keys = this.keys.slice(this.placeOf(from.toString('latin1')), this.placeOf(to.toString('latin1')));
    return keys.map((key) => [Buffer.from(key, 'latin1'), this.records.get(key) as Buffer]);
  }

  clone(): SortedRecords {
    return new SortedRecords(new Map(this.records), [...this.keys]);
  }

  /** How many keys come before it. */
  private placeOf(key: Key): number {
    let [low, high] = [0, this.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.keys[middle] as Key) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
