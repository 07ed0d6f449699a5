/**
 * Looks over msgpack bytes before a decoder may see them. Only what Synod's own encoders write passes: nil, booleans,
 * integers, strings, binaries and arrays; no maps, no extension types; bounded depth and number of values; every length
 * within what is there; strings that are UTF-8; and nothing after the end. A decoder's defaults would run extension
 * types of a stranger's choice.
 */
import { isUtf8 } from 'node:buffer';
import { MAX_DEPTH, MAX_STRING_BYTES } from './limits';

/** How each first byte goes on: a fixed number of bytes to skip, or one of the kinds below. */
const KINDS = new Int8Array(256);
const REFUSED = -1;
const BINARY = -2;
const ARRAY = -3;
const STRING = -4;

/** How many bytes after the first one hold the length; 0: it is in the first one, under the mask of its kind. */
const LENGTH_BYTES = new Uint8Array(256);

for (let first = 0; first < 256; first += 1) KINDS[first] = kindOf(first);
for (const [first, bytes] of [
  [0xc4, 1],
  [0xc5, 2],
  [0xc6, 4],
  [0xd9, 1],
  [0xda, 2],
  [0xdb, 4],
  [0xdc, 2],
  [0xdd, 4],
] as const) {
  LENGTH_BYTES[first] = bytes;
}

function kindOf(first: number): number {
  if (first <= 0x7f || first >= 0xe0) return 0; // fixint
  if (first <= 0x8f) return REFUSED; // fixmap
  if (first <= 0x9f) return ARRAY; // fixarray
  if (first <= 0xbf) return STRING; // fixstr
  if (first === 0xc0 || first === 0xc2 || first === 0xc3) return 0; // nil, false, true
  if (first >= 0xc4 && first <= 0xc6) return BINARY;
  // A double carries integers beyond 32 bits in msgpackr's encoding; its value is checked with the shape.
  if (first === 0xcb) return 8;
  if (first >= 0xcc && first <= 0xcf) return 1 << (first - 0xcc); // uint
  if (first >= 0xd0 && first <= 0xd3) return 1 << (first - 0xd0); // int
  if (first >= 0xd9 && first <= 0xdb) return STRING; // str
  if (first === 0xdc || first === 0xdd) return ARRAY;
  return REFUSED; // 0xc1, ext, float, map
}

/** Of each array that is open around the present one, how many values are still to come. */
const OPEN = new Uint32Array(MAX_DEPTH);

/**
 * @param mostValues how many values there may be, those in arrays counted, the arrays too
 * @returns '' when the bytes are one well-formed value of the kinds allowed, else why not
 */
export function scan(bytes: Uint8Array, mostValues: number): string {
  const end = bytes.length;
  let at = 0;
  let depth = 0;
  let left = 1;
  let values = 1;
  for (;;) {
    while (left === 0 && depth > 0) {
      depth -= 1;
      left = OPEN[depth] as number;
    }
    if (left === 0) return endedAt(at, end);
    if (at >= end) return TRUNCATED;
    const first = bytes[at] as number;
    const kind = KINDS[first] as number;
    left -= 1;
    at += 1;
    if (kind >= 0) {
      at += kind;
      continue;
    }
    if (kind === REFUSED) return `type 0x${first.toString(16)} is not allowed`;
    const lengthBytes = LENGTH_BYTES[first] as number;
    if (at + lengthBytes > end) return TRUNCATED;
    const length = lengthBytes === 0 ? first & (kind === ARRAY ? 0x0f : 0x1f) : lengthAt(bytes, at, lengthBytes);
    at += lengthBytes;
    if (length > end - at) return 'a length beyond the end';
    if (kind === ARRAY) {
      values += length;
      if (values > mostValues) return `more than ${mostValues} values`;
      if (depth === MAX_DEPTH) return `nested deeper than ${MAX_DEPTH}`;
      OPEN[depth] = left;
      depth += 1;
      left = length;
    } else {
      if (kind === STRING && !isText(bytes, at, length)) return badText(length);
      at += length;
    }
  }
}

const TRUNCATED = 'truncated';

function endedAt(at: number, end: number): string {
  if (at > end) return TRUNCATED;
  return at === end ? '' : 'bytes after the end';
}

function badText(length: number): string {
  return length > MAX_STRING_BYTES ? `a text of more than ${MAX_STRING_BYTES} bytes` : 'a text that is not UTF-8';
}

function lengthAt(bytes: Uint8Array, at: number, count: number): number {
  let length = 0;
  for (let index = at; index < at + count; index += 1) length = length * 256 + (bytes[index] as number);
  return length;
}

/** Most text is ASCII, and that is sooner seen here, four bytes at a look, than asked of the native check. */
function isText(bytes: Uint8Array, from: number, length: number): boolean {
  if (length > MAX_STRING_BYTES) return false;
  const to = from + length;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const four =
      (bytes[at] as number) | (bytes[at + 1] as number) | (bytes[at + 2] as number) | (bytes[at + 3] as number);
    if (four >= 0x80) return isUtf8(bytes.subarray(at, to));
  }
  for (; at < to; at += 1) {
    if ((bytes[at] as number) >= 0x80) return isUtf8(bytes.subarray(at, to));
  }
  return true;
}
