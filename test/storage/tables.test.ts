/** Blocks of the history are checked when they are read: each that LevelDB would read, and not all of them before. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { ClassicLevel } from 'classic-level';
import { DamagedFile } from '../../src/storage/failures';
import { FIRST_RECORD_KEY } from '../../src/storage/records';
import { checkTable, readIndex } from '../../src/storage/table';
import { type KeyRange, Tables } from '../../src/storage/tables';

/** Bytes of a table that are checked at once. */
const AHEAD = 128 * 1024;
const RECORDS = 3000;
/** One record fills about a tenth of a block. */
const VALUE = Buffer.alloc(400, 'words ');
const BLOCK_BYTES = 4096;
const MIB = 1024 * 1024;
const ALL: KeyRange = { from: Buffer.from('x'), to: Buffer.from('y') };

const root = mkdtempSync(path.join(os.tmpdir(), 'synod-tables-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function keyOf(record: number): Buffer {
  return Buffer.from(`x${String(record).padStart(6, '0')}`);
}

/** A store with one record of the log and so many others, in tables of at most so many bytes. */
async function fill(folder: string, records: number, maxFileSize: number): Promise<readonly string[]> {
  const level = new ClassicLevel<Buffer, Buffer>(folder, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    blockSize: BLOCK_BYTES,
    maxFileSize,
    writeBufferSize: MIB,
  });
  await level.open();
  await level.put(Buffer.from('r'), VALUE);
  for (let first = 0; first < records; first += RECORDS) {
    const batch = level.batch();
    for (let record = first; record < first + RECORDS; record += 1) batch.put(keyOf(record), VALUE);
    await batch.write();
  }
  await level.compactRange(Buffer.from('a'), Buffer.from('z'));
  await level.close();
  return readdirSync(folder).filter((name) => name.endsWith('.ldb'));
}

/** In one table, 1.2 MB. */
const store = path.join(root, 'store');
let table = '';
beforeAll(async () => {
  [table = ''] = await fill(store, RECORDS, 2 * MIB);
});

/** The place of a data block in the table, which has about 300. */
async function blockAt(at: number) {
  const file = path.join(store, table);
  const found = checkTable(file, Buffer.alloc(0));
  const index = found && (await readIndex(file, found));
  if (!index) throw new Error('no table');
  return { count: index.count, block: index.block(at), before: at > 0 ? index.block(at - 1) : undefined };
}

/** Runs with one bit flipped in the file of the table. */
async function whileFlipped(byte: number, run: () => Promise<void>): Promise<void> {
  const file = path.join(store, table);
  const bytes = readFileSync(file);
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(byte) ^ 4, byte);
  writeFileSync(file, damaged);
  try {
    await run();
  } finally {
    writeFileSync(file, bytes);
  }
}

/** Checks a range as a scan of all of it does. @returns its parts */
async function scanned(tables: Tables, range: KeyRange, reverse: boolean, bytes = AHEAD): Promise<readonly KeyRange[]> {
  const parts: KeyRange[] = [];
  for (let left: KeyRange | undefined = range; left; ) {
    const { part, rest } = await tables.checkAhead(left, reverse, bytes);
    parts.push(part);
    left = rest;
  }
  return parts;
}

test.each([
  [false, AHEAD],
  [false, 1],
  [true, AHEAD],
  [true, 1],
])('a scan goes through a range part by part, without a hole (reverse: %p, %p bytes ahead)', async (reverse, bytes) => {
  const tables = new Tables(store, FIRST_RECORD_KEY, 0);
  const parts = [...(await scanned(tables, ALL, reverse, bytes))];
  expect(parts.length).toBeGreaterThan(5);
  if (reverse) parts.reverse();
  expect(parts[0]?.from).toEqual(ALL.from);
  expect(parts.at(-1)?.to).toEqual(ALL.to);
  for (const [at, part] of parts.entries()) {
    expect(Buffer.compare(part.from, part.to)).toBeLessThan(0);
    if (at > 0) expect(part.from).toEqual(parts[at - 1]?.to);
  }
});

test('a part is no larger for lying in several tables', async () => {
  const many = path.join(root, 'many');
  expect((await fill(many, 4 * RECORDS, MIB)).length).toBeGreaterThan(3);
  const tables = new Tables(many, FIRST_RECORD_KEY, 0);
  const numberOf = (key: Buffer) => Number(key.toString('latin1', 1, 7)) || 0;
  for (const reverse of [false, true]) {
    const parts = await scanned(tables, { from: keyOf(0), to: keyOf(4 * RECORDS) }, reverse, 1.5 * MIB);
    for (const { from, to } of parts) expect((numberOf(to) - numberOf(from)) * VALUE.length).toBeLessThan(1.6 * MIB);
    expect(parts.length).toBeLessThan(8);
  }
});

