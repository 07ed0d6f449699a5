/** Everything that is tried on a port, by class. */
import { randomBytes } from 'node:crypto';
import { hostilePayloads } from './payloads';
import type { Speaker } from './speaker';
import type { Approach, Message, Target } from './targets';
import { COMMAND, command, frame, greeting, headOf, LONG, MORE, metadata } from './zmtp';

/** Makes a connection to the target that was let in; undefined when it was not. */
export type Admit = (socketType?: string, identity?: Uint8Array) => Promise<Speaker | undefined>;

/** What came of a class of inputs. */
export interface Tried {
  readonly inputs: number;
  /** Connections that the other end closed. */
  readonly closed: number;
  /** Connections that it did not let in. */
  readonly refused: number;
}

export type Attack = (target: Target, admit: Admit, limits: AttackLimits) => Promise<Tried>;

export interface AttackLimits {
  /** Bytes of the largest frame that sockets take. */
  readonly maxMessageBytes: number;
  /** How long a handshake may take, milliseconds. */
  readonly handshakeMs: number;
}

const LARGE_BYTES = 256 * 1024;
/** How long the other end may take to close what it does not like, milliseconds. */
const CLOSES_MS = 150;
const SILENT = 50;
/** Of a class, where the other end decides when to connect, and when to ask. */
const MOST_ANSWERED = 5;
const MOST_SPOKEN = 60;
const ENDLESS_FRAMES = 1024;

// ---- Without a word that is understood ------------------------------------------------------------------------------

/** Each of these is said on a connection of its own, which then waits. */
export const RAW: ReadonlyMap<string, Attack> = new Map<string, Attack>([
  [
    'connections that say nothing',
    (target, _, { handshakeMs }) => saying(target, Array(SILENT).fill(Buffer.alloc(0)), 2 * handshakeMs),
  ],
  [
    'HTTP',
    (target) =>
      saying(
        target,
        ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', `POST /${'a'.repeat(9000)} HTTP/1.1\r\n\r\n`].map(Buffer.from as never),
      ),
  ],
  [
    'TLS, SSH, SOCKS',
    (target) => saying(target, [hex('16030100f1010000ed0303'), Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), hex('050100')]),
  ],
  [
    'random bytes',
    (target) =>
      saying(
        target,
        Array.from({ length: 40 }, (_, at) => randomBytes(1 + at * 100)),
      ),
  ],
  [
    'half a greeting',
    (target, _, { handshakeMs }) =>
      saying(
        target,
        [1, 9, 10, 11, 12, 32, 63].map((bytes) => greeting().subarray(0, bytes)),
        2 * handshakeMs,
      ),
  ],
  ['greetings with nonsense in them', (target) => saying(target, nonsenseGreetings())],
  [
    'ZMTP 1.0',
    (target) => saying(target, [hex('0100'), Buffer.concat([hex('0100'), hex('05006869'), hex('0100')]), hex('ff00')]),
  ],
  [
    'ZMTP 2.0',
    (target) =>
      saying(
        target,
        [5, 3, 8, 99].map((type) => Buffer.concat([hex('ff00000000000000017f'), Buffer.of(1, type), hex('0000')])),
      ),
  ],
  [
    'another mechanism',
    (target) =>
      saying(
        target,
        ['NULL', 'PLAIN', 'CURVE', 'GSSAPI', 'XYZZY', ''].map((mechanism) =>
          Buffer.concat([greeting({ mechanism }), command('READY', metadata({ 'Socket-Type': 'DEALER' }))]),
        ),
      ),
  ],
  ['CURVE commands that are cut off, too long, out of order, or noise', (target) => saying(target, brokenCurve())],
  [
    'frames of 2^63−1 bytes in the handshake',
    (target) =>
      saying(
        target,
        ['NULL', 'CURVE'].flatMap((mechanism) =>
          [0, COMMAND, MORE].map((flags) => Buffer.concat([greeting({ mechanism }), headOf(2n ** 63n - 1n, flags)])),
        ),
      ),
  ],
  [
    'commands without end in the handshake',
    (target) =>
      saying(target, [Buffer.concat([greeting(), ...Array(2000).fill(command('UNKNOWN', randomBytes(500)))])]),
  ],
]);

