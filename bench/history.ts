/**
 * `npm run bench:history`: what a history of many messages costs: a server's start, its memory, a page from anywhere,
 * posting beside it, and bringing all of it back to a server that lost its disk.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { ServerReport } from '../src/cli/status';
import { synod } from '../src/cli/supervise';
import type { ClientEvent } from '../src/client/events';
import { BenchCluster } from './cluster';
import { endWith, progress } from './command';
import { quantile } from './figures';
import { fill } from './fill';
import { historyPanels } from './history-plot';
import { HEAD, type HistoryRow, showRow } from './history-row';
import { Load } from './load';
import { residentMbOf } from './memory';
import { plot } from './plot';

const ROOMS = 10;
const PAGES = 1000;
/** Between an answer and the next question. */
const PAGE_PAUSE_MS = 10;
/** A process that has just started is slow until its code is compiled: these are not counted. */
const FIRST_PAGES = 300;
/** How often what is compared, or short, is done: the median counts. */
const TURNS = 3;
const PAGE_LINES = 100;
const CLIENTS = 8;
const WINDOW = 128;
const WARM_UP_MS = 2000;
/** Hundredths of a second that all servers take together in a second, and how many such seconds in a row. */
const SETTLED_TICKS = 40;
const SETTLED_SECONDS = 3;
const FIRST_MS = 11_000;
const QUIET_MS = 5000;
/** Between two looks at the status while somebody posts: each takes a process time that the posts lack. */
const LOOK_MS = 250;

const flags = new Command('bench:history')
  .description('Measures what a long history costs, on a cluster of its own on this machine.')
  .option('--messages <list>', 'how many, with commas between them', '10000,100000,1000000')
  .option('--size <bytes>', 'bytes of a message', Number, 100)
  .option('--seconds <n>', 'seconds of posting', Number, 4)
  .option('--json', 'one JSON object a line')
  .option('--svg <file>', 'draw it, too')
  .parse()
  .opts<{ messages: string; size: number; seconds: number; json?: boolean; svg?: string }>();

endWith(run());

async function run(): Promise<void> {
  if (!flags.json) process.stdout.write(HEAD);
  const rows: HistoryRow[] = [];
  for (const messages of flags.messages.split(',').map(Number)) {
    const row = await measure(messages);
    rows.push(row);
    process.stdout.write(`${flags.json ? JSON.stringify(row) : showRow(row)}\n`);
  }
  if (flags.svg) writeFileSync(flags.svg, plot([historyPanels(rows)]));
}

async function measure(messages: number): Promise<HistoryRow> {
  return onCluster(async (cluster) => {
    await fill(cluster.config, { messages, size: flags.size, rooms: ROOMS, progress });
    progress(`${messages}: starting`);
    await cluster.startAll();
    await settled(cluster);
    const startMs = await startOf(cluster, 3);
    await settled(cluster);
    const pages = await readPages(cluster, messages);
    const posts = await onCluster((empty) => postsOn(empty, cluster));
    const resident = await residentMb(cluster);
    const restored = await restore(cluster);
    // A row that is printed says that every server has the same state after all this.
    await cluster.untilEqual();
    return {
      messages,
      diskMb: Math.round(sizeOf(cluster.dataDir(1))),
      startMs,
      residentMb: Math.round(resident),
      pageP50Ms: rounded(quantile(pages, 0.5)),
      pageP99Ms: rounded(quantile(pages, 0.99)),
      ...posts,
      ...restored,
    };
  });
}

async function onCluster<Result>(use: (cluster: BenchCluster) => Promise<Result>): Promise<Result> {
  const cluster = await BenchCluster.create({ servers: 3, storage: 'disk' });
  try {
    return await use(cluster);
  } finally {
    await cluster.stop();
  }
}

/** Posts a second on both, in turns: the machine is not equally fast all the time. */
async function postsOn(
  empty: BenchCluster,
  filled: BenchCluster,
): Promise<Pick<HistoryRow, 'postsPerSec' | 'emptyPostsPerSec'>> {
  await empty.startAll();
  const rates: { readonly empty: number; readonly filled: number }[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    progress(`posting, ${turn} of ${TURNS}`);
    const name = `many-${turn}`;
    rates.push({ empty: await postingOn(empty, name), filled: await postingOn(filled, name) });
  }
  return {
    postsPerSec: median(rates.map((rate) => rate.filled)),
    emptyPostsPerSec: median(rates.map((rate) => rate.empty)),
  };
}

/** Posts acknowledged a second. */
async function postingOn(cluster: BenchCluster, name: string): Promise<number> {
  const load = await Load.online(cluster.client, { clients: CLIENTS, size: flags.size, rooms: CLIENTS, name });
  load.start(WINDOW);
  await sleep(WARM_UP_MS);
  load.reset();
  await sleep(flags.seconds * 1000);
  const acks = load.acknowledged;
  await load.finish();
  load.dispose();
  return Math.round(acks / flags.seconds);
}

