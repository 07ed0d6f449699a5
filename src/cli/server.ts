/** `synod server`: runs one server of the cluster until it is told to stop. */
import type { ServerConfig } from '../config/schema';
import { systemClock } from '../lib/clock';
import { EXIT, ExitError } from '../lib/exit';
import { runServer } from '../server/process';
import { openDiskStorage } from '../storage/disk';
import { MemoryStorage } from '../storage/memory';
import type { Storage } from '../storage/storage';
import { type ConfigFlags, configOf, freshRandom, logOf, transportOf } from './context';
import { exitWithParent } from './supervise';
import { untilSignal } from './until-signal';

export interface ServerFlags extends ConfigFlags {
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
  const storage: Storage =
    config.storage === 'memory'
      ? new MemoryStorage(false)
      : await openDiskStorage(self.dataDir, { cluster: config.cluster, server: self.id });
  const transport = transportOf(config, random);
  const log = logOf(`server ${self.id}`);
  const running = await runServer({ config, id: self.id, storage, transport, clock: systemClock, random, log });
  return untilSignal(running);
}

function ids(servers: readonly ServerConfig[]): string {
  return servers.map(({ id }) => id).join(', ');
}
