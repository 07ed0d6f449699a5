/** The ports of a cluster as an attacker sees them: how to come in, and how to put a payload where it is read. */
import { gathered } from '../../src/chat/commands';
import type { ClusterConfig } from '../../src/config/schema';
import { encodeGroup } from '../../src/wire/codec-batch';
import { createClientCodec } from '../../src/wire/codec-client';
import { createPeerCodec } from '../../src/wire/codec-peer';
import { decodeToClient, encodeClient, encodeServer, PROTOCOL_VERSION } from '../../src/wire/frames';
import type { PeerEnvelope } from '../../src/wire/peer';
import { type Place, Speaker } from './speaker';

/** Of ports that are bound, by whom they are for. */
export const KINDS = ['clients', 'servers', 'PUB', 'REP'] as const;

export type Message = readonly Uint8Array[];

/** What somebody may say who was let in. */
export interface Approach {
  /** Puts a payload where the port reads one. */
  wrap(payload: Uint8Array): Message;
  /** Well-formed messages that are not true, by what is wrong with them. */
  readonly forged: ReadonlyMap<string, readonly Message[]>;
  /** Where one speaks only when asked: waits for the question. @returns the message as its answer */
  turn?(message: Message): Promise<Message>;
}

export interface Target {
  /** The column of the table. */
  readonly kind: string;
  /** A connection on which nothing has been said. */
  bare(): Promise<Speaker>;
  /** Where the other end decides when to connect, it is tried with fewer inputs, one after the other. */
  readonly comes: boolean;
  /** Whose it is. */
  readonly holder: string;
  /** Sockets of this kind belong there. */
  readonly socketType: string;
  /** Payloads that it takes. */
  readonly valid: readonly Buffer[];
  approach(speaker: Speaker): Promise<Approach>;
}

export const EMPTY = Buffer.alloc(0);
export const SESSION = '0123456789abcdef';
export const INSTANCE = 'feedfacefeedface';
/** How long the balancer may take to give a client to a server, milliseconds. */
const ATTACHED_MS = 3000;
export const FEW = [0, 1, 2, 3, 7, 99, 65_535];

/** A port that somebody has bound. */
export interface Bound extends Target {
  readonly place: Place;
}

export function targetsOf({ balancer, servers, cluster }: ClusterConfig): readonly Bound[] {
  return [
    clientsPort(balancer.clients, cluster),
    serversPort(balancer.servers, cluster),
    ...servers.flatMap(({ id, pub, rep }) => [publisher(pub, id), replier(rep, id, cluster)]),
  ];
}

function clientsPort(address: string, cluster: string): Bound {
  const codec = createClientCodec(cluster);
  const say = { type: 'say', room: 'lobby', text: 'forged', action: false } as const;
  const group = encodeGroup({ type: 'group', session: SESSION, firstSeq: 1, settled: 0, commands: gathered([say]) });
  const submit = codec.encodeRequest({ type: 'submit', group });
  const history = codec.encodeRequest({ type: 'history', id: 1, room: 'lobby', before: 0, limit: 5 });
  const data = (attachment: number, payload: Uint8Array) => [encodeClient({ type: 'data', attachment }), payload];
  const hello = (of: string, version = PROTOCOL_VERSION) => [
    encodeClient({ type: 'hello', version, cluster: of, previous: 0 }),
    EMPTY,
  ];
  return {
    kind: 'clients',
    holder: 'balancer',
    ...at(address),
    socketType: 'DEALER',
    valid: [Buffer.from(submit), Buffer.from(history)],
    async approach(speaker) {
      speaker.message(hello(cluster));
      const attachment = await attachmentOf(speaker);
      const foreign = createClientCodec(`${cluster}-other`).encodeRequest({ type: 'submit', group });
      return {
        wrap: (payload) => data(attachment, payload),
        forged: new Map([
          [
            'frames of another cluster or version',
            [hello(`${cluster}-other`), hello(cluster, PROTOCOL_VERSION + 1), data(attachment, foreign)],
          ],
          ['posts for a session that it has not opened', [data(attachment, submit), data(attachment, submit)]],
          [
            'attachments of others',
            FEW.flatMap((more) => [
              data(attachment + more + 1, submit),
              [encodeClient({ type: 'bye', attachment: attachment + more + 1 }), EMPTY],
            ]),
          ],
        ]),
      };
    },
  };
}

