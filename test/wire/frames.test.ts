import fc from 'fast-check';
import {
  decodeClient,
  decodeServer,
  decodeToClient,
  decodeToServer,
  encodeClient,
  encodeServer,
  encodeToClient,
  encodeToServer,
} from '../../src/wire/frames';
import { MAX_FAN_OUT } from '../../src/wire/limits';
import { clientFrames, serverFrames, toClientFrames, toServerFrames } from './arbitraries';
import { mutated, prefixes, samples } from './hostile';

/** The four unions, each with both of its ways. */
const UNIONS = [
  { name: 'client to balancer', frames: clientFrames, encode: encodeClient, decode: decodeClient },
  { name: 'balancer to client', frames: toClientFrames, encode: encodeToClient, decode: decodeToClient },
  { name: 'server to balancer', frames: serverFrames, encode: encodeServer, decode: decodeServer },
  { name: 'balancer to server', frames: toServerFrames, encode: encodeToServer, decode: decodeToServer },
] as unknown as readonly {
  name: string;
  frames: fc.Arbitrary<{ readonly type: string }>;
  encode(frame: unknown): Uint8Array;
  decode(bytes: Uint8Array): { readonly type: string } | undefined;
}[];

describe.each(UNIONS)('$name', ({ frames, encode, decode }) => {
  test('every frame comes back as it was', () => {
    fc.assert(
      fc.property(frames, (frame) => expect(decode(encode(frame))).toEqual(frame)),
      { numRuns: 500 },
    );
  });

  test('a frame that is cut off or goes on is none', () => {
    for (const frame of samples(frames, 60)) {
      const bytes = encode(frame);
      // How many a fan-out is for is told by the length of its frame: cut between two of them it is another fan-out.
      const fanOut = 'to' in frame;
      for (const part of prefixes(bytes)) {
        if (!fanOut || part.length % 8 !== 1) expect(decode(part)).toBeUndefined();
      }
      expect(decode(Uint8Array.from([...bytes, 0]))).toBeUndefined();
    }
  });

  test('bytes of any kind are a frame that comes back as it was, or none', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), mutated(frames.map(encode)));
    fc.assert(
      fc.property(bytes, (some) => {
        const frame = decode(some);
        if (frame !== undefined) expect(decode(encode(frame))).toEqual(frame);
      }),
      { numRuns: 1000 },
    );
  });

  test('frames of the other unions are none', () => {
    for (const other of UNIONS) {
      if (other.decode === decode) continue;
      for (const frame of samples(other.frames, 40)) expect(decode(other.encode(frame))).toBeUndefined();
    }
  });
});

test('decodes what lies inside a larger buffer', () => {
  const to = [
    { attachment: 1, number: 2 },
    { attachment: 2 ** 32 - 1, number: 2 ** 32 - 1 },
  ];
  const bytes = encodeServer({ type: 'data', to });
  const inside = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(3)]).subarray(3, 3 + bytes.length);
  expect(decodeServer(inside)).toEqual({ type: 'data', to });
});

test('a payload is for so many clients at most', () => {
  const to = Array.from({ length: MAX_FAN_OUT }, (_, index) => ({ attachment: index, number: index + 1 }));
  const bytes = encodeServer({ type: 'data', to });
  const decoded = decodeServer(bytes);
  const same = decoded?.type === 'data' && decoded.to.every(({ attachment, number }) => attachment + 1 === number);
  expect(same).toBe(true);
  expect(decodeServer(Buffer.concat([bytes, Buffer.alloc(8)]))).toBeUndefined();
  expect(() => encodeServer({ type: 'data', to: [...to, { attachment: 7, number: 8 }] })).toThrow('at most');
});

test('a name that is too long for a cluster is refused, a reason is cut between two characters', () => {
  const hello = (cluster: string) => encodeClient({ type: 'hello', version: 1, cluster, previous: 0 });
  expect(decodeClient(hello('c'.repeat(64)))).toBeDefined();
  expect(decodeClient(hello('c'.repeat(65)))).toBeUndefined();
  const cut = decodeToClient(encodeToClient({ type: 'refused', reason: `x${'🙂'.repeat(100)}` }));
  expect(cut).toEqual({ type: 'refused', reason: `x${'🙂'.repeat(63)}` });
});

test('text that is not UTF-8, an unknown name and unknown flags are refused', () => {
  const refused = encodeToClient({ type: 'refused', reason: 'abc' });
  expect(decodeToClient(Uint8Array.from([...refused.subarray(0, 2), 0x61, 0xff, 0x61]))).toBeUndefined();
  const wait = encodeToClient({ type: 'wait', reason: 'starting', connected: 1, needed: 3 });
  expect(decodeToClient(Uint8Array.from([wait[0] ?? 0, 9, ...wait.subarray(2)]))).toBeUndefined();
  const beat = encodeServer({
    type: 'beat',
    version: 1,
    cluster: 'c',
    server: 1,
    instance: '0123456789abcdef',
    serving: true,
    majority: true,
    established: true,
    clients: 0,
  });
  const flagsAt = beat.length - 5;
  expect(beat[flagsAt]).toBe(7);
  for (const flags of [8, 15, 255]) {
    const other = Uint8Array.from(beat);
    other[flagsAt] = flags;
    expect(decodeServer(other)).toBeUndefined();
  }
});
