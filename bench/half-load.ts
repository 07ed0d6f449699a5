/** How soon what is posted is read at half of what could be posted at most: nothing queues up there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, quantile } from './figures';
import type { Load } from './load';
import { Pacer } from './pacer';
import type { SteadySettings } from './steady';
import type { Figures } from './workloads';

/** @param mostPerSec posts that were acknowledged without any pause */
export async function halfLoad(
  load: Load,
  mostPerSec: number,
  { seconds, warmUpSeconds, runs, progress }: SteadySettings,
): Promise<Figures> {
  const seen: (readonly [posts: number, p50: number, p99: number])[] = [];
  for (let run = 1; run <= runs; run += 1) {
    progress(`half of the load, run ${run} of ${runs}`);
    // Anew for each run: while a million delays are sorted nothing is posted, and what was due then would be
    // posted at once afterwards, into the next run.
    const pacer = new Pacer(load.posters, mostPerSec / 2);
    await sleep(warmUpSeconds * 1000);
    load.reset();
    const startedAt = performance.now();
    await sleep(seconds * 1000);
    const postsPerSec = (1000 * load.acknowledged) / (performance.now() - startedAt);
    pacer.stop();
    const delays = load.delaysMs().sort();
    seen.push([postsPerSec, quantile(delays, 0.5), quantile(delays, 0.99)]);
  }
  await load.finish();
  return {
    halfLoadPostsPerSec: figure(seen.map(([posts]) => posts)),
    halfLoadP50Ms: figure(
      seen.map(([, p50]) => p50),
      2,
    ),
    halfLoadP99Ms: figure(
      seen.map(([, , p99]) => p99),
      2,
    ),
  };
}
