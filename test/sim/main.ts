/** `npm run simulate`: whole clusters under random faults, a seed each. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { progress } from '../../bench/command';
import { EXIT } from '../../src/lib/exit';
import { mutants } from './mutants';
import { CONDITIONS, type Condition, FAULT_KINDS, type FaultKind, type Plan, type PlanOptions } from './plan';
import { firstFailure, runAlone, runSeeds } from './pool';
import type { RunResult } from './simulation';
import { Summary } from './summary';

interface Flags {
  readonly seeds: number;
  readonly start?: number;
  readonly servers?: string;
  readonly faults?: readonly (FaultKind | Condition)[];
  readonly mutant?: string;
  readonly mutants?: boolean;
  readonly seed?: number;
  readonly trace?: boolean;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Whatever may be the matter with a run. */
const MATTERS = [...FAULT_KINDS, ...CONDITIONS];
/** Of what happened in the shortest run so many lines are shown, the last ones. */
const STORY_LINES = 120;

const flags = new Command('simulate')
  .description('Runs whole clusters in one process under random faults, and checks them at every step.')
  .option('--seeds <n>', 'how many', whole, 1000)
  .option('--start <seed>', 'the first of them (1)', whole)
  .addOption(new Option('--servers <n>', 'by default as the seed has it').choices(['1', '3', '5', '7']))
  .option('--faults <list>', `only these, with commas between them: ${MATTERS.join(', ')}`, faults)
  .addOption(
    new Option('--mutant <name>', 'with this bug planted: has to fail').choices(mutants.map(({ name }) => name)),
  )
  .option('--mutants', 'plants each bug in turn, and prints how many seeds it took to find it')
  .option('--seed <seed>', 'only this one; shows what is wrong with it', whole)
  .option('--trace', 'shows all that happens, a line each (with --seed)')
  .option('--threads <n>', 'at the same time', whole)
  .option('--json', 'the summary as JSON')
  .addHelpText(
    'after',
    '\nEnds with 0 when nothing was wrong, 1 when something was, 2 when it was called wrong, 70 when it is broken itself.',
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.usage))
  .parse()
  .opts<Flags>();

run().then(
  (status) => process.exit(status),
  (error: Error) => {
    process.stderr.write(`simulate: ${error.stack}\n`);
    process.exit(EXIT.invariant);
  },
);

async function run(): Promise<number> {
  const plan = planOptions();
  if (flags.trace && flags.seed === undefined) {
    process.stderr.write('simulate: --trace shows one run: say which with --seed\n');
    return EXIT.usage;
  }
  if (flags.mutants) return runMutants();
  return flags.seed === undefined ? runMany(plan) : runOne(flags.seed, plan);
}

async function runMany(plan: PlanOptions): Promise<number> {
  const summary = new Summary(flags.seeds);
  let failed: RunResult | undefined;
  await runSeeds({
    from: flags.start ?? mutants.find(({ name }) => name === flags.mutant)?.start ?? 1,
    count: flags.seeds,
    plan,
    ...(flags.mutant === undefined ? {} : { mutant: flags.mutant }),
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    onResult: (result) => {
      summary.add(result);
      progress(summary.progress());
      if (result.violation) failed = result;
      return !result.violation;
    },
  });
  progress('');
  if (flags.json) {
    printJson(summary, { violations: wrongOf(failed) });
  } else {
    process.stdout.write(summary.show());
    if (failed) {
      process.stdout.write(`\nseed ${failed.seed}: ${failed.violation?.message}\n`);
      await explain(failed.seed, plan);
    }
  }
  return failed ? EXIT.failure : EXIT.ok;
}

async function runOne(seed: number, plan: PlanOptions): Promise<number> {
  const result = await runAlone({ seed, options: plan, wants: flags.trace ? 'trace' : 'result' }, flags.mutant);
  const { violation, hash, lines } = result;
  const status = violation ? EXIT.failure : EXIT.ok;
  if (flags.trace) process.stdout.write(`${lines.join('\n')}\n`);
  const summary = new Summary(1);
  summary.add(result);
  if (flags.json) {
    printJson(summary, { hash, violations: wrongOf(result) });
    return status;
  }
  process.stdout.write(`${summary.show()}\nseed ${seed}: ${violation?.message ?? 'nothing wrong'}\ntrace ${hash}\n`);
  if (violation && !flags.trace) await explain(seed, plan);
  return status;
}

function printJson(summary: Summary, more: object): void {
  process.stdout.write(`${JSON.stringify({ ...summary.asJson(), ...more })}\n`);
}

function wrongOf(result: RunResult | undefined): readonly object[] {
  return result?.violation ? [{ seed: result.seed, ...result.violation }] : [];
}

/** Plants each bug in turn. Fails when one is not found. */
async function runMutants(): Promise<number> {
  let survivors = 0;
  for (const { name, plan = {}, start: known = 1 } of mutants) {
    const start = flags.start ?? known;
    const found = await firstFailure({ from: start, count: flags.seeds, plan, mutant: name });
    if (!found) survivors += 1;
    const seeds = found ? `${found.seed - start + 1} seeds` : 'not found';
    const [words = ''] = found?.violation?.message.split('\n') ?? [];
    process.stdout.write(`${name.padEnd(44)} ${seeds.padEnd(11)} ${words}\n`);
  }
  return survivors > 0 ? EXIT.failure : EXIT.ok;
}

/** Prints the shortest history that shows what is wrong. */
async function explain(seed: number, options: PlanOptions): Promise<void> {
  process.stderr.write('looking for a shorter way to it\n');
  const { plan, result, tried } = await runAlone({ seed, options, wants: 'shrunk' }, flags.mutant);
  const story = result.lines.filter((line) => !/ (->|-x) | synced: /.test(line));
  process.stdout.write(`\nthe shortest that was found, ${tried} tried: ${sizeOf(plan)}\n`);
  process.stdout.write(`${story.slice(-STORY_LINES).join('\n')}\n${result.violation?.message}\n`);
  process.stdout.write(`\nagain, with every message: npm run simulate -- ${again(seed)}\n`);
}

function sizeOf({ servers, clients, storage, faults, deaf, staleAnswers }: Plan): string {
  const conditions = [...(deaf ? ['deaf'] : []), ...(staleAnswers ? ['stale-answers'] : [])];
  const words = [`${servers} servers`, storage, `${clients} clients`, `${faults.length} faults`, ...conditions];
  return words.join(', ');
}

/** The options that bring the same run about. */
function again(seed: number): string {
  const { servers, faults: kinds, mutant } = flags;
  const options = { seed, servers, faults: kinds?.join(','), mutant };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return [...given.map(([name, value]) => `--${name} ${value}`), '--trace'].join(' ');
}

function planOptions(): PlanOptions {
  const { servers, faults: kinds } = flags;
  return {
    ...mutants.find(({ name }) => name === flags.mutant)?.plan,
    ...(servers === undefined ? {} : { servers: Number(servers) }),
    ...(kinds === undefined ? {} : { kinds }),
  };
}

function whole(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number, at least 1.');
  return Number(text);
}

function faults(list: string): readonly (FaultKind | Condition)[] {
  const kinds = list.split(',');
  const unknown = kinds.find((kind) => !(MATTERS as readonly string[]).includes(kind));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no ${unknown || 'fault without a name'}.`);
  return kinds as (FaultKind | Condition)[];
}
