/** What a server finds in its store when it starts, checked. */
import type { ChatLimits } from '../chat/limits';
import { readHead } from '../history/history';
import { HEAD_KEY } from '../history/keys';
import type { StoredState } from '../paxos/effects';
import { type Storage, StorageError } from '../storage/storage';
import type { SnapshotInfo } from '../wire/peer';
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

/** A server that starts for the first time. */
export const NOTHING_STORED: StoredServer = { log: undefined, historyThrough: 0, snapshots: [], restored: undefined };

/** @throws StorageError when what is found is not what was written, and cannot be done without */
export async function loadStored(storage: Storage, limits: ChatLimits): Promise<StoredServer> {
  const log = await storage.load();
  if (!log) return NOTHING_STORED;
  const historyThrough = readHead(await storage.get(HEAD_KEY));
  const manifest = readManifest(await storage.get(MANIFEST_KEY));
  if ('bad' in manifest) throw new StorageError('corrupt', `the list of snapshots cannot be read: ${manifest.bad}`);
  const position = manifest.at(-1)?.position ?? 0;
  if (historyThrough < position) {
    const reach = `the history reaches position ${historyThrough}, the snapshot ${position}`;
    throw new StorageError('corrupt', `${reach}: what is between is not there`);
  }
  let damage = 'there is none';
  for (let count = manifest.length; count > 0; count -= 1) {
    const snapshots = manifest.slice(0, count);
    const opened = await open(storage, snapshots[count - 1] as SnapshotInfo, limits);
    if (!('bad' in opened)) return { log, historyThrough, snapshots, restored: opened };
    damage = opened.bad;
  }
  if (log.first > 0)
    throw new StorageError('corrupt', `the log begins at round ${log.first}, and its snapshot: ${damage}`);
  return { log, historyThrough, snapshots: [], restored: undefined };
}

async function open(
  storage: Storage,
  info: SnapshotInfo,
  limits: ChatLimits,
): Promise<Restored | { readonly bad: string }> {
  const parts: Uint8Array[] = [];
  for (let part = 0; part < info.parts; part += 1) {
    const bytes = await storage.get(partKey(info.round, part));
    if (!bytes) return { bad: `part ${part} of the one at round ${info.round} is missing` };
    parts.push(bytes);
  }
  const chat = openSnapshot(info, parts, limits);
  return 'bad' in chat ? chat : { info, chat };
}
