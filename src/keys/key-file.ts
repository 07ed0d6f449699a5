/** A secret key on disk: its owner's alone. */
import { z } from 'zod';
import { isZ85Key } from '../lib/z85';
import type { KeyPair } from '../transport/security';
import { roleOf } from './holders';
import { OWNER_ONLY, parsed, refuseOthers, textOf, writeWhole } from './text-file';

const key = z.string().refine(isZ85Key);

const schema = z.strictObject({
  cluster: z.string(),
  holder: z.string().refine((text) => roleOf(text) !== undefined),
  publicKey: key,
  secretKey: key,
  /** Of a client: where to go, and whom to expect there. */
  balancer: z.strictObject({ address: z.string(), publicKey: key }).optional(),
});

/** What a key file holds: all that its holder needs to be let in. */
export type KeyFile = z.output<typeof schema>;

/** @throws ConfigError when it is not there, not a key file, or others may read it */
export function readKeyFile(file: string): KeyFile {
  const text = textOf(file, 'make one with synod keygen, or copy it from where it was made');
  refuseOthers(file);
  return parsed(file, text, schema, 'not a key file as synod keygen writes it');
}

/** Puts it in the place of one that is there. */
export function writeKeyFile(file: string, content: KeyFile): Promise<void> {
  return writeWhole(file, content, OWNER_ONLY);
}

export function pairOf({ publicKey, secretKey }: KeyFile): KeyPair {
  return { publicKey, secretKey };
}
