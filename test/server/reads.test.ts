/** Few readings at a time, in their order. */
import type { Reading } from '../../src/history/reading';
import { Reads } from '../../src/server/reads';

const RANGE = { from: Buffer.from('a'), to: Buffer.from('b'), limit: 1, bytes: 1 };

/** Reads so often. */
function* reading(times: number): Reading<number> {
  for (let time = 0; time < times; time += 1) yield RANGE;
  return times;
}

function setUp(): { reads: Reads; asked: number[]; done: string[]; start: (name: string, times: number) => boolean } {
  const asked: number[] = [];
  const done: string[] = [];
  const reads = new Reads((effect) => effect.type === 'read' && asked.push(effect.id), {
    readings: 4,
    readingsAtOnce: 2,
  });
  return { reads, asked, done, start: (name, times) => reads.start(reading(times), () => done.push(name)) };
}

test('a reading that comes when some are under way waits for one of them', () => {
  const { reads, asked, done, start } = setUp();
  expect(['one', 'two', 'three'].map((name) => start(name, 2))).toEqual([true, true, true]);
  expect(asked).toHaveLength(2);
  for (let read = 0; read < asked.length; read += 1) reads.onRecords(asked[read] as number, []);
  expect(done).toEqual(['one', 'two', 'three']);
  expect(asked).toHaveLength(6);
});

test('what needs nothing is done at once, also in turn', () => {
  const { done, start } = setUp();
  for (const name of ['one', 'two', 'three', 'four', 'five']) expect(start(name, 0)).toBe(true);
  expect(done).toHaveLength(5);
});

test('too many are refused, until one is done', () => {
  const { reads, asked, start } = setUp();
  for (const name of ['one', 'two', 'three', 'four']) expect(start(name, 1)).toBe(true);
  expect(start('five', 1)).toBe(false);
  reads.onRecords(asked[0] as number, []);
  expect(start('five', 1)).toBe(true);
});
