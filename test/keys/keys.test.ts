/** Keys on disk: made whole, kept to their owner, refused with a line that says what to do. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { init } from '../../src/cli/init';
import { loadConfig } from '../../src/config/load';
import type { ClusterConfig } from '../../src/config/schema';
import { BALANCER, CLIENT, isAdmitted, keyFileOf, roleOf } from '../../src/keys/holders';
import { pairOf, readKeyFile } from '../../src/keys/key-file';
import { Keyring } from '../../src/keys/keyring';
import { makeKeyFor, makeKeys, removeKeyOf } from '../../src/keys/make';
import { publicKeysFile, readPublicKeys } from '../../src/keys/public-keys';
import { newKeyPair } from '../../src/transport/security';

const root = mkdtempSync(path.join(os.tmpdir(), 'synod-keys-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
let config: ClusterConfig;
beforeEach(async () => {
  made += 1;
  const out = path.join(root, `cluster-${made}`);
  await init({ servers: 3, basePort: 40_000, out });
  config = loadConfig(path.join(out, 'cluster.json'), {}, {});
});

const HOLDERS = ['balancer', 'server-1', 'server-2', 'server-3', 'client'];

function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
}

function folderInPlaceOf(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

describe('synod init', () => {
  it('makes a pair for everybody, each its own, secret ones for their owner alone', () => {
    const known = readPublicKeys(config);
    expect([...known.keys()]).toEqual(HOLDERS);
    expect(new Set(known.values()).size).toBe(HOLDERS.length);
    expect(statSync(config.keys).mode & 0o777).toBe(0o700);
    expect(readdirSync(config.keys).sort()).toEqual(
      [...HOLDERS.map((holder) => `${holder}.key`), 'public.json'].sort(),
    );
    for (const holder of HOLDERS) {
      const file = keyFileOf(config, holder);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readKeyFile(file)).toMatchObject({ cluster: 'synod-3', holder, publicKey: known.get(holder) });
    }
  });

  it('tells a client where to go and whom to expect', () => {
    expect(readKeyFile(keyFileOf(config, CLIENT)).balancer).toEqual({
      address: 'tcp://127.0.0.1:40000',
      publicKey: readPublicKeys(config).get(BALANCER),
    });
    expect(readKeyFile(keyFileOf(config, BALANCER)).balancer).toBeUndefined();
  });
});

describe('synod keygen', () => {
  it.each([
    ['', 'keys'],
    [', in folders that are not there either', 'a/b/c/keys'],
  ])('makes all keys once, however many ask for them at the same time%s', async (_, folder) => {
    rmSync(config.keys, { recursive: true });
    config = { ...config, keys: path.join(path.dirname(config.file), folder) };
    const made = await Promise.all(Array.from({ length: 8 }, () => makeKeys(config)));
    expect(made.filter(Boolean)).toHaveLength(1);
    const known = readPublicKeys(config);
    for (const holder of HOLDERS) expect(readKeyFile(keyFileOf(config, holder)).publicKey).toBe(known.get(holder));
    expect(readdirSync(path.dirname(config.keys)).filter((name) => name.startsWith('keys'))).toEqual(['keys']);
  });

  it('leaves what is there', async () => {
    const before = readFileSync(publicKeysFile(config), 'utf8');
    expect(await makeKeys(config)).toBe(false);
    expect(readFileSync(publicKeysFile(config), 'utf8')).toBe(before);
  });

  it('does not make a second list where one host has only its own key', async () => {
    rmSync(publicKeysFile(config));
    await expect(makeKeys(config)).rejects.toThrow(/keys: is there, without public\.json; copy that from another host/);
  });

  it('makes a new key for a server, and leaves the others theirs', async () => {
    const before = readPublicKeys(config);
    const old = readKeyFile(keyFileOf(config, 'server-2'));
    await makeKeyFor(config, 'server-2');
    const now = readPublicKeys(config);
    const differing = HOLDERS.filter((holder) => now.get(holder) !== before.get(holder));
    expect(differing).toEqual(['server-2']);
    const { publicKey, secretKey } = readKeyFile(keyFileOf(config, 'server-2'));
    expect(publicKey).toBe(now.get('server-2'));
    expect(secretKey).not.toBe(old.secretKey);
    expect(statSync(keyFileOf(config, 'server-2')).mode & 0o777).toBe(0o600);
  });

  it('tells the clients whose key files are here of a new balancer', async () => {
    await makeKeyFor(config, 'client-alice');
    await makeKeyFor(config, BALANCER);
    const key = readPublicKeys(config).get(BALANCER);
    for (const client of [CLIENT, 'client-alice']) {
      expect(readKeyFile(keyFileOf(config, client)).balancer?.publicKey).toBe(key);
    }
  });

  it('takes the key of a client away', async () => {
    await makeKeyFor(config, 'client-alice');
    const { publicKey } = readKeyFile(keyFileOf(config, 'client-alice'));
    const own = pairOf(readKeyFile(keyFileOf(config, BALANCER)));
    expect(new Keyring(config, readPublicKeys(config), { clients: own }).admits('clients', publicKey)).toBe(true);
    await removeKeyOf(config, 'client-alice');
    expect(new Keyring(config, readPublicKeys(config), { clients: own }).admits('clients', publicKey)).toBe(false);
    expect(existsSync(keyFileOf(config, 'client-alice'))).toBe(false);
  });

  it.each([
    ['somebody of no role', 'friend'],
    ['a server that there is not', 'server-4'],
    ['a name with a way out of the folder', 'client-../../evil'],
    ['a client without a name', 'client-'],
  ])('makes none for %s', async (_, holder) => {
    await expect(makeKeyFor(config, holder)).rejects.toThrow(/allowed: balancer, server-N, client or client-NAME/);
  });

  it('loses none when several are made at the same time', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `client-${name}`);
    const made = await Promise.allSettled(names.map((name) => makeKeyFor(config, name)));
    const done = names.filter((_, index) => made[index]?.status === 'fulfilled');
    expect(done.length).toBeGreaterThan(0);
    expect([...readPublicKeys(config).keys()]).toEqual([...HOLDERS, ...done]);
    for (const [index, one] of made.entries()) {
      if (one.status === 'rejected') expect(String(one.reason)).toMatch(/changing: somebody else changes the keys/);
      else expect(existsSync(keyFileOf(config, names[index] ?? ''))).toBe(true);
    }
    await makeKeyFor(config, 'client-f');
  });

  it('takes none away that the cluster needs', async () => {
    await expect(removeKeyOf(config, 'server-1')).rejects.toThrow('cannot remove server-1, only client');
    await expect(removeKeyOf(config, 'client-bob')).rejects.toThrow('cannot remove client-bob, only client');
  });
});

describe('a key file is refused', () => {
  const file = () => keyFileOf(config, 'server-1');

  it.each([0o644, 0o640, 0o604, 0o660, 0o620, 0o601])('that others may use, mode %o', (mode) => {
    chmodSync(file(), mode);
    const words = `server-1.key: a secret key that others than its owner may use (mode 0${mode.toString(8)}): chmod 600 ${file()}`;
    expect(() => readKeyFile(file())).toThrow(words);
    chmodSync(file(), 0o600);
    expect(readKeyFile(file()).holder).toBe('server-1');
  });

  it.each([
    ['that is not there', () => rmSync(file()), /there is no such file; make one with synod keygen/],
    ['that is empty', () => writeFileSync(file(), ''), /not a key file as synod keygen writes it$/],
    ['that is a folder', () => folderInPlaceOf(file()), /cannot be read \(EISDIR\)/],
    ['with half a key', () => change(file(), /("secretKey": ").{10}/, '$1'), /not a key file .*: see secretKey$/],
    ['with something more', () => change(file(), '{', '{ "more": 1,'), /not a key file/],
    ['of nobody', () => change(file(), 'server-1', 'mallory'), /not a key file .*: see holder$/],
  ])('%s', (_, damage, words) => {
    damage();
    let message = '';
    try {
      readKeyFile(file());
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(words);
    expect(message).not.toContain('\n');
  });

  it('without a word of the secret', () => {
    const { secretKey } = readKeyFile(file());
    change(file(), '"cluster"', '"Cluster"');
    expect(() => readKeyFile(file())).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(secretKey) }),
    );
  });
});

describe('a list of public keys is refused', () => {
  const list = () => publicKeysFile(config);

  it.each([
    ['that is not there', () => rmSync(list()), /there is no such file; make keys: synod keygen --config /],
    ['of another cluster', () => change(list(), '"synod-3"', '"other"'), /the keys of cluster other, .* is of synod-3/],
    [
      'without a server',
      () => change(list(), /"server-3": .*\n/, ''),
      /server-3 has no key; make one: synod keygen --config .* --for server-3/,
    ],
    [
      'with a role that there is not',
      () => change(list(), '"client"', '"admin"'),
      /found admin, allowed: balancer, server-N/,
    ],
    [
      'with no key',
      () => change(list(), /("client": ").*"/, '$1none"'),
      /not a list of public keys .*: see keys.client/,
    ],
  ])('%s', (_, damage, words) => {
    damage();
    expect(() => readPublicKeys(config)).toThrow(words);
  });

  it.each([0o666, 0o664, 0o646])('that others may change, mode %o', (mode) => {
    chmodSync(list(), mode);
    expect(() => readPublicKeys(config)).toThrow(`chmod go-w ${list()}`);
    chmodSync(list(), 0o644);
    chmodSync(config.keys, 0o777);
    expect(() => readPublicKeys(config)).toThrow(`chmod go-w ${config.keys}`);
  });

  it('with one key in two roles', () => {
    const { publicKey } = readKeyFile(keyFileOf(config, 'server-1'));
    change(list(), /("client": ").*"/, `$1${publicKey.replaceAll('$', '$$$$')}"`);
    expect(() => readPublicKeys(config)).toThrow('client has the key of somebody else; each has one of its own');
  });
});

describe('a keyring', () => {
  it('admits servers to the ports of servers, clients to those of clients, and nobody else anywhere', () => {
    const known = readPublicKeys(config);
    const keyring = new Keyring(config, readPublicKeys(config), { clients: newKeyPair() });
    const admitted = (domain: string) => HOLDERS.filter((holder) => keyring.admits(domain, known.get(holder) ?? ''));
    expect(admitted('servers')).toEqual(['server-1', 'server-2', 'server-3']);
    expect(admitted('clients')).toEqual(['client']);
    for (const other of ['', 'server', 'constructor', '__proto__']) expect(admitted(other)).toEqual([]);
    expect(keyring.admits('servers', newKeyPair().publicKey)).toBe(false);
    expect(keyring.admits('servers', '')).toBe(false);
  });

  it('expects at each address the one whose it is', () => {
    const known = readPublicKeys(config);
    const own = newKeyPair();
    const keyring = new Keyring(config, readPublicKeys(config), { servers: own, clients: own });
    for (const { id, pub, rep } of config.servers) {
      for (const address of [pub, rep])
        expect(keyring.connecting(address)).toEqual({ own, theirs: known.get(`server-${id}`) });
    }
    for (const address of Object.values(config.balancer)) {
      expect(keyring.connecting(address)).toEqual({ own, theirs: known.get('balancer') });
    }
    expect(keyring.binding(config.balancer.clients).domain).toBe('clients');
    expect(keyring.binding(config.balancer.servers).domain).toBe('servers');
  });

  it('notices a change between its reading of the list and its first look', async () => {
    const keyring = new Keyring(config, readPublicKeys(config), { clients: newKeyPair() });
    await makeKeyFor(config, 'server-2');
    const told: string[] = [];
    const changed = new Promise((resolve) => keyring.onChange(resolve));
    keyring.follow({ info: (text) => told.push(text), warn: (text) => told.push(text) });
    try {
      expect(await changed).toEqual(['servers']);
      expect(told).toEqual([expect.stringMatching(/the keys in .* have changed$/)]);
    } finally {
      keyring.unfollow();
    }
  });

  it('says to whose ports somebody is not admitted any more, and nothing when the list is written again as it was', async () => {
    const keyring = new Keyring(config, readPublicKeys(config), { clients: newKeyPair() });
    const revoked: (readonly string[])[] = [];
    keyring.onChange((domains) => void revoked.push(domains));
    const told: string[] = [];
    keyring.follow({ info: (text) => told.push(text), warn: (text) => told.push(text) });
    const changes = async (count: number) => {
      while (revoked.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    try {
      await makeKeyFor(config, 'client-alice');
      await changes(1);
      const list = readFileSync(publicKeysFile(config), 'utf8');
      rmSync(publicKeysFile(config));
      writeFileSync(publicKeysFile(config), `${list}\n`);
      await new Promise((resolve) => setTimeout(resolve, 1200));
      await removeKeyOf(config, 'client-alice');
      await changes(2);
      await makeKeyFor(config, BALANCER);
      await changes(3);
      expect(revoked).toEqual([[], ['clients'], []]);
      expect(told).toHaveLength(3);
    } finally {
      keyring.unfollow();
    }
  });

  it('follows the list: who is new on it is admitted, who is gone is not, and what cannot be used changes nothing', async () => {
    const keyring = new Keyring(config, readPublicKeys(config), { clients: newKeyPair() });
    const told: string[] = [];
    let changes = 0;
    keyring.onChange(() => {
      changes += 1;
    });
    const until = async (holds: () => boolean) => {
      while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    keyring.follow({ info: (text) => told.push(text), warn: (text) => told.push(text) });
    try {
      const old = readKeyFile(keyFileOf(config, 'server-2')).publicKey;
      await makeKeyFor(config, 'server-2');
      const { publicKey } = readKeyFile(keyFileOf(config, 'server-2'));
      await until(() => changes === 1);
      expect([keyring.admits('servers', old), keyring.admits('servers', publicKey)]).toEqual([false, true]);
      writeFileSync(publicKeysFile(config), '{');
      await until(() => told.length === 2);
      expect(told[1]).toMatch(/public\.json: not a list of public keys .*; the keys read before stay in use$/);
      expect(keyring.admits('servers', publicKey)).toBe(true);
      expect(changes).toBe(1);
    } finally {
      keyring.unfollow();
    }
  });
});

test.each([
  ['balancer', 'balancer'],
  ['server-12', 'server'],
  ['client', 'client'],
  ['client-alice.b_c', 'client'],
  ['server-0', undefined],
  ['server-', undefined],
  ['server-123456', undefined],
  ['balancer-1', undefined],
  ['xclient', undefined],
  ['client-a/b', undefined],
  ['client-.', undefined],
  ['client-..', undefined],
  ['client--', undefined],
  ['', undefined],
])('the role of %p is %p', (holder, role) => {
  expect(roleOf(holder)).toBe(role);
});

test('a server of another configuration may connect to nobody, and can be taken off the list', async () => {
  change(
    publicKeysFile(config),
    '"client"',
    `"server-5": "${newKeyPair().publicKey.replaceAll('$', '$$$$')}", "client"`,
  );
  expect(['servers', 'clients'].filter((domain) => isAdmitted(config, 'server-5', domain))).toEqual([]);
  await removeKeyOf(config, 'server-5');
  expect([...readPublicKeys(config).keys()]).not.toContain('server-5');
});

test('a balancer may connect to nobody', () => {
  expect(['servers', 'clients'].filter((domain) => isAdmitted(config, 'balancer', domain))).toEqual([]);
});
