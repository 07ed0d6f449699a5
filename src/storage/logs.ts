/**
 * LevelDB's own logs, in which a batch is before it is in a table. When it opens a store LevelDB passes over whatever it
 * cannot read there, up to the next block, without a word: a batch in the middle would be gone, and all after it there.
 *
 *   log     blocks of 32 KiB
 *   block   pieces · zeros where the next piece's head does not fit
 *   piece   CRC-32C over kind and content, masked, u32 little-endian · length u16 little-endian · kind u8 · content
 *   kind    1 a whole batch · 2 the first piece of one · 3 one between · 4 the last
 *
 * (LevelDB, doc/log_format.md.) The end of the last log may be torn: the process was killed amid a batch of which nobody
 * was told, or it is for the witness to say. A batch that begins behind a place that cannot be read was written after
 * what was there had been synced.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DamagedFile } from './failures';
import { maskedChecksum } from './table';

const BLOCK_BYTES = 32 * 1024;
const HEAD_BYTES = 7;
const WHOLE = 1;
const FIRST = 2;

/** Checks the logs of a store that is not open. @throws DamagedFile, the system's error */
export function checkLogs(store: string): void {
  const names = readdirSync(store).filter((name) => /^\d+\.log$/.test(name));
  let unreadable: string | undefined;
  for (const name of names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
    for (const piece of piecesOf(readFileSync(path.join(store, name)))) {
      if (piece === 'unreadable') unreadable ??= name;
      else if (unreadable !== undefined && piece !== 'goes on') throw new DamagedFile(unreadable);
    }
  }
}

function* piecesOf(log: Buffer): Generator<'begins' | 'goes on' | 'unreadable'> {
  for (let start = 0; start < log.length; start += BLOCK_BYTES) {
    const block = log.subarray(start, start + BLOCK_BYTES);
    for (let at = 0; at < block.length; ) {
      const piece = block.subarray(at);
      if (piece.length < HEAD_BYTES && start + BLOCK_BYTES <= log.length && piece.every((byte) => byte === 0)) break;
      const bytes = sizeOf(piece);
      yield bytes === undefined ? 'unreadable' : beginsBatch(piece) ? 'begins' : 'goes on';
      // Where the next one begins is not known before the next block.
      at += bytes ?? block.length;
    }
  }
}

/** @returns undefined when it cannot be read */
function sizeOf(piece: Buffer): number | undefined {
  if (piece.length < HEAD_BYTES) return undefined;
  const bytes = HEAD_BYTES + piece.readUInt16LE(4);
  if (bytes > piece.length || piece.readUInt32LE(0) !== maskedChecksum(piece.subarray(6, bytes))) return undefined;
  return bytes;
}

function beginsBatch(piece: Buffer): boolean {
  const kind = piece[6];
  return kind === WHOLE || kind === FIRST;
}
