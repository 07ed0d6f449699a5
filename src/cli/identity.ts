/** `synod identity`: who you are to a cluster. */
import { identityFile, readOrMakeIdentity } from '../keys/identity';
import { keyText, type Signer } from '../lib/signer';

export interface IdentityFlags {
  /** Where the person's key is, instead of the usual place. */
  readonly identity?: string;
}

/** The key of whoever runs this, made now if there is none. @throws ConfigError */
export function signerFor({ identity }: IdentityFlags): Signer {
  return readOrMakeIdentity(identity ?? identityFile());
}

/** @returns the public key, and where the secret one is */
export function identity(flags: IdentityFlags): string {
  return [keyText(signerFor(flags).key), `kept in ${flags.identity ?? identityFile()}`].join('\n');
}
