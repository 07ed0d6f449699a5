/**
 * Checks LevelDB's table files before LevelDB opens them: it reads blocks without comparing their checksums, and some
 * damaged ones end the process by an assertion of its own, in no words that a user could act on.
 *
 *   table   data blocks · filter block · metaindex block · index block · footer of 48 bytes
 *   block   content · compression u8 · CRC-32C over both, masked, u32 little-endian
 *   footer  handles of metaindex and index · padding · magic number
 *
 * (LevelDB, doc/table_format.md.) A file without its magic number was not finished when the process was killed, and
 * nothing refers to it; or it is damaged, which LevelDB notices by itself.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32c } from './crc32c';

const FOOTER_BYTES = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const MASK_DELTA = 0xa282ead8;
const NOT_COMPRESSED = 0;

/** Where a block lies in its file. */
interface Handle {
  readonly offset: number;
  readonly size: number;
}

/** What is wrong with bytes that are not what LevelDB wrote. Does not leave this file. */
class Damage extends Error {}

/** @returns the name of the first table that is damaged, if one is. @throws the system's error */
export async function damagedTable(store: string): Promise<string | undefined> {
  for (const name of await readdir(store)) {
    if (!/^\d+\.(ldb|sst)$/.test(name)) continue;
    const bytes = await readFile(path.join(store, name)).catch((error: NodeJS.ErrnoException) => {
      // A living process that has the store open has merged it into another one meanwhile.
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    if (isFinished(bytes) && !isSound(bytes)) return name;
  }
  return undefined;
}

function isFinished(table: Buffer): boolean {
  return table.length >= FOOTER_BYTES && table.subarray(-MAGIC.length).equals(MAGIC);
}

function isSound(table: Buffer): boolean {
  try {
    const footer = new Cursor(table.subarray(-FOOTER_BYTES));
    const metaindex = blockAt(table, footer.handle());
    const index = blockAt(table, footer.handle());
    for (const handle of [...handlesIn(metaindex), ...handlesIn(index)]) blockAt(table, handle);
    return true;
  } catch (error) {
    if (error instanceof Damage) return false;
    throw error;
  }
}

/** The content of a block, its compression byte behind it. @throws Damage */
function blockAt(table: Buffer, { offset, size }: Handle): Buffer {
  const end = offset + size + 1;
  if (end + 4 > table.length) throw new Damage();
  const content = table.subarray(offset, end);
  const checksum = crc32c(content);
  const masked = (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0;
  if (table.readUInt32LE(end) !== masked) throw new Damage();
  return content;
}

/** The values of an index, each the handle of a block. @throws Damage */
function handlesIn(block: Buffer): Handle[] {
  if (block[block.length - 1] !== NOT_COMPRESSED) throw new Damage();
  const end = block.length - 1;
  const restarts = block.readUInt32LE(end - 4);
  const entries = new Cursor(block.subarray(0, end - 4 - 4 * restarts));
  const handles: Handle[] = [];
  while (!entries.isAtEnd) {
    entries.varint();
    const keyBytes = entries.varint();
    const valueBytes = entries.varint();
    entries.skip(keyBytes);
    handles.push(new Cursor(entries.skip(valueBytes)).handle());
  }
  return handles;
}

class Cursor {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

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

  skip(length: number): Buffer {
    const from = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new Damage();
    return this.bytes.subarray(from, this.at);
  }
}
