/** People for tests, by number: the same ones each time. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { PersonKey, SessionId } from '../src/chat/commands';
import { keyText, type Signer, signerOf } from '../src/lib/signer';
import type { ClientRequest } from '../src/wire/client';
import { proofOf, SALT_BYTES, sessionOf } from '../src/wire/proof';

/** What stands before the 32 bytes of a private Ed25519 key in DER. */
const DER_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const known = new Map<number, Signer>();

export function person(number: number): Signer {
  let signer = known.get(number);
  if (!signer) {
    const seed = Buffer.alloc(32);
    seed.writeUInt32BE(number + 1);
    const secret = createPrivateKey({ key: Buffer.concat([DER_HEAD, seed]), format: 'der', type: 'pkcs8' });
    signer = signerOf(secret, createPublicKey(secret));
    known.set(number, signer);
  }
  return signer;
}

export function personKey(number: number): PersonKey {
  return keyText(person(number).key);
}

/** A key of nobody's, another one for each session, for where nothing is signed. */
export function keyFor(session: SessionId): PersonKey {
  return Buffer.from(session.repeat(4), 'hex').toString('base64url');
}

export function salt(number: number): Uint8Array {
  return new Uint8Array(SALT_BYTES).fill(number);
}

/** The session of a person with the salt of that number. */
export function sessionId(number: number, salted = number): SessionId {
  return sessionOf(person(number).key, salt(salted));
}

type Open = Extract<ClientRequest, { readonly type: 'open' }>;

/** A person's request for the session with the salt of its own number, or what is put in its place. */
export function openRequest(
  number: number,
  nonce: Uint8Array,
  fields: Partial<Open> & { readonly nick: string },
  cluster = 'test',
): Open {
  const signer = person(number);
  const salted = fields.salt ?? salt(number);
  const session = sessionOf(signer.key, salted);
  return {
    type: 'open',
    key: signer.key,
    salt: salted,
    signature: proofOf(signer, { nonce, balancer: '', cluster, session }),
    reclaim: false,
    position: 0,
    birth: '',
    resume: false,
    ...fields,
  };
}
