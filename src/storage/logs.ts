/**
 * LevelDB's own logs, in which a batch is before it is in a table. When it opens a store LevelDB passes over whatever it
 * cannot read there, up to the next block, without a word: a batch in the middle would be gone, and all after it there.
 *
 *   log     blocks of 32 KiB
 *   block   pieces · zeros where the next piece's head does not fit
 *   piece   CRC-32C over kind and content, masked, u32 little-endian · length u16 little-endian · kind u8 · content
 *   kind    1 a whole batch · 2 the first piece of one · 3 one between · 4 the last
 *   batch   number of its first change u64 little-endian · how many changes u32 little-endian · the changes
 *
 * (LevelDB, doc/log_format.md.) The numbers run on from batch to batch and from log to log: where they do not, one is
 * missing. At the end of all one may be: the process was killed amid a batch of which nobody was told, or it is for the
 * witness to say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DamagedFile } from './failures';
import { maskedChecksum } from './table';

const BLOCK_BYTES = 32 * 1024;
const HEAD_BYTES = 7;
const BATCH_HEAD_BYTES = 12;
const [WHOLE, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

/** Checks the logs of a store that is not open. @throws DamagedFile, the system's error */
export function checkLogs(store: string): void {
  const names = readdirSync(store).filter((name) => /^\d+\.log$/.test(name));
  let next: bigint | undefined;
  let isCut = false;
  for (const name of names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))) {
    for (const batch of batchesOf(readFileSync(path.join(store, name)))) {
      if (batch && (next === undefined ? isCut : batch.readBigUInt64LE(0) !== next)) throw new DamagedFile(name);
      if (batch) next = batch.readBigUInt64LE(0) + BigInt(batch.readUInt32LE(8));
      else isCut = true;
    }
  }
}

/** The head of each whole batch; undefined where something cannot be read. */
function* batchesOf(log: Buffer): Generator<Buffer | undefined> {
  let begun: Buffer | undefined;
  for (const piece of piecesOf(log)) {
    const content = piece?.subarray(HEAD_BYTES) ?? Buffer.alloc(0);
    const kind = piece?.[HEAD_BYTES - 1];
    if (kind === WHOLE || kind === FIRST) begun = content;
    else if ((kind === MIDDLE || kind === LAST) && begun) begun = withMore(begun, content);
    else {
      begun = undefined;
      yield undefined;
    }
    if (begun && (kind === WHOLE || kind === LAST)) {
      yield begun.length < BATCH_HEAD_BYTES ? undefined : begun;
      begun = undefined;
    }
  }
}

/** A first piece at the end of a block may be shorter than the head of the batch. */
function withMore(begun: Buffer, content: Buffer): Buffer {
  return begun.length < BATCH_HEAD_BYTES ? Buffer.concat([begun, content]) : begun;
}

/** The pieces with their heads; undefined where one cannot be read, and with it the rest of its block. */
function* piecesOf(log: Buffer): Generator<Buffer | undefined> {
  for (let start = 0; start < log.length; start += BLOCK_BYTES) {
    const block = log.subarray(start, start + BLOCK_BYTES);
    for (let at = 0; at < block.length; ) {
      const rest = block.subarray(at);
      if (rest.length < HEAD_BYTES && start + BLOCK_BYTES <= log.length && rest.every((byte) => byte === 0)) break;
      const piece = pieceAt(rest);
      yield piece;
      at += piece?.length ?? block.length;
    }
  }
}

function pieceAt(bytes: Buffer): Buffer | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const size = HEAD_BYTES + bytes.readUInt16LE(4);
  if (size > bytes.length) return undefined;
  const piece = bytes.subarray(0, size);
  return bytes.readUInt32LE(0) === maskedChecksum(piece.subarray(6)) ? piece : undefined;
}
