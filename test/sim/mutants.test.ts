/** Every planted bug is found. A mutant that survives says that the simulator does not look where it is. */
import { mutants } from './mutants';
import { firstFailure } from './pool';

const MOST_SEEDS = 1000;

test.each(mutants.map(({ name, plan = {}, start = 1 }) => [name, plan, start] as const))(
  'finds %s',
  async (mutant, plan, from) => {
    const found = await firstFailure({ from, count: MOST_SEEDS, plan, mutant });
    expect(found).toBeDefined();
    // A mutant that does not even run is found, too, and shows nothing.
    expect(found?.violation?.message).not.toMatch(/TypeError|ReferenceError|is not a function|of undefined/);
  },
  600_000,
);
