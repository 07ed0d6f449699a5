/** Z85 as its specification has it. */
import { curveKeyPair } from 'zeromq';
import { isZ85Key, z85 } from '../../src/lib/z85';

test('the example of the specification', () => {
  expect(z85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe('HelloWorld');
});

test('a view into a larger buffer is that view', () => {
  const whole = Uint8Array.of(1, 2, 3, 0x86, 0x4f, 0xd2, 0x6f, 9);
  expect(z85(whole.subarray(3, 7))).toBe('Hello');
});

test('all bits unset, all bits set', () => {
  expect(z85(new Uint8Array(4))).toBe('00000');
  expect(z85(new Uint8Array(4).fill(255))).toBe('%nSc0');
});

test('what ZeroMQ calls a key is one', () => {
  for (let n = 0; n < 50; n += 1) {
    const { publicKey, secretKey } = curveKeyPair();
    expect([isZ85Key(publicKey), isZ85Key(secretKey)]).toEqual([true, true]);
  }
});

test.each([
  ['nothing', ''],
  ['a character short', '0'.repeat(39)],
  ['a character long', '0'.repeat(41)],
  ['a character that is none of Z85', `${'0'.repeat(39)}"`],
  ['more than four bytes in a group', `${'0'.repeat(35)}%nSc1`],
  ['the largest character throughout', '#'.repeat(40)],
])('%s is no key', (_, text) => {
  expect(isZ85Key(text)).toBe(false);
});
