/** A client that does not read while much is said: it costs nobody more than a bounded queue, and misses nothing. */
import { readFileSync } from 'node:fs';
import { Cluster, type StatusReport } from './cluster';
import { checkTranscripts } from './load';

jest.setTimeout(240_000);

/** Together some twenty megabytes for each who reads: far more than all queues on the way may hold. */
const POSTERS = 3;
const POSTS = 20_000;
const TEXT_BYTES = 250;
/** Of a process, beyond what it has by then: the log that is kept, its queues, and what is not collected yet. */
const MOST_MORE_MB = 150;

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
});

/** Megabytes that the processes have, the balancer first. */
function residentMb({ balancer, servers }: StatusReport): readonly number[] {
  return [balancer, ...servers].map(({ pid }) => {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  });
}

test('it costs no more than its queue, and reads in order what it missed', async () => {
  cluster = await Cluster.start();
  const sleeper = cluster.client('sleeper');
  const posters = Array.from({ length: POSTERS }, (_, at) => (cluster as Cluster).client(`poster${at + 1}`));
  await Promise.all([sleeper, ...posters].map((client) => client.joined()));
  const before = residentMb(await cluster.status());
  sleeper.signal('SIGSTOP');
  for (let post = 1; post <= POSTS; post += 1) {
    for (const poster of posters) {
      const text = `${poster.nick}-${post}-`.padEnd(TEXT_BYTES, 'x');
      poster.post(text, text);
    }
  }
  await Promise.all(posters.map((poster) => poster.allAcked()));
  const after = residentMb(await cluster.status());
  for (const [at, megabytes] of after.entries()) expect(megabytes - (before[at] ?? 0)).toBeLessThan(MOST_MORE_MB);
  sleeper.signal('SIGCONT');
  const all = posters.flatMap(({ posted }) => posted);
  await Promise.all([sleeper, ...posters].map((client) => client.sees(all)));
  checkTranscripts([sleeper, ...posters]);
});
