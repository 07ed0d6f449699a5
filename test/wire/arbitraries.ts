/** Everything that travels, at random: each message of every kind, with the extremes that its fields may have. */
import fc from 'fast-check';
import {
  ACCESS_MODES,
  type Birth,
  type Detach,
  type Entry,
  type Group,
  type GroupCommand,
  type Open,
  RULING_KINDS,
  type SetAccess,
  type SetLimits,
  type Sweep,
  type Touch,
} from '../../src/chat/commands';
import type { EventKind } from '../../src/chat/events';
import type { ChatLimits } from '../../src/chat/limits';
import { Texts } from '../../src/chat/texts';
import { KEY_BYTES, keyText, SIGNATURE_BYTES } from '../../src/lib/signer';
import type { PaxosMessage } from '../../src/paxos/messages';
import type { GlanceState, StepKind } from '../../src/wire/agreement';
import type { ClientRequest, QueryKind, ServerMessage, WireRun } from '../../src/wire/client';
import type { AttachReason, ClientFrame, ServerFrame, ToClientFrame, ToServerFrame } from '../../src/wire/frames';
import { CHAT_BOUNDS, MAX_PAUSE_MS } from '../../src/wire/limits';
import { type PeerEnvelope, type RestoreMessage, SERVER_STATES } from '../../src/wire/peer';
import { NONCE_BYTES, SALT_BYTES } from '../../src/wire/proof';

/** Large numbers as often as small ones; `room` below the largest exact one, for what is counted up from there. */
function uint(room = 0): fc.Arbitrary<number> {
  const most = Number.MAX_SAFE_INTEGER - room;
  return fc.oneof(
    fc.nat(200),
    fc.nat(),
    fc.maxSafeNat().map((number) => Math.min(number, most)),
    fc.constant(most),
  );
}

const ROOM = 2 ** 20;
const id = fc.stringMatching(/^[0-9a-f]{16}$/);
const birth = fc.oneof(fc.constant(''), id);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 300 }),
  fc.constantFrom('', '\ufeffa mark before it', '\ufffd', 'é', '🙂', '\u0000', 'long '.repeat(60)),
);
const binary = fc.oneof(
  fc.uint8Array(),
  fc.uint8Array({ minLength: 250, maxLength: 300 }),
  fc.constant(new Uint8Array(0)),
);
const serverId = fc.integer({ min: 0, max: 65_535 });
const u32 = fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constant(0xffff_ffff));
const u16 = fc.oneof(fc.nat(100), fc.constant(0xffff));
const flag = fc.boolean();

type Arbitraries<Fields> = { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> };

function typed<const Type extends string, Fields extends object = object>(
  type: Type,
  fields?: Arbitraries<Fields>,
): fc.Arbitrary<{ readonly type: Type } & Fields> {
  return fc.record({ type: fc.constant(type), ...fields }) as fc.Arbitrary<{ readonly type: Type } & Fields>;
}

// ---- Between servers ----------------------------------------------------------------------------------------------

const ballot = fc.record({ counter: fc.oneof(fc.nat(9), fc.constant(2 ** 48)), server: serverId });
const vector = fc.array(fc.oneof(fc.nat(9), fc.constant(2 ** 48)), { maxLength: 16 });
const round = uint(1);
const range = fc.tuple(round, fc.nat(10)).map(([from, more]) => ({ from, to: Math.min(from + more, 2 ** 53 - 1) }));
const accepted = fc.array(fc.record({ round, ballot, value: binary }), { maxLength: 5 });
const next = fc.oneof(fc.constant(-1), round);
const standing = fc.constantFrom('new' as const, 'recovering' as const, 'voter' as const);

const paxosMessages: { [Type in PaxosMessage['type']]: fc.Arbitrary<Extract<PaxosMessage, { readonly type: Type }>> } =
  {
    Accept: typed('Accept', { ballot, round, value: binary, committed: round }),
    Accepted: typed('Accepted', { ballot, rounds: fc.array(range), vector }),
    Heartbeat: typed('Heartbeat', { ballot, committed: round, beat: uint(), clients: uint() }),
    Alive: typed('Alive', { ballot, committed: round, beat: uint(), clients: uint() }),
    PreVote: typed('PreVote', { ballot, committed: round }),
    Prepare: typed('Prepare', { ballot, from: round }),
    RequestValue: typed('RequestValue', { from: round }),
    Forward: typed('Forward', { serial: uint(), commands: fc.array(binary, { maxLength: 5 }) }),
    Recover: typed('Recover', { incarnation: uint(), from: round }),
    PreVoteReply: typed('PreVoteReply', { ballot, granted: flag, promised: ballot, leader: ballot, committed: round }),
    Promise: typed('Promise', {
      ballot,
      granted: flag,
      promised: ballot,
      from: round,
      accepted,
      next,
      committed: round,
      vector,
    }),
    Values: typed('Values', { from: round, values: accepted, committed: round, first: round }),
    Taken: typed('Taken', { serial: uint() }),
    NotLeader: typed('NotLeader', { serial: uint(), leader: ballot }),
    RecoverReply: typed('RecoverReply', {
      incarnation: uint(),
      known: uint(),
      standing,
      promised: ballot,
      from: round,
      accepted,
      next,
      first: round,
      committed: round,
      vector,
    }),
  };

