/**
 * The routing frame: the first of the two frames of every message between clients, balancer and servers. The balancer
 * reads this one only and passes the second, the payload, on unread.
 *
 *   client  ── hello, data, ping, bye ──────────▶ balancer ── beat, attach, data, gone, refused ─▶ server
 *   client  ◀─ attached, wait, data, pong, … ─── balancer ◀── beat, data, detach, leaving ─────── server
 *
 * An **attachment** is one assignment of one client to one server: a number that the balancer gives out, new for each
 * (re)assignment, so that nothing said in an earlier one can reach the wrong place.
 */

import { ByteReader, ByteWriter } from './bytes';

/** The version of the routing frames and of the payloads. */
export const PROTOCOL_VERSION = 1;

export type Attachment = number;

/** From a client to the balancer. */
export type ClientFrame =
  /** I want a server. `previous`: the one that served me last, 0 for none. `cluster` empty: whichever this is. */
  | { readonly type: 'hello'; readonly version: number; readonly cluster: string; readonly previous: number }
  /** The payload is for the server of this attachment. */
  | { readonly type: 'data'; readonly attachment: Attachment }
  | { readonly type: 'ping'; readonly attachment: Attachment }
  | { readonly type: 'bye'; readonly attachment: Attachment }
  /** Asks how the balancer is; needs no hello. */
  | { readonly type: 'info-request' };

/** Why a client got this attachment. */
export type AttachReason = 'new' | 'moved' | 'lagged' | 'balancer-restarted';

/** Why a client has no server. */
export type WaitReason = 'starting' | 'no-server' | 'no-majority';

/** From the balancer to a client. */
export type ToClientFrame =
  /** You are served by this server now: open your session there. */
  | {
      readonly type: 'attached';
      readonly attachment: Attachment;
      readonly server: number;
      readonly reason: AttachReason;
      readonly cluster: string;
    }
  /** No server for you yet: `connected` of `needed` servers are there. An attachment that you had is void. */
  | { readonly type: 'wait'; readonly reason: WaitReason; readonly connected: number; readonly needed: number }
  | { readonly type: 'data'; readonly attachment: Attachment }
  | { readonly type: 'pong' }
  /** I do not know you, or not this attachment: say hello (again). */
  | { readonly type: 'unknown' }
  /** Another cluster, another version: do not try again. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'info'; readonly info: BalancerInfo };

export interface BalancerInfo {
  readonly pid: number;
  readonly phase: 'starting' | 'serving' | 'waiting';
  readonly clients: number;
  readonly uptimeMs: number;
  readonly connected: readonly number[];
}

/** From a server to the balancer. */
export type ServerFrame =
  /** Who I am, sent at every heartbeat: registration and sign of life in one. */
  | {
      readonly type: 'beat';
      readonly version: number;
      readonly cluster: string;
      readonly server: number;
      /** Random for each process: tells a restarted server from a second one with its id. 16 hexadecimal digits. */
      readonly instance: string;
      /** Whether it can serve clients now: it follows or is a living leader, and has caught up. */
      readonly serving: boolean;
      /** Whether it knows of a living leader with a majority. */
      readonly majority: boolean;
      /** Whether this cluster has served before: a balancer that restarted then needs a majority only, not all. */
      readonly established: boolean;
      readonly clients: number;
    }
  /** The payload is for each of these clients. */
  | { readonly type: 'data'; readonly attachments: readonly Attachment[] }
  /** This attachment is over on the server's side: the client is to say hello again. */
  | { readonly type: 'detach'; readonly attachment: Attachment }
  /** A clean end: move my clients. */
  | { readonly type: 'leaving' };

export type RefuseReason = 'unknown-server' | 'duplicate-server' | 'other-cluster' | 'other-version';

