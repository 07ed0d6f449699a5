/** The simulator itself: a run is its seed, and is left as it was by another one in the same process. */
import { planOf } from './plan';
import { simulate } from './simulation';

test('the same seed is the same run, to the byte', async () => {
  const plan = planOf(3);
  const first = await simulate(plan, true);
  await simulate(planOf(5));
  const second = await simulate(plan, true);
  expect(second.hash).toBe(first.hash);
  expect(second.lines).toEqual(first.lines);
  expect(first.lines.length).toBeGreaterThan(1000);
});

test('another seed is another run', async () => {
  const [one, other] = [await simulate(planOf(5)), await simulate(planOf(6))];
  expect(other.hash).not.toBe(one.hash);
});

/** Seeds that showed a bug once, and what it was. */
const SEEDS: readonly (readonly [number, string])[] = [
  [1, 'frames that came twice made readings multiply'],
  [23, 'a page that was overtaken hid a line'],
  [71, 'a server that lost its disk wrote a snapshot before it had a state'],
  [104, 'the same in memory'],
  [511, 'a leader whose proposals had been lost for long repeated them after half a minute only'],
];

test.each(SEEDS)('seed %i: %s', async (seed) => {
  expect((await simulate(planOf(seed))).violation).toBeUndefined();
});
