/** What a flood of one client with a valid key costs the others, who each post a few lines a second. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../src/client/shell';
import type { BenchCluster } from './cluster';
import { figure, quantile } from './figures';
import { FLOODS, type FloodKind } from './floods';
import type { Figures, WorkloadSettings } from './workloads';

/** What each of the others posts. */
const POSTS_A_SECOND = 20;
const SETTLES_MS = 1500;
const READY_MS = 60_000;
/** What its first burst costs is over then. */
const BEGINS_MS = 500;

export async function flood(cluster: BenchCluster, settings: WorkloadSettings): Promise<Figures> {
  const { clients, size, seconds, warmUpSeconds, runs, progress } = settings;
  const healthy = Array.from({ length: clients }, (_, at) => new Healthy(cluster, `healthy-${at}`, size));
  await sleep(warmUpSeconds * 1000);
  const kinds = Object.keys(FLOODS) as FloodKind[];
  const quiet: Seen[] = [];
  const flooded = new Map(kinds.map((kind) => [kind, [] as (Seen & { readonly ratio: number })[]]));
  for (let run = 1; run <= runs; run += 1) {
    for (const kind of kinds) {
      progress(`run ${run} of ${runs}: ${kind}`);
      const before = await look(cluster, healthy, seconds);
      quiet.push(before);
      const flooder = await Flooder.start(cluster, kind);
      const during = await look(cluster, healthy, seconds, flooder);
      await flooder.end();
      flooded.get(kind)?.push({ ...during, ratio: during.p99Ms / before.p99Ms });
      await sleep(SETTLES_MS);
    }
  }
  for (const one of healthy) one.dispose();
  const of = (name: string, seen: readonly Seen[]): Figures => ({
    [`${name}P99Ms`]: figure(
      seen.map(({ p99Ms }) => p99Ms),
      2,
    ),
    [`${name}BalancerCpu`]: figure(seen.map(({ balancerCpu }) => balancerCpu)),
    [`${name}BalancerMb`]: figure(seen.map(({ balancerMb }) => balancerMb)),
    [`${name}ServersCpu`]: figure(seen.map(({ serversCpu }) => serversCpu)),
  });
  const all = [...flooded].map(([kind, seen]) => ({
    [`${kind}Ratio`]: figure(
      seen.map(({ ratio }) => ratio),
      2,
    ),
    ...of(kind, seen),
    [`${kind}FramesPerSec`]: figure(seen.map(({ framesPerSec }) => framesPerSec)),
  }));
  return Object.assign(of('quiet', quiet), ...all);
}

/** What was seen for a while. */
interface Seen {
  readonly p99Ms: number;
  /** Percent of one processor; of the servers together. */
  readonly balancerCpu: number;
  readonly serversCpu: number;
  /** Of the balancer, at the end. */
  readonly balancerMb: number;
  /** Sent by the flooder. */
  readonly framesPerSec: number;
}

async function look(
  cluster: BenchCluster,
  healthy: readonly Healthy[],
  seconds: number,
  flooder?: Flooder,
): Promise<Seen> {
  for (const one of healthy) one.reset();
  const [before, sentBefore] = [cluster.cpuMs(), flooder?.sent ?? 0];
  await sleep(seconds * 1000);
  const after = cluster.cpuMs();
  const latencies = healthy.flatMap((one) => one.latenciesMs()).sort((a, b) => a - b);
  return {
    p99Ms: quantile(latencies, 0.99),
    balancerCpu: (after.balancer - before.balancer) / (10 * seconds),
    serversCpu: (after.servers - before.servers) / (10 * seconds),
    balancerMb: cluster.balancerMb(),
    framesPerSec: ((flooder?.sent ?? 0) - sentBefore) / seconds,
  };
}

/** Posts at its own pace, whatever becomes of it. */
class Healthy {
  private readonly client: Client;
  private readonly waiting = new Map<string, number>();
  private latencies: number[] = [];
  private posted = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(cluster: BenchCluster, nick: string, size: number) {
    this.client = cluster.client(nick, (event) => {
      if (event.type === 'error') throw new Error(`${nick} was told ${event.code}: ${event.message}`);
      if (event.type === 'ack') this.onAck(event.id);
    });
    this.client.post({ type: 'join', room: nick });
    const text = 'x'.repeat(size);
    this.timer = setInterval(() => {
      this.posted += 1;
      this.waiting.set(String(this.posted), performance.now());
      this.client.post({ type: 'say', room: nick, text, action: false }, String(this.posted));
    }, 1000 / POSTS_A_SECOND);
  }

  reset(): void {
    this.latencies = [];
  }

  /** Those that wait count as long as they have waited. */
  latenciesMs(): readonly number[] {
    const now = performance.now();
    return [...this.latencies, ...[...this.waiting.values()].map((atMs) => now - atMs)];
  }

  dispose(): void {
    clearInterval(this.timer);
    this.client.dispose();
  }

  private onAck(id: string): void {
    const atMs = this.waiting.get(id);
    if (atMs === undefined) return;
    this.waiting.delete(id);
    this.latencies.push(performance.now() - atMs);
  }
}

/** Runs only where nobody else wants to: an attacker has a machine of its own, and here it would only take their processors. */
class Flooder {
  sent = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message: { sent?: number }) => {
      this.sent = message.sent ?? 0;
    });
  }

  static async start(cluster: BenchCluster, kind: FloodKind): Promise<Flooder> {
    const args = [
      '-r',
      'ts-node/register/transpile-only',
      path.join(__dirname, 'flooder.ts'),
      kind,
      cluster.config.file,
    ];
    // Linux: at once behind everybody else, which a mere nice value is not.
    const child = spawn('chrt', ['--idle', '0', process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error(`the flooder of ${kind} ended`)));
      setTimeout(() => reject(new Error(`the flooder of ${kind} did not come in`)), READY_MS).unref();
    });
    await sleep(SETTLES_MS);
    const flooder = new Flooder(child);
    child.send('begin');
    await sleep(BEGINS_MS);
    return flooder;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
