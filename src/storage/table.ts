/**
 * One of LevelDB's table files, and whether it is what LevelDB wrote. LevelDB reads blocks without comparing their
 * checksums: of a damaged one it may say that a key is not there, or end the process by an assertion of its own.
 *
 *   table   data blocks · filter block · metaindex block · index block · footer of 48 bytes
 *   block   content · compression u8 · CRC-32C over both, masked, u32 little-endian
 *   index   for each data block a key, at or above its last one and below the next block's first, and its handle
 *   footer  handles of metaindex and index · padding · magic number
 *
 * (LevelDB, doc/table_format.md.) A file without its magic number was not finished when the process was killed, and
 * nothing refers to it; or it is damaged, which LevelDB notices by itself.
 */
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32c } from '@node-rs/crc32';

const readAt = promisify(read);

const FOOTER_BYTES = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const MASK_DELTA = 0xa282ead8;
const NOT_COMPRESSED = 0;
const TRAILER_BYTES = 5;
/** Behind each key LevelDB keeps the number of the write, and whether it was a put or a delete. */
const SEQUENCE_BYTES = 8;

/** What is wrong with bytes that are not what LevelDB wrote. */
export class Damage extends Error {
  override readonly name = 'Damage';
}

/** Where a block lies in its file. */
interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** A block of data. */
export interface Block extends Handle {
  /** No key of it is above. */
  readonly last: Buffer;
}

/** A finished table. */
export interface Table {
  /** Its first key. */
  readonly first: Buffer;
  /** Its last key. */
  readonly last: Buffer;
  readonly index: Handle;
  /** When it was written: the file of a process that was killed may be written again. */
  readonly writtenNs: bigint;
}

/**
 * Checks what leads to the data, the blocks at both ends, and those that may hold keys below `below`: without it, all.
 * Synchronous: hundreds of tables are looked at before anything else can be done, 0.1 ms each.
 * @returns undefined when the file is gone, or was not finished
 * @throws Damage, the system's error
 */
export function checkTable(path: string, below: Buffer | undefined): Table | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  try {
    const { size, mtimeNs } = fstatSync(file, { bigint: true });
    const footer = size < FOOTER_BYTES ? undefined : bytesAt(file, Number(size) - FOOTER_BYTES, FOOTER_BYTES);
    if (!footer?.subarray(-MAGIC.length).equals(MAGIC)) return undefined;
    const cursor = new Cursor(footer);
    for (const { value } of entriesOf(blockAt(file, cursor.handle()))) blockAt(file, new Cursor(value).handle());
    const index = cursor.handle();
    // Zeros: whoever changed one may have changed what has no checksum.
    if (footer.subarray(cursor.position, -MAGIC.length).some((byte) => byte !== 0)) throw new Damage();
    return { ...checkData(file, new Index(blockAt(file, index)), below), index, writtenNs: mtimeNs };
  } finally {
    closeSync(file);
  }
}

/** @returns the first key and the last one */
function checkData(
  file: number,
  index: Index,
  below: Buffer | undefined,
): { readonly first: Buffer; readonly last: Buffer } {
  const end = index.count - 1;
  const first = entriesOf(blockAt(file, index.block(0)))[0];
  const last = entriesOf(blockAt(file, index.block(end))).at(-1);
  if (!first || !last) throw new Damage();
  for (let at = 1; at < end; at += 1) {
    if (below && index.block(at - 1).last.compare(below) >= 0) break;
    blockAt(file, index.block(at));
  }
  // Copies: what they are part of is not kept.
  return { first: Buffer.from(userKey(first.key)), last: Buffer.from(userKey(last.key)) };
}

/** The blocks of a table that was checked. @returns undefined when it is gone */
export function readIndex(path: string, { index }: Table): Promise<Index | undefined> {
  return withFile(path, async (file) => new Index(contentOf(await bytesFrom(file, index.offset, endOf(index)))));
}

/** Reads neighbouring blocks to see whether they are what was written. Of a file that is gone nobody reads them. */
export async function checkBlocks(path: string, blocks: readonly Block[]): Promise<void> {
  const [head, end] = [blocks[0], blocks.at(-1)];
  if (!head || !end) return;
  const start = head.offset;
  const scratch = takeScratch(endOf(end) - start);
  try {
    await withFile(path, async (file) => {
      await fill(scratch, file, start);
      for (const block of blocks) contentOf(scratch.subarray(block.offset - start, endOf(block) - start));
    });
  } finally {
    scratches.push(scratch.buffer);
  }
}

/** The blocks of a table in the order of their keys. Kept as it was read: as objects it would be five times as large. */
export class Index {
  /** How many blocks there are: at least one. */
  readonly count: number;

