/** What it costs that the same lines are said by very many clients instead of a few. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCluster } from './cluster';
import { Crowd } from './crowd';
import { type Figure, figure, quantile } from './figures';
import { type Acknowledged, together, verified } from './verify';
import type { Figures, WorkloadSettings } from './workloads';

/** Of all clients of a room, each of whom posts once in so many seconds. */
const MEMBERS = 100;
const POSTS_EVERY_SECONDS = 10;
/** What is compared with: as many posts, by one room of clients. */
const FEW = MEMBERS;

export async function clients(cluster: BenchCluster, settings: WorkloadSettings): Promise<Figures> {
  const postsPerSec = settings.clients / POSTS_EVERY_SECONDS;
  const few = await posting(cluster, { ...settings, clients: FEW }, postsPerSec, 'few');
  const many = await posting(cluster, settings, postsPerSec, 'many');
  const ratios = many.cpu.map((cpu, run) => cpu / (few.cpu[run] as number));
  return {
    ...many.figures,
    ...Object.fromEntries(
      Object.entries(few.figures).map(([name, value]) => [`few${name[0]?.toUpperCase()}${name.slice(1)}`, value]),
    ),
    cpuRatio: figure(ratios, 2),
    verified: await verified(cluster, together([few.told, many.told]), settings),
  };
}

interface Posting {
  readonly figures: Readonly<Record<string, Figure>>;
  /** Of the servers and the balancer, seconds for 100,000 posts, in each run. */
  readonly cpu: readonly number[];
  readonly told: Acknowledged;
}

async function posting(
  cluster: BenchCluster,
  { clients: count, size, seconds, warmUpSeconds, runs, progress }: WorkloadSettings,
  postsPerSec: number,
  name: string,
): Promise<Posting> {
  progress(`${count} clients come`);
  const crowd = await Crowd.come({ config: cluster.config.file, clients: count, members: MEMBERS, size, name });
  try {
    await crowd.pace(postsPerSec);
    await sleep(warmUpSeconds * 1000);
    const seen: Seen[] = [];
    for (let run = 1; run <= runs; run += 1) {
      progress(`${count} clients, run ${run} of ${runs}`);
      seen.push(await watch(cluster, crowd, seconds));
    }
    const { servers } = await cluster.status();
    const attached = servers.map((server) => ('clients' in server ? server.clients : 0));
    const told = await crowd.finish();
    const of = (key: keyof Seen, digits = 0) => {
      return figure(
        seen.map((one) => one[key]),
        digits,
      );
    };
    const figures = {
      postsPerSec: of('posts'),
      deliveriesPerSec: of('deliveries'),
      p50Ms: of('p50', 2),
      p99Ms: of('p99', 2),
      cpuSecPer100k: of('cpu', 2),
      loadCpuSecPer100k: of('loadCpu', 2),
      attachedPerServer: figure(attached),
      memoryMb: of('memoryMb'),
      loadMemoryMb: of('loadMb'),
    };
    return { figures, told, cpu: seen.map(({ cpu }) => cpu) };
  } finally {
    crowd.end();
  }
}

/** In one run. */
interface Seen {
  readonly posts: number;
  readonly deliveries: number;
  /** From the post to each delivery of it, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of the servers and the balancer, and of the clients, seconds for 100,000 posts. */
  readonly cpu: number;
  readonly loadCpu: number;
  /** Of the servers and the balancer. */
  readonly memoryMb: number;
  readonly loadMb: number;
}

async function watch(cluster: BenchCluster, crowd: Crowd, forSeconds: number): Promise<Seen> {
  await crowd.reset();
  const [startedAt, before, loadBefore] = [performance.now(), cluster.cpuMs(), crowd.cpuMs()];
  await sleep(forSeconds * 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  const [after, loadAfter] = [cluster.cpuMs(), crowd.cpuMs()];
  const reports = await crowd.report();
  const posts = reports.reduce((sum, report) => sum + report.posts, 0);
  const delays = Float64Array.from(reports.flatMap(({ delaysMs }) => [...delaysMs])).sort();
  const cpuMs = after.balancer - before.balancer + after.servers - before.servers;
  return {
    posts: posts / seconds,
    deliveries: delays.length / seconds,
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    // 100,000 posts, and a thousand milliseconds in a second.
    cpu: (100 * cpuMs) / posts,
    loadCpu: (100 * (loadAfter - loadBefore)) / posts,
    memoryMb: cluster.totalMb(),
    loadMb: crowd.residentMb(),
  };
}
