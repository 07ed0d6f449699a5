/** A client that does not read for a minute, while much is said: it costs no more than its queue, and misses nothing. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type StatusReport } from './cluster';
import type { JsonClient } from './json-client';
import { checkTranscripts } from './load';

jest.setTimeout(240_000);

/** Together 120 megabytes for each who reads: far more than all queues on the way may hold. */
const POSTERS = 3;
const POSTS = 10_000;
const TEXT_BYTES = 4_000;
/** Then somebody says something now and then, until it has not read for so long. */
const SILENT_MS = 60_000;
const BETWEEN_MS = 100;
/** Of a process, beyond what it has after as much was said and everybody read: garbage comes and goes. */
const MOST_MORE_MB = 80;

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

/** All of them say so much, and it is all acknowledged. @returns what was said */
async function talk(posters: readonly JsonClient[], from: number): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let post = from; post < from + POSTS; post += 1) {
    for (const poster of posters) {
      const id = `${poster.nick}-${post}`;
      const text = `${id} `.padEnd(TEXT_BYTES, 'x');
      texts.push(text);
      poster.post(id, text);
    }
    if (post % 1000 === 0) await Promise.all(posters.map((poster) => poster.allAcked()));
  }
  return texts;
}

/** Now and then a line, until that moment. @returns what was said */
async function chat(poster: JsonClient, untilMs: number): Promise<readonly string[]> {
  const texts: string[] = [];
  while (performance.now() < untilMs) {
    const text = `${poster.nick}-${2 * POSTS + 1 + texts.length} is still there`;
    texts.push(text);
    poster.post(text.split(' ')[0] as string, text);
    await sleep(BETWEEN_MS);
  }
  await poster.allAcked();
  return texts;
}

test('it costs no more than its queue, and reads in order what it missed', async () => {
  const all = await Cluster.start();
  cluster = all;
  const sleeper = all.client('sleeper');
  const posters = Array.from({ length: POSTERS }, (_, at) => all.client(`poster${at + 1}`));
  const clients = [sleeper, ...posters];
  await Promise.all(clients.map((client) => client.joined()));
  const heard = await talk(posters, 1);
  await Promise.all(clients.map((client) => client.sees(heard)));
  const before = residentMb(await all.status());
  sleeper.signal('SIGSTOP');
  const wakesAtMs = performance.now() + SILENT_MS;
  const missed = [...(await talk(posters, POSTS + 1)), ...(await chat(posters[0] as JsonClient, wakesAtMs))];
  const after = residentMb(await all.status());
  for (const [at, megabytes] of after.entries()) expect(megabytes - (before[at] ?? 0)).toBeLessThan(MOST_MORE_MB);
  sleeper.signal('SIGCONT');
  await Promise.all(clients.map((client) => client.sees(missed)));
  checkTranscripts(clients);
});
