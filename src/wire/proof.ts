/**
 * How a client proves whose it is. A person is an Ed25519 key (RFC 8032). The server gives each attachment a nonce; the
 * client signs it together with the balancer's public key, the cluster's name and the session's id. So what was signed once
 * is of no use on another attachment, for another session, or in another cluster, whatever that one calls itself and
 * whichever nonce it passes on.
 */
import { createHash } from 'node:crypto';
import type { SessionId } from '../chat/commands';
import { isSignature, type Signer } from '../lib/signer';

export const SALT_BYTES = 16;
export const NONCE_BYTES = 32;

/** What all that is signed begins with: nothing that the key signs for another purpose does. */
const CONTEXT = Buffer.from('synod open 1\0', 'latin1');
/**
 * The first 64 bits, in hexadecimal, of the SHA-256 of a person's key and bytes that its client chose. Everybody may
 * know a session's id: only who has the key can open it, and nobody else can make one of their own that has this id.
 */
export function sessionOf(key: Uint8Array, salt: Uint8Array): SessionId {
  return createHash('sha256').update(key).update(salt).digest('hex').slice(0, 16);
}

/** What is proved: that the key's owner wants this session on this attachment, which has this nonce. */
export interface Proven {
  readonly nonce: Uint8Array;
  /** The public key of the balancer that the client reached, in Z85; '' where nobody has keys. */
  readonly balancer: string;
  readonly cluster: string;
  readonly session: SessionId;
}

/** The signature of a person. */
export function proofOf(signer: Signer, proven: Proven): Uint8Array {
  return signer.sign(signedBytes(proven));
}

/** Whether the signature is that of the key's owner. */
export function isProof(key: Uint8Array, signature: Uint8Array, proven: Proven): boolean {
  return isSignature(key, signedBytes(proven), signature);
}

/** Each part has its own length before it or is of a fixed one: two of them are the same only if all parts are. */
function signedBytes({ nonce, balancer, cluster, session }: Proven): Buffer {
  return Buffer.concat([CONTEXT, nonce, ...[balancer, cluster, session].flatMap(withLength)]);
}

/** At most 255 bytes. */
function withLength(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  return [Buffer.from([bytes.length]), bytes];
}
