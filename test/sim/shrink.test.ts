/** A run that fails is shown as one that is as short as can be and fails in the same way. */
import { planOf } from './plan';
import { runAlone, runSeeds } from './pool';
import type { RunResult } from './simulation';

const MUTANT = 'proposes-beyond-phase-1';
const MOST_SEEDS = 1000;

test('a run that fails becomes one of fewer faults that fails in the same way', async () => {
  const failed: RunResult[] = [];
  await runSeeds({
    from: 1,
    count: MOST_SEEDS,
    plan: {},
    mutant: MUTANT,
    onResult: (result) => {
      if (result.violation) failed.push(result);
      return !result.violation;
    },
  });
  const [whole] = failed;
  const seed = whole?.seed ?? 0;
  const { plan, result, tried } = await runAlone({ seed, options: {}, wants: 'shrunk' }, MUTANT);
  expect(tried).toBeGreaterThan(1);
  expect(result.violation?.check).toBe(whole?.violation?.check);
  expect(plan.faults.length).toBeLessThan(planOf(seed).faults.length / 2);
  expect(result.events).toBeLessThanOrEqual(whole?.events ?? 0);
}, 300_000);
