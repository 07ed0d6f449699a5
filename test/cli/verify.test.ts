/** `synod verify` on the folders of three stopped servers, each time with something wrong in one of them. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { verify } from '../../src/cli/verify';
import { recordsOf } from '../../src/history/blocks';
import { headRecord } from '../../src/history/history';
import { prunable } from '../../src/history/pruning';
import { EXIT } from '../../src/lib/exit';
import { manifestOf, partKey } from '../../src/server/snapshots';
import { openDiskStorage } from '../../src/storage/disk';
import type { StorageWrite, StoredRecord } from '../../src/storage/storage';
import { encodeBatch, encodeEntry, encodeGroup } from '../../src/wire/codec-batch';
import { runsFrom } from '../history/events';
import { Store } from '../history/store';
import { sessionId } from '../people';
import { snapshotOf, type Taken } from '../server/snapshot-of';
import { BALLOT, played, roundsOf, STATE } from '../server/solo';

const SERVERS = [1, 2, 3];
const LINES = 400;
const SESSION = sessionId(1);
/** After all that is said. */
const TIME = 1_800_000_000_000;
const rounds = roundsOf(LINES);
const [OLDER, LATEST] = [200, 300];

const root = mkdtempSync(path.join(os.tmpdir(), 'synod-verify-'));
const file = path.join(root, 'cluster.json');
let folders = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Report {
  readonly ok: boolean;
  readonly servers: readonly { readonly id: number; readonly problems: readonly string[] }[];
  readonly problems: readonly string[];
}

function configure(): string {
  folders += 1;
  const folder = path.join(root, String(folders));
  const servers = SERVERS.map((id) => ({
    id,
    pub: `tcp://127.0.0.1:${7000 + id}`,
    rep: `tcp://127.0.0.1:${7100 + id}`,
    dataDir: path.join(folder, String(id)),
  }));
  const balancer = { clients: 'tcp://127.0.0.1:7200', servers: 'tcp://127.0.0.1:7201' };
  writeFileSync(file, JSON.stringify({ cluster: 'test', servers, balancer }));
  return folder;
}

async function verified(): Promise<Report> {
  let written = '';
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  try {
    const status = await verify({ config: file, json: true });
    const report = JSON.parse(written) as Report;
    expect(status).toBe(report.ok ? EXIT.ok : EXIT.data);
    return report;
  } finally {
    spy.mockRestore();
  }
}

/** Each time a folder is opened what was written before becomes a table. */
async function write(folder: string, id: number, ...writes: readonly StorageWrite[]): Promise<void> {
  const storage = await openDiskStorage(path.join(folder, String(id)), { cluster: 'test', server: id });
  await storage.load();
  for (const one of writes) await storage.write([one]);
  await storage.close();
}

function accepted(from: number, to: number, ballot = BALLOT, log = rounds) {
  return log.slice(from, to).map((value, at) => ({ round: from + at, ballot, value }));
}

function partsOf({ info, parts }: Taken): readonly StoredRecord[] {
  return parts.map((value, part) => ({ key: partKey(info.round, part), value }));
}

const committed = { ...STATE, committed: rounds.length };
const { events } = played(rounds);
const [older, latest] = [OLDER, LATEST].map((round) => snapshotOf(played(rounds.slice(0, round)).chat, round, round));
const snapshots: readonly Taken[] = [older as Taken, latest as Taken];

/** A store with history, two snapshots and the rounds after the older one. */
async function fill(folder: string, id: number, log = accepted(OLDER, rounds.length)): Promise<void> {
  await write(folder, id, { state: STATE, puts: [...recordsOf(runsFrom(events)), headRecord(events.length)] });
  const puts = [...snapshots.flatMap(partsOf), manifestOf(snapshots.map(({ info }) => info))];
  await write(folder, id, { state: committed, accepted: log, cut: OLDER, puts });
}

async function filled(): Promise<string> {
  const folder = configure();
  for (const id of SERVERS) await fill(folder, id);
  return folder;
}

test('three folders that are whole agree', async () => {
  await filled();
  const report = await verified();
  expect(report).toMatchObject({ ok: true, problems: [] });
  expect(report.servers.map(({ id }) => id)).toEqual(SERVERS);
});

test('a committed round whose value is missing', async () => {
  const folder = configure();
  for (const id of SERVERS) {
    await fill(folder, id, id === 2 ? accepted(OLDER, 250).concat(accepted(251, rounds.length)) : undefined);
  }
  expect((await verified()).problems).toEqual(['server 2: round 250 is committed, and its value is not there']);
});

const others = rounds.map((value, at) => (at === 350 ? (rounds[351] as Uint8Array) : value));
const higher = { counter: 2, server: 3 };
const lagging = { ...STATE, committed: 320 };

