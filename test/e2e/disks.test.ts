/** A disk that is full: the server stops before it acknowledges anything more, and rejoins once there is room. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Cluster, synod } from './cluster';
import { checkTranscripts, Load } from './load';

jest.setTimeout(240_000);

/** What a server's store and a few seconds of posts take is more. */
const SMALL = '6m';
const LARGE = '200m';
const DISK_FULL = 74;

const mounted: string[] = [];
let cluster: Cluster | undefined;
afterEach(async () => {
  for (const folder of mounted) umount(folder);
  await cluster?.stop();
  for (const folder of mounted.splice(0)) umount(folder);
});

/** A file system of that size there. @returns false where the system does not let us */
function mount(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    mounted.push(folder);
    return true;
  } catch {
    return false;
  }
}

function umount(folder: string): void {
  try {
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
  } catch {
    // It is gone already.
  }
}

/** Writes a file until there is no room for any more. */
function fill(file: string): void {
  const open = openSync(file, 'w');
  try {
    for (const bytes of [Buffer.alloc(65_536), Buffer.alloc(512)]) {
      try {
        for (;;) writeSync(open, bytes);
      } catch {
        // Full, as far as such pieces go.
      }
    }
  } finally {
    closeSync(open);
  }
}

test('a server whose disk is full stops with its own status, nothing is lost, and it rejoins', async () => {
  cluster = await Cluster.create();
  const full = 3;
  const folder = path.join(cluster.folder, `server-${full}`);
  mkdirSync(folder, { recursive: true });
  if (!mount(folder, `size=${SMALL}`)) {
    console.warn('no file system may be mounted here: a full disk is not tried');
    return;
  }
  cluster.startAll();
  await cluster.untilServing();
  const load = await Load.start(cluster);
  fill(path.join(folder, 'filler'));
  expect(await cluster.ended(`server ${full}`)).toBe(DISK_FULL);
  expect(cluster.logs.get(`server ${full}`)).toMatch(/no space|ENOSPC|full/i);
  await load.acks(100);
  execFileSync('mount', ['-o', `remount,size=${LARGE}`, folder], { stdio: 'ignore' });
  cluster.startServer(full);
  await load.acks(100);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
  await Promise.all(cluster.serverIds.map((id) => cluster?.signal(`server ${id}`, 'SIGTERM')));
  const { stdout } = await synod(['verify', '--config', cluster.config]);
  expect(stdout).toMatch('the servers agree');
});
