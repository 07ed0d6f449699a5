/** A run that fails is shown as one that is as short as can be and fails in the same way. */
import { planOf } from './plan';
import { firstFailure, runAlone } from './pool';

const MUTANT = 'proposes-beyond-phase-1';
const MOST_SEEDS = 1000;

test('a run that fails becomes one of fewer faults that fails in the same way', async () => {
  const whole = await firstFailure({ from: 1, count: MOST_SEEDS, plan: {}, mutant: MUTANT });
  expect(whole).toBeDefined();
  const seed = whole?.seed ?? 0;
  const { plan, result, tried } = await runAlone({ seed, options: {}, wants: 'shrunk' }, MUTANT);
  expect(tried).toBeGreaterThan(1);
  expect(result.violation?.check).toBe(whole?.violation?.check);
  expect(plan.faults.length).toBeLessThan(planOf(seed).faults.length / 2);
  expect(result.events).toBeLessThanOrEqual(whole?.events ?? 0);
}, 300_000);
