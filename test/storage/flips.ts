/** A store with a log and a history in several tables, and what a reader makes of it after one bit of it was flipped. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openDiskStorage } from '../../src/storage/disk';
import { type Storage, StorageError, type StoredRecord } from '../../src/storage/storage';
import { hardState, value } from '../contract/storage';
import type { Folders } from './folders';
import { IDENTITY } from './identity';

const ROOMS = 5;
const BLOCKS = 40;
const [LOWEST, HIGHEST] = [Buffer.alloc(0), Buffer.alloc(3, 255)];
const PAGE = { limit: 30, bytes: 8_000 };

/** What was written, for comparison. */
export interface Written {
  readonly folder: string;
  readonly records: readonly StoredRecord[];
}

function record(room: number, block: number): StoredRecord {
  const key = Buffer.from([104, room, block >> 8, block & 255]);
  return { key, value: Buffer.from(`room ${room} block ${block} `.repeat(50 + ((7 * block) % 60))) };
}

/** Each time the store is opened what was written before becomes a table. */
export async function writeStore(folders: Folders): Promise<Written> {
  const folder = folders.next();
  const records: StoredRecord[] = [];
  for (let block = 0; block < BLOCKS; block += 10) {
    const storage = await folders.open(folder);
    await storage.load();
    for (let at = block; at < block + 10; at += 1) {
      const puts = Array.from({ length: ROOMS }, (_, room) => record(room, at));
      records.push(...puts);
      const accepted = [value(2 * at, `${at} `.repeat(100)), value(2 * at + 1, '')];
      await storage.write([{ state: hardState(1, 2 * at), accepted, puts }, at === 30 ? { cut: 40 } : {}]);
    }
    await folders.close(storage);
  }
  return { folder, records: records.sort((a, b) => Buffer.compare(a.key, b.key)) };
}

/** Flips one bit in a file of the folder, both chosen by numbers in [0, 1). @returns where */
export function flipBit(folder: string, anyFile: number, anyBit: number): string {
  const files = ['last-batch', ...readdirSync(path.join(folder, 'store')).map((name) => `store/${name}`)];
  const sized = files.map((name) => ({ name, bytes: readFileSync(path.join(folder, name)) }));
  const whole = sized.filter(({ name, bytes }) => bytes.length > 0 && !/\/(LOG|LOG\.old|LOCK)$/.test(name));
  const { name, bytes } = whole[Math.floor(anyFile * whole.length)] as (typeof whole)[number];
  const bit = Math.floor(anyBit * 8 * bytes.length);
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  writeFileSync(path.join(folder, name), bytes);
  return `${name} bit ${bit}`;
}

/** Opens and reads everything, in each way there is. @returns what was not as written: refused, or (a bug) taken for it */
export async function readAll({ records }: Written, folder: string): Promise<readonly ('refused' | 'wrong')[]> {
  let storage: Storage | undefined;
  try {
    storage = await openDiskStorage(folder, IDENTITY);
    if ((await storage.load())?.accepted.length !== 40) return ['wrong'];
    return await readRecords(storage, records);
  } catch (error) {
    return [refused(error)];
  } finally {
    await storage?.close();
  }
}

async function readRecords(
  storage: Storage,
  records: readonly StoredRecord[],
): Promise<readonly ('refused' | 'wrong')[]> {
  const readings = [
    async () => same(await scanned(storage, false), records),
    async () => same((await scanned(storage, true)).reverse(), records),
    ...records
      .filter((_, at) => at % 9 === 0)
      .map((one) => async () => {
        const found = await storage.get(one.key);
        return found !== undefined && Buffer.compare(found, one.value) === 0;
      }),
  ];
  const outcomes: ('refused' | 'wrong')[] = [];
  for (const reading of readings) {
    const outcome = await reading().then((isRight) => (isRight ? undefined : ('wrong' as const)), refused);
    if (outcome) outcomes.push(outcome);
  }
  return outcomes;
}

function refused(error: unknown): 'refused' {
  if (error instanceof StorageError && error.code === 'corrupt') return 'refused';
  throw error;
}

/** All records, page by page. */
async function scanned(storage: Storage, reverse: boolean): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  let [from, to] = [LOWEST, HIGHEST];
  for (;;) {
    const page = await storage.scan({ from, to, reverse, ...PAGE });
    const last = page.at(-1);
    if (!last) return found;
    found.push(...page);
    if (reverse) to = Buffer.from(last.key);
    else from = Buffer.concat([last.key, Buffer.alloc(1)]);
  }
}

function same(found: readonly StoredRecord[], written: readonly StoredRecord[]): boolean {
  const flat = (records: readonly StoredRecord[]) =>
    Buffer.concat(records.flatMap(({ key, value: bytes }) => [key, bytes]));
  return found.length === written.length && flat(found).equals(flat(written));
}
