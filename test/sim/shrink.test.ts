/** A run that fails is shown as one that is as short as can be and fails in the same way. */
import { planOf } from './plan';
import { runAlone } from './pool';

test('a run that fails becomes one of fewer faults that fails in the same way', async () => {
  const [seed, options, mutant] = [14, {}, 'proposes-beyond-phase-1'] as const;
  const whole = await runAlone({ seed, options, wants: 'result' }, mutant);
  expect(whole.violation).toBeDefined();
  const { plan, result, tried } = await runAlone({ seed, options, wants: 'shrunk' }, mutant);
  expect(tried).toBeGreaterThan(1);
  expect(result.violation?.check).toBe(whole.violation?.check);
  expect(plan.faults.length).toBeLessThan(planOf(seed, options).faults.length / 2);
  expect(result.events).toBeLessThan(whole.events);
}, 120_000);
