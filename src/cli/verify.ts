/** `synod verify`: whether the data folders of stopped servers are whole, and agree with each other. */
import { crc32 } from 'node:zlib';
import type { ClusterConfig, ServerConfig } from '../config/schema';
import { checkHistory } from '../history/check';
import type { Reading } from '../history/reading';
import { EXIT } from '../lib/exit';
import type { StoredState } from '../paxos/effects';
import { loadStored, type StoredServer } from '../server/stored';
import type { Storage } from '../storage/storage';
import { type ConfigFlags, configOf } from './context';
import { openFolderOf } from './folders';

export interface VerifyFlags extends ConfigFlags {
  readonly json?: boolean;
}

/** What was found in one folder. */
interface Found {
  readonly id: number;
  readonly summary: string;
  readonly problems: readonly string[];
  /** Checksums of the committed values, by round. */
  readonly values: ReadonlyMap<number, number>;
  /** Digests of the snapshots, by round. */
  readonly snapshots: ReadonlyMap<number, string>;
  readonly birth: string;
}

/** @returns the exit status: 0 when all is well */
export async function verify(flags: VerifyFlags): Promise<number> {
  const config = configOf(flags);
  const found: Found[] = [];
  for (const server of config.servers) found.push(await look(config, server));
  const problems = [
    ...found.flatMap((one) => one.problems.map((what) => `server ${one.id}: ${what}`)),
    ...between(found),
  ];
  if (flags.json) {
    const servers = found.map(({ id, summary, problems: own }) => ({ id, summary, problems: own }));
    process.stdout.write(`${JSON.stringify({ ok: problems.length === 0, servers, problems })}\n`);
  } else {
    for (const { id, summary } of found) process.stdout.write(`server ${id}  ${summary}\n`);
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    if (problems.length === 0) process.stdout.write('all of it is whole, and the servers agree\n');
  }
  return problems.length === 0 ? EXIT.ok : EXIT.data;
}

async function look(config: ClusterConfig, server: ServerConfig): Promise<Found> {
  const nothing = { id: server.id, values: new Map(), snapshots: new Map(), birth: '' };
  try {
    const storage = await openFolderOf(config, server);
    try {
      return { ...nothing, ...(await check(config, storage)) };
    } finally {
      await storage.close();
    }
  } catch (error) {
    return {
      ...nothing,
      summary: 'cannot be read',
      problems: [error instanceof Error ? error.message : String(error)],
    };
  }
}

async function check(config: ClusterConfig, storage: Storage): Promise<Omit<Found, 'id'>> {
  const stored = await loadStored(storage, config.limits.chat);
  if (!stored.log) {
    return { summary: 'nothing was written yet', problems: [], values: new Map(), snapshots: new Map(), birth: '' };
  }
  const { log, restored, snapshots } = stored;
  const problems = [...holesIn(log), ...reachOf(stored)];
  const state = restored?.chat;
  let history = 'no snapshot yet';
  if (state && restored) {
    const rooms = [...state.roomsByKey.values()].map(({ key, lines, floor }) => ({
      room: key,
      lines,
      floor: floor.position,
    }));
    const whole = await carryOut(checkHistory(rooms, restored.info.position), storage);
    problems.push(...whole.problems);
    history = `history of ${whole.events} events in ${whole.blocks} blocks, ${(whole.bytes / 1e6).toFixed(1)} MB`;
  }
  const committed = log.accepted.filter(({ round }) => round < log.state.committed);
  return {
    summary: `rounds ${log.first} to ${log.state.committed - 1}; ${snapshots.length} snapshots; ${history}`,
    problems,
    values: new Map(committed.map(({ round, value }) => [round, crc32(value)])),
    snapshots: new Map(snapshots.map(({ round, digest }) => [round, digest])),
    birth: state?.birth ?? '',
  };
}

/** Every committed round that was not cut off has its value. */
function holesIn({ first, accepted, state }: StoredState): readonly string[] {
  const rounds = new Set(accepted.map(({ round }) => round));
  const problems: string[] = [];
  for (let round = first; round < state.committed; round += 1) {
    if (!rounds.has(round)) problems.push(`round ${round} is committed, and its value is not there`);
  }
  return problems;
}

/** What is cut off is in a snapshot, and what is in a snapshot is in the history. */
function reachOf({ log, restored, historyThrough }: StoredServer): readonly string[] {
  const problems: string[] = [];
  const round = restored?.info.round ?? 0;
  if (log && log.first > round) problems.push(`the log begins at round ${log.first}, the snapshot ends at ${round}`);
  const position = restored?.info.position ?? 0;
  if (historyThrough < position) {
    problems.push(`the history reaches position ${historyThrough}, the snapshot ${position}`);
  }
  return problems;
}

/** One value for each round, and one state at each round. */
function between(found: readonly Found[]): readonly string[] {
  const problems: string[] = [];
  for (const [at, one] of found.entries()) {
    for (const other of found.slice(at + 1)) {
      const pair = `servers ${one.id} and ${other.id}`;
      if (one.birth !== '' && other.birth !== '' && one.birth !== other.birth) {
        problems.push(`${pair} hold logs of different births`);
      }
      for (const [round, value] of one.values) {
        if ((other.values.get(round) ?? value) !== value)
          problems.push(`${pair} hold different values of round ${round}`);
      }
      for (const [round, digest] of one.snapshots) {
        if ((other.snapshots.get(round) ?? digest) !== digest) {
          problems.push(`${pair} hold different snapshots at round ${round}`);
        }
      }
    }
  }
  return problems;
}

async function carryOut<Result>(reading: Reading<Result>, storage: Storage): Promise<Result> {
  let step = reading.next();
  while (!step.done) step = reading.next(await storage.scan(step.value));
  return step.value;
}
