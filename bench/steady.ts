/** Posting without pause, several times: the same for the product and for bare sockets. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure, quantile } from './figures';

export interface SteadySettings {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly runs: number;
  readonly progress: (text: string) => void;
}

/** What posts, since the last `reset`. */
export interface Posting {
  reset(): void;
  /** Of each post that was acknowledged. */
  latenciesMs(): readonly number[];
  deliveries(): number;
  /** What the servers have used of the processors so far. @throws when one of them ended */
  serverCpuMs(): number;
}

export interface Steady {
  readonly postsPerSec: Figure;
  readonly p50Ms: Figure;
  readonly p99Ms: Figure;
  readonly deliveriesPerSec: Figure;
  readonly serverCpuSecPer100k: Figure;
}

/** It posts already. */
export async function steady(posting: Posting, settings: SteadySettings): Promise<Steady> {
  settings.progress('warming up');
  await sleep(settings.warmUpSeconds * 1000);
  const runs: Awaited<ReturnType<typeof watch>>[] = [];
  for (let run = 1; run <= settings.runs; run += 1) {
    settings.progress(`run ${run} of ${settings.runs}`);
    runs.push(await watch(posting, settings.seconds));
  }
  const of = (name: keyof (typeof runs)[number], digits: number) => {
    return figure(
      runs.map((run) => run[name]),
      digits,
    );
  };
  return {
    postsPerSec: of('posts', 0),
    p50Ms: of('p50', 2),
    p99Ms: of('p99', 2),
    deliveriesPerSec: of('deliveries', 0),
    serverCpuSecPer100k: of('cpu', 2),
  };
}

async function watch(posting: Posting, forSeconds: number) {
  posting.reset();
  const [startedAt, cpuBefore] = [performance.now(), posting.serverCpuMs()];
  await sleep(forSeconds * 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = posting.serverCpuMs() - cpuBefore;
  // Millions of them, while the clients wait.
  const latencies = Float64Array.from(posting.latenciesMs()).sort();
  return {
    posts: latencies.length / seconds,
    deliveries: posting.deliveries() / seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    // 100,000 posts, and a thousand milliseconds in a second.
    cpu: (100 * cpuMs) / latencies.length,
  };
}
