/** `synod init` makes a cluster that can be run, and overwrites nothing. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { init } from '../../src/cli/init';
import { loadConfig } from '../../src/config/load';
import { ExitError } from '../../src/lib/exit';
import { openDiskStorage } from '../../src/storage/disk';

const root = mkdtempSync(path.join(os.tmpdir(), 'synod-init-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
function next(): string {
  made += 1;
  return path.join(root, `out-${made}`);
}

async function failure(run: Promise<string>): Promise<{ status: number; message: string }> {
  const error = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof ExitError)) throw new Error(`not an ExitError: ${String(error)}`);
  expect(error.message).not.toContain('\n');
  return { status: error.status, message: error.message };
}

test.each([1, 3, 5, 7])('a cluster of %i can be loaded, and its data folders are new', async (servers) => {
  const out = path.join(next(), 'below');
  const told = await init({ servers, basePort: 40_000, out });
  const file = path.join(out, 'cluster.json');
  const config = loadConfig(file, {}, {});
  expect(config.cluster).toBe(`synod-${servers}`);
  expect(config.balancer).toEqual({ clients: 'tcp://127.0.0.1:40000', servers: 'tcp://127.0.0.1:40001' });
  const ports = config.servers.flatMap(({ pub, rep }) => [pub, rep]).map((address) => Number(address.split(':')[2]));
  expect(ports).toEqual(Array.from({ length: 2 * servers }, (_, index) => 40_002 + index));
  for (const { id, dataDir } of config.servers) {
    expect(dataDir).toBe(path.join(out, `server-${id}`));
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(told).toContain(`synod server --config ${file} --id ${id}\n`);
  }
  expect(told).toContain(`synod balancer --config ${file}\n`);
  expect(told).toContain(`ports 40000 to ${40_001 + 2 * servers}`);
  const [{ dataDir } = { dataDir: '' }] = config.servers;
  const storage = await openDiskStorage(dataDir, { cluster: config.cluster, server: 1 });
  expect(await storage.load()).toBeUndefined();
  await storage.close();
});

test('what to run can be pasted into a shell', async () => {
  const out = path.join(next(), "it's mine");
  expect(await init({ servers: 1, basePort: 40_000, out })).toContain(
    `synod balancer --config '${path.join(out, 'cluster.json').replace("'", "'\\''")}'\n`,
  );
});

test('the name and the storage that were asked for', async () => {
  const out = next();
  await init({ servers: 1, basePort: 40_000, out, cluster: 'ours', storage: 'memory' });
  expect(loadConfig(path.join(out, 'cluster.json'), {}, {})).toMatchObject({ cluster: 'ours', storage: 'memory' });
});

test('a configuration that is there is not overwritten', async () => {
  const out = next();
  mkdirSync(out);
  writeFileSync(path.join(out, 'cluster.json'), 'mine');
  const { status, message } = await failure(init({ servers: 3, basePort: 40_000, out }));
  expect([status, message]).toEqual([1, expect.stringMatching(/cluster\.json: is there already; name another folder/)]);
  expect(readFileSync(path.join(out, 'cluster.json'), 'utf8')).toBe('mine');
  expect(readdirSync(out)).toEqual(['cluster.json']);
});

test('the data of an older cluster are not given to a new one', async () => {
  const out = next();
  mkdirSync(path.join(out, 'server-2'), { recursive: true });
  writeFileSync(path.join(out, 'server-2', 'identity.json'), '{}');
  const { status, message } = await failure(init({ servers: 3, basePort: 40_000, out }));
  expect([status, message]).toEqual([1, expect.stringMatching(/server-2: is not empty; name another folder/)]);
  expect(readdirSync(out)).toEqual(['server-2']);
});

test.each([0, 2, 4, 9, 1.5])('%d servers are a wrong command line', async (servers) => {
  const out = next();
  const { status, message } = await failure(init({ servers, basePort: 40_000, out }));
  expect([status, message]).toEqual([2, `--servers ${servers}: a cluster has 1, 3, 5, 7 servers`]);
  expect(() => statSync(out)).toThrow('ENOENT');
});

test('ports beyond the last are a wrong command line', async () => {
  const { status, message } = await failure(init({ servers: 3, basePort: 65_529, out: next() }));
  expect([status, message]).toEqual([2, expect.stringMatching(/^--base-port 65529: 8 ports/)]);
  await init({ servers: 3, basePort: 65_528, out: next() });
  expect((await failure(init({ servers: 3, basePort: 0, out: next() }))).status).toBe(2);
});

test('a name that no cluster may have is a wrong command line', async () => {
  const { status, message } = await failure(init({ servers: 3, basePort: 40_000, out: next(), cluster: 'a b' }));
  expect([status, message]).toEqual([2, expect.stringMatching(/^--cluster a b: allowed is a name of/)]);
});

test('where no folder can be made', async () => {
  const file = next();
  writeFileSync(file, '');
  for (const out of [file, path.join(file, 'below'), '/proc/synod']) {
    const { status, message } = await failure(init({ servers: 1, basePort: 40_000, out }));
    expect([status, message]).toEqual([1, expect.stringContaining(out)]);
  }
});
