/** One measurement: a workload on a cluster of its own, and beside it what bare sockets do. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { ceiling } from './ceiling';
import { BenchCluster } from './cluster';
import { progress } from './command';
import type { Result } from './figures';
import { peers } from './peers';
import { compare } from './peers/table';
import { type Figures, PACED, STEADY, WORKLOADS, type WorkloadSettings } from './workloads';

export interface Measurement extends Omit<WorkloadSettings, 'warmUpSeconds' | 'progress'> {
  readonly servers: number;
  readonly storage: 'disk' | 'memory';
  readonly workload: string;
  /** Measure what others do, too. */
  readonly peers?: boolean;
}

const WARM_UP_SECONDS = 3;

/** Leaves nothing behind. */
export async function measure(measurement: Measurement): Promise<Result> {
  const { workload, servers, storage, clients, window, size, runs, kills } = measurement;
  const settings = { ...measurement, warmUpSeconds: WARM_UP_SECONDS, progress };
  const figures = await ofProduct(measurement, settings);
  // What it could be at most, on the same machine a moment later.
  const most = STEADY.includes(workload) ? await ceiling(settings) : {};
  const beside = measurement.peers ? compare(figures, await peers(settings)) : undefined;
  progress('');
  return {
    workload,
    servers,
    storage,
    clients,
    ...(!PACED.includes(workload) && { window }),
    size,
    ...figures,
    ...most,
    ...(beside && { peers: beside }),
    runs: workload === 'failover' ? kills : runs,
    commit: commit(),
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, node ${process.version}`,
  };
}

async function ofProduct(
  { workload: name, servers, storage, size }: Measurement,
  settings: WorkloadSettings,
): Promise<Figures> {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`no workload ${name}`);
  progress('starting a cluster');
  const started = await BenchCluster.start({ servers, storage, textBytes: size });
  try {
    return await Promise.race([workload(started, settings), started.broken]);
  } finally {
    await started.stop();
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
