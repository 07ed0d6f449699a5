/** `npm run bench`: measures a cluster of its own on this machine, and prints what it saw. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { Command, Option } from 'commander';
import { ceiling } from './ceiling';
import { BenchCluster } from './cluster';
import { endWith, progress } from './command';
import { type Result, showResult } from './figures';
import { type Figures, STEADY, WORKLOADS, type WorkloadSettings } from './workloads';

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
  readonly json?: boolean;
}

const WARM_UP_SECONDS = 3;

const command = new Command('bench')
  .description('Measures a cluster of its own, clients included, on this machine.')
  .addOption(new Option('--workload <name>').choices(Object.keys(WORKLOADS)).default('throughput'))
  .option('--clients <n>', 'clients, all in one process', Number, 8)
  .option('--window <n>', 'posts of each client that are sent and not acknowledged', Number, 128)
  .option('--size <bytes>', 'bytes of a post', Number, 100)
  .option('--seconds <n>', 'seconds of each run', Number, 10)
  .option('--runs <n>', 'runs, of which the median counts', Number, 3)
  .option('--kills <n>', 'how often failover kills the leader', Number, 20)
  .addOption(new Option('--servers <n>').choices(['1', '3', '5', '7']).argParser(Number).default(3))
  .addOption(new Option('--storage <kind>').choices(['disk', 'memory']).default('disk'))
  .option('--json', 'one JSON object a line')
  .parse();

endWith(run(command.opts<Flags>()));

async function run(flags: Flags): Promise<void> {
  const alone = flags.workload === 'latency' ? { clients: 1, window: 1 } : {};
  const { workload, clients, window, size, servers, storage, ...all }: Flags = { ...flags, ...alone };
  const { seconds, runs, kills } = all;
  const settings = { clients, window, size, seconds, runs, kills, warmUpSeconds: WARM_UP_SECONDS, progress };
  const figures = await ofProduct(flags, settings);
  // What it could be at most, on the same machine a moment later.
  const most = STEADY.includes(workload)
    ? await ceiling({ ...settings, servers, storage, deliver: workload === 'delivery' })
    : {};
  progress('');
  const result: Result = {
    workload,
    servers,
    storage,
    clients,
    window,
    size,
    ...figures,
    ...most,
    runs: workload === 'failover' ? kills : runs,
    commit: commit(),
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}`,
  };
  process.stdout.write(`${flags.json ? JSON.stringify(result) : showResult(result)}\n`);
}

async function ofProduct({ workload: name, servers, storage }: Flags, settings: WorkloadSettings): Promise<Figures> {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`no workload ${name}`);
  progress('starting a cluster');
  const cluster = await BenchCluster.start({ servers, storage });
  try {
    return await workload(cluster, settings);
  } finally {
    await cluster.stop();
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}
