/**
 * Where the history lies among the records of a store:
 *
 *   'h' room position index → a block of events of that room; the first of them has that position and index
 *   'i' room index position → nothing: where to find a block by its index
 *   'H'                     → how far the history reaches
 *
 * `room` is a length byte and the key of the room in UTF-8, numbers are big-endian: the blocks of a room lie side by
 * side in their order, and can be sought by position and by index.
 */
import { invariant } from '../lib/assert';

export const HEAD_KEY = Buffer.from('H');

const BLOCK = 'h';
const INDEX = 'i';
const NUMBER_BYTES = 6;
const MAX_NUMBER = 2 ** (8 * NUMBER_BYTES) - 1;
const MAX_ROOM_BYTES = 255;

/** Where the block lies that begins with this event. Without an index: below it, and above all blocks before it. */
export function blockKey(room: string, position: number, index = 0): Buffer {
  return key(BLOCK, room, position, index);
}

export function indexKey(room: string, index: number, position: number): Buffer {
  return key(INDEX, room, index, position);
}

/** Whether these bytes are the key of such a block, whatever they are. */
export function blockKeyIs(bytes: Uint8Array, room: string, position: number, index: number): boolean {
  if (Buffer.byteLength(room) > MAX_ROOM_BYTES || Math.max(position, index) > MAX_NUMBER) return false;
  return blockKey(room, position, index).equals(bytes);
}

/** The key that leads to a block by its index; undefined when the bytes are no key of a block. */
export function indexKeyOf(bytes: Uint8Array): Buffer | undefined {
  const length = bytes[1] ?? 0;
  if (bytes[0] !== BLOCK.charCodeAt(0) || bytes.length !== 2 + length + 2 * NUMBER_BYTES) return undefined;
  const { position, index } = blockAt(bytes);
  return indexKey(Buffer.from(bytes.subarray(2, 2 + length)).toString(), index, position);
}

/** What the key of a block says of its first event. */
export function blockAt(bytes: Uint8Array): { readonly position: number; readonly index: number } {
  const [position, index] = numbersOf(bytes);
  return { position, index };
}

/** The position that the key of an index leads to. */
export function positionOfIndex(bytes: Uint8Array): number {
  return numbersOf(bytes)[1];
}

function numbersOf(bytes: Uint8Array): readonly [number, number] {
  const numbers = Buffer.from(bytes.buffer, bytes.byteOffset + bytes.byteLength - 2 * NUMBER_BYTES, 2 * NUMBER_BYTES);
  return [numbers.readUIntBE(0, NUMBER_BYTES), numbers.readUIntBE(NUMBER_BYTES, NUMBER_BYTES)];
}

function key(kind: string, room: string, first: number, second: number): Buffer {
  const length = Buffer.byteLength(room);
  invariant(length <= MAX_ROOM_BYTES, `the key of a room has ${length} bytes`);
  const bytes = Buffer.allocUnsafe(2 + length + 2 * NUMBER_BYTES);
  bytes.write(kind, 0, 'latin1');
  bytes.writeUInt8(length, 1);
  bytes.write(room, 2);
  bytes.writeUIntBE(first, 2 + length, NUMBER_BYTES);
  bytes.writeUIntBE(second, 2 + length + NUMBER_BYTES, NUMBER_BYTES);
  return bytes;
}
