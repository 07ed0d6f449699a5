/** The payloads between servers: `[version, cluster, birth, from, question, type, …fields]`. */
import type { Ballot } from '../paxos/ballot';
import type { AcceptedValue, CrashVector, RoundRange, Standing } from '../paxos/messages';
import { RESTORE_LAYOUTS } from './codec-restore';
import { PROTOCOL_VERSION } from './frames';
import { checkHead } from './head';
import type { Layout } from './layout';
import { MAX_BALLOT_COUNTER, MAX_SERVER_ID, MAX_SERVERS } from './limits';
import { pack, unpack } from './msgpack';
import { type PeerEnvelope, SERVER_STATES } from './peer';
import { joinPieces, splitPieces } from './pieces';
import { arity, type Bad, binary, birthId, flag, list, listOf, oneOf, ShapeError, text, uint } from './shape';

type PeerMessage = PeerEnvelope['message'];
type MessageOf<Type extends PeerMessage['type']> = Extract<PeerMessage, { readonly type: Type }>;

export interface PeerCodec {
  encodePeer(envelope: PeerEnvelope): Buffer;
  /** Bad: not of this protocol, not of this cluster, not well-formed. What it holds is copied, not a view. */
  decodePeer(bytes: Uint8Array): PeerEnvelope | Bad;
}

const HEAD_FIELDS = 6;
const STANDINGS: readonly Standing[] = ['new', 'recovering', 'voter'];

/** The order is the protocol: a type's number is its place. */
const TYPES = [
  'Accept',
  'Accepted',
  'Heartbeat',
  'Alive',
  'PreVote',
  'Prepare',
  'RequestValue',
  'Forward',
  'Recover',
  'PreVoteReply',
  'Promise',
  'Values',
  'Taken',
  'NotLeader',
  'RecoverReply',
  'StatusRequest',
  'StatusReply',
  'FetchSnapshot',
  'SnapshotPart',
  'FetchHistory',
  'HistoryPart',
] as const satisfies readonly PeerMessage['type'][];

export function createPeerCodec(cluster: string): PeerCodec {
  return {
    encodePeer({ from, birth, question, message }) {
      const fields = layoutOf(message.type).write(message);
      return pack([PROTOCOL_VERSION, cluster, birth, from, question, TYPES.indexOf(message.type), ...fields]);
    },
    decodePeer: (bytes) => unpack(bytes, (fields) => readEnvelope(fields, cluster)),
  };
}

function readEnvelope(fields: readonly unknown[], cluster: string): PeerEnvelope {
  checkHead(fields, cluster);
  const type = oneOf(fields[5], TYPES, 'message');
  const layout = layoutOf(type);
  arity(fields, HEAD_FIELDS + layout.fields, type);
  return {
    birth: birthId(fields[2]),
    from: uint(fields[3], 'from', MAX_SERVER_ID),
    question: uint(fields[4], 'question'),
    message: layout.read(fields.slice(HEAD_FIELDS)),
  };
}

function layoutOf(type: PeerMessage['type']): Layout<PeerMessage> {
  return LAYOUTS[type] as unknown as Layout<PeerMessage>;
}

