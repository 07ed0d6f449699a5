/**
 * The folder of a server's data: whose it is, and whether it is new. Only a folder that is empty or not there is new;
 * anything else that does not say whose it is, or says somebody else's name, is refused.
 *
 *   identity.json   whose data it is; `state` is "creating" until the store has been made, then "ready"
 *   store/          the LevelDB
 *
 * A crash at any point of the creation leaves a folder that is new, or "creating", and nothing was promised yet.
 */
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { FORMAT } from './records';
import { StorageError, type StorageIdentity } from './storage';

const IDENTITY = 'identity.json';
const UNFINISHED = 'identity.json.new';

/** Files without which a LevelDB has lost something: it would start as if it had never had it. */
const STORE_FILES: readonly RegExp[] = [/^CURRENT$/, /^MANIFEST-\d+$/, /^\d+\.log$/];

export interface DataFolder {
  /** Where the LevelDB lies. */
  readonly store: string;
  /** Nothing was ever stored here. */
  readonly isNew: boolean;
}

/** Claims a folder for a server. @throws StorageError */
export async function openFolder(folder: string, identity: StorageIdentity): Promise<DataFolder> {
  const store = path.join(folder, 'store');
  const entries = await entriesOf(folder);
  if (entries.includes(IDENTITY)) {
    const state = await readIdentity(folder, identity);
    if (state === 'ready') await checkStore(folder, store);
    return { store, isNew: state === 'creating' };
  }
  if (entries.some((entry) => entry !== UNFINISHED)) {
    throw new StorageError(
      'corrupt',
      `${folder}: holds ${entries[0]} but no ${IDENTITY}: not a data folder of Synod, or a damaged one; move it away, or name another folder`,
    );
  }
  await writeIdentity(folder, identity, 'creating');
  return { store, isNew: true };
}

/** The store has been made: from here on the folder is not new. */
export function markReady(folder: string, identity: StorageIdentity): Promise<void> {
  return writeIdentity(folder, identity, 'ready');
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await readdir(folder);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StorageError('not-permitted', `${folder}: cannot be made or read (${why}); check its owner and mode`, {
      cause,
    });
  }
}

async function readIdentity(folder: string, identity: StorageIdentity): Promise<'creating' | 'ready'> {
  const file = path.join(folder, IDENTITY);
  let found: { format?: unknown; cluster?: unknown; server?: unknown; state?: unknown };
  try {
    found = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new StorageError('corrupt', `${file}: unreadable; ${LOST}`, { cause });
  }
  const { format, cluster, server, state } = found;
  if (format !== FORMAT || (state !== 'creating' && state !== 'ready')) {
    throw new StorageError('corrupt', `${file}: not of a format that this version knows; ${LOST}`);
  }
  if (cluster !== identity.cluster || server !== identity.server) {
    throw new StorageError(
      'foreign',
      `${folder}: holds the data of server ${String(server)} of cluster ${String(cluster)}, not of server ${identity.server} of ${identity.cluster}; name another folder`,
    );
  }
  return state;
}

/** What to do with a folder that is damaged. */
export const LOST = 'move the folder away, the server then gets everything from its peers';

async function checkStore(folder: string, store: string): Promise<void> {
  const files = await readdir(store).catch(() => []);
  const missing = STORE_FILES.find((wanted) => !files.some((file) => wanted.test(file)));
  if (missing) throw new StorageError('corrupt', `${folder}: the store lost a file (${missing.source}); ${LOST}`);
}

/** Whole or not at all: written beside, synced, renamed into place, and the folder synced. */
async function writeIdentity(folder: string, identity: StorageIdentity, state: 'creating' | 'ready'): Promise<void> {
  const beside = path.join(folder, UNFINISHED);
  try {
    const file = await open(beside, 'w', 0o600);
    await file.writeFile(`${JSON.stringify({ format: FORMAT, ...identity, state })}\n`);
    await file.sync();
    await file.close();
    await rename(beside, path.join(folder, IDENTITY));
    const directory = await open(folder, 'r');
    await directory.sync();
    await directory.close();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const kind = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'not-permitted' : 'failed';
    throw new StorageError(kind, `${folder}: cannot be written (${code ?? String(cause)})`, { cause });
  }
}
