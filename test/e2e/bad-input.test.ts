/** What goes wrong before anything runs: one line that says what and where, the documented status, no stack trace. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { freePorts } from '../../bench/ports';
import { BIN, Cluster, synod } from './cluster';

jest.setTimeout(120_000);

let cluster: Cluster;
beforeEach(async () => {
  cluster = await Cluster.create();
});
afterEach(() => cluster.stop());

/** One line on standard error, nothing of a stack. */
function expectOneLine(stderr: string, ...parts: readonly (string | RegExp)[]): void {
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  for (const part of parts) expect(lines[0]).toMatch(part);
}

function shell(command: string): Promise<{ status: number; stderr: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], (error, _, stderr) => resolve({ stderr, status: error ? Number(error.code) : 0 }));
  });
}

test('an unknown command and an unknown flag are usage errors', async () => {
  const unknown = await synod(['parley']);
  expect(unknown.status).toBe(2);
  expectOneLine(unknown.stderr, 'parley');
  const flag = await synod(['server', '--config', cluster.config, '--id', 'one']);
  expect(flag.status).toBe(2);
  expectOneLine(flag.stderr, '--id');
  for (const dashes of [[], ['--']]) {
    const supervised = await synod(['supervise', ...dashes, 'server', '--config', cluster.config, '--id', 'one']);
    expect(supervised.status).toBe(2);
    expectOneLine(supervised.stderr, "argument 'one' is invalid");
  }
});

test('a configuration that is missing, broken or wrong names the file, the key and what is allowed', async () => {
  const missing = await synod(['server', '--config', '/nowhere/cluster.json', '--id', '1']);
  expect(missing.status).toBe(78);
  expectOneLine(missing.stderr, '/nowhere/cluster.json');

  cluster.configure((config) => {
    config.storage = 'tape';
  });
  const wrong = await synod(['server', '--config', cluster.config, '--id', '1']);
  expect(wrong.status).toBe(78);
  expectOneLine(wrong.stderr, cluster.config, 'storage', /disk/);

  writeFileSync(cluster.config, '{ "cluster": ');
  const broken = await synod(['balancer', '--config', cluster.config]);
  expect(broken.status).toBe(78);
  expectOneLine(broken.stderr, cluster.config, 'JSON');
});

test('each problem of a configuration is a line of its own', async () => {
  const env = { ...process.env, SYNOD_STORGE: 'memory', SYNOD_LOG: 'loud' };
  const { status, stderr } = await synod(['status', '--config', cluster.config], '', env);
  expect(status).toBe(78);
  expect(stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^synod: SYNOD_STORGE: .*SYNOD_STORAGE/),
    expect.stringMatching(/^synod: SYNOD_LOG: .*debug/),
  ]);
});

test('an empty SYNOD_CONFIG names no file', async () => {
  const { stderr } = await synod(['server', '--id', '9'], '', { ...process.env, SYNOD_CONFIG: '' });
  expectOneLine(stderr, 'cluster-3.json', 'servers');
});

test.each(['tcp://127.0.0.1:99999', 'tcp://127.0.0.1', 'here'])('%s is no address to connect to', async (address) => {
  const { status, stderr } = await synod(['chat', '--plain', '--connect', address], 'hi\n');
  expect(status).toBe(2);
  expectOneLine(stderr, '--connect', address);
});

const whereDevicesAreFull = existsSync('/dev/full') ? test : test.skip;
whereDevicesAreFull('an output that cannot be written is told, and is no success', async () => {
  const out = path.join(cluster.folder, 'another');
  for (const args of [
    ['status', '--config', cluster.config],
    ['init', '--servers', '1', '--base-port', '7400', '--out', out],
  ]) {
    const { status, stderr } = await shell(`"${process.execPath}" "${BIN}" ${args.join(' ')} > /dev/full`);
    expect(status).toBe(74);
    expectOneLine(stderr, 'standard output cannot be written', 'ENOSPC');
  }
});

test('a server that is not in the configuration does not start', async () => {
  const { status, stderr } = await synod(['server', '--config', cluster.config, '--id', '9']);
  expect(status).toBe(78);
  expectOneLine(stderr, 'servers', '9', '1, 2, 3');
});

test('a port in use is named', async () => {
  let address = '';
  cluster.configure((config) => {
    address = (config.servers as { pub: string }[])[0]?.pub ?? '';
  });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(Number(address.split(':')[2]), '127.0.0.1', resolve));
  try {
    const { status, stderr } = await synod(['server', '--config', cluster.config, '--id', '1']);
    expect(status).toBe(71);
    expectOneLine(stderr, address, 'in use');
  } finally {
    taken.close();
  }
});

test('a data folder that holds something else is not taken for a new one', async () => {
  const folder = path.join(cluster.folder, 'server-1');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'thesis.tex'), 'years of work');
  const { status, stderr } = await synod(['server', '--config', cluster.config, '--id', '1']);
  expect(status).toBe(65);
  expectOneLine(stderr, folder);
});

test('a data folder that a living server has is locked', async () => {
  cluster.startAll();
  await cluster.untilServing();
  const { status, stderr } = await synod(['server', '--config', cluster.config, '--id', '1']);
  expect(status).toBe(73);
  expectOneLine(stderr, 'server-1');
});

test('a second server with the id of a living one is refused by the balancer', async () => {
  cluster.startAll();
  await cluster.untilServing();
  const ports = await freePorts(2);
  cluster.configure((config) => {
    const [first] = config.servers as { pub: string; rep: string; dataDir: string }[];
    if (!first) throw new Error('no server');
    first.pub = `tcp://127.0.0.1:${ports}`;
    first.rep = `tcp://127.0.0.1:${ports + 1}`;
    first.dataDir = 'second-server-1';
  });
  const { status, stderr } = await synod(['server', '--config', cluster.config, '--id', '1']);
  expect(status).toBe(77);
  expect(stderr).toMatch('duplicate-server');
});

test('no server reachable ends a client with its own status', async () => {
  const { status, stderr } = await synod(
    ['chat', '--plain', '--config', cluster.config, '--nick', 'early', '--connect-timeout', '2'],
    'hello\n',
  );
  expect(status).toBe(69);
  expect(stderr).not.toMatch('    at ');
});

test.each([
  [['lobby/7'], 'lobby/7: no link as synod://lobby/1042'],
  [['synod://lobby/0'], 'synod://lobby/0: no link'],
  [['synod://lobby/7', '--room', 'dev'], 'leave --room out'],
  [['synod://lobby/7'], 'opens in the window only'],
])('a link that cannot be opened: %j', async (args, said) => {
  const { status, stderr } = await synod(['chat', ...args, '--config', cluster.config]);
  expect(status).toBe(2);
  expectOneLine(stderr, said);
});

test('a nick that is none is a usage error that says what is allowed', async () => {
  const { status, stderr } = await synod(['chat', '--plain', '--config', cluster.config, '--nick', 'a b']);
  expect(status).toBe(2);
  expectOneLine(stderr, 'nick');
});
