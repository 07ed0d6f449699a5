/**
 * The folder of a demo's cluster, which is gone when the demo ends. One that is killed leaves it behind: the next demo
 * removes it.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../lib/process-mark';

/** Short, and the path with it: it is to be seen whole in the window, beside the panes. */
const PREFIX = 'synod-';
const FOLDER = /^synod-[A-Za-z0-9]{6}$/;
/** Says whose it is. */
const PID_FILE = 'demo.pid';

/** @param parent where temporary folders are */
export async function makeDemoFolder(parent: string): Promise<string> {
  const folder = await mkdtemp(path.join(parent, PREFIX));
  await writeFile(path.join(folder, PID_FILE), String(process.pid));
  return folder;
}

/** Removes the folders of demos that do not run any more. What is somebody else's stays. */
export async function removeDeadDemos(parent: string): Promise<void> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => FOLDER.test(name));
  for (const name of names) {
    const folder = path.join(parent, name);
    const pid = Number(await readFile(path.join(folder, PID_FILE), 'utf8').catch(() => ''));
    if (!Number.isSafeInteger(pid) || pid <= 0 || isAlive(pid)) continue;
    // Not ours to remove: then it is not ours to complain of either.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
