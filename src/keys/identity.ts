/**
 * The key of the person who chats: an Ed25519 key pair, made when it is used first, in a file that only its owner can
 * read (PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it).
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '../config/problems';
import { type Signer, signerOf } from '../lib/signer';
import { OWNER_ONLY, refuseOthers, textOf } from './text-file';

/** Nobody else looks into the folder that is made for it. */
const FOLDER_MODE = 0o700;

/**
 * Where the key is, unless somebody says otherwise: `synod/identity.pem` in the folder for data of the XDG Base
 * Directory Specification.
 */
export function identityFile(environment: NodeJS.ProcessEnv = process.env): string {
  const { SYNOD_IDENTITY: said, XDG_DATA_HOME: data } = environment;
  if (said) return said;
  // One that is not absolute is to be ignored, the specification says.
  const folder = data && path.isAbsolute(data) ? data : path.join(homedir(), '.local', 'share');
  return path.join(folder, 'synod', 'identity.pem');
}

/** The person's key, made now if there is none. @throws ConfigError when it cannot be read or made, or others may read it */
export function readOrMakeIdentity(file: string): Signer {
  if (!existsSync(file)) makeIdentity(file);
  const text = textOf(file, 'it was there a moment ago');
  refuseOthers(file);
  const secret = parse(text);
  if (secret?.asymmetricKeyType !== 'ed25519') throw new ConfigError([`${file}: not an Ed25519 private key in PEM`]);
  return signerOf(secret, createPublicKey(secret));
}

function parse(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** Two processes may do this at the same time: the key of the first one counts. */
function makeIdentity(file: string): void {
  const next = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: FOLDER_MODE });
    const { privateKey } = generateKeyPairSync('ed25519');
    try {
      const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
      // What belongs to the key is lost with it: it is on the disk before anybody uses it.
      writeFileSync(next, pem, { mode: OWNER_ONLY, flag: 'wx', flush: true });
      linkSync(next, file);
    } finally {
      rmSync(next, { force: true });
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const remedy = 'name another file with --identity or SYNOD_IDENTITY';
    throw new ConfigError([`${file}: a key for you cannot be made there (${code}); ${remedy}`], { cause });
  }
}
