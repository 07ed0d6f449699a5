/** Who gets in, and who does not, with real processes: every port of a running cluster, keys that change, wrong keys. */
import { chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as zmq from 'zeromq';
import { loadConfig } from '../../src/config/load';
import { keyFileOf } from '../../src/keys/holders';
import { readKeyFile } from '../../src/keys/key-file';
import { changeMark, publicKeysFile, readPublicKeys } from '../../src/keys/public-keys';
import { readMonitor } from '../../src/transport/monitor';
import { type KeyPair, newKeyPair } from '../../src/transport/security';
import { Shell } from '../client/ui/shell';
import { until } from '../transport/until';
import { BIN, Cluster, synod } from './cluster';
import { checkTranscripts, Load } from './load';

jest.setTimeout(240_000);

let cluster: Cluster;
const thieves: zmq.Socket[] = [];
afterEach(async () => {
  for (const socket of thieves.splice(0)) socket.close();
  await cluster.stop();
});

/** What becomes of a connection: `handshake`, or the name of the error. */
async function outcomeOf(socket: zmq.Dealer | zmq.Request | zmq.Subscriber, address: string): Promise<string> {
  const outcome = new Promise<string>((resolve) => {
    void readMonitor(socket, (type) => {
      if (type.startsWith('handshake')) resolve(type);
    });
  });
  socket.connect(address);
  const type = await outcome;
  socket.close();
  return type;
}

/** Each port with the kind of socket that connects to it, whose it is and for whom. */
function portsOf(file: string) {
  const { balancer, servers } = loadConfig(file, {}, {});
  return [
    { name: "the balancer's ROUTER for clients", address: balancer.clients, of: 'balancer', admits: 'client' },
    { name: "the balancer's ROUTER for servers", address: balancer.servers, of: 'balancer', admits: 'server-1' },
    ...servers.flatMap(({ id, pub, rep }) => [
      { name: `PUB of server ${id}`, address: pub, of: `server-${id}`, admits: 'server-1', kind: zmq.Subscriber },
      { name: `REP of server ${id}`, address: rep, of: `server-${id}`, admits: 'server-1', kind: zmq.Request },
    ]),
  ].map((port) => ({ kind: zmq.Dealer, ...port }));
}

test('every port of a cluster admits its role, and no other key, and nothing in the clear', async () => {
  cluster = await Cluster.start();
  const config = loadConfig(cluster.config, {}, {});
  const known = readPublicKeys(config);
  const holders = ['balancer', 'server-1', 'server-2', 'client'];
  for (const { name, address, of, admits, kind } of portsOf(cluster.config)) {
    const theirs = known.get(of) ?? '';
    const comeAs = ({ publicKey, secretKey }: KeyPair, expected = theirs) =>
      outcomeOf(
        new kind({
          linger: 0,
          curvePublicKey: publicKey,
          curveSecretKey: secretKey,
          curveServerKey: expected,
        }),
        address,
      );
    const admitted = [];
    for (const holder of holders) {
      const outcome = await comeAs(readKeyFile(keyFileOf(config, holder)));
      if (outcome === 'handshake') admitted.push(holder);
      else expect([name, holder, outcome]).toEqual([name, holder, 'handshake:error:auth']);
    }
    expect([name, admitted]).toEqual([name, admits === 'client' ? ['client'] : ['server-1', 'server-2']]);
    expect([name, await comeAs(newKeyPair())]).toEqual([name, 'handshake:error:auth']);
    const misled = await comeAs(readKeyFile(keyFileOf(config, admits)), newKeyPair().publicKey);
    expect([name, misled]).toEqual([name, expect.stringMatching(/^handshake:error/)]);
    const clear = await outcomeOf(new kind({ linger: 0 }), address);
    expect([name, clear]).toEqual([name, expect.stringMatching(/^handshake:error/)]);
  }
  const client = cluster.client('still');
  await client.joined();
  expect(await client.end()).toBe(0);
});

test('the key of a server, and then of the balancer, is replaced under load, and nothing is lost', async () => {
  cluster = await Cluster.start();
  const load = await Load.start(cluster);
  await load.acks(50);
  const before = secretsIn(cluster);
  const replace = async (holder: string) => {
    const { status, stdout } = await synod(['keygen', '--config', cluster.config, '--for', holder]);
    expect(status).toBe(0);
    expect(stdout).toContain(`start ${holder} again`);
  };
  await replace('server-2');
  await load.acks(50);
  await cluster.signal('server 2', 'SIGTERM');
  cluster.startServer(2);
  await load.acks(50);
  await cluster.until(
    ({ servers }) => servers.every(({ state }) => state === 'leader' || state === 'follower'),
    'all vote',
  );
  // Only with the new key of server 2 is there a majority now.
  await cluster.signal('server 3', 'SIGKILL');
  await load.acks(50);
  cluster.startServer(3);
  await cluster.untilServing();
  await replace('balancer');
  await cluster.signal('balancer', 'SIGTERM');
  cluster.startBalancer();
  await load.acks(50);
  await load.stop();
  checkTranscripts(load.clients);
  await cluster.untilEqual();
  for (const secret of [...before, ...secretsIn(cluster)]) expect(cluster.showLogs()).not.toContain(secret);
});

test('a server that goes on with its old key is told to start again, and does when it has', async () => {
  cluster = await Cluster.start();
  await synod(['keygen', '--config', cluster.config, '--for', 'server-1']);
  const { keys } = loadConfig(cluster.config, {}, {});
  await cluster.untilLogged('server 1', /server-1\.key: not the key that server-1 has in public\.json; .* start again/);
  await cluster.signal('server 1', 'SIGTERM');
  cluster.startServer(1);
  await cluster.untilEqual();
  // With a key that is not on the list it does not even begin.
  await cluster.signal('server 1', 'SIGTERM');
  copyFileSync(path.join(keys, 'server-2.key'), path.join(keys, 'server-1.key'));
  const { status, stderr } = await synod(['server', '--config', cluster.config, '--id', '1']);
  expect([status, stderr]).toEqual([
    78,
    expect.stringMatching(/^synod: .*server-1\.key: not the key that server-1 has/),
  ]);
});

test('a client whose key is taken away, or has never been on the list, is told so', async () => {
  cluster = await Cluster.start();
  const config = loadConfig(cluster.config, {}, {});
  const made = await synod(['keygen', '--config', cluster.config, '--for', 'client-alice']);
  const word = keyFileOf(config, 'client-alice');
  expect([made.status, made.stdout]).toEqual([0, expect.stringContaining(`come with it: synod chat --key ${word}\n`)]);
  const again = await synod(['keygen', '--config', cluster.config]);
  expect([again.status, again.stdout]).toEqual([0, `the keys of synod-3 are in ${config.keys} already\n`]);
  const key = path.join(cluster.folder, 'alice.key');
  copyFileSync(keyFileOf(config, 'client-alice'), key);
  const chat = (...flags: string[]) => synod(['chat', '--plain', '--connect-timeout', '4', ...flags], 'hello\n');
  await cluster.untilLogged('balancer', /the keys in .* have changed/);
  expect((await chat('--key', key, '--nick', 'alice')).status).toBe(0);
  expect((await synod(['keygen', '--config', cluster.config, '--remove', 'client-alice'])).status).toBe(0);
  await cluster.untilLogged('balancer', /(the keys in [\s\S]*){2}/);
  const refused = await chat('--key', key, '--nick', 'alice');
  const words = `${config.balancer.clients} does not admit this client's key: is it on the list of this cluster?`;
  expect([refused.status, refused.stderr]).toEqual([69, `synod: no server reachable: ${words}\n`]);
  const clear = await chat('--connect', config.balancer.clients, '--insecure');
  expect([clear.status, clear.stderr]).toEqual([69, expect.stringContaining('does one of them run with --insecure?')]);
  expect((await chat('--config', cluster.config)).status).toBe(0);
});

test('who is connected with a key that is taken away, or replaced, is cut off, and nobody else', async () => {
  cluster = await Cluster.start();
  const config = loadConfig(cluster.config, {}, {});
  const keygen = (...flags: string[]) => synod(['keygen', '--config', cluster.config, ...flags]);
  await keygen('--for', 'client-alice');
  const key = path.join(cluster.folder, 'alice.key');
  copyFileSync(keyFileOf(config, 'client-alice'), key);
  await cluster.untilLogged('balancer', /the keys in .* have changed/);
  const [alice, bob] = [cluster.client('alice', '--key', key), cluster.client('bob')];
  await Promise.all([alice.joined(), bob.joined()]);
  expect((await keygen('--remove', 'client-alice')).status).toBe(0);
  const words = `${config.balancer.clients} does not admit this client's key: is it on the list of this cluster?`;
  await alice.until(({ type, reason }) => type === 'status' && reason === words, 'that it is not let in');
  bob.post('still-here', 'still here');
  await bob.allAcked();
  // Somebody with the key of server 2, at all ports of server 1.
  const theirs = readPublicKeys(config).get('server-1');
  const { publicKey, secretKey } = readKeyFile(keyFileOf(config, 'server-2'));
  const thief = { linger: 0, curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: theirs ?? null };
  const events: string[][] = [];
  for (const socket of [new zmq.Subscriber(thief), new zmq.Request(thief)]) {
    const seen: string[] = [];
    events.push(seen);
    void readMonitor(socket, (type) => seen.push(type));
    thieves.push(socket);
    socket.connect(config.servers[0]?.[socket instanceof zmq.Subscriber ? 'pub' : 'rep'] ?? '');
  }
  await until('it is in', () => events.every((seen) => seen.includes('handshake')));
  expect((await keygen('--for', 'server-2')).status).toBe(0);
  await until('it is out', () => events.every((seen) => seen.includes('handshake:error:auth'))).catch(
    (error: Error) => {
      throw new Error(`${error.message}: ${JSON.stringify(events)}\n${cluster?.showLogs()}`);
    },
  );
  for (const seen of events) expect(seen.filter((type) => type === 'handshake')).toHaveLength(1);
  await cluster.signal('server 2', 'SIGTERM');
  cluster.startServer(2);
  await cluster.untilEqual();
  bob.post('here-still', 'here still');
  await bob.allAcked();
  expect(await bob.end()).toBe(0);
});

test('without keys nothing starts, nor with those that others may read', async () => {
  cluster = await Cluster.create();
  const config = loadConfig(cluster.config, {}, {});
  const { keys } = config;
  const commands = [['balancer'], ['server', '--id', '1'], ['chat', '--plain'], ['status'], ['history']];
  const results = () => Promise.all(commands.map((command) => synod([...command, '--config', cluster.config])));
  for (const name of ['balancer', 'server-1', 'client']) chmodSync(path.join(keys, `${name}.key`), 0o644);
  for (const { status, stderr } of await results()) {
    expect([status, stderr]).toEqual([
      78,
      expect.stringMatching(/^synod: .*\.key: .*mode 0644\): chmod 600 \/.*\.key\n$/),
    ]);
  }
  rmSync(keys, { recursive: true });
  const words = `synod: ${publicKeysFile(config)}: there is no such file; make keys: synod keygen --config ${cluster.config}\n`;
  for (const { status, stderr } of await results()) expect([status, stderr]).toEqual([78, words]);
});