const status = fc.record({
  id: serverId,
  pid: uint(),
  state: fc.constantFrom(...SERVER_STATES),
  ballot: text,
  leader: serverId,
  committed: uint(),
  applied: uint(),
  clients: uint(),
  uptimeMs: uint(),
  birth,
  position: uint(),
  digest: text,
  restored: fc.nat(1000),
});

const statusMessages = {
  StatusRequest: typed('StatusRequest'),
  StatusReply: typed('StatusReply', { status }),
};

/** A round or a position that a key of a store can have. */
const place = uint(Number.MAX_SAFE_INTEGER - 2 ** 47);

const stretchFields = { after: place, through: place, room: text, position: place };
const stretch = fc.record(stretchFields);

const restoreMessages: {
  [Type in RestoreMessage['type']]: fc.Arbitrary<Extract<RestoreMessage, { readonly type: Type }>>;
} = {
  FetchSnapshot: typed('FetchSnapshot', { round: place, part: fc.nat(1000) }),
  SnapshotPart: typed('SnapshotPart', {
    snapshot: fc.record({ round: place, position: place, size: uint(), parts: fc.nat(1000), digest: text }),
    part: fc.nat(1000),
    bytes: binary,
    waitMs: fc.nat(60_000),
  }),
  FetchHistory: typed('FetchHistory', stretchFields),
  HistoryPart: typed('HistoryPart', {
    asked: stretch,
    records: fc.array(binary, { maxLength: 6 }),
    waitMs: fc.nat(60_000),
    room: text,
    position: place,
    permille: fc.nat(1000),
  }),
};

export const envelopes: fc.Arbitrary<PeerEnvelope> = fc.record({
  from: serverId,
  birth,
  question: uint(),
  message: fc.oneof(
    ...Object.values(paxosMessages),
    ...Object.values(statusMessages),
    ...Object.values(restoreMessages),
  ) as fc.Arbitrary<PeerEnvelope['message']>,
});

// ---- Between a client and its server ------------------------------------------------------------------------------

const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
const requestKinds: { [Type in ClientRequest['type']]: fc.Arbitrary<Extract<ClientRequest, { readonly type: Type }>> } =
  {
    greet: typed('greet'),
    open: typed('open', {
      key: bytes(KEY_BYTES),
      salt: bytes(SALT_BYTES),
      signature: bytes(SIGNATURE_BYTES),
      nick: text,
      reclaim: flag,
      position: uint(),
      birth,
      resume: flag,
    }),
    submit: typed('submit', { group: binary }),
    read: typed('read', { after: uint() }),
    history: typed('history', { id: uint(), room: text, before: uint(), limit: uint() }),
    search: typed('search', { id: uint(), room: text, text, before: uint(), limit: uint() }),
    query: typed('query', {
      id: uint(),
      what: fc.constantFrom<QueryKind>('names', 'rooms', 'whois', 'nicks', 'rulings', 'markers'),
      name: text,
    }),
    why: typed('why', { id: uint(), room: text, index: uint(), position: uint() }),
    cluster: typed('cluster', { id: uint() }),
    digest: typed('digest', { id: uint(), room: text, index: uint(), position: uint() }),
    place: typed('place', { id: uint(), room: text, time: uint() }),
  };

export const requests: fc.Arbitrary<ClientRequest> = fc.oneof(...Object.values(requestKinds));

const LINES = ['message', 'action', 'audit'] as const;
const OTHERS = [
  'join',
  'leave',
  'quit',
  'nick',
  'topic',
  'away',
  'back',
  'offline',
  'online',
  'retain',
  'kick',
  'mute',
  'unmute',
  'shut',
  'reopen',
  'slow',
] as const;

const texts = fc.array(text, { minLength: 1, maxLength: 20 }).map((all) => Texts.of(all));

/** Of one event, unless it is of lines. */
const run: fc.Arbitrary<WireRun> = fc
  .record({
    kind: fc.constantFrom(...LINES, ...OTHERS),
    position: uint(ROOM),
    round: uint(),
    time: uint(),
    room: text,
    index: uint(ROOM),
    session: id,
    nick: text,
    seq: uint(ROOM),
    texts,
  })
  .map(({ kind, texts: all, ...head }) => {
    const isOther = (OTHERS as readonly EventKind[]).includes(kind);
    return { kind, ...head, texts: isOther ? all.slice(0, 1) : all };
  });

