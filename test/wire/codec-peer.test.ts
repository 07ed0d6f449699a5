import { createPeerCodec } from '../../src/wire/codec-peer';
import { MAX_PAYLOAD_BYTES } from '../../src/wire/limits';
import type { PeerEnvelope } from '../../src/wire/peer';
import { envelopes } from './arbitraries';
import { describeCodec, describeHead } from './codec-suite';
import { packed, unpacked } from './hostile';

const { encodePeer, decodePeer } = createPeerCodec('synod');
const ballot = { counter: 3, server: 2 };

function envelope(message: PeerEnvelope['message']): PeerEnvelope {
  return { from: 1, birth: '0123456789abcdef', question: 0, message };
}

/** A message with the fields after its head changed. */
function changed(message: PeerEnvelope['message'], change: (fields: unknown[]) => void) {
  const all = unpacked(encodePeer(envelope(message)));
  const fields = all.slice(6);
  change(fields);
  return decodePeer(packed([...all.slice(0, 6), ...fields]));
}

describeCodec('payloads between servers', {
  values: envelopes,
  kindOf: ({ message }) => message.type,
  encode: encodePeer,
  decode: decodePeer,
});
describeHead('payloads between servers', encodePeer(envelope({ type: 'StatusRequest' })), decodePeer);

test('an unknown message is refused', () => {
  const fields = unpacked(encodePeer(envelope({ type: 'StatusRequest' })));
  fields[5] = 21;
  expect(decodePeer(packed(fields))).toEqual({ bad: 'message is unknown' });
});

test('a birth is an id, or nothing', () => {
  for (const birth of ['0123456789abcde', '0123456789ABCDEF', '0123456789abcdef0', ' ']) {
    expect(decodePeer(encodePeer({ ...envelope({ type: 'StatusRequest' }), birth }))).toEqual({
      bad: 'birth is no birth id',
    });
  }
});

test('a ballot stays where counters can still be counted', () => {
  const prepare = (counter: number, server: number) =>
    decodePeer(encodePeer(envelope({ type: 'Prepare', ballot: { counter, server }, from: 0 })));
  expect(prepare(2 ** 48, 65_535)).not.toHaveProperty('bad');
  expect(prepare(2 ** 48 + 1, 2)).toHaveProperty('bad');
  expect(prepare(1, 65_536)).toHaveProperty('bad');
});

test('a range ends where it begins or later, and comes in pairs', () => {
  const accepted = { type: 'Accepted', ballot, rounds: [{ from: 4, to: 4 }], vector: [1] } as const;
  const withRounds = (...rounds: number[]) => changed(accepted, (fields) => fields.splice(2, 1, rounds));
  expect(withRounds(4, 9, 12, 12)).not.toHaveProperty('bad');
  expect(withRounds(5, 4)).toHaveProperty('bad');
  expect(withRounds(4, 5, 6)).toHaveProperty('bad');
});

test('a vector has as many entries as a cluster may have servers', () => {
  const accepted = (length: number) => {
    const vector = new Array<number>(length).fill(1);
    return decodePeer(encodePeer(envelope({ type: 'Accepted', ballot, rounds: [], vector })));
  };
  expect(accepted(16)).not.toHaveProperty('bad');
  expect(accepted(17)).toHaveProperty('bad');
});

test('commands whose lengths do not add up are refused', () => {
  const forward = { type: 'Forward', serial: 1, commands: [Uint8Array.from([1, 2, 3])] } as const;
  const withCommands = (...bytes: number[]) => changed(forward, (fields) => fields.splice(1, 1, Buffer.from(bytes)));
  expect(withCommands(0, 0, 0, 1, 9, 0, 0, 0, 0)).toMatchObject({
    message: { commands: [Uint8Array.from([9]), new Uint8Array(0)] },
  });
  expect(withCommands(0, 0, 0, 2, 9)).toHaveProperty('bad');
  expect(withCommands(0, 0, 0, 1, 9, 0)).toHaveProperty('bad');
  expect(withCommands(255, 255, 255, 255, 9)).toHaveProperty('bad');
});

test('a value that is kept keeps nothing of what it came in', () => {
  const value = new Uint8Array(10).fill(7);
  const message = { type: 'Accept', ballot, round: 1, value, committed: 0 } as const;
  const large = Buffer.concat([encodePeer(envelope(message)), Buffer.alloc(100_000)]);
  const decoded = decodePeer(large.subarray(0, large.length - 100_000));
  if ('bad' in decoded || decoded.message.type !== 'Accept') throw new Error('not decoded');
  expect(decoded.message.value.buffer.byteLength).toBe(10);
});

test('a payload that is too large is not looked at', () => {
  expect(decodePeer(Buffer.alloc(MAX_PAYLOAD_BYTES + 1))).toEqual({
    bad: `${MAX_PAYLOAD_BYTES + 1} bytes, more than ${MAX_PAYLOAD_BYTES}`,
  });
});

test('two clusters do not understand each other', () => {
  const bytes = createPeerCodec('other').encodePeer(envelope({ type: 'StatusRequest' }));
  expect(decodePeer(bytes)).toEqual({ bad: 'of another cluster' });
});
