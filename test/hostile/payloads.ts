/** Payloads that nobody of ours would send, by what is wrong with them. */
import { Packr } from 'msgpackr';
import { corrupted, packed, unpacked } from '../wire/hostile';

const DEEP = 1_000_000;
const MOST_EACH = 200;

const cloning = new Packr({ useRecords: false, structuredClone: true, moreTypes: true });
const recording = new Packr({ useRecords: true });

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** A string of these bytes, whatever they are. */
const string = (bytes: Buffer) => Buffer.concat([Buffer.of(0xa0 | bytes.length), bytes]);

/** An extension in an extension, as long as there is room: what decoders follow into the depth, or copy again and again. */
function nestedExtensions(type: number): Buffer {
  let inner = Buffer.of(0xc0);
  while (inner.length < 480)
    inner = Buffer.concat([Buffer.of(0xc8, inner.length >> 8, inner.length & 255, type), inner]);
  return inner;
}

/** As `inner` in the place of each value of a valid payload's first level. */
function within(valid: readonly Buffer[], inner: Buffer): readonly Buffer[] {
  return valid.flatMap((bytes) => {
    const fields = unpacked(bytes);
    return fields.map((_, at) => {
      const parts = fields.map((field, index) => (index === at ? inner : packed([field]).subarray(1)));
      return Buffer.concat([Buffer.of(0x90 | fields.length), ...parts]);
    });
  });
}

/** @param valid payloads that the port takes */
export function hostilePayloads(valid: readonly Buffer[]): ReadonlyMap<string, readonly Buffer[]> {
  const inEachPlace = (...inners: readonly Buffer[]) => [...inners, ...inners.flatMap((inner) => within(valid, inner))];
  const wrong = valid.flatMap((bytes) => [...corrupted(bytes)]);
  return new Map<string, readonly Buffer[]>([
    ['no payload', [Buffer.alloc(0)]],
    ['truncated msgpack', valid.flatMap((bytes) => cuts(bytes))],
    [
      'msgpack that goes on',
      valid.flatMap((bytes) => [0x00, 0xc0, 0xc1, 0x93].map((more) => Buffer.concat([bytes, Buffer.of(more)]))),
    ],
    [
      'arrays 10^6 deep',
      [
        Buffer.concat([Buffer.alloc(DEEP, 0x91), Buffer.of(0xc0)]),
        ...within(valid.slice(0, 1), Buffer.alloc(DEEP / 2, 0x91)),
      ],
    ],
    [
      'arrays, maps, strings, binaries, extensions of 2^32−1',
      inEachPlace(
        hex('dd ffffffff'),
        hex('df ffffffff'),
        hex('db ffffffff'),
        hex('c6 ffffffff'),
        hex('c9 ffffffff 01'),
      ),
    ],
    [
      'extensions in extensions',
      inEachPlace(...[0, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x74, 0x78, 0xff].map(nestedExtensions)),
    ],
    ['RegExp, Error, Set, Map, Date, typed arrays, records', inEachPlace(...foreignTypes())],
    ['maps with __proto__, constructor, keys that come twice', inEachPlace(...maps())],
    [
      'strings that are no UTF-8, lone surrogates',
      inEachPlace(
        string(hex('ed a0 80')),
        string(hex('ed b0 80 41')),
        string(hex('ff fe')),
        string(hex('c0 80')),
        string(hex('f4 90 80 80')),
      ),
    ],
    [
      'NaN, infinity, −1, fractions, 2^53+1, uint64 and negative zero where numbers are, and other types',
      wrong.map(({ bytes }) => bytes).slice(0, MOST_EACH),
    ],
  ]);
}

function cuts(bytes: Buffer): readonly Buffer[] {
  return Array.from({ length: Math.min(bytes.length, 40) }, (_, at) => bytes.subarray(0, at + 1)).slice(0, -1);
}

function foreignTypes(): readonly Buffer[] {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const values = [
    /(a+)+$/,
    new Error('x'),
    new Set([1]),
    new Map([[1, 2]]),
    new Date(0),
    new Float64Array(4),
    2n ** 63n,
    cyclic,
  ];
  return [...values.map((value) => Buffer.from(cloning.pack(value))), Buffer.from(recording.pack({ a: 1, b: 2 }))];
}

function maps(): readonly Buffer[] {
  const entry = (key: string, value: Buffer) => Buffer.concat([string(Buffer.from(key)), value]);
  const one = Buffer.of(1);
  const admin = Buffer.concat([Buffer.of(0x81), entry('admin', Buffer.of(0xc3))]);
  return [
    Buffer.concat([Buffer.of(0x81), entry('__proto__', admin)]),
    Buffer.concat([Buffer.of(0x81), entry('constructor', Buffer.concat([Buffer.of(0x81), entry('prototype', admin)]))]),
    Buffer.concat([Buffer.of(0x82), entry('type', one), entry('type', admin)]),
  ];
}
