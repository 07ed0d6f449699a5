/**
 * `npm run bench:endurance`: a million posts, through as many snapshots and cuts of the log as that takes; then every
 * server has to have the same state, and what they leave on their disks has to be whole and to agree.
 */
import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { synod } from '../src/cli/supervise';
import { BenchCluster } from './cluster';
import { endWith } from './command';
import { Load } from './load';

const CLIENTS = 8;
const WINDOW = 128;
const LOOK_MS = 250;

const flags = new Command('bench:endurance')
  .description('Posts very much to a cluster of its own, and compares what its servers have then.')
  .option('--posts <n>', 'how many', Number, 1_000_000)
  .option('--size <bytes>', 'bytes of a post', Number, 100)
  .parse()
  .opts<{ posts: number; size: number }>();

endWith(run());

async function run(): Promise<void> {
  const cluster = await BenchCluster.start({ servers: 3, storage: 'disk' });
  try {
    const startedAt = performance.now();
    const posted = await post(cluster);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const state = await cluster.untilEqual();
    print(`${posted.toLocaleString('en')} posts acknowledged in ${seconds} s, each delivered once`);
    print(`all servers have the same: ${state}`);
    await Promise.all(cluster.config.servers.map(({ id }) => cluster.end(id, 'SIGTERM')));
    verify(cluster);
  } finally {
    await cluster.stop();
  }
}

/** @returns how many posts were acknowledged */
async function post(cluster: BenchCluster): Promise<number> {
  const load = await Load.online(cluster.client, { clients: CLIENTS, size: flags.size, rooms: CLIENTS, name: 'long' });
  load.start(WINDOW);
  for (let before = -1; load.posted < flags.posts && load.posted !== before; ) {
    before = load.posted;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  await load.finish();
  load.dispose();
  return load.posted;
}

/** Prints what `synod verify` says. @throws when something is wrong */
function verify(cluster: BenchCluster): void {
  const [program, ...args] = synod(['verify', '--config', cluster.config.file]);
  const { stdout, status } = spawnSync(program, args);
  print(stdout.toString().trimEnd());
  if (status !== 0) throw new Error('the data folders are not whole, or do not agree');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