/** What the bulk writer left to be merged is merged: the servers take little of the processors. */
async function settled(cluster: BenchCluster): Promise<void> {
  // A server that is killed in its first ten seconds checks its whole store when it starts again.
  await sleep(FIRST_MS);
  for (let calm = 0; calm < SETTLED_SECONDS; ) {
    const { servers } = await cluster.status();
    const before = servers.map(ticksOf);
    await sleep(1000);
    const ticks = servers.reduce((sum, server, at) => sum + ticksOf(server) - (before[at] ?? 0), 0);
    calm = ticks < SETTLED_TICKS ? calm + 1 : 0;
  }
}

/** Hundredths of a second of processor time. */
function ticksOf(server: ServerReport): number {
  if (!('pid' in server)) return 0;
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

/** Of a server that ended cleanly, until it answers, without what node itself takes. */
async function startOf(cluster: BenchCluster, id: number): Promise<number> {
  await cluster.end(id);
  const [program, ...args] = synod(['--version']);
  const nodeMs = elapsed(() => spawnSync(program, args));
  const startedAt = performance.now();
  cluster.startServer(id);
  await cluster.until(({ servers }) => servers.some((server) => server.id === id && 'pid' in server));
  const startMs = performance.now() - startedAt - nodeMs;
  await cluster.until(({ servers }) => servers.every(({ state }) => state === 'leader' || state === 'follower'));
  return Math.round(startMs);
}

/** How long pages from anywhere take, ascending. */
async function readPages(cluster: BenchCluster, messages: number): Promise<readonly number[]> {
  let onHistory: (event: ClientEvent) => void = () => {};
  const client = cluster.client('reader', (event) => onHistory(event));
  const times: number[] = [];
  for (let page = 0; page < FIRST_PAGES + PAGES; page += 1) {
    const room = `room-${page % ROOMS}`;
    const before = 1 + PAGE_LINES + Math.floor(((page % PAGES) / PAGES) * (messages / ROOMS - PAGE_LINES));
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      onHistory = (event) => {
        if (event.type === 'history') resolve();
      };
      client.ask({ type: 'history', room, before, limit: PAGE_LINES });
    });
    if (page >= FIRST_PAGES) times.push(performance.now() - startedAt);
    // As one who turns pages: who asks for more than its share a second waits for it.
    await sleep(PAGE_PAUSE_MS);
  }
  client.dispose();
  return times.sort((a, b) => a - b);
}

/** A server loses its disk and gets all of it back: while nobody posts, and while one client posts line after line. */
async function restore(
  cluster: BenchCluster,
): Promise<Pick<HistoryRow, 'restoreMbPerSec' | 'loadedMbPerSec' | 'givingMb' | 'quietP99Ms' | 'restoringP99Ms'>> {
  progress('restoring');
  const { leader } = await cluster.until((report) => report.leader !== 0);
  const id = leader === 3 ? 2 : 3;
  const idle: number[] = [];
  for (let turn = 1; turn <= TURNS; turn += 1) idle.push((await wipedAndBack(cluster, id)).mbPerSec);
  await settled(cluster);
  const load = await Load.online(cluster.client, { clients: 1, size: flags.size, rooms: 1, name: 'one' });
  load.start(1);
  await sleep(WARM_UP_MS);
  load.reset();
  await sleep(QUIET_MS);
  const quietP99Ms = p99Of(load);
  const { mbPerSec, givingMb } = await wipedAndBack(cluster, id, load);
  const restoringP99Ms = p99Of(load);
  await load.finish();
  load.dispose();
  return { restoreMbPerSec: median(idle), loadedMbPerSec: mbPerSec, givingMb, quietP99Ms, restoringP99Ms };
}

async function wipedAndBack(
  cluster: BenchCluster,
  id: number,
  load?: Load,
): Promise<{ readonly mbPerSec: number; readonly givingMb: number }> {
  await cluster.end(id);
  cluster.wipe(id);
  await sleep(WARM_UP_MS);
  load?.reset();
  const startedAt = performance.now();
  cluster.startServer(id);
  let givingMb = 0;
  await cluster.until(({ servers }) => {
    givingMb = Math.max(givingMb, ...servers.map(residentOf));
    return servers.some((one) => one.id === id && one.state === 'follower');
  }, load && LOOK_MS);
  const seconds = (performance.now() - startedAt) / 1000;
  return { mbPerSec: Math.round(sizeOf(cluster.dataDir(id)) / seconds), givingMb: Math.round(givingMb) };
}

function median(values: readonly number[]): number {
  return Math.round(
    quantile(
      [...values].sort((a, b) => a - b),
      0.5,
    ),
  );
}

function p99Of(load: Load): number {
  const times = load.posters.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  return rounded(quantile(times, 0.99));
}

/** Of the server that has most, megabytes. */
async function residentMb(cluster: BenchCluster): Promise<number> {
  const { servers } = await cluster.status();
  return Math.max(...servers.map(residentOf));
}

/** Megabytes; 0 for one that does not answer. */
function residentOf(server: ServerReport): number {
  if (!('pid' in server) || !existsSync(`/proc/${server.pid}`)) return 0;
  return residentMbOf(server.pid);
}

/** Megabytes. */
function sizeOf(folder: string): number {
  return Number(execFileSync('du', ['-sk', folder]).toString().split('\t')[0]) / 1024;
}

function elapsed(act: () => void): number {
  const startedAt = performance.now();
  act();
  return performance.now() - startedAt;
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
