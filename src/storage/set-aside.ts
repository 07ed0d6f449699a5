/** A damaged data folder is never thrown away: it is put beside, and its server goes on with an empty one. */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { syncDirectory } from './directories';
import { systemFailure } from './failures';

/** @returns where it is now @throws StorageError */
export async function setAside(folder: string): Promise<string> {
  const aside = freeName(`${path.resolve(folder)}.damaged`);
  try {
    await rename(folder, aside);
    await syncDirectory(path.dirname(aside));
  } catch (cause) {
    throw systemFailure(folder, `cannot be renamed to ${aside}`, cause);
  }
  return aside;
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let number = 2; existsSync(name); number += 1) name = `${wanted}-${number}`;
  return name;
}