test('a damaged block is not seen at the start, and by none but those who read it', async () => {
  const { count } = await blockAt(0);
  for (const at of [3, 7, Math.floor(count / 2), count - 5]) {
    const { block, before } = await blockAt(at);
    const lastOf = (bytes: Buffer) => Number(bytes.toString('latin1', 1, 7));
    const [first, last] = [lastOf(before?.last ?? Buffer.from('x0')) + 1, lastOf(block.last)];
    await whileFlipped(block.offset + Math.floor(block.size / 2), async () => {
      const tables = new Tables(store, FIRST_RECORD_KEY, 0);
      await expect(tables.checkFor(keyOf(first))).rejects.toThrow(DamagedFile);
      await tables.checkFor(keyOf(first - 15));
      await tables.checkFor(keyOf(last + 15));
      for (const reverse of [false, true]) {
        await expect(scanned(tables, ALL, reverse)).rejects.toThrow(`${table} of the store is not what was written`);
        const within = { from: keyOf(first), to: keyOf(last) };
        await expect(tables.checkAhead(within, reverse, AHEAD)).rejects.toThrow(DamagedFile);
      }
      // A scan that comes to it later has its first part all the same.
      const far = { from: keyOf(0), to: keyOf(RECORDS) };
      if (at > count / 3) await tables.checkAhead(far, false, AHEAD);
      if (at < count - 100) await tables.checkAhead(far, true, AHEAD);
    });
  }
});

test('an iterator looks at the keys around a part: the blocks of those are checked with it', async () => {
  const { count } = await blockAt(0);
  const { block, before } = await blockAt(Math.floor(count / 2));
  if (!before) throw new Error('no block before');
  const afterBefore = Buffer.concat([before.last, Buffer.alloc(1)]);
  await whileFlipped(block.offset + 9, async () => {
    const tables = new Tables(store, FIRST_RECORD_KEY, 0);
    // It ends right below the block, or begins right above it.
    await expect(tables.checkAhead({ from: keyOf(1000), to: afterBefore }, true, AHEAD)).rejects.toThrow(DamagedFile);
    const above = Buffer.concat([block.last, Buffer.alloc(1)]);
    await expect(tables.checkAhead({ from: above, to: keyOf(RECORDS) }, true, AHEAD)).resolves.toBeDefined();
    await expect(tables.checkAhead({ from: above, to: keyOf(1700) }, true, AHEAD)).rejects.toThrow(DamagedFile);
  });
});

test('a block of the log is checked at the start, and all of them in the newest tables', async () => {
  const { block } = await blockAt(0);
  await whileFlipped(block.offset + 100, async () => {
    expect(() => new Tables(store, FIRST_RECORD_KEY, 0)).toThrow(DamagedFile);
  });
  const { block: later } = await blockAt(20);
  await whileFlipped(later.offset + 100, async () => {
    expect(() => new Tables(store, keyOf(1000), 0)).toThrow(DamagedFile);
    expect(() => new Tables(store, FIRST_RECORD_KEY, 10_000_000)).toThrow(DamagedFile);
    expect(new Tables(store, keyOf(1), 0)).toBeDefined();
  });
});

test('what was not checked at the start is checked by and by', async () => {
  const { count } = await blockAt(0);
  const { block } = await blockAt(count - 3);
  const through = async (tables: Tables) => {
    let steps = 1;
    while (await tables.checkMore()) steps += 1;
    return steps;
  };
  expect(await through(new Tables(store, FIRST_RECORD_KEY, 0))).toBeGreaterThan(1);
  expect(await through(new Tables(store, FIRST_RECORD_KEY, 10_000_000))).toBe(1);
  await whileFlipped(block.offset + 100, async () => {
    await expect(through(new Tables(store, FIRST_RECORD_KEY, 0))).rejects.toThrow(DamagedFile);
  });
});

test('a table that was written anew while the store was opened is looked at anew', async () => {
  const file = path.join(store, table);
  const bytes = readFileSync(file);
  const tables = new Tables(store, FIRST_RECORD_KEY, 0);
  rmSync(file);
  writeFileSync(file, bytes.subarray(0, 1000));
  tables.onOpened();
  // It is not finished: nobody reads it.
  await tables.checkFor(keyOf(1500));
  writeFileSync(file, bytes);
});

test('a table that is gone is nobody’s damage', async () => {
  const file = path.join(store, table);
  const bytes = readFileSync(file);
  const tables = new Tables(store, FIRST_RECORD_KEY, 0);
  rmSync(file);
  await tables.checkFor(keyOf(1500));
  expect(await scanned(tables, ALL, false)).toEqual([ALL]);
  expect(await tables.checkMore()).toBe(false);
  writeFileSync(file, bytes);
});

test('the checksum is CRC-32C, of any length', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 255))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, at) => at)))).toBe(0x46dd794e);
  expect(crc32c(Buffer.alloc(0))).toBe(0);
});
