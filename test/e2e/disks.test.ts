/**
 * Disks that are full, fail, are slow or lose what was written: whoever has one stops before it acknowledges anything
 * more or is not waited for, and has everything again once its disk is well.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { Cluster, type FaultyDisk, type ServerReport, synod } from './cluster';
import type { JsonClient } from './json-client';
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

test('a server whose file system is full stops with its own status, nothing is lost, and it rejoins', async () => {
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
  await verified(cluster);
});

/** Ends the servers, and looks at what they have. */
async function verified(running: Cluster): Promise<void> {
  await Promise.all(running.serverIds.map((id) => running.signal(`server ${id}`, 'SIGTERM')));
  const { stdout, status } = await synod(['verify', '--config', running.config]);
  expect(stdout).toMatch('all of it is whole, and the servers agree');
  expect(status).toBe(0);
}

/** What LevelDB says of them. */
const FAILURES = [
  ['a sync fails', 'IO error: 000005.log: Input/output error'],
  ['there is no space', 'IO error: 000005.log: No space left on device'],
] as const;

test.each(FAILURES)('a server stops with its own status when %s, and comes back with all', async (_, text) => {
  cluster = await Cluster.create();
  const disks = cluster.serverIds.map((id) => (cluster as Cluster).faultyDisk(id));
  cluster.startAll();
  const { leader } = await cluster.untilServing();
  const load = await Load.start(cluster);
  // The leader's, then that of one that follows.
  for (const id of [leader, (leader % 3) + 1]) {
    const disk = disks[id - 1] as FaultyDisk;
    disk.does(`fail ${text}`);
    expect(await cluster.ended(`server ${id}`)).toBe(DISK_FULL);
    const [said] = (cluster.logs.get(`server ${id}`) ?? '').split('\n').filter((line) => line.includes(text));
    expect(said).toMatch(`a write failed (${text}); free space or replace the disk, then start again`);
    await load.acks(100);
    disk.does('well');
    cluster.startServer(id);
    await cluster.until(({ servers }) => servers.every(isIn), 'its return');
    await load.acks(100);
  }
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
  await verified(cluster);
});

function isIn({ state }: ServerReport): boolean {
  return state === 'leader' || state === 'follower';
}

const SLOW_SYNC_MS = 200;

test.each(['the leader', 'a follower'])('nobody waits for the slow disk of %s', async (whose) => {
  cluster = await Cluster.create();
  const disks = cluster.serverIds.map((id) => (cluster as Cluster).faultyDisk(id));
  cluster.startAll();
  const { leader } = await cluster.untilServing();
  const disk = disks[(whose === 'the leader' ? leader : (leader % 3) + 1) - 1] as FaultyDisk;
  const client = cluster.client('alice');
  await client.joined();
  disk.does(`slow ${SLOW_SYNC_MS}`);
  const before = disk.syncs;
  // Each is said when the one before is acknowledged: whoever waited for that disk would wait for a sync for each.
  for (let number = 1; number <= 200; number += 1) {
    client.post(`alice-${number}`, `alice-${number}`);
    await client.allAcked();
  }
  expect(disk.syncs - before).toBeLessThan(100);
  disk.does('well');
  await client.sees(client.posted);
  checkTranscripts([client]);
  await cluster.untilEqual();
  await verified(cluster);
});

/** What may happen to a store. */
const DAMAGES: readonly (readonly [string, (store: string) => void])[] = [
  ['has a torn last write', (store) => tear(path.join(store, nameIn(store, /^\d+\.log$/)))],
  ['has a flipped bit in its log', (store) => flip(path.join(store, nameIn(store, /^\d+\.log$/)))],
  ['lacks a file', (store) => rmSync(path.join(store, nameIn(store, /^MANIFEST-/)))],
];

function nameIn(store: string, pattern: RegExp): string {
  return readdirSync(store).find((name) => pattern.test(name)) ?? 'nothing of that name';
}

/** Of the last record only a part reached the disk. */
function tear(file: string): void {
  truncateSync(file, statSync(file).size - 5);
}

/** In place: a process may have it open. */
function flip(file: string): void {
  const at = Math.floor(statSync(file).size / 2);
  const open = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(open, byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8(0) ^ 16, 0);
  writeSync(open, byte, 0, 1, at);
  closeSync(open);
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
    // Killed amid a write it would not know of that one: to lose it would be no damage.
    await cluster.signal(`server ${id}`, 'SIGTERM');
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

test('a server that finds a flipped bit stops, its clients read on elsewhere, and it gets its history again', async () => {
  const [lines, text] = [4000, 'x'.repeat(3000)];
  cluster = await Cluster.create();
  // So that the log is cut, and what is lost comes as a history.
  cluster.configure((config) => {
    config.limits = { snapshotBytes: 1_048_576 };
  });
  cluster.startAll();
  await cluster.untilServing();
  const client = cluster.client('alice');
  await client.joined();
  for (let number = 1; number <= lines; number += 1) client.post(`alice-${number}`, `alice-${number} ${text}`);
  await client.allAcked();
  await client.kill();
  // As it starts it makes tables of all that it has, and finds them whole.
  for (const id of cluster.serverIds) {
    await cluster.signal(`server ${id}`, 'SIGTERM');
    cluster.startServer(id);
    await cluster.until(({ servers }) => servers.every(isIn), 'its return');
  }
  const damaged = 2;
  const folder = path.join(cluster.folder, `server-${damaged}`);
  for (const name of readdirSync(path.join(folder, 'store'))) {
    if (name.endsWith('.ldb')) flip(path.join(folder, 'store', name));
  }
  const ended = cluster.ended(`server ${damaged}`);
  // One for each server, who read back to the first line.
  const readers = cluster.serverIds.map((id) => (cluster as Cluster).client(`reader-${id}`));
  await Promise.all(readers.map((reader) => reader.joined()));
  await Promise.all(readers.map((reader) => readBack(reader, lines)));
  expect(await ended).toBe(DAMAGED);
  cluster.startServer(damaged);
  await cluster.until(({ servers }) => servers.every(isIn), 'its return');
  expect(cluster.logs.get(`server ${damaged}`)).toContain(`put aside as ${folder}.damaged`);
  expect(cluster.logs.get(`server ${damaged}`)).toMatch(/asks server \d for a snapshot/);
  await cluster.untilEqual();
  await verified(cluster);
});

/** Page after page, each has to be right: of long lines there are fewer in one. */
async function readBack(reader: JsonClient, lines: number): Promise<void> {
  for (let before = lines + 1; before > 1; ) {
    const id = `before-${before}`;
    reader.write(JSON.stringify({ type: 'history', id, room: 'lobby', before, limit: 200 }));
    const page = await reader.until((event) => event.id === id, id);
    const found = page.lines as readonly { readonly type: string; readonly text: string }[];
    const said = found.filter(({ type }) => type === 'message').map((line) => line.text.split(' ')[0]);
    expect(said.length).toBeGreaterThan(0);
    expect(said).toEqual(said.map((_, at) => `alice-${before - said.length + at}`));
    before -= said.length;
  }
}
