/**
 * `npm run hostile`: tries on every port of a living cluster whatever a stranger, the holder of a stolen client's key, or
 * anybody where there are no keys, may send, and on whoever connects what somebody may answer who has the address of another
 * one; after each class it looks whether the cluster is as it was.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { EXIT } from '../../src/lib/exit';
import { ADMITTED, type Admit, type Attack, RAW, spoken } from './attacks';
import { LURED_KINDS } from './lured';
import { luresStage, portsStage, type Stage } from './stage';
import { Table } from './table';
import { KINDS, type Target } from './targets';

interface Flags {
  readonly only?: string;
  readonly campaign?: string;
  readonly write?: boolean;
}

/** Who attacks, and what. */
interface Campaign {
  readonly title: string;
  readonly columns: readonly string[];
  readonly stage: () => Promise<Stage>;
  readonly attacks: (target: Target, admit: Admit) => Promise<ReadonlyMap<string, Attack>>;
}

const raw = async () => RAW;
const letIn = async (target: Target, admit: Admit) => new Map([...ADMITTED, ...(await spoken(target, admit))]);
const both = async (target: Target, admit: Admit) => new Map([...RAW, ...(await letIn(target, admit))]);

const CAMPAIGNS: readonly Campaign[] = [
  {
    title: 'Without a key',
    columns: KINDS,
    stage: () => portsStage({ insecure: false, stolenKey: false }),
    attacks: raw,
  },
  {
    title: "With a stolen client's key",
    columns: KINDS,
    stage: () => portsStage({ insecure: false, stolenKey: true }),
    attacks: letIn,
  },
  {
    title: 'In the clear, on a cluster that runs with `--insecure`',
    columns: KINDS,
    stage: () => portsStage({ insecure: true, stolenKey: false }),
    attacks: both,
  },
  { title: 'At the address of another one, without its key', columns: LURED_KINDS, stage: luresStage, attacks: raw },
  { title: 'At the address of another one, with its key', columns: LURED_KINDS, stage: luresStage, attacks: letIn },
];

/** How often a class of inputs is tried whose first time left memory behind. */
const MOST_TRIES = 4;
const DOCUMENT = path.resolve(__dirname, '../../docs/SECURITY.md');
const MARKS = ['<!-- made by npm run hostile -->', '<!-- end -->'] as const;

const flags = new Command('hostile')
  .description('Tries everything on every port of a cluster of its own, and prints what came of it.')
  .option('--only <text>', 'only classes of inputs with this in their names')
  .option('--campaign <text>', 'only tables with this in their titles')
  .option('--write', 'writes the tables into docs/SECURITY.md')
  .parse()
  .opts<Flags>();

void run().then((failed) => process.exit(failed ? EXIT.failure : EXIT.ok));

async function run(): Promise<boolean> {
  const parts = new Map<string, string>();
  let failed = false;
  for (const campaign of CAMPAIGNS) {
    const { title } = campaign;
    if (!title.includes(flags.campaign ?? '')) continue;
    const table = await carryOut(campaign);
    failed ||= table.failed;
    parts.set(title, `### ${title}\n\n${table.show()}`);
    process.stdout.write(`\n${parts.get(title)}\n`);
  }
  if (flags.write && !failed) write(parts);
  return failed;
}

async function carryOut({ columns, stage: build, attacks }: Campaign): Promise<Table> {
  const { config, gauge, aims, settled, end } = await build();
  const table = new Table(columns);
  const { transport, clientIntake } = config.limits;
  const { handshakeMs } = transport;
  let left: readonly string[] = [];
  try {
    for (const { target, admit } of aims) {
      const maxMessageBytes = target.kind === 'clients' ? clientIntake.frameBytes : transport.maxMessageBytes;
      for (const [name, attack] of await attacks(target, admit)) {
        if (!name.includes(flags.only ?? '')) continue;
        process.stderr.write(`${target.kind} of ${target.holder}: ${name}\n`);
        const attempt = async () => {
          await settled();
          await gauge.begin();
          const tried = await attack(target, admit, { maxMessageBytes, handshakeMs });
          await settled();
          return { tried, ...(await gauge.verdict()) };
        };
        const first = await attempt();
        const problems = [...first.problems];
        // Memory that the C library keeps, to use it again, is not taken once more, or once more still.
        let last = first;
        for (let tries = 1; last.growth.length > 0 && tries < MOST_TRIES; tries += 1) {
          last = await attempt();
          problems.push(...last.problems);
        }
        problems.push(...last.growth);
        for (const problem of [...first.growth, ...problems]) process.stderr.write(`  ${problem}\n`);
        table.add(name, target.kind, first.tried, { problems, kept: first.growth });
      }
    }
  } finally {
    left = await end();
  }
  if (left.length > 0) throw new Error(`afterwards: ${left.join('; ')}`);
  return table;
}

/** Tables, and with --only rows, that were not made this time stay. */
function write(made: ReadonlyMap<string, string>): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = MARKS.map((mark) => text.indexOf(mark));
  if (from === undefined || to === undefined || from === -1 || to < from) throw new Error(`${DOCUMENT} has no marks`);
  const before = text.slice(from + MARKS[0].length, to).split(/^(?=### )/m);
  const parts = CAMPAIGNS.map(({ title }) => {
    const old = before.find((part) => part.startsWith(`### ${title}\n`))?.trim();
    const now = made.get(title);
    return now !== undefined && old !== undefined && flags.only !== undefined ? withRows(old, now) : (now ?? old);
  });
  const tables = parts.filter((part) => part !== undefined).join('\n\n');
  writeFileSync(DOCUMENT, `${text.slice(0, from)}${MARKS[0]}\n\n${tables}\n\n${text.slice(to)}`);
}

/** The old table with rows of the new one in the place of those of the same name. */
function withRows(old: string, now: string): string {
  const nameOf = (line: string) => line.split(' | ', 1)[0];
  const lines = old.split('\n');
  for (const line of now.split('\n').filter((each) => each.startsWith('| ') && !each.startsWith('| ---'))) {
    const at = lines.findIndex((each) => nameOf(each) === nameOf(line));
    if (at >= 0) lines[at] = line;
    else lines.push(line);
  }
  return lines.join('\n');
}
