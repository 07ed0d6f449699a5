/**
 * The folder of a server's data: whose it is, and whether it is new. Only a folder that is empty or not there is new;
 * anything else that does not say whose it is, or says somebody else's name, is refused.
 *
 *   identity.json   whose data it is; `state` is "creating" until all below has been made, then "ready"
 *   last-batch      what was written last (witness.ts)
 *   settling        there while a store is new to the process that has it open (settling.ts)
 *   store/          the LevelDB
 *
 * A crash at any point of the creation leaves a folder that is new, or "creating", and nothing was promised yet.
 */
import { open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { makeDataFolder, syncDirectory } from './directories';
import { failure, systemFailure } from './failures';
import { FORMAT } from './records';
import type { StorageIdentity } from './storage';

const IDENTITY = 'identity.json';
const UNFINISHED = 'identity.json.new';

/** Files without which a LevelDB has lost something, and starts as if it had never had it, or leaves a mess. */
const STORE_FILES: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'CURRENT', pattern: /^CURRENT$/ },
  { name: 'MANIFEST', pattern: /^MANIFEST-\d+$/ },
  { name: 'log', pattern: /^\d+\.log$/ },
];

type IdentityState = 'creating' | 'ready';

export interface DataFolder {
  /** Where the LevelDB lies. */
  readonly store: string;
  /** The witness of what was written last. */
  readonly witness: string;
  /** The mark of a process that has just opened the store. */
  readonly settling: string;
  /** Nothing was ever stored here. */
  readonly isNew: boolean;
}

/** Claims a folder for a server. @throws StorageError */
export async function openFolder(folder: string, identity: StorageIdentity): Promise<DataFolder> {
  const places = {
    store: path.join(folder, 'store'),
    witness: path.join(folder, 'last-batch'),
    settling: path.join(folder, 'settling'),
  };
  const entries = await entriesOf(folder);
  if (entries.includes(IDENTITY)) {
    const state = await readIdentity(folder, identity);
    if (state === 'ready') await checkStore(folder, places.store);
    return { ...places, isNew: state === 'creating' };
  }
  const stranger = entries.find((entry) => entry !== UNFINISHED);
  if (stranger !== undefined) {
    throw failure(
      'corrupt',
      folder,
      `holds ${stranger} but no ${IDENTITY}: not a data folder of Synod, or a damaged one`,
    );
  }
  await writeIdentity(folder, identity, 'creating');
  return { ...places, isNew: true };
}

/** Whether a folder says that it is this server's. @throws never: what cannot be read says nothing */
export function isOwnFolder(folder: string, identity: StorageIdentity): Promise<boolean> {
  return readIdentity(folder, identity).then(
    () => true,
    () => false,
  );
}

/** Everything has been made: from here on the folder is not new. @throws StorageError */
export async function markReady(folder: string, identity: StorageIdentity): Promise<void> {
  try {
    await syncDirectory(path.join(folder, 'store'));
  } catch (cause) {
    throw systemFailure(folder, 'cannot be synced', cause);
  }
  await writeIdentity(folder, identity, 'ready');
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    await makeDataFolder(folder);
    return await readdir(folder);
  } catch (cause) {
    throw systemFailure(folder, 'cannot be made or read', cause);
  }
}

async function readIdentity(folder: string, identity: StorageIdentity): Promise<IdentityState> {
  const file = path.join(folder, IDENTITY);
  const found = parseIdentity(
    await readFile(file, 'utf8').catch((cause) => {
      throw systemFailure(file, 'cannot be read', cause);
    }),
  );
  if (!found) throw failure('corrupt', file, 'not what was written');
  if ('format' in found) {
    const { format } = found;
    throw failure('foreign', folder, `holds data of format ${format}, and this version of Synod reads ${FORMAT} only`);
  }
  const { cluster, server, state } = found;
  if (cluster === identity.cluster && server === identity.server) return state;
  const ours = `server ${identity.server} of cluster ${identity.cluster}`;
  throw failure('foreign', folder, `holds the data of server ${server} of cluster ${cluster}, not of ${ours}`);
}

function parseIdentity(
  text: string,
): (StorageIdentity & { readonly state: IdentityState }) | { readonly format: number } | undefined {
  try {
    const { format, cluster, server, state } = JSON.parse(text);
    if (Number.isSafeInteger(format) && format !== FORMAT) return { format };
    const isKnown = format === FORMAT && typeof cluster === 'string' && Number.isSafeInteger(server);
    return isKnown && (state === 'creating' || state === 'ready') ? { cluster, server, state } : undefined;
  } catch {
    return undefined;
  }
}

async function checkStore(folder: string, store: string): Promise<void> {
  const files = await readdir(store).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') throw failure('corrupt', folder, 'the store is gone', cause);
    throw systemFailure(store, 'cannot be read', cause);
  });
  const missing = STORE_FILES.find(({ pattern }) => !files.some((file) => pattern.test(file)));
  if (missing) throw failure('corrupt', folder, `the store has lost its ${missing.name} file`);
}

/** Whole or not at all: written beside, synced, renamed into place, and the folder synced. */
async function writeIdentity(folder: string, identity: StorageIdentity, state: IdentityState): Promise<void> {
  const beside = path.join(folder, UNFINISHED);
  try {
    const file = await open(beside, 'w', 0o600);
    try {
      const { cluster, server } = identity;
      await file.writeFile(`${JSON.stringify({ format: FORMAT, cluster, server, state })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path.join(folder, IDENTITY));
    await syncDirectory(folder);
  } catch (cause) {
    throw systemFailure(folder, 'cannot be written', cause);
  }
}
