/** Files of windows that are gone. */
import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { type FileKind, openWindowFile } from '../../src/client/window-file';

/** The number of a process that there is not any more. */
export const GONE = spawnSync(process.execPath, ['-e', '']).pid;

interface Left<Content> {
  readonly folder: string;
  readonly owner: string;
  readonly kind: FileKind<Content>;
  readonly content: Content;
}

/** As a window leaves it that was killed. @param start of its process: tells it from others @returns the file */
export function leftBehind<Content>(left: Left<Content>, pid = GONE, start = 1): string {
  const { folder, owner, kind, content } = left;
  // As somebody else: nothing is taken over.
  openWindowFile(folder, 'nobody', kind).keep(content);
  const own = readdirSync(folder).find((file) => file.startsWith(`${kind.prefix}-nobody-`)) ?? '';
  const name = own.replace('nobody', owner).replace(/-\d+-\d+\.json$/, `-${pid}-${start}.json`);
  renameSync(path.join(folder, own), path.join(folder, name));
  return path.join(folder, name);
}
