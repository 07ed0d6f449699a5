/** `npm run simulate`: whole clusters under random faults, a seed each. */
import { Command } from 'commander';
import { mutants } from './mutants';
import { FAULT_KINDS, type FaultKind, type PlanOptions, planOf } from './plan';
import { runSeeds } from './pool';
import { type Shrunk, shrink } from './shrink';
import { type RunResult, simulate } from './simulation';
import { Summary } from './summary';

interface Flags {
  readonly seeds: number;
  readonly start: number;
  readonly servers?: number;
  readonly faults?: string;
  readonly mutant?: string;
  readonly seed?: number;
  readonly trace?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

const flags = new Command('simulate')
  .description('Runs whole clusters in one process under random faults, and checks them at every step.')
  .option('--seeds <n>', 'how many', Number, 1000)
  .option('--start <seed>', 'the first of them', Number, 1)
  .option('--servers <n>', '1, 3, 5 or 7; by default as the seed has it', Number)
  .option('--faults <list>', `only these, with commas between them: ${FAULT_KINDS.join(', ')}`)
  .option('--mutant <name>', 'with this bug planted')
  .option('--seed <seed>', 'only this one; shows what is wrong with it', Number)
  .option('--trace', 'shows all that happens, a line each (with --seed)')
  .option('--threads <n>', 'at the same time', Number)
  .option('--json', 'the summary as JSON')
  .parse()
  .opts<Flags>();

run().then(
  (status) => process.exit(status),
  (error: Error) => {
    process.stderr.write(`simulate: ${error.stack}\n`);
    process.exit(1);
  },
);

async function run(): Promise<number> {
  const plan = planOptions();
  return flags.seed === undefined ? runMany(plan) : runOne(flags.seed, plan);
}

async function runMany(plan: PlanOptions): Promise<number> {
  const summary = new Summary(flags.seeds);
  const failed: RunResult[] = [];
  await runSeeds({
    from: flags.start,
    count: flags.seeds,
    plan,
    ...(flags.mutant === undefined ? {} : { mutant: flags.mutant }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    onResult: (result) => {
      summary.add(result);
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${summary.progress()}`);
      if (result.violation) failed.push(result);
      return !result.violation;
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(flags.json ? `${JSON.stringify(summary.asJson())}\n` : summary.show());
  for (const { seed, violation } of failed) {
    process.stdout.write(`\nseed ${seed}: ${violation?.message}\n`);
  }
  const [first] = failed.sort((a, b) => a.seed - b.seed);
  if (first && flags.mutant === undefined) await explain(first.seed, plan);
  return failed.length > 0 ? 1 : 0;
}

async function runOne(seed: number, plan: PlanOptions): Promise<number> {
  const result = await simulate(planOf(seed, plan), flags.trace);
  if (flags.trace) process.stdout.write(`${result.lines.join('\n')}\n`);
  const summary = new Summary(1);
  summary.add(result);
  process.stdout.write(`${summary.show()}\nseed ${seed}: ${result.violation?.message ?? 'nothing wrong'}\n`);
  process.stdout.write(`trace ${result.hash}\n`);
  if (result.violation && !flags.trace) await explain(seed, plan);
  return result.violation ? 1 : 0;
}

/** Prints the shortest history that shows what is wrong. */
async function explain(seed: number, plan: PlanOptions): Promise<void> {
  process.stderr.write(`looking for a shorter way to it\n`);
  const shrunk: Shrunk = await shrink(planOf(seed, plan));
  const { result } = shrunk;
  const story = result.lines.filter((line) => !/ (->|-x) /.test(line));
  process.stdout.write(`\nthe shortest that was found, ${shrunk.tried} tried:\n`);
  process.stdout.write(`${story.slice(-80).join('\n')}\n${result.violation?.message}\n`);
  process.stdout.write(`\nagain, with every message: npm run simulate -- --seed ${seed} --trace\n`);
}

function planOptions(): PlanOptions {
  const kinds = flags.faults?.split(',').filter((kind) => kind !== '');
  const unknown = kinds?.find((kind) => !(FAULT_KINDS as readonly string[]).includes(kind));
  if (unknown !== undefined) throw new Error(`--faults ${unknown}: there are ${FAULT_KINDS.join(', ')}`);
  return {
    ...mutants.find(({ name }) => name === flags.mutant)?.plan,
    ...(flags.servers === undefined ? {} : { servers: flags.servers }),
    ...(kinds === undefined ? {} : { kinds: kinds as FaultKind[] }),
  };
}
