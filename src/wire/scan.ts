/**
 * Looks over msgpack bytes before a decoder may see them. Only what Synod's own encoders write passes: nil, booleans,
 * integers, strings, binaries and arrays; no maps, no floats, no extension types; bounded depth; every length within
 * what is there; and nothing after the end. A decoder's defaults would run extension types of a stranger's choice.
 */
import { isUtf8 } from 'node:buffer';
import { MAX_DEPTH } from './limits';

/** How each first byte goes on: a fixed number of bytes to skip, or one of the kinds below. */
const SKIP = new Int8Array(256);
const REFUSED = -1;
const BINARY = -2;
const ARRAY = -3;
const STRING = -4;

for (let first = 0; first < 256; first += 1) SKIP[first] = kindOf(first);

function kindOf(first: number): number {
  if (first <= 0x7f || first >= 0xe0) return 0; // fixint
  if (first <= 0x8f) return REFUSED; // fixmap
  if (first <= 0x9f) return ARRAY; // fixarray
  if (first <= 0xbf) return STRING; // fixstr
  const integers: Record<number, number> = { 204: 1, 205: 2, 206: 4, 207: 8, 208: 1, 209: 2, 210: 4, 211: 8 };
  if (first === 0xc0 || first === 0xc2 || first === 0xc3) return 0; // nil, false, true
  // A double carries integers beyond 32 bits in msgpackr's encoding; its value is checked with the shape.
  if (first === 0xcb) return 8;
  if (first >= 0xc4 && first <= 0xc6) return BINARY;
  if (first >= 0xd9 && first <= 0xdb) return STRING; // str
  if (first === 0xdc || first === 0xdd) return ARRAY;
  return integers[first] ?? REFUSED;
}

/** @returns '' when the bytes are one well-formed value of the kinds allowed, else why not */
export function scan(bytes: Uint8Array): string {
  const open: number[] = [];
  let left = 1;
  let at = 0;
  while (left > 0) {
    if (at >= bytes.length) return 'truncated';
    const first = bytes[at] as number;
    const kind = SKIP[first] as number;
    if (kind === REFUSED) return `type 0x${first.toString(16)} is not allowed`;
    left -= 1;
    if (kind >= 0) {
      at += 1 + kind;
    } else {
      const lengthBytes = lengthBytesOf(first);
      if (at + 1 + lengthBytes > bytes.length) return 'truncated';
      const length = lengthBytes === 0 ? fixLength(first) : readLength(bytes, at + 1, lengthBytes);
      at += 1 + lengthBytes;
      if (length > bytes.length - at) return 'a length beyond the end';
      if (kind === BINARY) at += length;
      else if (kind === STRING) {
        if (!isText(bytes, at, at + length)) return 'text that is not UTF-8';
        at += length;
      } else {
        if (open.length >= MAX_DEPTH) return 'nested too deep';
        open.push(left);
        left = length;
      }
    }
    while (left === 0 && open.length > 0) left = open.pop() as number;
  }
  if (at > bytes.length) return 'truncated';
  return at === bytes.length ? '' : 'bytes after the end';
}

/** Most text is ASCII, and that is quicker seen here than asked of the native check. */
function isText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    if ((bytes[at] as number) >= 0x80) return isUtf8(bytes.subarray(at, to));
  }
  return true;
}

function fixLength(first: number): number {
  return first <= 0x9f ? first & 0x0f : first & 0x1f;
}

function lengthBytesOf(first: number): number {
  switch (first) {
    case 0xc4:
    case 0xd9:
      return 1;
    case 0xc5:
    case 0xda:
    case 0xdc:
      return 2;
    case 0xc6:
    case 0xdb:
    case 0xdd:
      return 4;
    default:
      return 0;
  }
}

function readLength(bytes: Uint8Array, at: number, count: number): number {
  let length = 0;
  for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[at + index] as number);
  return length;
}
