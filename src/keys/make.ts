/** Makes keys: all of a new cluster at once, or a new one for somebody. */
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../config/problems';
import type { ClusterConfig } from '../config/schema';
import { makeDataFolder, syncDirectory } from '../storage/directories';
import { newKeyPair } from '../transport/security';
import { BALANCER, CLIENT, HOLDERS, holdersOf, keyFileOf, roleOf } from './holders';
import { type KeyFile, readKeyFile, writeKeyFile } from './key-file';
import { changeMark, type PublicKeys, publicKeysFile, readPublicKeys, writePublicKeys } from './public-keys';

/**
 * Makes the keys of everybody in a new cluster, in a folder that is there whole or not at all: whoever starts the
 * cluster's parts together may let each of them call this.
 * @returns whether any were made; false: there were some already
 */
export async function makeKeys(config: ClusterConfig): Promise<boolean> {
  if (existsSync(publicKeysFile(config))) return false;
  if (existsSync(config.keys)) {
    throw new ConfigError([
      `${config.keys}: is there, without public.json; copy that from another host of the cluster`,
    ]);
  }
  const parent = path.dirname(config.keys);
  await makeDataFolder(parent);
  const unfinished = await mkdtemp(`${config.keys}.`);
  try {
    const made = { ...config, keys: unfinished };
    const files = newKeyFiles(config, holdersOf(config));
    for (const [holder, file] of files) await writeKeyFile(keyFileOf(made, holder), file);
    await writePublicKeys(made, new Map(files.map(([holder, { publicKey }]) => [holder, publicKey])));
    await rename(unfinished, config.keys);
    await syncDirectory(parent);
    return true;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else was quicker.
    if (existsSync(publicKeysFile(config))) return false;
    throw error;
  }
}

/**
 * Makes a new key for one holder, who may have had one before and loses that. Those who run learn of it from the list
 * of public keys; the holder itself has to be started again.
 * @throws ConfigError
 */
export function makeKeyFor(config: ClusterConfig, holder: string): Promise<void> {
  return alone(config, () => replaceKey(config, holder));
}

async function replaceKey(config: ClusterConfig, holder: string): Promise<void> {
  const isServer = roleOf(holder) === 'server';
  if (roleOf(holder) === undefined || (isServer && !holdersOf(config).includes(holder))) {
    throw new ConfigError([`${holder}: nobody in ${config.file} is called so, allowed: ${HOLDERS}`]);
  }
  const known = readPublicKeys(config, holder);
  const [[, file] = []] = newKeyFiles(config, [holder], known);
  if (!file) return;
  await writeKeyFile(keyFileOf(config, holder), file);
  const keys = new Map([...known, [holder, file.publicKey]]);
  await writePublicKeys(config, keys);
  if (holder === BALANCER) await tellClients(config, keys);
}

/** Whoever has this key is not let in any more. @throws ConfigError when nobody is called so, or the cluster needs it */
export function removeKeyOf(config: ClusterConfig, holder: string): Promise<void> {
  return alone(config, () => removeKey(config, holder));
}

async function removeKey(config: ClusterConfig, holder: string): Promise<void> {
  const known = new Map(readPublicKeys(config));
  const needed = holdersOf(config).filter((each) => each !== CLIENT);
  if (needed.includes(holder) || !known.delete(holder)) {
    const others = [...known.keys()].filter((each) => !needed.includes(each));
    const what = `cannot remove ${holder}, only ${others.join(', ') || 'those whom the cluster does not need'}`;
    throw new ConfigError([`${publicKeysFile(config)}: ${what}`]);
  }
  await writePublicKeys(config, known);
  await rm(keyFileOf(config, holder), { force: true });
}

/** @throws ConfigError when somebody else changes the keys */
async function alone(config: ClusterConfig, change: () => Promise<void>): Promise<void> {
  const lock = changeMark(config);
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') readPublicKeys(config);
    if (code !== 'EEXIST') throw cause;
    throw new ConfigError([`${lock}: somebody else changes the keys; remove this file if nobody does`], { cause });
  }
  try {
    await change();
  } finally {
    await rm(lock, { force: true });
  }
}

function newKeyFiles(
  config: ClusterConfig,
  holders: readonly string[],
  known: PublicKeys = new Map(),
): readonly (readonly [holder: string, file: KeyFile])[] {
  const pairs = holders.map((holder) => ({ holder, pair: newKeyPair() }));
  const balancerKey = pairs.find(({ holder }) => holder === BALANCER)?.pair.publicKey ?? known.get(BALANCER) ?? '';
  const balancer = { address: config.balancer.clients, publicKey: balancerKey };
  return pairs.map(({ holder, pair }) => {
    const file = { cluster: config.cluster, holder, ...pair };
    return [holder, roleOf(holder) === 'client' ? { ...file, balancer } : file];
  });
}

/** The key files of clients that are here say whom to expect. */
async function tellClients(config: ClusterConfig, keys: PublicKeys): Promise<void> {
  const balancer = { address: config.balancer.clients, publicKey: keys.get(BALANCER) ?? '' };
  for (const holder of keys.keys()) {
    const file = keyFileOf(config, holder);
    if (roleOf(holder) !== 'client' || !existsSync(file)) continue;
    await writeKeyFile(file, { ...readKeyFile(file), balancer });
  }
}
