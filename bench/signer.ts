/** Somebody new. */
import { generateKeyPairSync } from 'node:crypto';
import { type Signer, signerOf } from '../src/lib/signer';

export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return signerOf(privateKey, publicKey);
}