/** From the balancer to a server. */
export type ToServerFrame =
  /** I am here; `instance` is random for each balancer process: with a new one all attachments are void. */
  | { readonly type: 'beat'; readonly instance: string; readonly connected: number; readonly needed: number }
  | { readonly type: 'attach'; readonly attachment: Attachment }
  | { readonly type: 'data'; readonly attachment: Attachment }
  | { readonly type: 'gone'; readonly attachment: Attachment }
  | { readonly type: 'refused'; readonly reason: RefuseReason };

// ---- Encoding -----------------------------------------------------------------------------------------------------

/** Attachments in one frame of a server, at most. */
export const MAX_FAN_OUT = 65_535;

const ATTACH_REASONS: readonly AttachReason[] = ['new', 'moved', 'lagged', 'balancer-restarted'];
const WAIT_REASONS: readonly WaitReason[] = ['starting', 'no-server', 'no-majority'];
const REFUSE_REASONS: readonly RefuseReason[] = [
  'unknown-server',
  'duplicate-server',
  'other-cluster',
  'other-version',
];
const PHASES: readonly BalancerInfo['phase'][] = ['starting', 'serving', 'waiting'];

const CLIENT_KINDS = { hello: 1, data: 2, ping: 3, bye: 4, 'info-request': 5 } as const;
const TO_CLIENT_KINDS = { attached: 17, wait: 18, data: 19, pong: 20, unknown: 21, refused: 22, info: 23 } as const;
const SERVER_KINDS = { beat: 33, data: 34, detach: 35, leaving: 36 } as const;
const TO_SERVER_KINDS = { beat: 49, attach: 50, data: 51, gone: 52, refused: 53 } as const;

/** The frame when the bytes were one, exactly. */
function whole<Frame>(reader: ByteReader, frame: Frame): Frame | undefined {
  return reader.finished ? frame : undefined;
}

export function encodeClient(frame: ClientFrame): Uint8Array {
  const writer = new ByteWriter().u8(CLIENT_KINDS[frame.type]);
  if (frame.type === 'hello') writer.u8(frame.version).text(frame.cluster).u16(frame.previous);
  else if (frame.type !== 'info-request') writer.u32(frame.attachment);
  return writer.done();
}

export function decodeClient(bytes: Uint8Array): ClientFrame | undefined {
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case CLIENT_KINDS.hello:
      return whole(reader, { type: 'hello', version: reader.u8(), cluster: reader.text(), previous: reader.u16() });
    case CLIENT_KINDS.data:
      return whole(reader, { type: 'data', attachment: reader.u32() });
    case CLIENT_KINDS.ping:
      return whole(reader, { type: 'ping', attachment: reader.u32() });
    case CLIENT_KINDS.bye:
      return whole(reader, { type: 'bye', attachment: reader.u32() });
    case CLIENT_KINDS['info-request']:
      return whole(reader, { type: 'info-request' });
    default:
      return undefined;
  }
}

export function encodeToClient(frame: ToClientFrame): Uint8Array {
  const writer = new ByteWriter().u8(TO_CLIENT_KINDS[frame.type]);
  switch (frame.type) {
    case 'attached':
      writer.u32(frame.attachment).u16(frame.server).u8(ATTACH_REASONS.indexOf(frame.reason)).text(frame.cluster);
      break;
    case 'wait':
      writer.u8(WAIT_REASONS.indexOf(frame.reason)).u16(frame.connected).u16(frame.needed);
      break;
    case 'data':
      writer.u32(frame.attachment);
      break;
    case 'refused':
      writer.text(frame.reason);
      break;
    case 'info':
      writeInfo(writer, frame.info);
      break;
    default:
  }
  return writer.done();
}

export function decodeToClient(bytes: Uint8Array): ToClientFrame | undefined {
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case TO_CLIENT_KINDS.attached: {
      const [attachment, server, reason] = [reader.u32(), reader.u16(), reader.oneOf(ATTACH_REASONS)];
      return whole(reader, { type: 'attached', attachment, server, reason, cluster: reader.text() });
    }
    case TO_CLIENT_KINDS.wait: {
      const reason = reader.oneOf(WAIT_REASONS);
      return whole(reader, { type: 'wait', reason, connected: reader.u16(), needed: reader.u16() });
    }
    case TO_CLIENT_KINDS.data:
      return whole(reader, { type: 'data', attachment: reader.u32() });
    case TO_CLIENT_KINDS.pong:
      return whole(reader, { type: 'pong' });
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
  writer
    .u32(info.pid)
    .u8(PHASES.indexOf(info.phase))
    .u32(info.clients)
    .u32(Math.floor(info.uptimeMs / 1000));
  writer.u16(info.connected.length);
  for (const server of info.connected) writer.u16(server);
}

