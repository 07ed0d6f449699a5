/** Before all tests: the keys and the state that they make lie in a folder of their own, which is gone at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export default function setUp(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'synod-people-'));
  process.env.XDG_DATA_HOME = folder;
  process.env.XDG_STATE_HOME = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