async function saying(target: Target, texts: readonly Uint8Array[], waitMs = CLOSES_MS): Promise<Tried> {
  if (target.comes) return answering(target, spread(texts, waitMs > CLOSES_MS ? 1 : MOST_ANSWERED), waitMs);
  const speakers = await Promise.all(
    texts.map(async (text) => {
      const speaker = await target.bare();
      speaker.raw(text);
      return speaker;
    }),
  );
  const closed = await Promise.all(speakers.map((speaker) => speaker.closes(waitMs)));
  for (const speaker of speakers) speaker.end();
  return { inputs: texts.length, closed: closed.filter(Boolean).length, refused: 0 };
}

/** To each who comes, one after the other. */
async function answering(target: Target, texts: readonly Uint8Array[], waitMs: number): Promise<Tried> {
  let closed = 0;
  for (const text of texts) {
    const speaker = await target.bare();
    speaker.raw(text);
    if (await speaker.closes(waitMs)) closed += 1;
    speaker.end();
  }
  return { inputs: texts.length, closed, refused: 0 };
}

/** So many of them, from the first to the last. */
function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function nonsenseGreetings(): readonly Buffer[] {
  const version = (major: number, minor: number) => greeting({ major, minor });
  const filled = greeting({ mechanism: '\u00ff'.repeat(20) });
  return [
    version(0, 0),
    version(3, 255),
    version(255, 255),
    filled,
    greeting({ asServer: true }),
    greeting({ mechanism: 'CURVE', asServer: true }),
    Buffer.concat([greeting(), greeting()]),
  ];
}

function brokenCurve(): readonly Buffer[] {
  const begun = greeting({ mechanism: 'CURVE' });
  const bodies = [
    command('HELLO'),
    command('HELLO', randomBytes(194)),
    command('HELLO', randomBytes(193)),
    command('HELLO', randomBytes(195)),
    command('HELLO', randomBytes(60_000)),
    command('INITIATE', randomBytes(300)),
    command('READY', randomBytes(30)),
    command('ERROR', Buffer.of(255)),
    frame(randomBytes(200)),
    frame(Buffer.alloc(0), COMMAND),
  ];
  return bodies.map((body) => Buffer.concat([begun, body]));
}

// ---- Once let in --------------------------------------------------------------------------------------------------

const SOCKET_TYPES = [
  'PAIR',
  'PUB',
  'SUB',
  'REQ',
  'REP',
  'DEALER',
  'ROUTER',
  'PULL',
  'PUSH',
  'XPUB',
  'XSUB',
  'STREAM',
  'NONSENSE',
  '',
  'x'.repeat(255),
];

export const ADMITTED: ReadonlyMap<string, Attack> = new Map<string, Attack>([
  [
    'sockets of every type',
    (_, admit) =>
      each(
        SOCKET_TYPES,
        (type) => admit(type),
        () => {},
      ),
  ],
  [
    'identities of 0, 1, 255 and 300 bytes',
    (target, admit) =>
      each(
        [0, 1, 255, 300],
        (bytes) => admit(target.socketType, Buffer.alloc(bytes, 0x41)),
        (speaker) => speaker.message([Buffer.from('x')]),
      ),
  ],
  [
    'an identity that another one has',
    (target, admit) =>
      each(
        [1, 2, 3, 4],
        () => admit(target.socketType, Buffer.from('twin')),
        (speaker) => speaker.message([Buffer.from('x')]),
      ),
  ],
  [
    'frames of 2^63−1 bytes',
    (_, admit) =>
      each(
        [0, MORE, LONG, 0xff],
        () => admit(),
        (speaker, flags) => speaker.raw(Buffer.concat([headOf(2n ** 63n - 1n, flags), Buffer.alloc(1000)])),
      ),
  ],
  [
    'frames of one byte more than the limit',
    (_, admit, { maxMessageBytes }) =>
      each(
        [1, 2],
        () => admit(),
        (speaker) => speaker.frame(Buffer.alloc(maxMessageBytes + 1)),
      ),
  ],
  ['a message that never ends, 64 MiB of it', (_, admit) => each([1], () => admit(), endless)],
  [
    'a message of 10,000 empty frames',
    (_, admit) =>
      each(
        [1, 2],
        () => admit(),
        (speaker) => speaker.message(Array(10_000).fill(Buffer.alloc(0))),
      ),
  ],
  [
    'unknown commands',
    (_, admit) =>
      each(
        ['PINGX', 'JOIN', 'SUBSCRIBE', 'CANCEL', 'ERROR', 'READY', 'HELLO', 'x'.repeat(200)],
        () => admit(),
        (speaker, name) => speaker.command(name, randomBytes(64)),
      ),
  ],
  [
    'PING with a context of 64 KiB',
    (_, admit) =>
      each(
        [1],
        () => admit(),
        (speaker) => speaker.command('PING', Buffer.concat([hex('ffff'), randomBytes(64 * 1024)])),
      ),
  ],
  [
    'frames without a route, too few, too many',
    (_, admit) =>
      each(
        [1],
        () => admit(),
        (speaker) => wrongFrames(speaker),
      ),
  ],
]);

