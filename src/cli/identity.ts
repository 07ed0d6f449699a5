/** `synod identity`: who you are to a cluster. */
import { identityFile, readOrMakeIdentity } from '../keys/identity';
import { keyText, type Signer } from '../lib/signer';
import { complain } from './target';

export interface IdentityFlags {
  /** Where the person's key is, instead of the usual place. */
  readonly identity?: string;
}

/** The key of whoever runs this, made now if there is none. @throws ConfigError */
export function signerFor({ identity }: IdentityFlags): Signer {
  return readOrMakeIdentity(identity ?? identityFile());
}

/** Says where the secret key is. @returns the public one, alone, so that it can be put where it is wanted */
export function identity(flags: IdentityFlags): string {
  const key = keyText(signerFor(flags).key);
  complain(`your key is kept in ${flags.identity ?? identityFile()}`);
  return key;
}
