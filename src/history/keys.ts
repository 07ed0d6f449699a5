/**
 * Where the history lies among the records of a store:
 *
 *   'h' room position  → a block of events of that room, the first of which has that position
 *   'i' room index position → nothing: the block at that position begins with a line of that index, or after it
 *   'H'                → how far the history reaches
 *
 * `room` is a length byte and the key of the room in UTF-8, numbers are big-endian: the blocks of a room lie side by
 * side in their order, and can be sought by position and by index.
 */
import { invariant } from '../lib/assert';

export const HEAD_KEY = Buffer.from('H');

const BLOCK = 'h';
const INDEX = 'i';
const NUMBER_BYTES = 6;

/** Where the block lies that begins with this position. */
export function blockKey(room: string, position: number): Buffer {
  return key(BLOCK, room, position);
}

export function indexKey(room: string, index: number, position: number): Buffer {
  return key(INDEX, room, index, position);
}

/** All blocks of all rooms. */
export const BLOCKS = { from: Buffer.from(BLOCK), to: Buffer.from([BLOCK.charCodeAt(0) + 1]) } as const;

/** The position that a key ends with. */
export function positionOf(bytes: Uint8Array): number {
  const at = bytes.byteOffset + bytes.byteLength - NUMBER_BYTES;
  return Buffer.from(bytes.buffer, at, NUMBER_BYTES).readUIntBE(0, NUMBER_BYTES);
}

function key(kind: string, room: string, ...numbers: readonly number[]): Buffer {
  const length = Buffer.byteLength(room);
  invariant(length < 256, `the key of a room has ${length} bytes`);
  const bytes = Buffer.allocUnsafe(2 + length + NUMBER_BYTES * numbers.length);
  bytes.write(kind, 0, 'latin1');
  bytes.writeUInt8(length, 1);
  bytes.write(room, 2);
  numbers.forEach((number, at) => {
    bytes.writeUIntBE(number, 2 + length + NUMBER_BYTES * at, NUMBER_BYTES);
  });
  return bytes;
}