const runs = fc.array(run, { maxLength: 8 });

const ackRun = fc.record({
  firstSeq: uint(ROOM),
  count: fc.integer({ min: 1, max: 4096 }),
  firstPosition: uint(ROOM),
  round: uint(),
});

const agreement = fc.record({
  position: uint(),
  round: uint(),
  time: uint(),
  server: serverId,
  servers: fc.nat(16),
  ballot,
  accepted: fc.array(serverId, { maxLength: 16 }),
  repeats: uint(),
  steps: fc.array(
    fc.record({
      what: fc.constantFrom<StepKind>('taken', 'proposed', 'accept', 'accepted', 'told', 'committed', 'delivered'),
      server: serverId,
      timeUs: uint(),
    }),
    { maxLength: 22 },
  ),
});

const glance = fc.record({
  id: serverId,
  state: fc.constantFrom<GlanceState>(
    'new',
    'recovering',
    'restoring',
    'catching-up',
    'follower',
    'candidate',
    'leader',
    'silent',
  ),
  committed: uint(),
  lag: uint(),
  clients: uint(),
  silentMs: uint(),
});

const messageKinds: { [Type in ServerMessage['type']]: fc.Arbitrary<Extract<ServerMessage, { readonly type: Type }>> } =
  {
    welcome: typed('welcome', {
      session: id,
      server: serverId,
      nick: text,
      position: uint(),
      birth,
      lastSeq: uint(),
      rooms: fc.array(text),
    }),
    refused: typed('refused', { session: text, nick: text, code: text, message: text }),
    acks: typed('acks', { runs: fc.array(ackRun) }),
    failed: typed('failed', { seq: uint(), code: text, message: text, round: uint() }),
    deliver: typed('deliver', { runs }),
    page: typed('page', { after: uint(), through: uint(), live: flag, runs }),
    history: typed('history', { id: uint(), room: text, runs, more: flag }),
    found: typed('found', { id: uint(), runs, before: uint() }),
    answer: typed('answer', { id: uint(), rows: fc.array(fc.record({ name: text, text, count: uint() })) }),
    error: typed('error', { id: uint(), seq: uint(), code: text, message: text }),
    state: typed('state', { majority: flag, reason: text }),
    alive: typed('alive'),
    slowed: typed('slowed', { perSecond: uint() }),
    digest: typed('digest', {
      id: uint(),
      index: uint(),
      position: uint(),
      digest: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((digest) => digest.toString(16).padStart(16, '0')),
    }),
    place: typed('place', { id: uint(), index: uint() }),
    challenge: typed('challenge', { nonce: bytes(NONCE_BYTES) }),
    why: typed('why', { id: uint(), agreement }),
    cluster: typed('cluster', {
      id: uint(),
      server: serverId,
      ballot,
      servers: fc.array(glance, { maxLength: 16 }),
    }),
  };

export const messages: fc.Arbitrary<ServerMessage> = fc.oneof(...Object.values(messageKinds));

// ---- What a round's value is made of ------------------------------------------------------------------------------

const commandKinds: { [Type in GroupCommand['type']]: fc.Arbitrary<Extract<GroupCommand, { readonly type: Type }>> } = {
  lines: typed('lines', { room: text, texts, action: flag }),
  direct: typed('direct', { nick: text, text, action: flag }),
  join: typed('join', { room: text }),
  leave: typed('leave', { room: text, text }),
  topic: typed('topic', { room: text, text }),
  nick: typed('nick', { nick: text }),
  away: typed('away', { text }),
  close: typed('close', { text }),
  release: typed('release', { nick: text }),
  give: typed('give', { nick: text, to: text }),
  kick: typed('kick', { room: text, who: text, text }),
  rule: typed('rule', { ruling: fc.constantFrom(...RULING_KINDS), who: text, text }),
  pardon: typed('pardon', { ruling: fc.constantFrom(...RULING_KINDS), who: text, text }),
  strip: typed('strip', { nick: text, text }),
  read: typed('read', { room: text, index: uint() }),
  shut: typed('shut', { room: text, text }),
  reopen: typed('reopen', { room: text, text }),
  slow: typed('slow', { room: text, pauseMs: fc.nat(MAX_PAUSE_MS) }),
  access: typed('access', { mode: fc.constantFrom(...ACCESS_MODES) }),
  retain: typed('retain', { room: text, ageMs: uint(), count: uint(), bytes: uint() }),
};

