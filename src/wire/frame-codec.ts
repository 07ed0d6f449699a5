/**
 * The bytes of the routing frames: first the kind, then fixed fields, big-endian. The four `data` frames pass for
 * every payload, those to clients once for each reader, so they are laid by hand.
 *
 * No decoder ever throws: what is not a frame of its kind, to the last byte, is undefined.
 */
import { invariant, unreachable } from '../lib/assert';
import { ByteReader, ByteWriter, readU32, writeU32 } from './bytes';
import type {
  Addressee,
  Attachment,
  AttachReason,
  BalancerInfo,
  ClientFrame,
  RefuseReason,
  ServerFrame,
  ToClientFrame,
  ToServerFrame,
  WaitReason,
} from './frames';
import { MAX_CLUSTER_BYTES, MAX_FAN_OUT, MAX_SERVERS } from './limits';

/** The order of each list is the protocol: a name's number is its place. */
const ATTACH_REASONS: readonly AttachReason[] = [
  'new',
  'moved',
  'lagged',
  'balancer-restarted',
  'lost',
  'left',
  'cannot-serve',
];
const WAIT_REASONS: readonly WaitReason[] = ['starting', 'no-server', 'no-majority'];
const REFUSE_REASONS: readonly RefuseReason[] = [
  'unknown-server',
  'duplicate-server',
  'other-cluster',
  'other-version',
];
const PHASES: readonly BalancerInfo['phase'][] = ['starting', 'serving', 'waiting'];

const CLIENT_KINDS = { hello: 1, data: 2, ping: 3, bye: 4, 'info-request': 5 } as const;
const TO_CLIENT_KINDS = {
  attached: 17,
  wait: 18,
  data: 19,
  pong: 20,
  unknown: 21,
  refused: 22,
  info: 23,
  check: 24,
  throttled: 25,
} as const;
const SERVER_KINDS = { beat: 33, data: 34, detach: 35, leaving: 36 } as const;
const TO_SERVER_KINDS = { beat: 49, attach: 50, data: 51, gone: 52, refused: 53 } as const;

const SERVING = 1;
const MAJORITY = 2;
const ESTABLISHED = 4;
const ALL_FLAGS = SERVING | MAJORITY | ESTABLISHED;
const INSTANCE_BYTES = 16;

/** A kind and the attachment that it is about: most frames are no more. */
function laid(kind: number, attachment: Attachment): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = kind;
  writeU32(bytes, 1, attachment);
  return bytes;
}

/** The same, and the number of the payload that comes with it. */
function laidNumbered(kind: number, { attachment, number }: Addressee): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = kind;
  writeU32(bytes, 1, attachment);
  writeU32(bytes, 5, number);
  return bytes;
}

/** The frame when the bytes were one, exactly. */
function whole<Frame>(reader: ByteReader, frame: Frame): Frame | undefined {
  return reader.finished ? frame : undefined;
}

// ---- Between a client and the balancer ----------------------------------------------------------------------------

export function encodeClient(frame: ClientFrame): Uint8Array {
  const kind = CLIENT_KINDS[frame.type];
  switch (frame.type) {
    case 'data':
    case 'bye':
      return laid(kind, frame.attachment);
    case 'ping':
      return new ByteWriter().u8(kind).u32(frame.attachment).u53(frame.token).done();
    case 'hello':
      return new ByteWriter().u8(kind).u8(frame.version).text(frame.cluster).u16(frame.previous).done();
    case 'info-request':
      return new ByteWriter().u8(kind).done();
    default:
      return unreachable(frame);
  }
}

export function decodeClient(bytes: Uint8Array): ClientFrame | undefined {
  const kind = bytes[0];
  if (kind === CLIENT_KINDS.data && bytes.length === 5) return { type: 'data', attachment: readU32(bytes, 1) };
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case CLIENT_KINDS.hello: {
      const [version, cluster, previous] = [reader.u8(), reader.text(MAX_CLUSTER_BYTES), reader.u16()];
      return whole(reader, { type: 'hello', version, cluster, previous });
    }
    case CLIENT_KINDS.ping:
      return whole(reader, { type: 'ping', attachment: reader.u32(), token: reader.u53() });
    case CLIENT_KINDS.bye:
      return whole(reader, { type: 'bye', attachment: reader.u32() });
    case CLIENT_KINDS['info-request']:
      return whole(reader, { type: 'info-request' });
    default:
      return undefined;
  }
}

