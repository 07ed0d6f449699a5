/** `synod verify` says whether folders are whole, or that it cannot say. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { init } from '../../src/cli/init';
import { verify } from '../../src/cli/verify';
import { openDiskStorage } from '../../src/storage/disk';
import type { Storage } from '../../src/storage/storage';

const out = mkdtempSync(path.join(os.tmpdir(), 'synod-verify-'));
const config = path.join(out, 'cluster.json');
const opened: Storage[] = [];

beforeAll(() => init({ servers: 3, basePort: 40_000, out }));
afterEach(() => jest.restoreAllMocks());
afterAll(async () => {
  for (const storage of opened) await storage.close();
  rmSync(out, { recursive: true });
});

async function verified(): Promise<{ status: number; problems: readonly string[] }> {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const status = await verify({ config, json: true });
  const [[text] = ['']] = write.mock.calls;
  write.mockRestore();
  return { status, problems: JSON.parse(String(text)).problems };
}

test('new folders are whole; one that a server has is locked; one that is missing is worse', async () => {
  expect(await verified()).toEqual({ status: 0, problems: [] });
  const folder = (id: number) => path.join(out, `server-${id}`);
  opened.push(await openDiskStorage(folder(1), { cluster: 'synod-3', server: 1 }));
  expect(await verified()).toMatchObject({ status: 73, problems: [expect.stringContaining('server 1: ')] });
  rmSync(folder(2), { recursive: true });
  expect(await verified()).toMatchObject({
    status: 65,
    problems: [expect.stringContaining('server 1: '), expect.stringContaining('server 2: ')],
  });
});
