/** Opens the data folder of a server, and makes sure that it is one and is whole. */

import { thisMachine } from '../lib/machine';
import { DiskStorage } from './disk-storage';
import { failure, readFailure, systemFailure } from './failures';
import { type DataFolder, markReady, openFolder } from './folder';
import { openLevel, type Store } from './level';
import { checkLogs } from './logs';
import { decodeJson, encodeJson, FIRST_RECORD_KEY, IDENTITY_KEY } from './records';
import { Settling } from './settling';
import { type Storage, StorageError, type StorageIdentity } from './storage';
import { Tables } from './tables';
import { Witness } from './witness';

/** What was written last, and is merged next, is checked wholly when a store is opened: it takes 0.1 s. */
const NEWEST_BYTES = 64 * 1024 * 1024;

/** Opens, or makes, the data folder of a server. @throws StorageError */
export async function openDiskStorage(folder: string, identity: StorageIdentity): Promise<Storage> {
  const places = await openFolder(folder, identity);
  const settling = asSystem(folder, () => Settling.begin(places.settling));
  try {
    const tables = places.isNew ? undefined : checkTables(folder, places, settling.failedBefore);
    return await openStore(folder, identity, places, tables, settling);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'corrupt') settling.lookCloserNextTime();
    settling.end();
    throw error;
  }
}

async function openStore(
  folder: string,
  identity: StorageIdentity,
  places: DataFolder,
  checked: Tables | undefined,
  settling: Settling,
): Promise<Storage> {
  const level = await openLevel(folder, places);
  try {
    const witness = checked
      ? await checkOld(folder, places, level, identity)
      : await fillNew(folder, places, level, identity);
    const tables = checked ?? checkTables(folder, places, false);
    tables.onOpened();
    return new DiskStorage(folder, { level, tables, witness, settling, timers: thisMachine.timers });
  } catch (error) {
    await level.close();
    throw readFailure(folder, error);
  }
}

/** LevelDB's logs are checked, all data of ours in the log and the state, and of the records what is new, or all. */
function checkTables(folder: string, { store }: DataFolder, wholly: boolean): Tables {
  try {
    checkLogs(store);
    return new Tables(store, FIRST_RECORD_KEY, wholly ? Number.POSITIVE_INFINITY : NEWEST_BYTES);
  } catch (error) {
    throw readFailure(folder, error);
  }
}

async function fillNew(folder: string, places: DataFolder, level: Store, identity: StorageIdentity): Promise<Witness> {
  await level.put(IDENTITY_KEY, encodeJson(IDENTITY_KEY, identity), { sync: true });
  const witness = asSystem(folder, () => Witness.create(places.witness));
  await markReady(folder, identity);
  return witness;
}

async function checkOld(folder: string, places: DataFolder, level: Store, identity: StorageIdentity): Promise<Witness> {
  const bytes = await level.get(IDENTITY_KEY);
  const found = bytes && decodeJson(IDENTITY_KEY, bytes);
  if (!found) throw failure('corrupt', folder, 'the store does not say whose it is');
  if (found.cluster !== identity.cluster || found.server !== identity.server) {
    throw failure('foreign', folder, `the store is of server ${found.server} of cluster ${found.cluster}`);
  }
  return asSystem(folder, () => Witness.open(places.witness));
}

/** A call to the file system, its failure in our words. A file that is missing where there was one is a damage. */
function asSystem<Result>(folder: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw failure('corrupt', folder, 'the number of the last batch is missing', cause);
    }
    throw systemFailure(folder, 'cannot be read or written', cause);
  }
}
