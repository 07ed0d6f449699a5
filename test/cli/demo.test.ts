/** `synod demo` leaves nothing behind, and its greeting can be used. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { demo, greetingOf } from '../../src/cli/demo';
import { makeDemoFolder, removeDeadDemos } from '../../src/cli/demo-folder';
import { UNICODE_GLYPHS } from '../../src/client/window/style';
import { opening } from '../../src/client/window/update';
import { view } from '../../src/client/window/view';

const parent = mkdtempSync(path.join(os.tmpdir(), 'synod-demos-'));
afterAll(() => rmSync(parent, { recursive: true }));

test('a wrong flag is refused before anything is made', async () => {
  const before = readdirSync(os.tmpdir());
  await expect(demo({ nick: 'a b' })).rejects.toMatchObject({ status: 2 });
  expect(readdirSync(os.tmpdir()).filter((name) => /^synod-\w{6}$/.test(name) && !before.includes(name))).toEqual([]);
});

test('what a killed demo left is removed, what is of a living one or of somebody else is not', async () => {
  const dead = await makeDemoFolder(parent);
  // No process has such a number.
  writeFileSync(path.join(dead, 'demo.pid'), '999999999');
  const living = await makeDemoFolder(parent);
  const other = path.join(parent, 'synod-abcdef');
  mkdirSync(other);
  await removeDeadDemos(parent);
  expect([dead, living, other].map((folder) => existsSync(folder))).toEqual([false, true, true]);
});

test('each command of the greeting is in a row of its own', () => {
  const folder = '/tmp/synod-AbCdEf';
  const how = { nick: 'a', room: 'lobby', greeting: greetingOf(folder) };
  const { model } = opening(how, { columns: 80, rows: 24 }, 0);
  const rows = view(model, UNICODE_GLYPHS).conversation;
  for (const command of ['chat', 'status']) {
    expect(rows.filter((row) => row.includes(`npx synod ${command} -c ${folder}`))).toHaveLength(1);
  }
});
