/**
 * A server whose data are damaged repairs itself from its peers: the folder is put aside, and the server is from then
 * on one that lost its disk. That is safe only while a majority of other servers runs that has not: each of them votes,
 * and has all that was ever agreed on. Else whoever runs the cluster has to see what can be saved.
 */
import type { ClusterConfig, ServerConfig } from '../config/schema';
import { HistoryError } from '../history/blocks';
import { EXIT, ExitError } from '../lib/exit';
import type { Logger } from '../lib/log';
import { isOwnFolder } from '../storage/folder';
import { setAside } from '../storage/set-aside';
import { StorageError } from '../storage/storage';
import type { Transport } from '../transport/transport';
import { askServers, votes } from './status';

/** Whether the data are not what was written. */
export function isDamage(error: unknown): error is StorageError | HistoryError {
  return error instanceof HistoryError || (error instanceof StorageError && error.code === 'corrupt');
}

/**
 * Whether a server may go on without its data: one that lost them gets everything from others, as long as a majority of
 * all has not lost theirs.
 * @param voters how many others vote
 */
export function mayRepair(voters: number, servers: number): boolean {
  return 2 * voters > servers;
}

/** @param damage why it cannot be used @throws ExitError when it is not safe to go on without it */
export async function repair(
  config: ClusterConfig,
  { id, dataDir }: ServerConfig,
  damage: Error,
  transport: Transport,
  log: Logger,
): Promise<void> {
  // A folder that does not say that it is this server's may be anything.
  if (!(await isOwnFolder(dataDir, { cluster: config.cluster, server: id }))) throw damage;
  const servers = await askServers(config, transport);
  const healthy = servers.filter((server) => server.id !== id && votes(server)).length;
  if (!mayRepair(healthy, servers.length)) {
    const needed = Math.floor(servers.length / 2) + 1;
    const when = `a server repairs itself while ${needed} others run and vote, now ${healthy} do`;
    throw new ExitError(EXIT.data, `${damage.message}; ${when}`, { cause: damage });
  }
  const aside = await setAside(dataDir);
  log.warn(`${damage.message}; put aside as ${aside}: everything comes again from the other servers`);
}