export function encodeToClient(frame: ToClientFrame): Uint8Array {
  const kind = TO_CLIENT_KINDS[frame.type];
  if (frame.type === 'data') return laidNumbered(kind, frame);
  const writer = new ByteWriter().u8(kind);
  switch (frame.type) {
    case 'attached':
      writer.u32(frame.attachment).u16(frame.server).u8(ATTACH_REASONS.indexOf(frame.reason));
      writer.u32(frame.unservedMs).text(frame.cluster);
      break;
    case 'wait':
      writer.u8(WAIT_REASONS.indexOf(frame.reason)).u16(frame.connected).u16(frame.needed);
      break;
    case 'refused':
      writer.text(frame.reason);
      break;
    case 'info':
      writeInfo(writer, frame.info);
      break;
    case 'pong':
    case 'check':
      writer.u53(frame.token);
      break;
    case 'throttled':
      writer.u32(frame.framesPerSec);
      break;
    case 'unknown':
      break;
    default:
      unreachable(frame);
  }
  return writer.done();
}

export function decodeToClient(bytes: Uint8Array): ToClientFrame | undefined {
  const kind = bytes[0];
  if (kind === TO_CLIENT_KINDS.data && bytes.length === 9) {
    return { type: 'data', attachment: readU32(bytes, 1), number: readU32(bytes, 5) };
  }
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case TO_CLIENT_KINDS.attached: {
      const [attachment, server, reason] = [reader.u32(), reader.u16(), reader.oneOf(ATTACH_REASONS)];
      const [unservedMs, cluster] = [reader.u32(), reader.text(MAX_CLUSTER_BYTES)];
      return whole(reader, { type: 'attached', attachment, server, reason, unservedMs, cluster });
    }
    case TO_CLIENT_KINDS.wait: {
      const reason = reader.oneOf(WAIT_REASONS);
      return whole(reader, { type: 'wait', reason, connected: reader.u16(), needed: reader.u16() });
    }
    case TO_CLIENT_KINDS.pong:
      return whole(reader, { type: 'pong', token: reader.u53() });
    case TO_CLIENT_KINDS.check:
      return whole(reader, { type: 'check', token: reader.u53() });
    case TO_CLIENT_KINDS.throttled:
      return whole(reader, { type: 'throttled', framesPerSec: reader.u32() });
    case TO_CLIENT_KINDS.unknown:
      return whole(reader, { type: 'unknown' });
    case TO_CLIENT_KINDS.refused:
      return whole(reader, { type: 'refused', reason: reader.text() });
    case TO_CLIENT_KINDS.info:
      return whole(reader, { type: 'info', info: readInfo(reader) });
    default:
      return undefined;
  }
}

function writeInfo(writer: ByteWriter, info: BalancerInfo): void {
  const { cluster, pid, phase, clients, uptimeMs, connected } = info;
  writer.text(cluster).u32(pid).u8(PHASES.indexOf(phase)).u32(clients).u53(Math.floor(uptimeMs)).u8(connected.length);
  for (const server of connected) writer.u16(server);
}

function readInfo(reader: ByteReader): BalancerInfo {
  const cluster = reader.text(MAX_CLUSTER_BYTES);
  const [pid, phase, clients, uptimeMs] = [reader.u32(), reader.oneOf(PHASES), reader.u32(), reader.u53()];
  const connected = Array.from({ length: Math.min(reader.u8(), MAX_SERVERS) }, () => reader.u16());
  return { cluster, pid, phase, clients, uptimeMs, connected };
}

// ---- Between a server and the balancer ----------------------------------------------------------------------------

