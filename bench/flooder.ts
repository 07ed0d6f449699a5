/**
 * A client with a valid key that means no good, in a process of its own: `flooder.ts KIND CONFIG`. It comes in like any
 * other, says `ready` to whoever started it, and at any answer begins. It counts how many frames it tried to send.
 */
import { randomBytes } from 'node:crypto';
import { gathered } from '../src/chat/commands';
import { clientSecurity } from '../src/cli/security';
import { Client } from '../src/client/shell';
import { loadConfig } from '../src/config/load';
import { thisMachine } from '../src/lib/machine';
import { seededRandom } from '../src/lib/prng';
import type { Dealer, Frames, Transport } from '../src/transport/transport';
import { createZeroMqTransport } from '../src/transport/zeromq';
import { encodeGroup } from '../src/wire/codec-batch';
import { createClientCodec } from '../src/wire/codec-client';
import { decodeToClient, encodeClient, PROTOCOL_VERSION } from '../src/wire/frames';
import { FLOODS, type FloodKind } from './floods';
import { newSigner } from './signer';

/** What it says before, so that there are pages to read: lines, and their bytes. */
const SAID = { lines: 150, bytes: 3500 };
/** Questions that one who reads keeps under way. */
const ASKED = 32;
/** Posts that it is ahead of the last acknowledgement, and in one frame. */
const AHEAD = 1500;
const GROUP = 8;
/** How long a socket that takes no more is left alone, milliseconds. */
const FULL_MS = 2;
const NOTHING = new Uint8Array(0);
const ROOM = 'flooded';

const [kind, file] = process.argv.slice(2) as [FloodKind, string];
if (!Object.hasOwn(FLOODS, kind)) throw new Error(`no flood ${kind}`);

const config = loadConfig(file);
const codec = createClientCodec(config.cluster);
const security = clientSecurity(config, undefined, {}, () => {});
const { transport: limits, client: clientLimits } = config.limits;
const sockets = createZeroMqTransport({
  // Who does not read does not read in the library either.
  limits: {
    ...limits,
    receiveHighWaterMark: kind === 'unread' ? 1 : limits.receiveHighWaterMark,
    outboxMessages: 1000,
  },
  random: seededRandom(process.pid),
  security,
  onDrop: () => {
    sent -= 1;
    isFull = true;
  },
});

/** What the client's socket sends and hears passes here. */
let dealer: Dealer;
let attachment = 0;
let session = '';
let acked = 0;
let flooding = false;
let sent = 0;
/** The socket does not take more at present. */
let isFull = false;

const transport: Transport = {
  ...sockets,
  keyAt: (address) => sockets.keyAt(address),
  connectDealer(address, onMessage, onLink) {
    dealer = sockets.connectDealer(address, (frames) => heard(frames) ?? onMessage(frames), onLink);
    return dealer;
  },
};

const client = new Client({
  endpoint: config.balancer.clients,
  cluster: config.cluster,
  nick: `flooder-${process.pid}`,
  // Who is limited as anybody is.
  signer: newSigner(),
  reclaim: false,
  history: 0,
  limits: clientLimits,
  transport,
  machine: thisMachine,
  onEvent: (event) => {
    if (event.type === 'welcome') session = event.session;
    if (event.type === 'ack' && !flooding && client.unconfirmed === 0) process.send?.('ready');
  },
});
client.post({ type: 'join', room: ROOM });
for (let line = 0; line < SAID.lines; line += 1) {
  const text = randomBytes(SAID.bytes / 2).toString('hex');
  client.post({ type: 'say', room: ROOM, text, action: false }, String(line));
}
process.on('message', begin);
// It has no other end than that of whoever started it.
process.on('disconnect', () => process.exit(0));

/** @returns a promise while nothing more is to be read */
function heard([route, payload]: Frames): Promise<void> | undefined {
  const frame = route && decodeToClient(route);
  if (frame?.type === 'attached') attachment = frame.attachment;
  if (!flooding) return undefined;
  if (kind === 'unread') return new Promise(() => {});
  if (kind === 'pages' && frame?.type === 'data') ask();
  if (kind === 'posts' && frame?.type === 'data' && payload) {
    const message = codec.decodeMessage(payload);
    if (!('bad' in message) && message.type === 'acks') {
      for (const { firstSeq, count } of message.runs) acked = Math.max(acked, firstSeq + count - 1);
    }
  }
  return undefined;
}

function begin(): void {
  flooding = true;
  acked = 1 + SAID.lines;
  const act = { nothing: compute, posts: posts(), unread: ask, pages: () => {}, frames, garbage: garbage() }[kind];
  if (kind === 'pages') {
    const askMany = () => {
      for (let asked = 0; asked < ASKED; asked += 1) ask();
    };
    askMany();
    setInterval(askMany, 1000);
  }
  const turn = () => {
    isFull = false;
    for (let times = 0; times < 100 && !isFull; times += 1) act();
    if (isFull) setTimeout(turn, FULL_MS);
    else setImmediate(turn);
  };
  turn();
  setInterval(() => process.send?.({ sent }), 250);
}

function send(frame: Uint8Array, payload: Uint8Array = NOTHING): void {
  sent += 1;
  dealer.send([frame, payload]);
}

function ask(): void {
  send(encodeClient({ type: 'data', attachment }), codec.encodeRequest({ type: 'read', after: 0 }));
}

/** Its posts are true, in their order; it waits for nothing but begins again where the cluster is. */
function posts(): () => void {
  let seq = acked + 1;
  return () => {
    if (seq <= acked || seq > acked + AHEAD) seq = acked + 1;
    const commands = Array.from({ length: GROUP }, () => {
      return { type: 'say', room: ROOM, text: 'flood '.repeat(10), action: false } as const;
    });
    const group = encodeGroup({ type: 'group', session, firstSeq: seq, settled: acked, commands: gathered(commands) });
    seq += GROUP;
    send(encodeClient({ type: 'data', attachment }), codec.encodeRequest({ type: 'submit', group }));
  };
}

function frames(): void {
  const hello = { type: 'hello', version: PROTOCOL_VERSION, cluster: config.cluster, previous: 0 } as const;
  send(encodeClient({ type: 'ping', attachment, token: 0 }));
  send(encodeClient(hello));
  send(encodeClient({ type: 'info-request' }));
  send(randomBytes(8));
}

function compute(): void {
  for (const end = performance.now() + 0.1; performance.now() < end; );
}

/** Each frame as large as the port takes. */
function garbage(): () => void {
  const payload = randomBytes(config.limits.clientIntake.frameBytes);
  return () => send(encodeClient({ type: 'data', attachment }), payload);
}