/** Frames of a message that goes on and on, as fast as they are taken. */
async function endless(speaker: Speaker): Promise<void> {
  const body = Buffer.alloc(64 * 1024, 1);
  for (let sent = 0; sent < ENDLESS_FRAMES && !speaker.closed; sent += 1) {
    await speaker.taken(body, MORE);
  }
}

function wrongFrames(speaker: Speaker): void {
  for (const count of [1, 2, 3, 9, 100]) {
    speaker.message(Array.from({ length: count }, () => randomBytes(20)));
    speaker.message(Array.from({ length: count }, () => Buffer.alloc(0)));
  }
  for (let kind = 0; kind < 256; kind += 1)
    speaker.message([Buffer.concat([Buffer.of(kind), randomBytes(kind % 40)]), randomBytes(40)]);
  speaker.message([Buffer.alloc(LARGE_BYTES, 1), Buffer.alloc(0)]);
}

async function each<Input>(
  inputs: readonly Input[],
  admit: (input: Input) => Promise<Speaker | undefined>,
  act: (speaker: Speaker, input: Input) => void | Promise<void>,
): Promise<Tried> {
  let [closed, refused] = [0, 0];
  for (const input of inputs) {
    const speaker = await admit(input);
    if (!speaker) {
      refused += 1;
      continue;
    }
    await act(speaker, input);
    if (await speaker.closes(CLOSES_MS)) closed += 1;
    speaker.end();
  }
  return { inputs: inputs.length, closed, refused };
}

/** Payloads of each kind that is wrong, and messages that are not true, where the port reads them. */
export async function spoken(target: Target, admit: Admit): Promise<ReadonlyMap<string, Attack>> {
  const probe = await admit();
  const forged = probe ? [...(await target.approach(probe)).forged.keys()] : [];
  probe?.end();
  return new Map<string, Attack>([
    ...[...hostilePayloads(target.valid)].map(
      ([name, payloads]) =>
        [name, () => saidTo(target, admit, (approach) => payloads.map((payload) => approach.wrap(payload)))] as const,
    ),
    ...forged.map(
      (name) => [name, () => saidTo(target, admit, (approach) => approach.forged.get(name) ?? [])] as const,
    ),
  ]);
}

/** One after the other on one connection, and on a new one where that was closed. */
async function saidTo(
  target: Target,
  admit: Admit,
  messages: (approach: Approach) => readonly Message[],
): Promise<Tried> {
  const speaker = await admit();
  if (!speaker) return { inputs: 1, closed: 0, refused: 1 };
  let current = speaker;
  let approach = await target.approach(speaker);
  const all = target.comes ? spread(messages(approach), MOST_SPOKEN) : messages(approach);
  let closed = 0;
  for (const [index, message] of all.entries()) {
    current.message(approach.turn ? await approach.turn(message) : message);
    // A REQ has to wait for its answer; the others may be read at once.
    if (index % 50 === 49 || target.kind === 'REP') await new Promise((resolve) => setTimeout(resolve, 2));
    if (!current.closed) continue;
    closed += 1;
    const next = await admit();
    if (!next) break;
    approach = await target.approach(next);
    current = next;
  }
  if (await current.closes(CLOSES_MS)) closed += 1;
  current.end();
  return { inputs: all.length, closed, refused: 0 };
}
