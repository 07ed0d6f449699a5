import { MAX_DEPTH, MAX_STRING_BYTES } from '../../src/wire/limits';
import { scan } from '../../src/wire/scan';

const PLENTY = 1000;
const look = (...bytes: number[]) => scan(Uint8Array.from(bytes), PLENTY);
const text = (value: string) => [0xd9, value.length, ...Buffer.from(value, 'latin1')];
const nested = (depth: number) => [...new Array<number>(depth).fill(0x91), 0xc0];

test('takes nil, booleans, integers, doubles, strings, binaries and arrays, in every length form', () => {
  expect(look(0xc0)).toBe('');
  expect(look(0x92, 0xc2, 0xc3)).toBe('');
  expect(look(0x93, 0x00, 0x7f, 0xe0)).toBe('');
  expect(look(0x91, 0xcc, 1)).toBe('');
  expect(look(0x91, 0xcd, 1, 2)).toBe('');
  expect(look(0x91, 0xce, 1, 2, 3, 4)).toBe('');
  expect(look(0x91, 0xcf, 1, 2, 3, 4, 5, 6, 7, 8)).toBe('');
  expect(look(0x91, 0xd0, 1)).toBe('');
  expect(look(0x91, 0xd1, 1, 2)).toBe('');
  expect(look(0x91, 0xd2, 1, 2, 3, 4)).toBe('');
  expect(look(0x91, 0xd3, 1, 2, 3, 4, 5, 6, 7, 8)).toBe('');
  expect(look(0x91, 0xcb, 1, 2, 3, 4, 5, 6, 7, 8)).toBe('');
  expect(look(0xa2, 0x61, 0x62)).toBe('');
  expect(look(0xbf, ...new Array<number>(31).fill(0x61))).toBe('');
  expect(look(0xda, 0, 2, 0x61, 0x62)).toBe('');
  expect(look(0xdb, 0, 0, 0, 2, 0x61, 0x62)).toBe('');
  expect(look(0xc4, 2, 0xff, 0xff)).toBe('');
  expect(look(0xc5, 0, 2, 0xff, 0xff)).toBe('');
  expect(look(0xc6, 0, 0, 0, 2, 0xff, 0xff)).toBe('');
  expect(look(0x9f, ...new Array<number>(15).fill(0))).toBe('');
  expect(look(0xdc, 0, 2, 0, 0)).toBe('');
  expect(look(0xdd, 0, 0, 0, 2, 0, 0)).toBe('');
  expect(look(0x93, 0x90, 0x91, 0x90, 0x90)).toBe('');
});

test('refuses every extension type, map and 32-bit float, wherever it stands', () => {
  const refused = [0xc1, 0xc7, 0xc8, 0xc9, 0xca, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xde, 0xdf];
  for (let first = 0x80; first <= 0x8f; first += 1) refused.push(first);
  for (const first of refused) {
    const reason = `type 0x${first.toString(16)} is not allowed`;
    const rest = new Array<number>(40).fill(0);
    expect(look(first, ...rest)).toBe(reason);
    expect(look(0x92, 0x01, first, ...rest)).toBe(reason);
    expect(look(0x92, 0x91, 0xa1, 0x61, first, ...rest)).toBe(reason);
  }
});

test('refuses a bomb of nested extensions of a few hundred bytes', () => {
  const bomb: number[] = [0x9f];
  while (bomb.length < 482) bomb.push(0xd4, 0x69, 0x9f);
  expect(look(...bomb)).toBe('type 0xd4 is not allowed');
});

test('bounds the depth', () => {
  expect(look(...nested(MAX_DEPTH))).toBe('');
  expect(look(...nested(MAX_DEPTH + 1))).toMatch('nested deeper');
  expect(look(...nested(100_000))).toMatch('nested deeper');
  // What stands beside does not nest.
  expect(look(0x9f, ...Array.from({ length: 15 }, () => nested(MAX_DEPTH - 1)).flat())).toBe('');
});

test('bounds the number of values, those in arrays and the arrays', () => {
  const three = Uint8Array.from([0x92, 0xc0, 0xc0]);
  expect(scan(three, 3)).toBe('');
  expect(scan(three, 2)).toBe('more than 2 values');
  const seven = Uint8Array.from([0x92, 0x92, 0xc0, 0xc0, 0x92, 0xc0, 0xc0]);
  expect(scan(seven, 7)).toBe('');
  expect(scan(seven, 6)).toBe('more than 6 values');
});

test('refuses counts and lengths that the bytes cannot hold', () => {
  expect(look(0xdd, 0xff, 0xff, 0xff, 0xff)).toBe('a length beyond the end');
  expect(look(0xdd, 0xff, 0xff, 0xff, 0xff, ...new Array<number>(100).fill(0xc0))).toBe('a length beyond the end');
  expect(look(0xdb, 0xff, 0xff, 0xff, 0xff, 0x61)).toBe('a length beyond the end');
  expect(look(0xc6, 0xff, 0xff, 0xff, 0xff, 0x61)).toBe('a length beyond the end');
  expect(look(0xdc, 0xff, 0xff, 0xc0)).toBe('a length beyond the end');
  expect(look(0xa2, 0x61)).toBe('a length beyond the end');
});

test('refuses what is cut off at any byte, and what goes on after the end', () => {
  const whole = [0x96, 0x01, 0xcd, 1, 2, 0xcb, 1, 2, 3, 4, 5, 6, 7, 8, ...text('lobby'), 0xc5, 0, 2, 9, 9, 0x91, 0xc0];
  expect(look(...whole)).toBe('');
  for (let end = 0; end < whole.length; end += 1) expect(look(...whole.slice(0, end))).not.toBe('');
  for (const more of [0x00, 0xc0, 0xc1, 0x90]) expect(look(...whole, more)).toBe('bytes after the end');
  expect(look()).toBe('truncated');
  expect(look(0xcd, 1)).toBe('truncated');
  expect(look(0x91, 0xcb, 1, 2, 3, 4, 5, 6, 7)).toBe('truncated');
});

test('refuses text that is not UTF-8, wherever in the text it stands', () => {
  const broken = ['\x80', '\xc3', '\xc0\x80', '\xe2\x82', '\xed\xa0\x80', '\xed\xbf\xbf', '\xf5\x80\x80\x80', '\xff'];
  for (const bytes of broken) {
    for (const before of ['', '\0', '\0\0\0', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdefghijkl']) {
      for (const after of ['', '\0\0\0', 'x', 'xyz', 'xyzwv']) {
        expect(look(...text(before + bytes + after))).toBe('a text that is not UTF-8');
      }
    }
  }
  for (const fine of ['é', 'abcé', '€uro', 'a🙂', '\u0000', '\ufffd', '\ufeffx']) {
    const bytes = Buffer.from(fine);
    expect(look(0xd9, bytes.length, ...bytes)).toBe('');
  }
});

test('bounds the length of a text', () => {
  const long = (length: number) =>
    Uint8Array.from([
      0xdb,
      0,
      length >> 16,
      (length >> 8) & 0xff,
      length & 0xff,
      ...new Array<number>(length).fill(0x61),
    ]);
  expect(scan(long(MAX_STRING_BYTES), PLENTY)).toBe('');
  expect(scan(long(MAX_STRING_BYTES + 1), PLENTY)).toBe(`a text of more than ${MAX_STRING_BYTES} bytes`);
});
