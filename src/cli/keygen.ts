/** `synod keygen`: the keys of a cluster, all at once or one by one. */
import path from 'node:path';
import type { ClusterConfig } from '../config/schema';
import { keyFileOf, roleOf } from '../keys/holders';
import { makeKeyFor, makeKeys, removeKeyOf } from '../keys/make';
import { publicKeysFile } from '../keys/public-keys';
import { EXIT, ExitError } from '../lib/exit';
import { shellWord } from '../lib/shell-word';
import { type ConfigFlags, configOf } from './context';

export interface KeygenFlags extends ConfigFlags {
  /** For whom; by default for all of a cluster that has none. */
  readonly for?: string;
  /** Whose is to be taken away. */
  readonly remove?: string;
}

/**
 * @returns what to tell the user
 * @throws ConfigError, ExitError
 */
export async function keygen(flags: KeygenFlags): Promise<string> {
  const config = configOf(flags);
  if (flags.for !== undefined && flags.remove !== undefined) {
    throw new ExitError(EXIT.usage, '--for and --remove: one of them is allowed');
  }
  try {
    return await change(config, flags);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== 'string' || cause instanceof ExitError) throw cause;
    const status = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? EXIT.system : EXIT.failure;
    throw new ExitError(status, `${config.keys}: keys cannot be written there (${code})`, { cause });
  }
}

async function change(config: ClusterConfig, { for: holder, remove }: KeygenFlags): Promise<string> {
  if (remove !== undefined) {
    await removeKeyOf(config, remove);
    return `${remove} is not let in any more; all clients are cut off for a moment, and those with other keys come back`;
  }
  if (holder === undefined) {
    if (await makeKeys(config)) return `made keys for ${config.cluster} in ${config.keys}`;
    return `the keys of ${config.cluster} are in ${config.keys} already`;
  }
  await makeKeyFor(config, holder);
  return [`made ${keyFileOf(config, holder)}`, ...nextSteps(config, holder)].join('\n');
}

function nextSteps(config: ClusterConfig, holder: string): readonly string[] {
  const list = path.basename(publicKeysFile(config));
  if (roleOf(holder) === 'client') {
    const file = shellWord(keyFileOf(config, holder));
    return [`To be handed to whoever is to come with it: synod chat --key ${file}`];
  }
  return [
    `Where parts of the cluster run on other hosts, copy ${list} to them now; all that runs reads it again.`,
    `Then start ${holder} again: it is shut out until it comes with the new key.`,
    ...(roleOf(holder) === 'balancer' ? ['Clients with a copy of their key file need a new one.'] : []),
  ];
}
