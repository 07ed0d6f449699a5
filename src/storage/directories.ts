/** Directories that outlive a loss of power. */
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';

const OWNER_ONLY = 0o700;
const BY_UMASK = 0o777;

/** Makes a folder that is its owner's alone, and what is missing above it. @throws the system's error */
export function makeDataFolder(folder: string): Promise<void> {
  return makeDirectory(path.resolve(folder), OWNER_ONLY);
}

/** Not `mkdir` with `recursive`: where the system makes no directories at all (/proc) node tries for ever. */
async function makeDirectory(directory: string, mode: number): Promise<void> {
  const parent = path.dirname(directory);
  const missing = await makeOne(directory, mode);
  if (missing) {
    if (parent === directory) throw missing;
    await makeDirectory(parent, BY_UMASK);
    const stillMissing = await makeOne(directory, mode);
    if (stillMissing) throw stillMissing;
  }
  await syncDirectory(parent);
}

/** One that is there, or that somebody else makes at the same time, will do. @returns the error when its parent is missing */
async function makeOne(directory: string, mode: number): Promise<Error | undefined> {
  try {
    await mkdir(directory, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return error as Error;
    if (code !== 'EEXIST' || !(await stat(directory)).isDirectory()) throw error;
  }
  return undefined;
}

/** What was made, renamed or removed in a directory is durable from here on. @throws the system's error */
export async function syncDirectory(directory: string): Promise<void> {
  const opened = await open(directory, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
