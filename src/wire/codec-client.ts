/** The payloads between a client and its server: `[version, cluster, type, …fields]`. */
import { digestText } from '../chat/room-digest';
import { unreachable } from '../lib/assert';
import { KEY_BYTES, SIGNATURE_BYTES } from '../lib/signer';
import type { AckRun, ClientRequest, QueryKind, QueryRow, ServerMessage } from './client';
import {
  AGREEMENT_FIELDS,
  CLUSTER_FIELDS,
  readAgreement,
  readCluster,
  writeAgreement,
  writeCluster,
} from './codec-agreement';
import { readRuns, writeRuns } from './event-runs';
import { PROTOCOL_VERSION } from './frames';
import { checkHead } from './head';
import { MAX_LIST, MAX_REQUEST_BYTES, MAX_REQUEST_VALUES, MAX_SERVER_ID } from './limits';
import { pack, unpack } from './msgpack';
import { NONCE_BYTES, SALT_BYTES } from './proof';
import {
  arity,
  type Bad,
  binary,
  birthId,
  bytesOf,
  flag,
  list,
  listOf,
  name,
  oneOf,
  roomDigest,
  runStart,
  sessionId,
  text,
  uint,
} from './shape';

export interface ClientCodec {
  encodeRequest(request: ClientRequest): Buffer;
  /** Bad: not of this protocol, not of this cluster, not well-formed. What it holds is copied, not a view. */
  decodeRequest(bytes: Uint8Array): ClientRequest | Bad;
  encodeMessage(message: ServerMessage): Buffer;
  decodeMessage(bytes: Uint8Array): ServerMessage | Bad;
}

/** The order is the protocol: a type's number is its place. */
const REQUESTS = [
  'open',
  'submit',
  'read',
  'history',
  'search',
  'query',
  'greet',
  'why',
  'cluster',
  'digest',
  'place',
] as const satisfies readonly ClientRequest['type'][];
const MESSAGES = [
  'welcome',
  'refused',
  'acks',
  'failed',
  'deliver',
  'page',
  'history',
  'found',
  'answer',
  'error',
  'state',
  'alive',
  'challenge',
  'slowed',
  'why',
  'cluster',
  'digest',
  'place',
] as const satisfies readonly ServerMessage['type'][];
const QUERIES = ['names', 'rooms', 'whois', 'nicks', 'rulings', 'markers'] as const satisfies readonly QueryKind[];

const HEAD_FIELDS = 3;
const REQUEST_BOUNDS = { bytes: MAX_REQUEST_BYTES, values: MAX_REQUEST_VALUES };

export function createClientCodec(cluster: string): ClientCodec {
  const head = (type: number) => [PROTOCOL_VERSION, cluster, type];
  return {
    encodeRequest: (request) => pack([...head(REQUESTS.indexOf(request.type)), ...requestFields(request)]),
    decodeRequest: (bytes) =>
      unpack(
        bytes,
        (fields) => {
          checkHead(fields, cluster);
          return readRequest(oneOf(fields[2], REQUESTS, 'request'), fields.slice(HEAD_FIELDS));
        },
        REQUEST_BOUNDS,
      ),
    encodeMessage: (message) => pack([...head(MESSAGES.indexOf(message.type)), ...messageFields(message)]),
    decodeMessage: (bytes) =>
      unpack(bytes, (fields) => {
        checkHead(fields, cluster);
        return readMessage(oneOf(fields[2], MESSAGES, 'message'), fields.slice(HEAD_FIELDS));
      }),
  };
}

function requestFields(request: ClientRequest): readonly unknown[] {
  switch (request.type) {
    case 'greet':
      return [];
    case 'open': {
      const { key, salt, signature, nick, reclaim, position, birth, resume } = request;
      return [key, salt, signature, nick, reclaim, position, birth, resume];
    }
    case 'submit':
      return [request.group];
    case 'read':
      return [request.after];
    case 'history':
      return [request.id, request.room, request.before, request.limit];
    case 'search':
      return [request.id, request.room, request.text, request.before, request.limit];
    case 'query':
      return [request.id, QUERIES.indexOf(request.what), request.name];
    case 'cluster':
      return [request.id];
    case 'why':
    case 'digest':
      return [request.id, request.room, request.index, request.position];
    case 'place':
      return [request.id, request.room, request.time];
    default:
      return unreachable(request);
  }
}

