/** What a person signs is good for one attachment, one cluster, one session and one key. */
import { isKeyText, keyText } from '../../src/lib/signer';
import { isProof, proofOf, sessionOf } from '../../src/wire/proof';
import { person, salt } from '../people';

const { key } = person(1);
const proven = {
  nonce: new Uint8Array(32).fill(1),
  balancer: 'b'.repeat(40),
  cluster: 'test',
  session: sessionOf(key, salt(1)),
};
const signature = proofOf(person(1), proven);

test('a proof is one for what was signed only', () => {
  expect(isProof(key, signature, proven)).toBe(true);
  expect(isProof(person(2).key, signature, proven)).toBe(false);
  for (const other of [
    { nonce: new Uint8Array(32).fill(2) },
    // Another cluster, which passes the nonce on.
    { balancer: 'c'.repeat(40) },
    { balancer: '' },
    { balancer: proven.balancer.slice(1), cluster: `b${proven.cluster}` },
    { cluster: 'tesT' },
    { cluster: '' },
    { session: sessionOf(key, salt(2)) },
    // The same bytes in a row, cut elsewhere.
    { cluster: `test${proven.session.slice(0, 1)}`, session: proven.session.slice(1) },
  ]) {
    expect(isProof(key, signature, { ...proven, ...other })).toBe(false);
  }
});

test.each([
  ['nothing but zeros', new Uint8Array(64)],
  ['a bit less', signature.map((byte, at) => (at === 5 ? byte ^ 1 : byte))],
])('a signature of %s is none', (_, forged) => {
  expect(isProof(key, forged, proven)).toBe(false);
  // Whatever the 32 bytes are, looking at them does not throw.
  for (const bytes of [0, 1, 255]) expect(isProof(new Uint8Array(32).fill(bytes), forged, proven)).toBe(false);
});

test('a session follows from the key as from the salt', () => {
  const ids = [sessionOf(key, salt(1)), sessionOf(key, salt(2)), sessionOf(person(2).key, salt(1))];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
});

test('a key is written in one way', () => {
  const text = keyText(key);
  expect(isKeyText(text)).toBe(true);
  const last = text.slice(-1);
  const twin = text.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1);
  expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(key));
  for (const other of [twin, text.slice(1), `${text}A`, ` ${text.slice(1)}`, text.replace(/.$/, '=')]) {
    expect(isKeyText(other)).toBe(false);
  }
});