  /** @throws Damage */
  constructor(private readonly content: Buffer) {
    this.count = restartsOf(content);
    if (this.count === 0) throw new Damage();
  }

  /** The block at a place from 0. Every entry of an index is a restart point, its key written out. @throws Damage */
  block(at: number): Block {
    const table = this.content.length - 4 * (this.count + 1);
    const cursor = new Cursor(this.content.subarray(this.content.readUInt32LE(table + 4 * at), table));
    const [shared, keyBytes] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared !== 0) throw new Damage();
    return { last: userKey(cursor.take(keyBytes)), ...cursor.handle() };
  }

  /** The place of the first block that may hold this key or one above; `count`: there is none. */
  placeOf(key: Buffer): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.block(middle).last.compare(key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The blocks at the places from `from` up to `to`, those of them that there are. */
  blocks(from: number, to: number): readonly Block[] {
    const blocks: Block[] = [];
    for (let at = Math.max(0, from); at < Math.min(to, this.count); at += 1) blocks.push(this.block(at));
    return blocks;
  }
}

/** Only the reading itself is left to another thread: with opening and closing there too, a page took twice as long. */
async function withFile<Result>(path: string, use: (file: number) => Promise<Result>): Promise<Result | undefined> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  try {
    return await use(file);
  } finally {
    closeSync(file);
  }
}

/** LevelDB has merged it into another one meanwhile. */
function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function endOf({ offset, size }: Handle): number {
  return offset + size + TRAILER_BYTES;
}

async function bytesFrom(file: number, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(to - from);
  await fill(bytes, file, from);
  return bytes;
}

async function fill(bytes: Buffer, file: number, from: number): Promise<void> {
  const { bytesRead } = await readAt(file, bytes, 0, bytes.length, from);
  if (bytesRead < bytes.length) throw new Damage();
}

/** Memory of checks that are done: giving a whole history to a peer would leave it all to be collected. */
const scratches: ArrayBufferLike[] = [];

function takeScratch(size: number): Buffer {
  const known = scratches.pop();
  return Buffer.from(known && known.byteLength >= size ? known : new ArrayBuffer(2 * size), 0, size);
}

function bytesAt(file: number, offset: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  if (readSync(file, bytes, 0, size, offset) < size) throw new Damage();
  return bytes;
}

/** @throws Damage */
function blockAt(file: number, handle: Handle): Buffer {
  // A footer has no checksum: what it says may be anything.
  if (endOf(handle) > fstatSync(file).size) throw new Damage();
  return contentOf(bytesAt(file, handle.offset, handle.size + TRAILER_BYTES));
}

/** @throws Damage when the checksum is not that of the content */
function contentOf(bytes: Buffer): Buffer {
  const end = bytes.length - TRAILER_BYTES;
  const checksum = maskedChecksum(bytes.subarray(0, end + 1));
  if (bytes.readUInt32LE(end + 1) !== checksum || bytes[end] !== NOT_COMPRESSED) throw new Damage();
  return bytes.subarray(0, end);
}

/** CRC-32C as LevelDB stores it. */
export function maskedChecksum(bytes: Buffer): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0;
}

function userKey(key: Buffer): Buffer {
  if (key.length < SEQUENCE_BYTES) throw new Damage();
  return key.subarray(0, -SEQUENCE_BYTES);
}

/** How many restart points a block names at its end. @throws Damage */
function restartsOf(block: Buffer): number {
  const restarts = block.length < 4 ? 0 : block.readUInt32LE(block.length - 4);
  if (block.length < 4 * (restarts + 1)) throw new Damage();
  return restarts;
}

/** Each key is written as what it shares with the one before, and the rest. @throws Damage */
function entriesOf(block: Buffer): { readonly key: Buffer; readonly value: Buffer }[] {
  const cursor = new Cursor(block.subarray(0, block.length - 4 * (restartsOf(block) + 1)));
  const entries: { key: Buffer; value: Buffer }[] = [];
  let key: Buffer = Buffer.alloc(0);
  while (!cursor.isAtEnd) {
    const [shared, keyBytes, valueBytes] = [cursor.varint(), cursor.varint(), cursor.varint()];
    if (shared > key.length) throw new Damage();
    const own = cursor.take(keyBytes);
    key = shared === 0 ? own : Buffer.concat([key.subarray(0, shared), own]);
    entries.push({ key, value: cursor.take(valueBytes) });
  }
  return entries;
}

class Cursor {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get position(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  handle(): Handle {
    return { offset: this.varint(), size: this.varint() };
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 49) throw new Damage();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  take(length: number): Buffer {
    const from = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new Damage();
    return this.bytes.subarray(from, this.at);
  }
}