function readRequest(type: ClientRequest['type'], fields: readonly unknown[]): ClientRequest {
  switch (type) {
    case 'greet':
      arity(fields, 0, type);
      return { type };
    case 'open':
      arity(fields, 8, type);
      return {
        type,
        key: bytesOf(fields[0], 'key', KEY_BYTES),
        salt: bytesOf(fields[1], 'salt', SALT_BYTES),
        signature: bytesOf(fields[2], 'signature', SIGNATURE_BYTES),
        nick: name(fields[3], 'nick'),
        reclaim: flag(fields[4], 'reclaim'),
        position: uint(fields[5], 'position'),
        birth: birthId(fields[6]),
        resume: flag(fields[7], 'resume'),
      };
    case 'submit':
      arity(fields, 1, type);
      return { type, group: binary(fields[0], 'group') };
    case 'read':
      arity(fields, 1, type);
      return { type, after: uint(fields[0], 'after') };
    case 'history':
      arity(fields, 4, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        room: text(fields[1], 'room'),
        before: uint(fields[2], 'before'),
        limit: uint(fields[3], 'limit'),
      };
    case 'search':
      arity(fields, 5, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        room: text(fields[1], 'room'),
        text: text(fields[2], 'text'),
        before: uint(fields[3], 'before'),
        limit: uint(fields[4], 'limit'),
      };
    case 'query':
      arity(fields, 3, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        what: oneOf(fields[1], QUERIES, 'query'),
        name: text(fields[2], 'name'),
      };
    case 'cluster':
      arity(fields, 1, type);
      return { type, id: uint(fields[0], 'id') };
    case 'why':
    case 'digest':
      arity(fields, 4, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        room: text(fields[1], 'room'),
        index: uint(fields[2], 'index'),
        position: uint(fields[3], 'position'),
      };
    case 'place':
      arity(fields, 3, type);
      return { type, id: uint(fields[0], 'id'), room: text(fields[1], 'room'), time: uint(fields[2], 'time') };
    default:
      return unreachable(type);
  }
}

function messageFields(message: ServerMessage): readonly unknown[] {
  switch (message.type) {
    case 'welcome': {
      const { session, server, nick, position, birth, lastSeq, rooms } = message;
      return [session, server, nick, position, birth, lastSeq, rooms];
    }
    case 'refused':
      return [message.session, message.nick, message.code, message.message];
    case 'acks':
      return [ackNumbers(message.runs)];
    case 'failed':
      return [message.seq, message.code, message.message, message.round];
    case 'deliver':
      return [writeRuns(message.runs)];
    case 'page':
      return [message.after, message.through, message.live, writeRuns(message.runs)];
    case 'history':
      return [message.id, message.room, writeRuns(message.runs), message.more];
    case 'found':
      return [message.id, writeRuns(message.runs), message.before];
    case 'answer':
      return [message.id, message.rows.map(({ name, text: about, count }) => [name, about, count])];
    case 'error':
      return [message.id, message.seq, message.code, message.message];
    case 'state':
      return [message.majority, message.reason];
    case 'alive':
      return [];
    case 'challenge':
      return [message.nonce];
    case 'slowed':
      return [message.perSecond];
    case 'why':
      return [message.id, ...writeAgreement(message.agreement)];
    case 'cluster':
      return [message.id, ...writeCluster(message.server, message.ballot, message.servers)];
    case 'digest':
      return [message.id, message.index, message.position, message.digest];
    case 'place':
      return [message.id, message.index];
    default:
      return unreachable(message);
  }
}

