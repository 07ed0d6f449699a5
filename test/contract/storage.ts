/** What every storage must do: run on each implementation. */
import fc from 'fast-check';
import type { Ballot } from '../../src/paxos/ballot';
import type { HardState, StoredState } from '../../src/paxos/effects';
import type { AcceptedValue } from '../../src/paxos/messages';
import type { ScanRange, Storage, StorageWrite, StoredRecord } from '../../src/storage/storage';

export interface StorageHarness {
  /** A storage that nothing was ever written to. */
  create(): Promise<Storage>;
  /** The storage as it is after the process that wrote it ended cleanly, or by a kill. */
  again(storage: Storage, ending: 'closed' | 'killed'): Promise<Storage>;
}

export function ballot(counter: number, server = 1): Ballot {
  return { counter, server };
}

export function hardState(counter: number, committed = 0): HardState {
  return { promised: ballot(counter), committed, incarnation: 1, standing: 'voter', vector: [1, counter, 0] };
}

export function value(round: number, text: string, counter = 1): AcceptedValue {
  return { round, ballot: ballot(counter), value: Uint8Array.from(Buffer.from(text)) };
}

export function storageContract(name: string, harness: StorageHarness): void {
  describe(`${name}: what every storage does`, () => {
    test('a new one holds nothing', async () => {
      const storage = await harness.create();
      expect(await storage.load()).toBeUndefined();
      await storage.close();
    });

    test('one that was opened and never written is still new', async () => {
      let storage = await harness.create();
      await storage.load();
      storage = await harness.again(storage, 'closed');
      expect(await storage.load()).toBeUndefined();
      await storage.close();
    });

    test('values come back by ascending round, whatever the order in which they were written', async () => {
      let storage = await harness.create();
      await storage.load();
      const rounds = [300, 2, 70_000, 0, 2 ** 40, 255, 256];
      await storage.write([{ state: hardState(1), accepted: rounds.map((round) => value(round, `value ${round}`)) }]);
      storage = await harness.again(storage, 'killed');
      const found = await storage.load();
      expect(found?.accepted.map(({ round }) => round)).toEqual([...rounds].sort((a, b) => a - b));
      expect(found?.accepted[0]).toEqual(value(0, 'value 0'));
      await storage.close();
    });

    test('the later state and the later value of a round stay, within one write and over several', async () => {
      let storage = await harness.create();
      await storage.load();
      await storage.write([
        { state: hardState(1), accepted: [value(0, 'first', 1)] },
        { state: hardState(2), accepted: [value(0, 'second', 2), value(1, 'other', 2)] },
      ]);
      await storage.write([{ accepted: [value(1, 'third', 3)] }, { state: hardState(3, 1) }]);
      storage = await harness.again(storage, 'killed');
      expect(await storage.load()).toEqual({
        state: hardState(3, 1),
        first: 0,
        accepted: [value(0, 'second', 2), value(1, 'third', 3)],
      });
      await storage.close();
    });

    test('the largest numbers and the Nop come back as they were', async () => {
      let storage = await harness.create();
      await storage.load();
      const state: HardState = {
        promised: { counter: 2 ** 48 - 1, server: 65_535 },
        committed: Number.MAX_SAFE_INTEGER,
        incarnation: 2 ** 48 - 1,
        standing: 'recovering',
        vector: [2 ** 48 - 1, 0],
      };
      const accepted = [{ round: Number.MAX_SAFE_INTEGER, ballot: state.promised, value: new Uint8Array(0) }];
      await storage.write([{ state, accepted }]);
      storage = await harness.again(storage, 'closed');
      expect(await storage.load()).toEqual({ state, first: 0, accepted });
      await storage.close();
    });

    test('a value without any state is a bug of ours', async () => {
      const storage = await harness.create();
      await storage.load();
      await expect(storage.write([{ accepted: [value(0, 'lonely')] }])).rejects.toThrow('before there is a state');
      await storage.close();
    });

    test('what is cut off is gone for good, and the rest and the state stay', async () => {
      let storage = await harness.create();
      await storage.load();
      const rounds = [0, 1, 2, 3, 4, 5].map((round) => value(round, `value ${round}`));
      await storage.write([{ state: hardState(1, 5), accepted: rounds }]);
      await storage.write([{ cut: 3 }, { accepted: [value(6, 'later')] }]);
      storage = await harness.again(storage, 'killed');
      expect(await storage.load()).toEqual({
        state: hardState(1, 5),
        first: 3,
        accepted: [...rounds.slice(3), value(6, 'later')],
      });
      // A snapshot of a peer may stand for more than there ever was here.
      await storage.write([{ state: hardState(2, 100), cut: 100 }]);
      storage = await harness.again(storage, 'closed');
      expect(await storage.load()).toEqual({ state: hardState(2, 100), first: 100, accepted: [] });
      await storage.close();
    });

    test('records are found by their keys, in order, from either end, as many as are asked for', async () => {
      const storage = await harness.create();
      await storage.load();
      const key = (...bytes: readonly number[]) => Uint8Array.from(bytes);
      const puts = [key(2, 255), key(1), key(2), key(255, 255), key(2, 0)].map((each) => ({ key: each, value: each }));
      await storage.write([{ state: hardState(1), puts }]);
      expect(await storage.get(key(2))).toEqual(key(2));
      expect(await storage.get(key(3))).toBeUndefined();
      const keys = async (from: Uint8Array, to: Uint8Array, more: Partial<ScanRange> = {}) => {
        const range = { from, to, limit: 10, bytes: 1000, ...more };
        return (await storage.scan(range)).map((record) => [...record.key]);
      };
      expect(await keys(key(2), key(255))).toEqual([[2], [2, 0], [2, 255]]);
      expect(await keys(key(2), key(255), { reverse: true })).toEqual([[2, 255], [2, 0], [2]]);
      expect(await keys(key(0), key(255, 255, 0), { limit: 2 })).toEqual([[1], [2]]);
      expect(await keys(key(0), key(255, 255, 0), { bytes: 2, reverse: true })).toEqual([[255, 255]]);
      expect(await keys(key(2), key(2))).toEqual([]);
      await storage.close();
    });

    test('records in bulk are there as others are, also once it is opened again', async () => {
      let storage = await harness.create();
      await storage.load();
      const [a, b, c] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
      await storage.write([{ state: hardState(1) }]);
      await storage.write([{ bulk: [{ key: a, value: a }] }, { bulk: [{ key: b, value: b }] }]);
      await storage.write([{ bulk: [{ key: c, value: c }] }, { state: hardState(2), puts: [{ key: a, value: b }] }]);
      await storage.write([{ bulk: [{ key: b, value: c }] }]);
      storage = await harness.again(storage, 'closed');
      expect(await storage.load()).toMatchObject({ state: hardState(2) });
      expect(await Promise.all([a, b, c].map((key) => storage.get(key)))).toEqual([b, c, c]);
      await storage.close();
    });

    test('only what is in a record counts for the bytes of a scan, not how it is kept', async () => {
      const storage = await harness.create();
      await storage.load();
      const puts = [0, 1, 2, 3].map((at) => ({ key: Uint8Array.of(at), value: new Uint8Array(at) }));
      await storage.write([{ state: hardState(1), puts }]);
      const range = { from: Uint8Array.of(0), to: Uint8Array.of(9), limit: 10 };
      const counts = [1, 2, 3, 4, 6].map(async (bytes) => (await storage.scan({ ...range, bytes })).length);
      expect(await Promise.all(counts)).toEqual([2, 3, 3, 4, 4]);
      await storage.close();
    });

    test('records are written and deleted together with the log, and none is there without the others', async () => {
      const storage = await harness.create();
      await storage.load();
      const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
      await storage.write([{ state: hardState(1), accepted: [value(0, 'x')], puts: [{ key: a, value: a }] }]);
      await storage.write([
        {
          puts: [
            { key: b, value: b },
            { key: a, value: b },
          ],
        },
        { deletes: [b] },
      ]);
      const again = await harness.again(storage, 'killed');
      expect((await again.load())?.accepted).toEqual([value(0, 'x')]);
      expect(await again.get(a)).toEqual(b);
      expect(await again.get(b)).toBeUndefined();
      await again.close();
    });

    test('any writes, with restarts between them, leave what a map would hold', async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), check), { numRuns: 12 });
    });
  });

  async function check(steps: readonly Step[]): Promise<void> {
    const model = new Model();
    let storage = await harness.create();
    await storage.load();
    for (const [index, { writes, ending, range }] of steps.entries()) {
      // Paxos never accepts before it has a state.
      const all = model.state ? writes : [{ state: hardState(0) }, ...writes];
      await storage.write(all);
      for (const write of all) model.apply(write);
      expect(plain(await storage.scan(range))).toEqual(plain(model.scan(range)));
      if (!ending && index < steps.length - 1) continue;
      storage = await harness.again(storage, ending ?? 'killed');
      expect(await storage.load()).toEqual(model.stored);
      expect(plain(await storage.scan(range))).toEqual(plain(model.scan(range)));
      for (const { key } of model.records)
        expect(plainBytes(await storage.get(key))).toEqual(plainBytes(model.get(key)));
      expect(await storage.get(Uint8Array.of(9, 9, 9, 9))).toBeUndefined();
    }
    await storage.close();
  }
}

