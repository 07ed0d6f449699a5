/** What can be measured. Each workload runs on a cluster of its own and gives one result. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clients } from './clients';
import type { BenchCluster } from './cluster';
import { type Figure, figure } from './figures';
import { flood } from './flood';
import { halfLoad } from './half-load';
import { Load, type LoadSettings } from './load';
import { type Steady, type SteadySettings, steady } from './steady';
import { verified } from './verify';

export interface WorkloadSettings extends Omit<LoadSettings, 'name'>, SteadySettings {
  /** Servers to kill, for `failover`. */
  readonly kills: number;
  /** Posts of each client that are sent and not acknowledged. */
  readonly window: number;
}

export type Figures = Readonly<Record<string, Figure>>;
export type Workload = (cluster: BenchCluster, settings: WorkloadSettings) => Promise<Figures>;

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  throughput: posting,
  latency: posting,
  delivery,
  sweep: posting,
  failover,
  flood,
  clients,
};

/** Those of them that post without pause: there is a ceiling to each. */
export const STEADY: readonly string[] = ['throughput', 'latency', 'delivery', 'sweep'];

/** Those whose clients post at a pace of their own, whatever is outstanding. */
export const PACED: readonly string[] = ['clients', 'flood'];

/** Posts without pause for a while, several times. */
function posting(cluster: BenchCluster, settings: WorkloadSettings): Promise<Figures> {
  return onLoad(cluster, settings, (load) => full(cluster, load, settings));
}

/** The same, and then half as much of it. */
function delivery(cluster: BenchCluster, settings: WorkloadSettings): Promise<Figures> {
  return onLoad(cluster, settings, async (load) => {
    const most = await full(cluster, load, settings);
    return { ...most, ...(await halfLoad(load, most.postsPerSec.median, settings)) };
  });
}

/** Has clients for it, and counts the elections meanwhile. */
async function onLoad(
  cluster: BenchCluster,
  settings: WorkloadSettings,
  use: (load: Load) => Promise<Figures>,
): Promise<Figures> {
  const load = await Load.online(cluster.client, { ...settings, name: 'bench' });
  const ballots = await cluster.ballots();
  const figures = await use(load);
  const elections = figure([(await cluster.ballots()) - ballots]);
  load.dispose();
  return { ...figures, elections, verified: await verified(cluster, load.told, settings) };
}

async function full(cluster: BenchCluster, load: Load, settings: WorkloadSettings): Promise<Figures & Steady> {
  load.start(settings.window);
  const seen = await steady(
    {
      reset: () => load.reset(),
      latenciesMs: () => load.posters.flatMap((poster) => poster.latenciesMs),
      deliveries: () => load.deliveries,
      serverCpuMs: () => cluster.cpuMs().servers,
    },
    settings,
  );
  await load.finish();
  return { ...seen };
}

/** Takes the leader away again and again under load, and measures how long nothing was acknowledged. */
async function failover(cluster: BenchCluster, settings: WorkloadSettings): Promise<Figures> {
  const load = await Load.online(cluster.client, { ...settings, name: 'bench' });
  load.start(settings.window);
  await sleep(settings.warmUpSeconds * 1000);
  const killed = await gapsWithout(cluster, load, settings, {
    name: 'kill',
    take: (leader) => cluster.kill(leader),
    giveBack: (leader) => cluster.startServer(leader),
  });
  const stopped = await gapsWithout(cluster, load, settings, {
    name: 'stop',
    take: (leader) => cluster.signal(leader, 'SIGSTOP'),
    giveBack: (leader) => cluster.signal(leader, 'SIGCONT'),
  });
  await cluster.until(isWhole);
  await load.finish();
  load.dispose();
  return {
    verified: await verified(cluster, load.told, settings),
    longestGapMs: figure(killed.ofAll),
    clientGapMs: figure(killed.ofClients),
    stoppedGapMs: figure(stopped.ofAll),
    stoppedClientGapMs: figure(stopped.ofClients),
  };
}

/** How a leader goes, and comes back. */
interface Loss {
  readonly name: string;
  readonly take: (leader: number) => void;
  readonly giveBack: (leader: number) => void;
}

interface Gaps {
  /** How long nobody was acknowledged anything, each time. */
  readonly ofAll: readonly number[];
  /** The same of the client that waited longest. */
  readonly ofClients: readonly number[];
}

async function gapsWithout(cluster: BenchCluster, load: Load, settings: WorkloadSettings, loss: Loss): Promise<Gaps> {
  const ofAll: number[] = [];
  const ofClients: number[] = [];
  for (let time = 1; time <= settings.kills; time += 1) {
    settings.progress(`${loss.name} ${time} of ${settings.kills}`);
    const { leader } = await cluster.until((report) => report.leader !== 0 && isWhole(report));
    load.reset();
    const takenAt = performance.now();
    loss.take(leader);
    await acknowledgedBy(load, takenAt);
    // The gap may begin at once, before anything more is acknowledged.
    const times = load.posters.map((poster) => [takenAt, ...poster.ackTimesMs]);
    ofAll.push(longestGap(times.flat().sort((a, b) => a - b)));
    ofClients.push(Math.max(...times.map(longestGap)));
    loss.giveBack(leader);
  }
  return { ofAll, ofClients };
}

/** Every server is there, has caught up, and is in the same ballot. */
function isWhole({ servers }: Awaited<ReturnType<BenchCluster['status']>>): boolean {
  const ballots = servers.map((server) => {
    return 'ballot' in server && (server.state === 'leader' || server.state === 'follower') ? server.ballot : '';
  });
  return ballots[0] !== '' && new Set(ballots).size === 1;
}

/** Until every client has had acknowledgements for a second after the last of them had its first one. */
async function acknowledgedBy(load: Load, sinceMs: number): Promise<void> {
  const all = () => load.posters.every(({ ackTimesMs }) => (ackTimesMs[ackTimesMs.length - 1] ?? 0) > sinceMs + 100);
  const deadline = performance.now() + 60_000;
  do {
    await sleep(1000);
    if (performance.now() > deadline) throw new Error('posts did not go on in a minute');
  } while (!all());
  await sleep(1000);
}

export function longestGap(times: readonly number[]): number {
  let longest = 0;
  for (let index = 1; index < times.length; index += 1) {
    longest = Math.max(longest, (times[index] as number) - (times[index - 1] as number));
  }
  return longest;
}
