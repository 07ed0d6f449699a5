/** Names that people chose, as names of files. */
import { createHash } from 'node:crypto';

const MAX_NAME_BYTES = 200;
const SHORT_NAME_CHARS = 32;

/** Letters and digits as they are, anything else as its bytes; of two names no two are one, and none leads elsewhere. */
export function fileName(name: string): string {
  const safe = name.replace(/[^\p{L}\p{N}_@!+-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  if (safe !== '' && Buffer.byteLength(safe) <= MAX_NAME_BYTES) return safe;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${[...safe].slice(0, SHORT_NAME_CHARS).join('')}-${hash}`;
}
