/** Z85, ZeroMQ's way to write the 32 bytes of a CURVE key as 40 printable characters (https://rfc.zeromq.org/spec/32). */

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const CHARS_A_GROUP = 5;
const BYTES_A_GROUP = 4;

/** @param bytes a multiple of 4 */
export function z85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += BYTES_A_GROUP) text += groupOf(view.getUint32(at));
  return text;
}

function groupOf(value: number): string {
  let group = '';
  for (let rest = value; group.length < CHARS_A_GROUP; rest = Math.floor(rest / ALPHABET.length)) {
    group = ALPHABET.charAt(rest % ALPHABET.length) + group;
  }
  return group;
}

/** Whether a text is 32 bytes in Z85. */
export function isZ85Key(text: string): boolean {
  return text.length === 40 && z85Decoded(text) !== undefined;
}

/** @returns undefined when it is not Z85 */
export function z85Decoded(text: string): Uint8Array | undefined {
  if (text.length % CHARS_A_GROUP !== 0) return undefined;
  const bytes = Buffer.alloc((text.length / CHARS_A_GROUP) * BYTES_A_GROUP);
  for (let at = 0; at < text.length; at += CHARS_A_GROUP) {
    const value = groupValue(text.slice(at, at + CHARS_A_GROUP));
    if (value === undefined) return undefined;
    bytes.writeUInt32BE(value, (at / CHARS_A_GROUP) * BYTES_A_GROUP);
  }
  return bytes;
}

/** Five characters can say more than four bytes hold. */
function groupValue(group: string): number | undefined {
  let value = 0;
  for (const char of group) {
    const digit = ALPHABET.indexOf(char);
    if (digit === -1) return undefined;
    value = value * ALPHABET.length + digit;
  }
  return value <= 0xffff_ffff ? value : undefined;
}
