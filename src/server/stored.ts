/** What a server finds in its store when it starts, checked. */
import { readHead } from '../history/history';
import { HEAD_KEY } from '../history/keys';
import type { StoredState } from '../paxos/effects';
import { type Storage, StorageError } from '../storage/storage';
import type { SnapshotInfo } from '../wire/peer';
import type { Bad } from '../wire/shape';
import type { Restored } from './restoring';
import { MANIFEST_KEY, openSnapshot, partKey, readManifest } from './snapshots';

export interface StoredServer {
  /** What Paxos must not forget; undefined: there is nothing. */
  readonly log: StoredState | undefined;
  /** How far the history reaches. */
  readonly historyThrough: number;
  /** The snapshots that can be used, the oldest first. */
  readonly snapshots: readonly SnapshotInfo[];
  /** The latest of them. */
  readonly restored: Restored | undefined;
}

/** What a store says that it holds. */
export interface StoreContents extends Omit<StoredServer, 'log' | 'restored'> {
  readonly log: StoredState;
}

/** A server that starts for the first time. */
export const NOTHING_STORED: StoredServer = { log: undefined, historyThrough: 0, snapshots: [], restored: undefined };

/** @throws StorageError when what is found is not what was written, and cannot be done without */
export async function loadStored(storage: Storage): Promise<StoredServer> {
  const contents = await readContents(storage);
  if (!contents) return NOTHING_STORED;
  const { log, historyThrough, snapshots } = contents;
  const missing = missingHistory(contents);
  if (missing) throw new StorageError('corrupt', `${missing}: what is between is not there`);
  let damage = 'there is none';
  for (const [at, info] of [...snapshots.entries()].reverse()) {
    const opened = await openStored(storage, info);
    if (!('bad' in opened)) return { log, historyThrough, snapshots: snapshots.slice(0, at + 1), restored: opened };
    damage = `at round ${info.round}, ${opened.bad}`;
  }
  if (log.first > 0)
    throw new StorageError('corrupt', `the log begins at round ${log.first}, and its snapshot: ${damage}`);
  return { log, historyThrough, snapshots: [], restored: undefined };
}

/** Before anything else is asked of the storage. @returns undefined when nothing was ever written */
export async function readContents(storage: Storage): Promise<StoreContents | undefined> {
  const log = await storage.load();
  if (!log) return undefined;
  const historyThrough = readHead(await storage.get(HEAD_KEY));
  const snapshots = readManifest(await storage.get(MANIFEST_KEY));
  if ('bad' in snapshots) throw new StorageError('corrupt', `the list of snapshots cannot be read: ${snapshots.bad}`);
  return { log, historyThrough, snapshots };
}

/** What is in a snapshot was written to the history before it. @returns how far each reaches, when that is not so */
export function missingHistory({ historyThrough, snapshots }: StoreContents): string | undefined {
  const position = snapshots.at(-1)?.position ?? 0;
  if (historyThrough >= position) return undefined;
  return `the history reaches position ${historyThrough}, the snapshot ${position}`;
}

/** A snapshot of the store, when it is whole. */
export async function openStored(storage: Storage, info: SnapshotInfo): Promise<Restored | Bad> {
  const parts: Uint8Array[] = [];
  for (let part = 0; part < info.parts; part += 1) {
    const bytes = await storage.get(partKey(info.round, part));
    if (!bytes) return { bad: `part ${part} of ${info.parts} is missing` };
    parts.push(bytes);
  }
  const chat = openSnapshot(info, parts);
  return 'bad' in chat ? chat : { info, chat };
}
