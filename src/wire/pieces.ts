/**
 * Byte strings side by side, each with its length before it in four bytes: how commands travel together. They are
 * copied as they are, whoever made them.
 */
import { readU32, writeU32 } from './bytes';
import { ShapeError } from './shape';

const LENGTH_BYTES = 4;

/** Bytes that the pieces take together. */
export function piecesBytes(pieces: readonly Uint8Array[]): number {
  let bytes = LENGTH_BYTES * pieces.length;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

/** Puts the pieces into `target` from `at` on, where there is room for `piecesBytes` of them. */
export function writePieces(target: Uint8Array, at: number, pieces: readonly Uint8Array[]): void {
  let next = at;
  for (const piece of pieces) {
    writeU32(target, next, piece.length);
    target.set(piece, next + LENGTH_BYTES);
    next += LENGTH_BYTES + piece.length;
  }
}

/** The pieces from `at` to the end, as views; undefined when the lengths do not add up. */
export function readPieces(bytes: Uint8Array, at: number): readonly Uint8Array[] | undefined {
  const pieces: Uint8Array[] = [];
  let next = at;
  while (next < bytes.length) {
    const start = next + LENGTH_BYTES;
    if (start > bytes.length) return undefined;
    next = start + readU32(bytes, next);
    if (next > bytes.length) return undefined;
    pieces.push(bytes.subarray(start, next));
  }
  return pieces;
}

export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(piecesBytes(pieces));
  writePieces(bytes, 0, pieces);
  return bytes;
}

/** Views of the one string that they came in. @throws ShapeError */
export function splitPieces(bytes: Uint8Array): readonly Uint8Array[] {
  const pieces = readPieces(bytes, 0);
  if (!pieces) throw new ShapeError('byte strings are truncated');
  return pieces;
}
