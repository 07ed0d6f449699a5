/** Data folders for tests: each its own, all gone at the end. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openDiskStorage } from '../../src/storage/disk';
import { type Storage, StorageError, type StorageErrorCode } from '../../src/storage/storage';
import { hardState, value } from '../contract/storage';
import { IDENTITY } from './identity';

export { IDENTITY };

export class Folders {
  private readonly root = mkdtempSync(path.join(os.tmpdir(), 'synod-storage-'));
  private readonly opened = new Set<Storage>();
  private made = 0;

  /** Where a data folder may be made. */
  next(): string {
    this.made += 1;
    return path.join(this.root, `folder-${this.made}`);
  }

  async open(folder: string, identity = IDENTITY): Promise<Storage> {
    const storage = await openDiskStorage(folder, identity);
    this.opened.add(storage);
    return storage;
  }

  async close(storage: Storage): Promise<void> {
    this.opened.delete(storage);
    await storage.close();
  }

  /** The folder as a kill -9 would leave it now. */
  killed(folder: string): string {
    const copy = this.next();
    cpSync(folder, copy, { recursive: true });
    return copy;
  }

  /** A folder with `batches` batches of one round each, as a clean end leaves it. */
  async filled(batches: number): Promise<string> {
    const folder = this.next();
    const storage = await this.open(folder);
    await storage.load();
    await writeRounds(storage, 0, batches);
    await this.close(storage);
    return folder;
  }

  async remove(): Promise<void> {
    for (const storage of this.opened) await storage.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** One batch for each round in [from, to). Each value is as long as the round's number says. */
export async function writeRounds(storage: Storage, from: number, to: number): Promise<void> {
  for (let round = from; round < to; round++) await storage.write([roundWrite(round)]);
}

export function roundWrite(round: number) {
  return { state: hardState(1, round), accepted: [value(round, `${round} `.repeat(round % 40))] };
}

/** Opens and reads a folder, as a server does that starts. */
export async function read(folder: string, identity = IDENTITY) {
  const storage = await openDiskStorage(folder, identity);
  try {
    return await storage.load();
  } finally {
    await storage.close();
  }
}

/** What a server that starts on the folder is told. */
export async function refusal(folder: string, identity = IDENTITY): Promise<StorageError> {
  try {
    await read(folder, identity);
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error(`${folder} was taken`);
}

/** A refusal has its code, and one line that names the folder and says what to do. */
export async function expectRefused(folder: string, code: StorageErrorCode, identity = IDENTITY): Promise<void> {
  const error = await refusal(folder, identity);
  expect([error.code, error.message]).toEqual([code, error.message]);
  expect(error.message).toContain(folder);
  expect(error.message).not.toContain('\n');
  expect(error.message).toMatch(/; (move|name|stop|check|free) /);
}

/** A file of the store by how its name begins or ends. */
export function storeFile(folder: string, pattern: RegExp): string {
  const name = readdirSync(path.join(folder, 'store')).find((file) => pattern.test(file));
  if (!name) throw new Error(`no ${pattern} in ${folder}`);
  return path.join(folder, 'store', name);
}
