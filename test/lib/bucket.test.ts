/** So many in the long run, a burst after a quiet while. */
import fc from 'fast-check';
import { Bucket } from '../../src/lib/bucket';

test('gives a burst at once, then what comes in', () => {
  const bucket = new Bucket(10, 3, 0);
  expect([1, 1, 1, 1].map((count) => bucket.take(count, 0))).toEqual([true, true, true, false]);
  expect([bucket.waitMs(1, 0), bucket.waitMs(3, 0), bucket.waitMs(99, 0)]).toEqual([100, 300, 300]);
  expect([bucket.take(1, 99), bucket.take(1, 100), bucket.take(1, 100)]).toEqual([false, true, false]);
  expect([bucket.isFull(399), bucket.isFull(400)]).toEqual([false, true]);
  expect([1, 2, 1].map((count) => bucket.take(count, 100_000))).toEqual([true, true, false]);
});

test('never gives more than a burst, a group, and the rate', () => {
  const asks = fc.array(fc.record({ afterMs: fc.nat(500), count: fc.integer({ min: 1, max: 20 }) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 30 }), asks, (rate, burst, all) => {
      const bucket = new Bucket(rate, burst, 0);
      let [nowMs, taken] = [0, 0];
      for (const { afterMs, count } of all) {
        nowMs += afterMs;
        const waitMs = bucket.waitMs(count, nowMs);
        const took = bucket.take(count, nowMs);
        expect(took).toBe(waitMs === 0);
        if (took) taken += count;
        expect(taken).toBeLessThanOrEqual(burst + 20 + (rate * nowMs) / 1000);
      }
    }),
  );
});
