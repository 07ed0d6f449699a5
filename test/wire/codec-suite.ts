/** What every codec of payloads must do, whatever it encodes. */
import fc from 'fast-check';
import { PROTOCOL_VERSION } from '../../src/wire/frames';
import type { Bad } from '../../src/wire/shape';
import { corrupted, mutated, packed, prefixes, samples, unpacked } from './hostile';

export interface CodecUnderTest<Value extends object> {
  readonly values: fc.Arbitrary<Value>;
  kindOf(value: Value): string;
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value | Bad;
}

export function describeCodec<Value extends object>(name: string, codec: CodecUnderTest<Value>): void {
  const { values, encode, decode } = codec;
  const isBad = (bytes: Uint8Array) => 'bad' in decode(bytes);
  const examples = ofEachKind(codec);

  describe(name, () => {
    test('every value comes back as it was', () => {
      fc.assert(
        fc.property(values, (value) => expect(decode(encode(value))).toEqual(value)),
        { numRuns: 600 },
      );
    });

    test('what is cut off at any byte, or goes on after the end, is refused', () => {
      for (const value of examples) {
        const bytes = encode(value);
        const taken = [...prefixes(bytes)].filter((part) => !isBad(part)).map((part) => part.length);
        expect({ value, taken }).toEqual({ value, taken: [] });
        for (const more of [0x00, 0xc0, 0xc1]) expect(isBad(Uint8Array.from([...bytes, more]))).toBe(true);
      }
    });

    test('a value of another type, and a number that does not count, is refused wherever it stands', () => {
      for (const value of examples) {
        const taken = [...corrupted(encode(value))].filter(({ bytes }) => !isBad(bytes)).map(({ what }) => what);
        expect({ value, taken }).toEqual({ value, taken: [] });
      }
    });

    test('a field too many, a field too few is refused', () => {
      for (const value of examples) {
        const fields = unpacked(encode(value));
        expect(isBad(packed([...fields, 0]))).toBe(true);
        expect(isBad(packed(fields.slice(0, -1)))).toBe(true);
      }
    });

    test('bytes of any kind are refused with a short reason, or are a value that comes back as it was', () => {
      const bytes = fc.oneof(fc.uint8Array({ maxLength: 100 }), mutated(values.map(encode)));
      fc.assert(
        fc.property(bytes, (some) => {
          const value = decode(some);
          if (!('bad' in value)) expect(decode(encode(value))).toEqual(value);
          else expect(value.bad.length).toBeLessThan(200);
        }),
        { numRuns: 1500 },
      );
    });

    test('what was decoded does not change with the bytes that it came from', () => {
      for (const value of examples) {
        const bytes = Buffer.from(encode(value));
        const decoded = decode(bytes);
        bytes.fill(0xc1);
        expect(decoded).toEqual(value);
      }
    });

    test('bytes that are no Buffer do as well', () => {
      for (const value of examples) expect(decode(Uint8Array.from(encode(value)))).toEqual(value);
    });
  });
}

/** How large an example may be, and how many there are of each kind. */
const EXAMPLE_BYTES = 300;
const EXAMPLES = 3;

/** Examples of each kind of value, the same at every run, small enough to try every place in them. */
function ofEachKind<Value extends object>({ values, kindOf, encode }: CodecUnderTest<Value>): readonly Value[] {
  const found = new Map<string, Value[]>();
  for (const value of samples(values, 1000)) {
    const kind = kindOf(value);
    const some = found.get(kind) ?? [];
    found.set(kind, some);
    if (some.length < EXAMPLES && encode(value).length <= EXAMPLE_BYTES) some.push(value);
  }
  return [...found.values()].flat();
}

/** The two ways in which a payload is not ours, told apart. */
export function describeHead(name: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => object | Bad): void {
  describe(`${name}: the head`, () => {
    const withField = (index: number, value: unknown) => {
      const fields = unpacked(bytes);
      fields[index] = value;
      return decode(packed(fields));
    };

    test('names another version, before anything else is looked at', () => {
      const bad = `protocol version 1, not ${PROTOCOL_VERSION}`;
      expect(withField(0, 1)).toEqual({ bad });
      expect(decode(packed([1, 'who', 'knows', [1]]))).toEqual({ bad });
      expect(withField(0, 'x'.repeat(5000))).toEqual({ bad: 'no version' });
      expect(decode(packed([]))).toEqual({ bad: 'no version' });
    });

    test('names another cluster', () => {
      expect(withField(1, 'elsewhere')).toEqual({ bad: 'of another cluster' });
    });

    test('wants an array', () => {
      expect(decode(Uint8Array.from([0x01]))).toEqual({ bad: 'not an array' });
    });
  });
}