test('--insecure says so loudly, works on one host, and nowhere else', async () => {
  cluster = await Cluster.create({ insecure: true });
  const { keys } = loadConfig(cluster.config, {}, {});
  rmSync(keys, { recursive: true });
  cluster.startAll();
  await cluster.untilServing();
  expect(cluster.logs.get('server 1')).toContain('INSECURE: nothing is encrypted');
  expect(cluster.logs.get('balancer')).toContain('INSECURE: nothing is encrypted');
  const { balancer } = loadConfig(cluster.config, {}, {});
  const chat = await synod(['chat', '--plain', '--insecure', '--connect', balancer.clients], 'hello\n');
  expect([chat.status, chat.stderr]).toEqual([0, expect.stringContaining('INSECURE')]);
  const shell = new Shell();
  try {
    await shell.until(/prompt\$/, false);
    shell.write(`'${process.execPath}' '${BIN}' chat --insecure --connect ${balancer.clients}\r`);
    await shell.until(/INSECURE: nothing is encrypted/, true);
  } finally {
    await shell.dispose();
  }
  cluster.configure((config) => {
    (config.servers as { pub: string }[])[1] = {
      ...(config.servers as { pub: string }[])[1],
      pub: 'tcp://10.0.0.7:7100',
    };
  });
  const open = await synod(['server', '--config', cluster.config, '--id', '1', '--insecure']);
  expect([open.status, open.stderr]).toEqual([
    2,
    'synod: --insecure: for addresses of this host only, 127.0.0.1 or [::1], not tcp://10.0.0.7:7100\n',
  ]);
});

