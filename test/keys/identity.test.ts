/** A person's key: made when it is used first, for its owner's eyes only. */
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
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../src/config/problems';
import { identityFile, readOrMakeIdentity } from '../../src/keys/identity';
import { isSignature, keyText } from '../../src/lib/signer';
import { synod } from '../e2e/cluster';

const root = mkdtempSync(path.join(tmpdir(), 'synod-identity-'));
afterAll(() => rmSync(root, { recursive: true }));

let made = 0;
const next = () => {
  made += 1;
  return path.join(root, `home-${made}`, 'synod', 'identity.pem');
};

function problemOf(file: string): string {
  try {
    readOrMakeIdentity(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

test('is made when it is not there, and the same ever after', () => {
  const file = next();
  const first = readOrMakeIdentity(file);
  expect([file, path.dirname(file)].map((each) => statSync(each).mode & 0o777)).toEqual([0o600, 0o700]);
  expect(readdirSync(path.dirname(file))).toEqual(['identity.pem']);
  expect(readOrMakeIdentity(file).key).toEqual(first.key);
  const bytes = Buffer.from('something');
  expect(isSignature(first.key, bytes, readOrMakeIdentity(file).sign(bytes))).toBe(true);
});

test('of several processes that make it at once all have the same', async () => {
  const file = next();
  const ran = await Promise.all([1, 2, 3, 4].map(() => synod(['identity', '--identity', file])));
  const where = `0 synod: your key is kept in ${file}\n`;
  expect(ran.map(({ status, stderr }) => `${status} ${stderr}`)).toEqual(new Array(4).fill(where));
  const text = `${keyText(readOrMakeIdentity(file).key)}\n`;
  expect(ran.map(({ stdout }) => stdout)).toEqual(new Array(4).fill(text));
  // What is printed is public: the secret is nowhere in it.
  expect(readFileSync(file, 'utf8')).toContain('PRIVATE KEY');
  expect(text).not.toContain('PRIVATE');
});

test('is refused when others may read it, with the command that mends it', () => {
  const file = next();
  readOrMakeIdentity(file);
  chmodSync(file, 0o640);
  expect(problemOf(file)).toBe(
    `${file}: a secret key that others than its owner may use (mode 0640): chmod 600 ${file}`,
  );
});

test('is refused when it is something else', () => {
  const file = next();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'secret', { mode: 0o600 });
  expect(problemOf(file)).toBe(`${file}: not an Ed25519 private key in PEM`);
  expect(readFileSync(file, 'utf8')).toBe('secret');
});

test('where it cannot be made, that is said, and what to do', () => {
  const blocked = path.join(root, 'blocked');
  writeFileSync(blocked, '');
  const file = path.join(blocked, 'synod', 'identity.pem');
  expect(problemOf(file)).toBe(
    `${file}: a key for you cannot be made there (ENOTDIR); name another file with --identity or SYNOD_IDENTITY`,
  );
  expect(existsSync(file)).toBe(false);
});

test('lies where the XDG Base Directory Specification wants it, or where it is said', () => {
  expect(identityFile({ XDG_DATA_HOME: '/data' })).toBe('/data/synod/identity.pem');
  const usual = path.join(homedir(), '.local/share/synod/identity.pem');
  expect([identityFile({}), identityFile({ XDG_DATA_HOME: '' }), identityFile({ XDG_DATA_HOME: 'here' })]).toEqual([
    usual,
    usual,
    usual,
  ]);
  expect(identityFile({ SYNOD_IDENTITY: 'mine.pem', XDG_DATA_HOME: '/data' })).toBe('mine.pem');
});
