/**
 * `public.json`: the public keys of all who belong to a cluster, by holder. It is no secret, the same on every host,
 * and read again by all that run when it changes.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config/problems';
import type { ClusterConfig } from '../config/schema';
import { isZ85Key } from '../lib/z85';
import { CLIENT, HOLDERS, holdersOf, roleOf } from './holders';
import { parsed, refuseMode, textOf, writeWhole } from './text-file';

const FOR_ALL_TO_READ = 0o644;
const WRITTEN_BY_OTHERS = 0o022;

const schema = z.strictObject({
  cluster: z.string(),
  keys: z.record(z.string(), z.string().refine(isZ85Key)),
});

/** By holder, each in Z85. */
export type PublicKeys = ReadonlyMap<string, string>;

export function publicKeysFile({ keys }: ClusterConfig): string {
  return path.join(keys, 'public.json');
}

/** There while somebody changes the keys: two who did so at the same time would lose what one of them did. */
export function changeMark({ keys }: ClusterConfig): string {
  return path.join(keys, 'changing');
}

/** Whether a key and the list may not fit at present. */
export function keysChange(config: ClusterConfig): boolean {
  return existsSync(changeMark(config));
}

/**
 * @param except somebody who may have none
 * @throws ConfigError when somebody of the cluster has none, or two have the same
 */
export function readPublicKeys(config: ClusterConfig, except = CLIENT): PublicKeys {
  const file = publicKeysFile(config);
  // Whoever may write to the list, or put another one in its place, may let in anybody.
  for (const each of [config.keys, file]) {
    refuseMode(each, WRITTEN_BY_OTHERS, 'others than its owner may write to it', 'go-w');
  }
  const text = textOf(file, `make keys: synod keygen --config ${config.file}`);
  const { cluster, keys } = parsed(file, text, schema, 'not a list of public keys as synod keygen writes it');
  if (cluster !== config.cluster) {
    throw new ConfigError([`${file}: the keys of cluster ${cluster}, ${config.file} is of ${config.cluster}`]);
  }
  const known = new Map(Object.entries(keys));
  const problems = problemsOf(config, known, except);
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `${file}: ${problem}`));
  return known;
}

export function writePublicKeys(config: ClusterConfig, keys: PublicKeys): Promise<void> {
  const content = { cluster: config.cluster, keys: Object.fromEntries(keys) };
  return writeWhole(publicKeysFile(config), content, FOR_ALL_TO_READ);
}

function problemsOf(config: ClusterConfig, known: PublicKeys, except: string): readonly string[] {
  const needed = holdersOf(config).filter((holder) => holder !== CLIENT && holder !== except);
  const missing = needed.filter((holder) => !known.has(holder));
  const strange = [...known.keys()].filter((holder) => roleOf(holder) === undefined);
  const holders = [...known];
  const shared = holders.filter(([, key], index) => holders.findIndex(([, other]) => other === key) < index);
  return [
    ...missing.map((holder) => `${holder} has no key; make one: synod keygen --config ${config.file} --for ${holder}`),
    ...strange.map((holder) => `found ${holder}, allowed: ${HOLDERS}`),
    ...shared.map(([holder]) => `${holder} has the key of somebody else; each has one of its own`),
  ];
}