test.each([
  ['committed on both', committed, BALLOT, false],
  ['committed on one, and accepted by the other in the same ballot', lagging, BALLOT, false],
  ['committed on one, and accepted by the other in a higher ballot', lagging, higher, false],
  ['committed on one, and accepted by the other in a lower ballot', lagging, { counter: 0, server: 1 }, true],
])('different values of a round %s', async (_, state, ballot, ok) => {
  const folder = configure();
  for (const id of SERVERS) {
    await fill(folder, id);
    if (id === 3) await write(folder, id, { state, accepted: accepted(350, 351, ballot, others) });
  }
  const pairs = ok ? [] : [1, 2].map((one) => `servers ${one} and 3 hold different values of round 350`);
  expect((await verified()).problems).toEqual(pairs);
});

test('snapshots of one round that differ', async () => {
  const folder = await filled();
  const [, last] = snapshots as [Taken, Taken];
  const strange = snapshotOf(played(rounds.slice(0, LATEST)).chat, LATEST, last.info.size + 1);
  const infos = [(older as Taken).info, strange.info];
  await write(folder, 1, { puts: [...partsOf(strange), manifestOf(infos)] });
  const pairs = [2, 3].map((other) => `servers 1 and ${other} hold different snapshots at round ${LATEST}`);
  expect((await verified()).problems).toEqual(pairs);
});

test.each([
  ['older', OLDER],
  ['latest', LATEST],
])('a part of the %s snapshot that is missing', async (_, round) => {
  const folder = await filled();
  await write(folder, 2, { deletes: [partKey(round, 1)] });
  expect((await verified()).problems).toEqual([
    `server 2: the snapshot at round ${round} cannot be used: part 1 of 5 is missing`,
  ]);
});

test('a snapshot whose digest is not that of its parts', async () => {
  const folder = await filled();
  const [first] = partsOf(latest as Taken);
  await write(folder, 2, { puts: [{ key: partKey(OLDER, 0), value: first?.value as Uint8Array }] });
  const [problem] = (await verified()).problems;
  expect(problem).toMatch(`server 2: the snapshot at round ${OLDER} cannot be used: its digest is`);
});

test('a history that lacks a block, or ends before the snapshot', async () => {
  const folder = await filled();
  const blocks = recordsOf(runsFrom(events)).filter(({ value }) => value.length > 0);
  await write(folder, 1, { deletes: [(blocks[1] as StoredRecord).key] });
  await write(folder, 3, { puts: [headRecord(100)] });
  const problems = (await verified()).problems.join('\n');
  expect(problems).toMatch(/server 1: lobby: line \d+ is missing before position \d+/);
  expect(problems).toMatch('server 3: the history reaches position 100, the snapshot');
});

test('a history of which a room has let go more than the snapshot says', async () => {
  const folder = configure();
  const retain = { type: 'retain', room: 'lobby', ageMs: 0, count: 10, bytes: 0 } as const;
  const group = { type: 'group', session: SESSION, firstSeq: LINES + 2, settled: 0, commands: [retain] } as const;
  // The Nop of an election comes between.
  const log = [
    ...rounds,
    new Uint8Array(0),
    encodeBatch(TIME, [encodeGroup(group)]),
    encodeBatch(TIME, [encodeEntry({ type: 'sweep' })]),
  ];
  const { chat, events: all } = played(log);
  const floor = chat.floorOf('lobby');
  expect(floor).toBeGreaterThan((latest as Taken).info.position);
  const store = new Store();
  store.fill(recordsOf(runsFrom(all)));
  const { keys } = store.read(prunable('lobby', floor));
  expect(keys.length).toBeGreaterThan(0);
  for (const id of SERVERS) {
    await fill(folder, id, accepted(OLDER, log.length, BALLOT, log));
    // Not known as committed yet on this one.
    if (id !== 2) await write(folder, id, { state: { ...STATE, committed: log.length } });
    await write(folder, id, { deletes: keys });
  }
  expect(await verified()).toMatchObject({ ok: true });
});

test('a bit that was flipped in the history', async () => {
  const folder = await filled();
  const store = path.join(folder, '3', 'store');
  const tables = readdirSync(store).filter((name) => name.endsWith('.ldb'));
  // The first one was written first: it has the history.
  const table = path.join(store, tables.sort()[0] as string);
  const bytes = readFileSync(table);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(table, bytes);
  const report = await verified();
  expect(report.servers.map(({ problems }) => problems.length > 0)).toEqual([false, false, true]);
});

test('a folder that is not there', async () => {
  const folder = await filled();
  rmSync(path.join(folder, '2'), { recursive: true });
  const [problem] = (await verified()).problems;
  expect(problem).toMatch(/server 2: .*has no data there/);
});
