/** People's keys: Ed25519 (RFC 8032), written as 43 characters of base64url. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** What stands before the 32 bytes of a public key in DER (RFC 8410). */
const DER_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
/** 32 bytes in base64url: of the last character only the first four bits are used, so there is one way to write a key. */
const TEXT = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Who can prove to be a person. */
export interface Signer {
  /** The 32 bytes of the public key. */
  readonly key: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

/** @param secret an Ed25519 private key @param open its public one */
export function signerOf(secret: KeyObject, open: KeyObject): Signer {
  const key = open.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  return { key, sign: (bytes) => sign(null, bytes, secret) };
}

/** Whether the signature of these bytes is that of the key's owner. Takes about a third of a millisecond. */
export function isSignature(key: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  const open = createPublicKey({ key: Buffer.concat([DER_HEAD, key]), format: 'der', type: 'spki' });
  return verify(null, bytes, open, signature);
}

/** A public key as the log and people write it. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key).toString('base64url');
}

/** Whether a text is a public key, as far as one can see. */
export function isKeyText(text: string): boolean {
  return TEXT.test(text);
}