test('a server that starts while its key is being changed waits for the list', async () => {
  cluster = await Cluster.create({ supervised: true });
  const config = loadConfig(cluster.config, {}, {});
  const list = readFileSync(publicKeysFile(config), 'utf8');
  expect((await synod(['keygen', '--config', cluster.config, '--for', 'server-2'])).status).toBe(0);
  const changed = readFileSync(publicKeysFile(config), 'utf8');
  // As it is between the two writes.
  writeFileSync(publicKeysFile(config), list);
  writeFileSync(changeMark(config), '1');
  cluster.startAll();
  await cluster.untilLogged('server 1', /started/);
  await new Promise((resolve) => setTimeout(resolve, 500));
  // As a whole: the server looks again and again.
  writeFileSync(`${publicKeysFile(config)}.next`, changed, { mode: 0o644 });
  renameSync(`${publicKeysFile(config)}.next`, publicKeysFile(config));
  rmSync(changeMark(config));
  await cluster.untilLogged('server 2', /started/);
  expect(cluster.logs.get('server 2')).not.toMatch(/not the key/);
  await cluster.untilServing();
});

test('a client without a key is told what it needs', async () => {
  cluster = await Cluster.create();
  const { balancer } = loadConfig(cluster.config, {}, {});
  const bare = await synod(['chat', '--plain', '--connect', balancer.clients]);
  expect([bare.status, bare.stderr]).toEqual([
    2,
    expect.stringMatching(/^synod: --connect .*: needs .* --key FILE;.*\n$/),
  ]);
  const wrong = await synod(['chat', '--plain', '--key', keyFileOf(loadConfig(cluster.config, {}, {}), 'server-1')]);
  expect([wrong.status, wrong.stderr]).toEqual([78, expect.stringMatching(/the key of server-1, not of a client\n$/)]);
});

