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
  if (text.length !== 40) return false;
  for (let at = 0; at < text.length; at += CHARS_A_GROUP) {
    let value = 0;
    for (const char of text.slice(at, at + CHARS_A_GROUP)) {
      const digit = ALPHABET.indexOf(char);
      if (digit === -1) return false;
      value = value * ALPHABET.length + digit;
    }
    // Five characters can say more than four bytes hold.
    if (value > 0xffff_ffff) return false;
  }
  return true;
}
