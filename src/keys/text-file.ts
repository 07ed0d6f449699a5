/** Files of keys as JSON text: read with errors that name the file, and written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { ConfigError } from '../config/problems';
import { shellWord } from '../lib/shell-word';
import { syncDirectory } from '../storage/directories';

/** The mode of what only its owner may read. */
export const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** @param remedy what to do when it is not there @throws ConfigError in place of the system's error */
export function textOf(file: string, remedy: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `there is no such file; ${remedy}` : `cannot be read (${code})`;
    throw new ConfigError([`${file}: ${why}`], { cause });
  }
}

/**
 * @param bits of the mode that must not be set
 * @param what is wrong then
 * @param mend the arguments of chmod that take them away
 * @throws ConfigError with the command that mends it; one that is not there is nobody's fault here
 */
export function refuseMode(file: string, bits: number, what: string, mend: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & bits) === 0) return;
  const octal = `0${(mode & 0o777).toString(8)}`;
  throw new ConfigError([`${file}: ${what} (mode ${octal}): chmod ${mend} ${shellWord(file)}`]);
}

/** @throws ConfigError when others than its owner may read a secret key, with the command that mends it */
export function refuseOthers(file: string): void {
  refuseMode(file, OTHERS, 'a secret key that others than its owner may use', '600');
}

/** @throws ConfigError with the words given; what is in the file is not repeated: it may be a secret */
export function parsed<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  wrong: string,
): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ConfigError([`${file}: ${wrong}`]);
  }
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new ConfigError([`${file}: ${wrong}${issue && issue.path.length > 0 ? `: see ${issue.path.join('.')}` : ''}`]);
}

/** Whoever reads the file sees what it was or what it is, never a part; after a loss of power too. */
export async function writeWhole(file: string, content: unknown, mode: number): Promise<void> {
  const next = `${file}.${randomBytes(4).toString('hex')}`;
  const opened = await open(next, 'wx', mode);
  try {
    await opened.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await opened.sync();
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  } finally {
    await opened.close();
  }
  await syncDirectory(path.dirname(file));
}