const LAYOUTS: { readonly [Type in PeerMessage['type']]: Layout<MessageOf<Type>> } = {
  Accept: {
    fields: 5,
    write: ({ ballot, round, value, committed }) => [ballot.counter, ballot.server, round, value, committed],
    read: ([counter, server, round, value, committed]) => ({
      type: 'Accept',
      ballot: readBallot(counter, server),
      round: uint(round, 'round'),
      value: binary(value, 'value'),
      committed: uint(committed, 'committed'),
    }),
  },
  Accepted: {
    fields: 4,
    write: ({ ballot, rounds, vector }) => [ballot.counter, ballot.server, rangeNumbers(rounds), vector],
    read: ([counter, server, rounds, vector]) => ({
      type: 'Accepted',
      ballot: readBallot(counter, server),
      rounds: readRanges(rounds),
      vector: readVector(vector),
    }),
  },
  Heartbeat: {
    fields: 5,
    write: ({ ballot, committed, beat, clients }) => [ballot.counter, ballot.server, committed, beat, clients],
    read: ([counter, server, committed, beat, clients]) => ({
      type: 'Heartbeat',
      ballot: readBallot(counter, server),
      committed: uint(committed, 'committed'),
      beat: uint(beat, 'beat'),
      clients: uint(clients, 'clients'),
    }),
  },
  Alive: {
    fields: 5,
    write: ({ ballot, committed, beat, clients }) => [ballot.counter, ballot.server, committed, beat, clients],
    read: ([counter, server, committed, beat, clients]) => ({
      type: 'Alive',
      ballot: readBallot(counter, server),
      committed: uint(committed, 'committed'),
      beat: uint(beat, 'beat'),
      clients: uint(clients, 'clients'),
    }),
  },
  PreVote: {
    fields: 3,
    write: ({ ballot, committed }) => [ballot.counter, ballot.server, committed],
    read: ([counter, server, committed]) => ({
      type: 'PreVote',
      ballot: readBallot(counter, server),
      committed: uint(committed, 'committed'),
    }),
  },
  Prepare: {
    fields: 3,
    write: ({ ballot, from }) => [ballot.counter, ballot.server, from],
    read: ([counter, server, from]) => ({
      type: 'Prepare',
      ballot: readBallot(counter, server),
      from: uint(from, 'from'),
    }),
  },
  RequestValue: {
    fields: 1,
    write: ({ from }) => [from],
    read: ([from]) => ({ type: 'RequestValue', from: uint(from, 'from') }),
  },
  Forward: {
    fields: 2,
    write: ({ serial, commands }) => [serial, joinPieces(commands)],
    read: ([serial, commands]) => ({
      type: 'Forward',
      serial: uint(serial, 'serial'),
      commands: splitPieces(binary(commands, 'commands')),
    }),
  },
  Recover: {
    fields: 2,
    write: ({ incarnation, from }) => [incarnation, from],
    read: ([incarnation, from]) => ({
      type: 'Recover',
      incarnation: uint(incarnation, 'incarnation'),
      from: uint(from, 'from'),
    }),
  },
  PreVoteReply: {
    fields: 8,
    write: ({ ballot, granted, promised, leader, committed }) => [
      ballot.counter,
      ballot.server,
      granted,
      promised.counter,
      promised.server,
      leader.counter,
      leader.server,
      committed,
    ],
    read: (fields) => ({
      type: 'PreVoteReply',
      ballot: readBallot(fields[0], fields[1]),
      granted: flag(fields[2], 'granted'),
      promised: readBallot(fields[3], fields[4]),
      leader: readBallot(fields[5], fields[6]),
      committed: uint(fields[7], 'committed'),
    }),
  },
  Promise: {
    fields: 10,
    write: ({ ballot, granted, promised, from, accepted, next, committed, vector }) => [
      ballot.counter,
      ballot.server,
      granted,
      promised.counter,
      promised.server,
      from,
      accepted.map(valueFields),
      next + 1,
      committed,
      vector,
    ],
    read: (fields) => ({
      type: 'Promise',
      ballot: readBallot(fields[0], fields[1]),
      granted: flag(fields[2], 'granted'),
      promised: readBallot(fields[3], fields[4]),
      from: uint(fields[5], 'from'),
      accepted: listOf(fields[6], 'accepted', readValue),
      next: uint(fields[7], 'next') - 1,
      committed: uint(fields[8], 'committed'),
      vector: readVector(fields[9]),
    }),
  },
  Values: {
    fields: 4,
    write: ({ from, values, committed, first }) => [from, values.map(valueFields), committed, first],
    read: ([from, values, committed, first]) => ({
      type: 'Values',
      from: uint(from, 'from'),
      values: listOf(values, 'values', readValue),
      committed: uint(committed, 'committed'),
      first: uint(first, 'first'),
    }),
  },
  Taken: {
    fields: 1,
    write: ({ serial }) => [serial],
    read: ([serial]) => ({ type: 'Taken', serial: uint(serial, 'serial') }),
  },
  NotLeader: {
    fields: 3,
    write: ({ serial, leader }) => [serial, leader.counter, leader.server],
    read: ([serial, counter, server]) => ({
      type: 'NotLeader',
      serial: uint(serial, 'serial'),
      leader: readBallot(counter, server),
    }),
  },
  RecoverReply: {
    fields: 11,
    write: ({ incarnation, known, standing, promised, from, accepted, next, first, committed, vector }) => [
      incarnation,
      known,
      STANDINGS.indexOf(standing),
      promised.counter,
      promised.server,
      from,
      accepted.map(valueFields),
      next + 1,
      first,
      committed,
      vector,
    ],
    read: (fields) => ({
      type: 'RecoverReply',
      incarnation: uint(fields[0], 'incarnation'),
      known: uint(fields[1], 'known'),
      standing: oneOf(fields[2], STANDINGS, 'standing'),
      promised: readBallot(fields[3], fields[4]),
      from: uint(fields[5], 'from'),
      accepted: listOf(fields[6], 'accepted', readValue),
      next: uint(fields[7], 'next') - 1,
      first: uint(fields[8], 'first'),
      committed: uint(fields[9], 'committed'),
      vector: readVector(fields[10]),
    }),
  },
  ...RESTORE_LAYOUTS,
  StatusRequest: { fields: 0, write: () => [], read: () => ({ type: 'StatusRequest' }) },
  StatusReply: {
    fields: 13,
    write: ({ status }) => [
      status.id,
      status.pid,
      SERVER_STATES.indexOf(status.state),
      status.ballot,
      status.leader,
      status.committed,
      status.applied,
      status.clients,
      status.uptimeMs,
      status.birth,
      status.position,
      status.digest,
      status.restored,
    ],
    read: (fields) => ({
      type: 'StatusReply',
      status: {
        id: uint(fields[0], 'id', MAX_SERVER_ID),
        pid: uint(fields[1], 'pid'),
        state: oneOf(fields[2], SERVER_STATES, 'state'),
        ballot: text(fields[3], 'ballot'),
        leader: uint(fields[4], 'leader', MAX_SERVER_ID),
        committed: uint(fields[5], 'committed'),
        applied: uint(fields[6], 'applied'),
        clients: uint(fields[7], 'clients'),
        uptimeMs: uint(fields[8], 'uptimeMs'),
        birth: birthId(fields[9]),
        position: uint(fields[10], 'position'),
        digest: text(fields[11], 'digest'),
        restored: uint(fields[12], 'restored', 1000),
      },
    }),
  },
};

