/** What came of a history is written in large pieces of neighbours. */
import { Gathering } from '../../src/server/gathering';
import type { StoredRecord } from '../../src/storage/storage';

const MIB = 1024 * 1024;

function block(key: string, bytes: number): StoredRecord {
  return { key: Buffer.from(key), value: new Uint8Array(bytes) };
}

const names = (records: readonly StoredRecord[] | undefined) => records?.map(({ key }) => Buffer.from(key).toString());

test('a stretch is written when there is enough of it, by itself and in order', () => {
  const gathering = new Gathering({ gatheredBytes: 4 * MIB });
  gathering.add(0, [block('a1', 3 * MIB), block('i1', 0)]);
  gathering.add(1, [block('m1', 3 * MIB), block('i2', 0)]);
  expect(gathering.takeFull()).toBeUndefined();
  expect(gathering.isFull(0)).toBe(false);
  gathering.add(0, [block('a2', 2 * MIB), block('i3', 0)]);
  expect(gathering.isFull(0)).toBe(true);
  expect(gathering.isFull(1)).toBe(false);
  expect(names(gathering.takeFull())).toEqual(['a1', 'a2']);
  expect(gathering.takeFull()).toBeUndefined();
  expect(gathering.isFull(0)).toBe(false);
  gathering.add(0, [block('a3', MIB)]);
  expect(names(gathering.takeAll())?.sort()).toEqual(['a3', 'i1', 'i2', 'i3', 'm1']);
  expect(gathering.takeAll()).toEqual([]);
});

test('what leads to blocks is written by itself, and lets no stretch wait', () => {
  const gathering = new Gathering({ gatheredBytes: 4 * MIB });
  const keys = Array.from({ length: 5 }, (_, at) => `${at}`.repeat(MIB));
  for (const key of keys) gathering.add(0, [{ key: Buffer.from(key), value: new Uint8Array(0) }]);
  expect(gathering.isFull(0)).toBe(false);
  expect(names(gathering.takeFull())).toEqual(keys);
});
