/** kill -9 at any moment: what was acknowledged is there, nothing is there by half, and a first start can be repeated. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FORMAT } from '../../src/storage/records';
import { hardState, value } from '../contract/storage';
import { Folders, IDENTITY, read } from './folders';

const folders = new Folders();
afterAll(() => folders.remove());

/** Runs the writer until it has printed `lines` lines, and kills it. @returns the last number that it printed */
async function writeUntilKilled(folder: string, lines: number): Promise<number> {
  const writer = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', `${__dirname}/writer.ts`, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  writer.stdout.on('data', (chunk) => {
    printed += chunk;
    if (printed.split('\n').length > lines) writer.kill('SIGKILL');
  });
  await untilClosed(writer);
  const whole = printed.slice(0, printed.lastIndexOf('\n')).split('\n');
  return Number(whole.at(-1));
}

function untilClosed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('close', () => resolve()));
}

test('what a killed server had acknowledged is there, and each batch as a whole', async () => {
  const folder = folders.next();
  for (const lines of [1, 300]) {
    const acknowledged = await writeUntilKilled(folder, lines);
    const found = await read(folder);
    const batches = found?.state.committed ?? 0;
    expect(acknowledged).toBeGreaterThan(0);
    // One more may have become durable before its number was printed.
    expect(batches - acknowledged).toBeGreaterThanOrEqual(0);
    expect(batches - acknowledged).toBeLessThanOrEqual(1);
    expect(found?.accepted.map(({ round }) => round)).toEqual(Array.from({ length: 3 * batches }, (_, round) => round));
    for (const { round, value: bytes } of found?.accepted ?? []) {
      const batch = Math.floor(round / 3);
      expect(Buffer.from(bytes).toString()).toBe(`batch ${batch} `.repeat(1 + (batch % 500)));
    }
  }
});

describe('a first start that was killed', () => {
  /** What may lie in a folder when the first start ends between two of its steps. */
  const identity = (state: string) => `${JSON.stringify({ format: FORMAT, ...IDENTITY, state })}\n`;
  const steps: readonly (readonly [string, (folder: string) => Promise<void>])[] = [
    ['before the identity is there', async (folder) => writeFileSync(path.join(folder, 'identity.json.new'), '{"for')],
    [
      'before the store is there',
      async (folder) => writeFileSync(path.join(folder, 'identity.json'), identity('creating')),
    ],
    ['while the store is made', (folder) => unfinished(folder, ['CURRENT', 'last-batch'])],
    ['before the witness is there', (folder) => unfinished(folder, ['last-batch'])],
    ['before the folder is ready', (folder) => unfinished(folder, [])],
  ];

  /** A folder that was made completely, brought back to where it was still being made. */
  async function unfinished(folder: string, without: readonly string[]): Promise<void> {
    await folders.close(await folders.open(folder));
    writeFileSync(path.join(folder, 'identity.json'), identity('creating'));
    for (const name of without) {
      for (const place of [folder, path.join(folder, 'store')]) rmSync(path.join(place, name), { force: true });
    }
  }

  test.each(steps)('%s: the next one works', async (_, prepare) => {
    const folder = folders.next();
    await folders.close(await folders.open(folder));
    for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true });
    await prepare(folder);
    const storage = await folders.open(folder);
    expect(await storage.load()).toBeUndefined();
    await storage.write([{ state: hardState(1), accepted: [value(0, 'after all')] }]);
    await folders.close(storage);
    expect((await read(folder))?.accepted).toEqual([value(0, 'after all')]);
    expect(readFileSync(path.join(folder, 'identity.json'), 'utf8')).toContain('"ready"');
  });

  test('at any moment: the next one is not refused', async () => {
    for (const delayMs of [0, 4, 9, 16]) {
      const folder = folders.next();
      const maker = spawn(
        process.execPath,
        ['-r', 'ts-node/register/transpile-only', `${__dirname}/writer.ts`, folder],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const closed = untilClosed(maker);
      // Its first step is to make the folder: from then on it is killed a little later each time.
      while (!existsSync(folder)) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      maker.kill('SIGKILL');
      await closed;
      await read(folder);
    }
  });
});
