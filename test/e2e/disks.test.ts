/** A disk that is full: the server stops before it acknowledges anything more, and rejoins once there is room. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { Cluster, synod } from './cluster';
import { checkTranscripts, Load } from './load';

jest.setTimeout(240_000);

/** What a server's store and a few seconds of posts take is more. */
const SMALL = '6m';
const LARGE = '200m';
const DISK_FULL = 74;
const DAMAGED = 65;

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

/** What may happen to a store. */
const DAMAGES: readonly (readonly [string, (store: string) => void])[] = [
  ['has a flipped bit in its log', (store) => flip(path.join(store, nameIn(store, /^\d+\.log$/)))],
  ['lacks a file', (store) => rmSync(path.join(store, nameIn(store, /^MANIFEST-/)))],
];

function nameIn(store: string, pattern: RegExp): string {
  return readdirSync(store).find((name) => pattern.test(name)) ?? 'nothing of that name';
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 16, at);
  writeFileSync(file, bytes);
}

test.each(DAMAGES)(
  'a server whose store %s gets everything again from the others, and only while they run',
  async (_, damage) => {
    cluster = await Cluster.start();
    const load = await Load.start(cluster);
    await load.acks(200);
    const { leader } = await cluster.status();
    const id = leader === 3 ? 2 : 3;
    const folder = path.join(cluster.folder, `server-${id}`);
    await cluster.signal(`server ${id}`, 'SIGKILL');
    damage(path.join(folder, 'store'));
    await load.acks(100);
    cluster.startServer(id);
    await load.acks(100);
    await load.stop();
    checkTranscripts(load.clients);
    await cluster.untilEqual();
    expect(cluster.logs.get(`server ${id}`)).toContain(`put aside as ${folder}.damaged`);
    expect(existsSync(`${folder}.damaged/identity.json`)).toBe(true);
    // Alone there is nobody to get it from: the folder stays as it is.
    await Promise.all(cluster.serverIds.map((each) => cluster?.signal(`server ${each}`, 'SIGKILL')));
    rmSync(path.join(folder, 'store', 'CURRENT'));
    cluster.startServer(id);
    expect(await cluster.ended(`server ${id}`)).toBe(DAMAGED);
    expect(cluster.logs.get(`server ${id}`)).toMatch(/repairs itself while 2 others run and vote, now 0 do/);
    expect(existsSync(`${folder}.damaged-2`)).toBe(false);
  },
);