/** What a storage holds, in the simplest way. */
class Model {
  state: HardState | undefined;
  private first = 0;
  private values: AcceptedValue[] = [];
  /** In the order of their keys. */
  records: StoredRecord[] = [];

  apply({ state, accepted = [], cut = 0, puts = [], deletes = [] }: StorageWrite): void {
    this.state = state ?? this.state;
    this.first = Math.max(this.first, cut);
    this.values = this.values.filter(({ round }) => round >= cut);
    for (const value of accepted) {
      this.values = [...this.values.filter(({ round }) => round !== value.round), value];
    }
    for (const put of puts) {
      this.remove(put.key);
      this.records.push(put);
    }
    for (const key of deletes) this.remove(key);
    this.records.sort((a, b) => Buffer.compare(a.key, b.key));
  }

  get stored(): StoredState | undefined {
    const accepted = [...this.values].sort((a, b) => a.round - b.round);
    return this.state && { state: this.state, first: this.first, accepted };
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.records.find((record) => Buffer.compare(record.key, key) === 0)?.value;
  }

  scan({ from, to, reverse, limit, bytes }: ScanRange): readonly StoredRecord[] {
    const all = this.records.filter(({ key }) => Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0);
    if (reverse) all.reverse();
    const found: StoredRecord[] = [];
    for (let size = 0; found.length < Math.min(limit, all.length) && size < bytes; ) {
      const record = all[found.length] as StoredRecord;
      found.push(record);
      size += record.value.length;
    }
    return found;
  }