function readBallot(counter: unknown, server: unknown): Ballot {
  return { counter: uint(counter, 'ballot', MAX_BALLOT_COUNTER), server: uint(server, 'ballot', MAX_SERVER_ID) };
}

function readVector(value: unknown): CrashVector {
  return listOf(value, 'vector', (incarnation) => uint(incarnation, 'incarnation', MAX_BALLOT_COUNTER), MAX_SERVERS);
}

function rangeNumbers(ranges: readonly RoundRange[]): readonly number[] {
  const numbers: number[] = [];
  for (const { from, to } of ranges) numbers.push(from, to);
  return numbers;
}

function readRanges(value: unknown): readonly RoundRange[] {
  const numbers = list(value, 'rounds');
  const ranges: RoundRange[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    const [from, to] = [uint(numbers[index], 'round'), uint(numbers[index + 1], 'round')];
    if (from > to) throw new ShapeError('a range of rounds that ends before it begins');
    ranges.push({ from, to });
  }
  return ranges;
}

function valueFields({ round, ballot, value }: AcceptedValue): readonly unknown[] {
  return [round, ballot.counter, ballot.server, value];
}

function readValue(item: unknown): AcceptedValue {
  const fields = list(item, 'accepted value');
  arity(fields, 4, 'accepted value');
  const [round, counter, server, value] = fields;
  return { round: uint(round, 'round'), ballot: readBallot(counter, server), value: binary(value, 'value') };
}