export function encodeServer(frame: ServerFrame): Uint8Array {
  const kind = SERVER_KINDS[frame.type];
  switch (frame.type) {
    case 'data':
      return encodeFanOut(frame.to);
    case 'detach':
      return laid(kind, frame.attachment);
    case 'beat': {
      const { version, cluster, server, instance, serving, majority, established, clients } = frame;
      const flags = (serving ? SERVING : 0) | (majority ? MAJORITY : 0) | (established ? ESTABLISHED : 0);
      const writer = new ByteWriter().u8(kind).u8(version).text(cluster).u16(server);
      return writer.text(instance).u8(flags).u32(clients).done();
    }
    case 'leaving':
      return new ByteWriter().u8(kind).done();
    default:
      return unreachable(frame);
  }
}

/** Eight bytes for each reader; how many there are is told by the frame's length. */
function encodeFanOut(to: readonly Addressee[]): Uint8Array {
  invariant(to.length <= MAX_FAN_OUT, `a payload for ${to.length} clients, at most ${MAX_FAN_OUT}`);
  const bytes = new Uint8Array(1 + 8 * to.length);
  bytes[0] = SERVER_KINDS.data;
  let at = 1;
  for (const { attachment, number } of to) {
    writeU32(bytes, at, attachment);
    writeU32(bytes, at + 4, number);
    at += 8;
  }
  return bytes;
}

export function decodeServer(bytes: Uint8Array): ServerFrame | undefined {
  if (bytes[0] === SERVER_KINDS.data) return decodeFanOut(bytes);
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case SERVER_KINDS.beat: {
      const [version, cluster, server] = [reader.u8(), reader.text(MAX_CLUSTER_BYTES), reader.u16()];
      const [instance, flags, clients] = [reader.text(INSTANCE_BYTES), reader.u8(), reader.u32()];
      if (flags > ALL_FLAGS || instance.length !== INSTANCE_BYTES) return undefined;
      const serving = (flags & SERVING) !== 0;
      const majority = (flags & MAJORITY) !== 0;
      const established = (flags & ESTABLISHED) !== 0;
      const state = { serving, majority, established };
      return whole(reader, { type: 'beat', version, cluster, server, instance, ...state, clients });
    }
    case SERVER_KINDS.detach:
      return whole(reader, { type: 'detach', attachment: reader.u32() });
    case SERVER_KINDS.leaving:
      return whole(reader, { type: 'leaving' });
    default:
      return undefined;
  }
}

function decodeFanOut(bytes: Uint8Array): ServerFrame | undefined {
  const count = (bytes.length - 1) / 8;
  if (!Number.isInteger(count) || count > MAX_FAN_OUT) return undefined;
  const to = new Array<Addressee>(count);
  for (let index = 0; index < count; index += 1) {
    to[index] = { attachment: readU32(bytes, 1 + 8 * index), number: readU32(bytes, 5 + 8 * index) };
  }
  return { type: 'data', to };
}

export function encodeToServer(frame: ToServerFrame): Uint8Array {
  const kind = TO_SERVER_KINDS[frame.type];
  switch (frame.type) {
    case 'data':
    case 'attach':
    case 'gone':
      return laid(kind, frame.attachment);
    case 'beat':
      return new ByteWriter().u8(kind).text(frame.instance).u16(frame.connected).u16(frame.needed).done();
    case 'refused':
      return new ByteWriter().u8(kind).u8(REFUSE_REASONS.indexOf(frame.reason)).done();
    default:
      return unreachable(frame);
  }
}

export function decodeToServer(bytes: Uint8Array): ToServerFrame | undefined {
  const kind = bytes[0];
  if (kind === TO_SERVER_KINDS.data && bytes.length === 5) return { type: 'data', attachment: readU32(bytes, 1) };
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case TO_SERVER_KINDS.beat: {
      const [instance, connected, needed] = [reader.text(INSTANCE_BYTES), reader.u16(), reader.u16()];
      if (instance.length !== INSTANCE_BYTES) return undefined;
      return whole(reader, { type: 'beat', instance, connected, needed });
    }
    case TO_SERVER_KINDS.attach:
      return whole(reader, { type: 'attach', attachment: reader.u32() });
    case TO_SERVER_KINDS.gone:
      return whole(reader, { type: 'gone', attachment: reader.u32() });
    case TO_SERVER_KINDS.refused:
      return whole(reader, { type: 'refused', reason: reader.oneOf(REFUSE_REASONS) });
    default:
      return undefined;
  }
}