function readInfo(reader: ByteReader): BalancerInfo {
  const [pid, phase, clients, uptimeMs] = [reader.u32(), reader.oneOf(PHASES), reader.u32(), reader.u32() * 1000];
  const connected = Array.from({ length: reader.u16() }, () => reader.u16());
  return { pid, phase, clients, uptimeMs, connected };
}

export function encodeServer(frame: ServerFrame): Uint8Array {
  const writer = new ByteWriter().u8(SERVER_KINDS[frame.type]);
  switch (frame.type) {
    case 'beat': {
      const flags = (frame.serving ? 1 : 0) | (frame.majority ? 2 : 0) | (frame.established ? 4 : 0);
      writer.u8(frame.version).text(frame.cluster).u16(frame.server).text(frame.instance).u8(flags).u32(frame.clients);
      break;
    }
    case 'data':
      writer.u16(frame.attachments.length);
      for (const attachment of frame.attachments) writer.u32(attachment);
      break;
    case 'detach':
      writer.u32(frame.attachment);
      break;
    default:
  }
  return writer.done();
}

export function decodeServer(bytes: Uint8Array): ServerFrame | undefined {
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case SERVER_KINDS.beat: {
      const [version, cluster, server, instance] = [reader.u8(), reader.text(), reader.u16(), reader.text()];
      const [flags, clients] = [reader.u8(), reader.u32()];
      const [serving, majority, established] = [(flags & 1) !== 0, (flags & 2) !== 0, (flags & 4) !== 0];
      return whole(reader, {
        type: 'beat',
        version,
        cluster,
        server,
        instance,
        serving,
        majority,
        established,
        clients,
      });
    }
    case SERVER_KINDS.data: {
      const count = reader.u16();
      if (bytes.length !== 3 + 4 * count) return undefined;
      return whole(reader, { type: 'data', attachments: Array.from({ length: count }, () => reader.u32()) });
    }
    case SERVER_KINDS.detach:
      return whole(reader, { type: 'detach', attachment: reader.u32() });
    case SERVER_KINDS.leaving:
      return whole(reader, { type: 'leaving' });
    default:
      return undefined;
  }
}

export function encodeToServer(frame: ToServerFrame): Uint8Array {
  const writer = new ByteWriter().u8(TO_SERVER_KINDS[frame.type]);
  if (frame.type === 'beat') writer.text(frame.instance).u16(frame.connected).u16(frame.needed);
  else if (frame.type === 'refused') writer.u8(REFUSE_REASONS.indexOf(frame.reason));
  else writer.u32(frame.attachment);
  return writer.done();
}

export function decodeToServer(bytes: Uint8Array): ToServerFrame | undefined {
  const reader = new ByteReader(bytes);
  switch (reader.u8()) {
    case TO_SERVER_KINDS.beat:
      return whole(reader, { type: 'beat', instance: reader.text(), connected: reader.u16(), needed: reader.u16() });
    case TO_SERVER_KINDS.attach:
      return whole(reader, { type: 'attach', attachment: reader.u32() });
    case TO_SERVER_KINDS.data:
      return whole(reader, { type: 'data', attachment: reader.u32() });
    case TO_SERVER_KINDS.gone:
      return whole(reader, { type: 'gone', attachment: reader.u32() });
    case TO_SERVER_KINDS.refused:
      return whole(reader, { type: 'refused', reason: reader.oneOf(REFUSE_REASONS) });
    default:
      return undefined;
  }
}