  private remove(key: Uint8Array): void {
    this.records = this.records.filter((record) => Buffer.compare(record.key, key) !== 0);
  }
}

function plain(records: readonly StoredRecord[]): readonly (readonly unknown[])[] {
  return records.map(({ key, value: bytes }) => [plainBytes(key), plainBytes(bytes)]);
}

function plainBytes(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex');
}

interface Step {
  readonly writes: readonly StorageWrite[];
  /** Read after the writes. */
  readonly range: ScanRange;
  readonly ending: 'closed' | 'killed' | undefined;
}

const anyValue: fc.Arbitrary<AcceptedValue> = fc.record({
  round: fc.oneof(fc.nat(12), fc.nat(100_000)),
  ballot: fc.record({ counter: fc.nat(1000), server: fc.integer({ min: 1, max: 7 }) }),
  value: fc.uint8Array({ maxLength: 200 }),
});
const anyState = fc.nat(1000).map((counter) => hardState(counter));
const anyKey = fc.uint8Array({ minLength: 1, maxLength: 2, max: 3 });
const anyRecord: fc.Arbitrary<StoredRecord> = fc.record({
  key: anyKey,
  value: fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.nat(40_000).map((length) => new Uint8Array(length).fill(length)),
  ),
});
const anyWrite: fc.Arbitrary<StorageWrite> = fc.oneof(
  fc.record({ state: anyState }),
  fc.record({ accepted: fc.array(anyValue, { minLength: 1, maxLength: 6 }) }),
  fc.record({ state: anyState, accepted: fc.array(anyValue, { maxLength: 6 }) }),
  fc.record({ cut: fc.nat(200_000) }),
  fc.record({ puts: fc.array(anyRecord, { maxLength: 6 }), deletes: fc.array(anyKey, { maxLength: 3 }) }),
  fc.record({
    accepted: fc.array(anyValue, { maxLength: 3 }),
    cut: fc.nat(12),
    puts: fc.array(anyRecord, { maxLength: 3 }),
  }),
);
const anyRange: fc.Arbitrary<ScanRange> = fc.record({
  from: anyKey,
  to: anyKey,
  reverse: fc.boolean(),
  limit: fc.integer({ min: 1, max: 8 }),
  bytes: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(1_000_000)),
});
const step: fc.Arbitrary<Step> = fc.record({
  writes: fc.array(anyWrite, { minLength: 1, maxLength: 4 }),
  range: anyRange,
  ending: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.constantFrom('closed' as const, 'killed' as const),
  ),
});
