/**
 * `npm run hostile`: tries on every port of a living cluster whatever a stranger, the holder of a stolen client's key, or
 * anybody where there are no keys, may send; after each class it looks whether the cluster is as it was.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { statusKeys } from '../../src/cli/security';
import { loadConfig } from '../../src/config/load';
import type { ClusterConfig } from '../../src/config/schema';
import { CLIENT, keyFileOf } from '../../src/keys/holders';
import { readKeyFile } from '../../src/keys/key-file';
import { readPublicKeys } from '../../src/keys/public-keys';
import { EXIT } from '../../src/lib/exit';
import { seededRandom } from '../../src/lib/prng';
import { z85Decoded } from '../../src/lib/z85';
import { createZeroMqTransport } from '../../src/transport/zeromq';
import { Cluster } from '../e2e/cluster';
import { ADMITTED, type Admit, type Attack, RAW, spoken } from './attacks';
import type { CurveKeys } from './curve';
import { Gauge } from './gauge';
import { Speaker } from './speaker';
import { Table } from './table';
import { KINDS, type Target, targetsOf } from './targets';

interface Flags {
  readonly only?: string;
  readonly write?: boolean;
}

/** Who attacks, and what. */
interface Campaign {
  readonly title: string;
  readonly insecure: boolean;
  /** With the key of a client. */
  readonly stolenKey: boolean;
  readonly attacks: (target: Target, admit: Admit) => Promise<ReadonlyMap<string, Attack>>;
}

const letIn = async (target: Target, admit: Admit) => new Map([...ADMITTED, ...(await spoken(target, admit))]);

const CAMPAIGNS: readonly Campaign[] = [
  { title: 'Without a key', insecure: false, stolenKey: false, attacks: async () => RAW },
  { title: "With a stolen client's key", insecure: false, stolenKey: true, attacks: letIn },
  {
    title: 'In the clear, on a cluster that runs with `--insecure`',
    insecure: true,
    stolenKey: false,
    attacks: async (target, admit) => new Map([...RAW, ...(await letIn(target, admit))]),
  },
];

/** How often a class of inputs is tried whose first time left memory behind. */
const MOST_TRIES = 4;
const DOCUMENT = path.resolve(__dirname, '../../docs/SECURITY.md');
const MARKS = ['<!-- made by npm run hostile -->', '<!-- end -->'] as const;

const flags = new Command('hostile')
  .description('Tries everything on every port of a cluster of its own, and prints what came of it.')
  .option('--only <text>', 'only classes of inputs with this in their names')
  .option('--write', 'writes the tables into docs/SECURITY.md')
  .parse()
  .opts<Flags>();

void run().then((failed) => process.exit(failed ? EXIT.failure : EXIT.ok));

async function run(): Promise<boolean> {
  const parts: string[] = [];
  let failed = false;
  for (const campaign of CAMPAIGNS) {
    const table = await carryOut(campaign);
    failed ||= table.failed;
    parts.push(`### ${campaign.title}\n\n${table.show()}`);
    process.stdout.write(`\n${parts.at(-1)}\n`);
  }
  if (flags.write && !failed) write(parts.join('\n\n'));
  return failed;
}

async function carryOut({ insecure, stolenKey, attacks }: Campaign): Promise<Table> {
  const cluster = await Cluster.start({ insecure });
  const config = loadConfig(cluster.config, {}, {});
  const { security } = statusKeys(config, { insecure }, () => {});
  const transport = createZeroMqTransport({ limits: config.limits.transport, random: seededRandom(1), security });
  const table = new Table(KINDS);
  try {
    const healthy = cluster.client('healthy');
    await healthy.joined();
    const gauge = new Gauge(cluster, config, transport, healthy);
    await gauge.warmUp();
    const { maxMessageBytes, zmtpTimeoutMs: handshakeMs } = config.limits.transport;
    for (const target of targetsOf(config)) {
      const admit = admission(config, target, stolenKey);
      for (const [name, attack] of await attacks(target, admit)) {
        if (!name.includes(flags.only ?? '')) continue;
        process.stderr.write(`${target.kind} of ${target.holder}: ${name}\n`);
        const attempt = async () => {
          await gauge.begin();
          const tried = await attack(target, admit, { maxMessageBytes, handshakeMs });
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
    return table;
  } finally {
    await transport.close();
    await cluster.stop();
  }
}

function admission(config: ClusterConfig, { place, holder, socketType }: Target, stolenKey: boolean): Admit {
  let curve: CurveKeys | undefined;
  if (stolenKey) {
    const { publicKey, secretKey } = readKeyFile(keyFileOf(config, CLIENT));
    const serverKey = readPublicKeys(config).get(holder) ?? '';
    const [mine, secret, theirs] = [publicKey, secretKey, serverKey].map(z85Decoded);
    if (mine && secret && theirs) curve = { publicKey: mine, secretKey: secret, serverKey: theirs };
  }
  return (type = socketType, identity = Buffer.alloc(0)) =>
    Speaker.admitted(place, { socketType: type, identity, curve });
}

function write(tables: string): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = MARKS.map((mark) => text.indexOf(mark));
  if (from === undefined || to === undefined || from === -1 || to < from) throw new Error(`${DOCUMENT} has no marks`);
  writeFileSync(DOCUMENT, `${text.slice(0, from)}${MARKS[0]}\n\n${tables}\n\n${text.slice(to)}`);
}
