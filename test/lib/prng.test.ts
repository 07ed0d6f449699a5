import { randomInt, seededRandom } from '../../src/lib/prng';

function take(seed: number, count: number): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random.next());
}

test('a run is its seed', () => {
  expect(take(7, 100)).toEqual(take(7, 100));
  expect(take(7, 100)).not.toEqual(take(8, 100));
  // A recorded run stays what it was: these numbers never change.
  expect(take(1, 3).map((number) => Math.floor(number * 2 ** 32))).toEqual([2_693_262_067, 11_749_833, 2_265_367_787]);
});

test('numbers lie in [0, 1), spread evenly', () => {
  const buckets = new Array<number>(10).fill(0);
  const numbers = take(42, 100_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  for (const number of numbers) {
    const bucket = Math.floor(number * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('any number is a seed', () => {
  for (const seed of [0, -1, 2 ** 32, 2 ** 53, 0.5]) {
    expect(take(seed, 10).every((number) => number >= 0 && number < 1)).toBe(true);
  }
});

test('integers lie from the low bound to below the high one, and reach both', () => {
  const random = seededRandom(3);
  const found = new Set(Array.from({ length: 1000 }, () => randomInt(random, -2, 3)));
  expect([...found].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  expect(randomInt({ next: () => 0 }, 4, 9)).toBe(4);
  expect(randomInt({ next: () => 1 - 2 ** -32 }, 4, 9)).toBe(8);
});
