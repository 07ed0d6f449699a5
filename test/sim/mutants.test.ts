/** Every planted bug is found. A mutant that survives says that the simulator does not look where it is. */
import { mutants } from './mutants';
import { runSeeds } from './pool';

const MOST_SEEDS = 1000;

test.each(mutants.map(({ name, plan = {} }) => [name, plan] as const))(
  'finds %s',
  async (mutant, plan) => {
    const found: string[] = [];
    await runSeeds({
      from: 1,
      count: MOST_SEEDS,
      plan,
      mutant,
      onResult: ({ violation }) => {
        if (violation) found.push(violation.check);
        return !violation;
      },
    });
    expect(found).not.toEqual([]);
  },
  600_000,
);
