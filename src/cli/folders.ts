/** The data folders of servers that do not run, opened to be looked at. */
import { existsSync } from 'node:fs';
import type { ClusterConfig, ServerConfig } from '../config/schema';
import { EXIT, ExitError } from '../lib/exit';
import { openDiskStorage } from '../storage/disk';
import type { Storage } from '../storage/storage';

/** Opens the folder of a server. Nothing is made where there is nothing. @throws ExitError, StorageError */
export async function openFolderOf(config: ClusterConfig, { id, dataDir }: ServerConfig): Promise<Storage> {
  if (!existsSync(dataDir)) {
    throw new ExitError(
      EXIT.data,
      `${dataDir}: server ${id} has no data there; has it been started with this configuration?`,
    );
  }
  return openDiskStorage(dataDir, { cluster: config.cluster, server: id });
}
