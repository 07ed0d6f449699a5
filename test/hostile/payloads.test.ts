/** The payloads that `npm run hostile` sends, at the codecs themselves: each is refused, by a value, in bounded time. */
import { createClientCodec } from '../../src/wire/codec-client';
import { createPeerCodec } from '../../src/wire/codec-peer';
import { decodeClient, decodeServer, decodeToClient, decodeToServer } from '../../src/wire/frames';
import { hostilePayloads } from './payloads';

const clients = createClientCodec('ours');
const peers = createPeerCodec('ours');
const PREPARE = { type: 'Prepare', ballot: { counter: 1, server: 1 }, from: 0 } as const;
const HISTORY = { type: 'history', id: 1, room: 'lobby', before: 0, limit: 5 } as const;
const CODECS: (readonly [string, Uint8Array, (bytes: Uint8Array) => object])[] = [
  ['a request of a client', clients.encodeRequest(HISTORY), clients.decodeRequest],
  [
    'a message to a client',
    clients.encodeMessage({ type: 'state', majority: true, reason: '' }),
    clients.decodeMessage,
  ],
  ['a message of a peer', peers.encodePeer({ from: 1, birth: '', question: 1, message: PREPARE }), peers.decodePeer],
];
const NOBODY = { counter: 0, server: 0 };
for (const message of [
  { type: 'Alive', ballot: NOBODY, committed: 0, beat: 1, clients: 0 },
  { type: 'Accepted', ballot: NOBODY, rounds: [{ from: 0, to: 1 }], vector: [1, 1, 1] },
  { type: 'Values', from: 0, values: [], committed: 0, first: 0 },
] as const) {
  const bytes = peers.encodePeer({ from: 1, birth: '', question: 0, message });
  CODECS.push([`${message.type} of a peer`, bytes, peers.decodePeer]);
}
const ROUTES = [decodeClient, decodeServer, decodeToClient, decodeToServer];

describe.each(CODECS)('%s', (_, valid, decode) => {
  test.each([...hostilePayloads([Buffer.from(valid)])])('%s', (_, payloads) => {
    expect(payloads.length).toBeGreaterThan(0);
    for (const payload of payloads) {
      expect(decode(payload)).toEqual({ bad: expect.any(String) });
      for (const route of ROUTES) expect(() => route(payload)).not.toThrow();
    }
  });

  test('what they are made from is taken', () => {
    expect(decode(valid)).not.toHaveProperty('bad');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