test('status asks those for whom there is a key, and says whom it did not ask', async () => {
  cluster = await Cluster.create();
  const { keys } = loadConfig(cluster.config, {}, {});
  const status = () => synod(['status', '--config', cluster.config]);
  for (const name of ['balancer', 'server-1', 'server-3', 'client']) rmSync(path.join(keys, `${name}.key`));
  const onServer = await status();
  expect([onServer.status, onServer.stdout]).toEqual([69, expect.stringContaining('balancer not asked: no key of a')]);
  expect((await synod(['keygen', '--config', cluster.config, '--for', 'client'])).status).toBe(0);
  rmSync(path.join(keys, 'server-2.key'));
  const atHome = await status();
  expect([atHome.status, atHome.stdout]).toEqual([
    69,
    expect.stringContaining('the servers were not asked: no key of'),
  ]);
  rmSync(path.join(keys, 'client.key'));
  const nowhere = await status();
  expect([nowhere.status, nowhere.stderr]).toEqual([
    78,
    expect.stringMatching(/^synod: .*keys: no key of a server.*\n$/),
  ]);
});

test('an address that is not for clients, and keys together with none, are usage errors', async () => {
  cluster = await Cluster.create();
  const config = loadConfig(cluster.config, {}, {});
  const flags = ['chat', '--plain', '--config', cluster.config];
  for (const address of [config.balancer.servers, config.servers[0]?.pub ?? '']) {
    const { status, stderr } = await synod([...flags, '--connect', address]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/for servers; clients connect to tcp:.*\n$/)]);
  }
  const both = await synod([...flags, '--insecure', '--key', keyFileOf(config, 'client')]);
  expect([both.status, both.stderr]).toEqual([2, 'synod: --insecure and --key: one of them is allowed\n']);
  const named = await synod(['server', '--config', cluster.config, '--id', '1', '--insecure'], '', {
    ...process.env,
    SYNOD_BALANCER_SERVERS: 'tcp://localhost:7101',
  });
  expect([named.status, named.stderr]).toEqual([2, expect.stringContaining('not tcp://localhost:7101')]);
});

function secretsIn({ config }: Cluster): readonly string[] {
  const loaded = loadConfig(config, {}, {});
  const holders = ['balancer', 'server-1', 'server-2', 'server-3', 'client'];
  return holders.map((holder) => JSON.parse(readFileSync(keyFileOf(loaded, holder), 'utf8')).secretKey as string);
}