/** What the balancer gave the speaker; 0: nothing. */
async function attachmentOf(speaker: Speaker): Promise<number> {
  const deadline = performance.now() + ATTACHED_MS;
  while (performance.now() < deadline) {
    for (const body of speaker.heard) {
      const frame = decodeToClient(body);
      if (frame?.type === 'attached') return frame.attachment;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return 0;
}

function serversPort(address: string, cluster: string): Bound {
  const codec = createClientCodec(cluster);
  const beat = (more: object) => [
    encodeServer({
      type: 'beat',
      version: PROTOCOL_VERSION,
      cluster,
      server: 1,
      instance: INSTANCE,
      serving: true,
      majority: true,
      established: true,
      clients: 0,
      ...more,
    }),
    EMPTY,
  ];
  const to = FEW.map((attachment) => ({ attachment, number: 1 }));
  const alive = codec.encodeMessage({ type: 'alive' });
  return {
    kind: 'servers',
    holder: 'balancer',
    ...at(address),
    socketType: 'DEALER',
    valid: [Buffer.from(codec.encodeMessage({ type: 'state', majority: false, reason: 'forged' }))],
    approach: async () => ({
      wrap: (payload) => [encodeServer({ type: 'data', to }), payload],
      forged: new Map([
        [
          'frames of another cluster or version',
          [beat({ cluster: `${cluster}-other` }), beat({ version: PROTOCOL_VERSION + 1 })],
        ],
        ['forged server ids', FEW.map((server) => beat({ server }))],
        [
          'what only a server may say',
          [
            [encodeServer({ type: 'leaving' }), EMPTY],
            [encodeServer({ type: 'data', to }), alive],
            ...FEW.map((attachment) => [encodeServer({ type: 'detach', attachment }), EMPTY]),
          ],
        ],
      ]),
    }),
  };
}

function publisher(address: string, id: number): Bound {
  return {
    kind: 'PUB',
    holder: `server-${id}`,
    ...at(address),
    socketType: 'SUB',
    valid: [Buffer.of(0x91, 0x01)],
    approach: async () => ({
      wrap: (payload) => [Buffer.concat([Buffer.of(1), payload.subarray(0, 4096)])],
      forged: new Map([
        ['10,000 subscriptions', Array.from({ length: 10_000 }, (_, at) => [Buffer.from(`\u0001${at}`)])],
        ['a subscription of 1 MiB', [[Buffer.alloc(1024 * 1024, 1)]]],
      ]),
    }),
  };
}

function replier(address: string, id: number, cluster: string): Bound {
  const codec = createPeerCodec(cluster);
  const peer = id === 1 ? 2 : 1;
  const ask = (from: number, message: PeerEnvelope['message'], made = codec): Buffer =>
    made.encodePeer({ from, birth: '', question: 1, message });
  const fetch = { type: 'FetchSnapshot', round: 0, part: 0 } as const;
  // The first leader's, or one before it: whatever leads now has at least that.
  const replayed = { counter: 1, server: 1 };
  const prepare = { type: 'Prepare', ballot: replayed, from: 0 } as const;
  return {
    kind: 'REP',
    holder: `server-${id}`,
    ...at(address),
    socketType: 'REQ',
    valid: [ask(0, { type: 'StatusRequest' }), ask(99, prepare)],
    approach: async () => ({
      wrap: (payload) => [EMPTY, payload],
      forged: new Map([
        ['frames of another cluster or version', [[EMPTY, ask(peer, fetch, createPeerCodec(`${cluster}-other`))]]],
        ['forged server ids', [0, id, 99, 65_535].map((from) => [EMPTY, ask(from, prepare)])],
        ['replayed ballots', [[EMPTY, ask(peer, prepare)], ...ballots(peer, replayed).map((bytes) => [EMPTY, bytes])]],
      ]),
    }),
  };

  function ballots(from: number, ballot: { counter: number; server: number }): readonly Buffer[] {
    const preVote = { type: 'PreVote', ballot, committed: 0 } as const;
    const heartbeat = { type: 'Heartbeat', ballot, committed: 0, beat: 1, clients: 0 } as const;
    return [ask(from, preVote), ask(from, heartbeat)];
  }
}

function at(address: string): Pick<Target, 'bare' | 'comes'> & { readonly place: Place } {
  const place = placeOf(address);
  return { place, bare: () => Speaker.connected(place), comes: false };
}

export function placeOf(address: string): Place {
  const { hostname, port } = new URL(address.replace(/^tcp:/, 'http:'));
  return { host: hostname, port: Number(port) };
}