export const groups: fc.Arbitrary<Group> = typed('group', {
  session: id,
  seqs: fc.tuple(uint(ROOM), uint(ROOM)),
  commands: fc.array(fc.oneof(...Object.values(commandKinds)) as fc.Arbitrary<GroupCommand>, {
    minLength: 1,
    maxLength: 9,
  }),
}).map(({ type, session, seqs: [one, other], commands }) => {
  return { type, session, firstSeq: Math.max(1, one), settled: Math.min(Math.max(0, one - 1), other), commands };
});

const chatLimits = Object.fromEntries(
  Object.entries(CHAT_BOUNDS).map(([name, [min, max]]) => [name, fc.integer({ min, max })]),
) as { [Name in keyof ChatLimits]: fc.Arbitrary<number> };

const key = bytes(KEY_BYTES).map(keyText);
const keys = fc.array(key, { maxLength: 3 });
const entryKinds: {
  [Type in Exclude<Entry['type'], 'group'>]: fc.Arbitrary<Extract<Entry, { readonly type: Type }>>;
} = {
  birth: typed('birth', { id }) as fc.Arbitrary<Birth>,
  open: typed('open', {
    session: id,
    key,
    nick: text,
    reclaim: flag,
    server: serverId,
    attachment: text,
    resume: flag,
    position: uint(),
  }) as fc.Arbitrary<Open>,
  touch: typed('touch', { server: serverId, sessions: fc.array(id) }) as fc.Arbitrary<Touch>,
  detach: typed('detach', { session: id, attachment: text }) as fc.Arbitrary<Detach>,
  sweep: typed('sweep') as fc.Arbitrary<Sweep>,
  access: typed('access', {
    rules: fc.record({
      mode: fc.constantFrom(...ACCESS_MODES),
      operators: keys,
      listed: keys,
      unlimited: keys,
    }),
  }) as fc.Arbitrary<SetAccess>,
  limits: typed('limits', { limits: fc.record(chatLimits) }) as fc.Arbitrary<SetLimits>,
};

export const ownEntries: fc.Arbitrary<Exclude<Entry, Group>> = fc.oneof(...Object.values(entryKinds));

// ---- Routing frames -----------------------------------------------------------------------------------------------

const cluster = fc.stringMatching(/^[\w.-]{1,64}$/);
const attachment = u32;

export const clientFrames: fc.Arbitrary<ClientFrame> = fc.oneof(
  typed('hello', { version: fc.nat(255), cluster: fc.oneof(cluster, fc.constant('')), previous: u16 }),
  typed('data', { attachment }),
  typed('ping', { attachment, token: uint() }),
  typed('bye', { attachment }),
  typed('info-request'),
);

const info = fc.record({
  cluster,
  pid: u32,
  phase: fc.constantFrom('starting' as const, 'serving' as const, 'waiting' as const),
  clients: u32,
  uptimeMs: uint(),
  connected: fc.array(u16, { maxLength: 16 }),
});

export const toClientFrames: fc.Arbitrary<ToClientFrame> = fc.oneof(
  typed('attached', {
    attachment,
    server: u16,
    reason: fc.constantFrom<AttachReason[]>(
      'new',
      'moved',
      'lagged',
      'balancer-restarted',
      'lost',
      'left',
      'cannot-serve',
    ),
    unservedMs: u32,
    cluster,
  }),
  typed('wait', {
    reason: fc.constantFrom('starting' as const, 'no-server' as const, 'no-majority' as const),
    connected: u16,
    needed: u16,
  }),
  typed('data', { attachment, number: u32 }),
  typed('pong', { token: uint() }),
  typed('check', { token: uint() }),
  typed('throttled', { framesPerSec: u32 }),
  typed('unknown'),
  typed('refused', { reason: fc.string({ unit: 'grapheme', maxLength: 20 }) }),
  typed('info', { info }),
);

export const serverFrames: fc.Arbitrary<ServerFrame> = fc.oneof(
  typed('beat', {
    version: fc.nat(255),
    cluster,
    server: u16,
    instance: id,
    serving: flag,
    majority: flag,
    established: flag,
    clients: u32,
  }),
  typed('data', { to: fc.array(fc.record({ attachment, number: u32 })) }),
  typed('detach', { attachment }),
  typed('leaving'),
);

export const toServerFrames: fc.Arbitrary<ToServerFrame> = fc.oneof(
  typed('beat', { instance: id, connected: u16, needed: u16 }),
  typed('attach', { attachment }),
  typed('data', { attachment }),
  typed('gone', { attachment }),
  typed('refused', {
    reason: fc.constantFrom(
      'unknown-server' as const,
      'duplicate-server' as const,
      'other-cluster' as const,
      'other-version' as const,
    ),
  }),
);