function readMessage(type: ServerMessage['type'], fields: readonly unknown[]): ServerMessage {
  switch (type) {
    case 'welcome':
      arity(fields, 7, type);
      return {
        type,
        session: sessionId(fields[0]),
        server: uint(fields[1], 'server', MAX_SERVER_ID),
        nick: text(fields[2], 'nick'),
        position: uint(fields[3], 'position'),
        birth: birthId(fields[4]),
        lastSeq: uint(fields[5], 'lastSeq'),
        rooms: listOf(fields[6], 'rooms', (room) => text(room, 'room')),
      };
    case 'refused':
      arity(fields, 4, type);
      return {
        type,
        session: text(fields[0], 'session'),
        nick: text(fields[1], 'nick'),
        code: text(fields[2], 'code'),
        message: text(fields[3], 'message'),
      };
    case 'acks':
      arity(fields, 1, type);
      return { type, runs: readAcks(fields[0]) };
    case 'failed':
      arity(fields, 4, type);
      return {
        type,
        seq: uint(fields[0], 'seq'),
        code: text(fields[1], 'code'),
        message: text(fields[2], 'message'),
        round: uint(fields[3], 'round'),
      };
    case 'deliver':
      arity(fields, 1, type);
      return { type, runs: readRuns(fields[0]) };
    case 'page':
      arity(fields, 4, type);
      return {
        type,
        after: uint(fields[0], 'after'),
        through: uint(fields[1], 'through'),
        live: flag(fields[2], 'live'),
        runs: readRuns(fields[3]),
      };
    case 'history':
      arity(fields, 4, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        room: text(fields[1], 'room'),
        runs: readRuns(fields[2]),
        more: flag(fields[3], 'more'),
      };
    case 'found':
      arity(fields, 3, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        runs: readRuns(fields[1]),
        before: uint(fields[2], 'before'),
      };
    case 'answer':
      arity(fields, 2, type);
      return { type, id: uint(fields[0], 'id'), rows: listOf(fields[1], 'rows', readRow) };
    case 'error':
      arity(fields, 4, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        seq: uint(fields[1], 'seq'),
        code: text(fields[2], 'code'),
        message: text(fields[3], 'message'),
      };
    case 'state':
      arity(fields, 2, type);
      return { type, majority: flag(fields[0], 'majority'), reason: text(fields[1], 'reason') };
    case 'alive':
      arity(fields, 0, type);
      return { type };
    case 'slowed':
      arity(fields, 1, type);
      return { type, perSecond: uint(fields[0], 'perSecond') };
    case 'digest':
      arity(fields, 4, type);
      return {
        type,
        id: uint(fields[0], 'id'),
        index: uint(fields[1], 'index'),
        position: uint(fields[2], 'position'),
        digest: digestText(roomDigest(fields[3])),
      };
    case 'place':
      arity(fields, 2, type);
      return { type, id: uint(fields[0], 'id'), index: uint(fields[1], 'index') };
    case 'challenge':
      arity(fields, 1, type);
      return { type, nonce: bytesOf(fields[0], 'nonce', NONCE_BYTES) };
    case 'why':
      arity(fields, 1 + AGREEMENT_FIELDS, type);
      return { type, id: uint(fields[0], 'id'), agreement: readAgreement(fields.slice(1)) };
    case 'cluster':
      arity(fields, 1 + CLUSTER_FIELDS, type);
      return { type, id: uint(fields[0], 'id'), ...readCluster(fields.slice(1)) };
    default:
      return unreachable(type);
  }
}

/** Runs one after the other in one flat list, four numbers each. */
function ackNumbers(runs: readonly AckRun[]): readonly number[] {
  const numbers: number[] = [];
  for (const { firstSeq, count, firstPosition, round } of runs) numbers.push(firstSeq, count, firstPosition, round);
  return numbers;
}

function readAcks(value: unknown): readonly AckRun[] {
  const numbers = list(value, 'acks');
  const runs: AckRun[] = [];
  for (let at = 0; at < numbers.length; at += 4) {
    const count = uint(numbers[at + 1], 'count', MAX_LIST);
    runs.push({
      firstSeq: runStart(numbers[at], 'firstSeq'),
      count,
      firstPosition: runStart(numbers[at + 2], 'firstPosition'),
      round: uint(numbers[at + 3], 'round'),
    });
  }
  return runs;
}

function readRow(value: unknown): QueryRow {
  const fields = list(value, 'row');
  arity(fields, 3, 'row');
  return { name: text(fields[0], 'name'), text: text(fields[1], 'text'), count: uint(fields[2], 'count') };
}
