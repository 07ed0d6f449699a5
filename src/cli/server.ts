/** `synod server`: runs one server of the cluster until it is told to stop. */
import type { ServerConfig } from '../config/schema';
import { serverHolder } from '../keys/holders';
import { EXIT, ExitError } from '../lib/exit';
import { thisMachine } from '../lib/machine';
import { runServer } from '../server/process';
import { openDiskStorage } from '../storage/disk';
import { MemoryStorage } from '../storage/memory';
import type { Storage, StorageIdentity } from '../storage/storage';
import { type ConfigFlags, configOf, freshRandom, logOf, transportOf } from './context';
import { isDamage, repair } from './repair';
import { type SecurityFlags, securityOf } from './security';
import { exitWithParent } from './supervise';
import { untilSignal } from './until-signal';

export interface ServerFlags extends ConfigFlags, SecurityFlags {
  readonly id: number;
}

/** @returns the exit status */
export async function server(flags: ServerFlags): Promise<number> {
  const config = configOf(flags);
  const self = config.servers.find(({ id }) => id === flags.id);
  if (!self)
    throw new ExitError(
      EXIT.config,
      `${config.file}: servers: no server has id ${flags.id}, there are ${ids(config.servers)}`,
    );
  exitWithParent();
  const random = freshRandom();
  const log = logOf(`server ${self.id}`);
  const security = await securityOf(config, serverHolder(self.id), flags, log);
  const transport = transportOf(config, random, security);
  const start = (storage: Storage) =>
    runServer({ config, id: self.id, storage, transport, machine: thisMachine, random, log });
  if (config.storage === 'memory') {
    return untilSignal(await start(new MemoryStorage(false)), config.limits.process);
  }
  const identity = { cluster: config.cluster, server: self.id };
  const running = await startOn(self.dataDir, identity, start).catch(async (error) => {
    if (!isDamage(error)) throw error;
    await repair(config, self, error, transport, log);
    return startOn(self.dataDir, identity, start);
  });
  return untilSignal(running, config.limits.process);
}

/** Opens the data folder and starts on it; closes it again when that fails. */
async function startOn<Result>(
  folder: string,
  identity: StorageIdentity,
  start: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await openDiskStorage(folder, identity);
  try {
    return await start(storage);
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function ids(servers: readonly ServerConfig[]): string {
  return servers.map(({ id }) => id).join(', ');
}
