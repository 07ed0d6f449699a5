/** `npm run bench`: measures a cluster of its own on this machine, and prints what it saw. */
import { Command, Option } from 'commander';
import { endWith } from './command';
import { showResult } from './figures';
import { measure } from './measure';
import { checkPeers } from './peers';
import { sweep } from './sweep';
import { WORKLOADS } from './workloads';

interface Flags {
  readonly workload: string;
  readonly clients: number;
  readonly window: number;
  readonly size: number;
  readonly seconds: number;
  readonly runs: number;
  readonly kills: number;
  readonly servers: number;
  readonly storage: 'disk' | 'memory';
  readonly peers?: boolean;
  readonly json?: boolean;
  readonly svg?: string;
}

/** What a workload has other defaults for. */
const DEFAULTS: Readonly<Record<string, Partial<Flags>>> = {
  clients: { clients: 10_000 },
  // There are eleven rows.
  sweep: { seconds: 2 },
};
/** Whatever is said: nobody else is there. */
const ALONE = { clients: 1, window: 1 };

const command = new Command('bench')
  .description('Measures a cluster of its own, clients included, on this machine.')
  .addOption(new Option('--workload <name>').choices(Object.keys(WORKLOADS)).default('throughput'))
  .option('--clients <n>', 'clients, all in one process; in some more for the workload clients: 10000', Number, 8)
  .option('--window <n>', 'posts of each client that are sent and not acknowledged', Number, 128)
  .option('--size <bytes>', 'bytes of a post', Number, 100)
  .option('--seconds <n>', 'seconds of each run; of the sweep 2', Number, 10)
  .option('--runs <n>', 'runs, of which the median counts', Number, 3)
  .option('--kills <n>', 'how often failover kills the leader', Number, 20)
  .addOption(new Option('--servers <n>').choices(['1', '3', '5', '7']).argParser(Number).default(3))
  .addOption(new Option('--storage <kind>').choices(['disk', 'memory']).default('disk'))
  .option('--peers', 'etcd, NATS and RabbitMQ beside it, where they are installed')
  .option('--json', 'one JSON object a line')
  .option('--svg <file>', 'draw the sweep, too')
  .parse();

endWith(run(settingsOf(command)));

async function run(flags: Flags): Promise<void> {
  if (flags.peers) checkPeers(flags);
  const measurement = { ...flags, rooms: flags.workload === 'delivery' ? 1 : flags.clients };
  if (flags.workload === 'sweep') return sweep(measurement, flags);
  const result = await measure(measurement);
  process.stdout.write(`${flags.json ? JSON.stringify(result) : showResult(result)}\n`);
}

/** What was said; else what the workload has as its default, else what all have. */
function settingsOf(said: Command): Flags {
  const flags = said.opts<Flags>();
  const own = Object.entries(DEFAULTS[flags.workload] ?? {}).filter(([name]) => {
    return said.getOptionValueSource(name) === 'default';
  });
  return { ...flags, ...Object.fromEntries(own), ...(flags.workload === 'latency' && ALONE) };
}
