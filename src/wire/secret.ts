/** From a client's secret to the public name of its session. */
import { createHash } from 'node:crypto';
import type { SessionId } from '../chat/commands';

/**
 * The first 64 bits of the SHA-256 of the secret, in hexadecimal. Everybody may know a session's id; only who knows
 * the secret can open it, and nothing about it has to be stored.
 */
export function sessionOf(secret: Uint8Array): SessionId {
  return createHash('sha256').update(secret).digest('hex').slice(0, 16);
}
