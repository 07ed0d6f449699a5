/**
 * What members of a cluster connect to, as somebody sees it who has the address of another one, and its key: how to put a
 * payload where they read one. What a server or balancer may truly say is not among it: that is believed, and has to be.
 */

import { gathered } from '../../src/chat/commands';
import { runOf } from '../../src/chat/event-runs';
import type { PaxosMessage } from '../../src/paxos/messages';
import { encodeGroup } from '../../src/wire/codec-batch';
import { createClientCodec } from '../../src/wire/codec-client';
import { createPeerCodec } from '../../src/wire/codec-peer';
import { encodeToClient, encodeToServer } from '../../src/wire/frames';
import type { PeerEnvelope } from '../../src/wire/peer';
import type { Lure } from './lure';
import type { Speaker } from './speaker';
import { EMPTY, FEW, INSTANCE, type Message, SESSION, type Target } from './targets';

export const LURED_KINDS = [
  'what SUB connects to',
  'what REQ connects to',
  "what a server's DEALER connects to",
  "what a client's DEALER connects to",
] as const;

/** Where somebody lies in wait. */
export interface Lures {
  readonly pub: Lure;
  readonly rep: Lure;
  readonly servers: Lure;
  readonly clients: Lure;
}

/** Who is lied to, and as whom. */
export interface Roles {
  readonly cluster: string;
  /** The server that is lied to. */
  readonly victim: number;
  /** The one in whose name. */
  readonly peer: number;
  readonly birth: string;
  /** A round that the victim has not come to yet. */
  readonly ahead: number;
}

/** In place of the number of the question that is answered. */
const ASKED = 4_000_000_000;
/** Far above all that are, and in no server's way when it is over: the next one that stands goes above it. */
const HUGE = 1_000_000;
/** Between two signs of being ahead, which the victim asks about, milliseconds. */
const SIGN_MS = 20;
/** By so many rounds one is ahead: with more of them who is behind would serve no clients. */
export const AHEAD = 60;
/** Signs without a question, after which the victim must have come so far by itself. */
const IN_VAIN = 30;
const ATTACHMENT = 7;

export function luredTargets(lures: Lures, roles: Roles): readonly { target: Target; lure: Lure }[] {
  return [
    { target: subscribed(lures.pub, roles), lure: lures.pub },
    { target: asking(lures, roles), lure: lures.rep },
    { target: served(lures.servers, roles), lure: lures.servers },
    { target: attached(lures.clients, roles), lure: lures.clients },
  ];
}

function of(kind: (typeof LURED_KINDS)[number], holder: string, lure: Lure) {
  return { kind, holder, comes: true, socketType: lure.socketType, bare: () => lure.bare() };
}

function encoder({ cluster, peer, birth }: Roles) {
  return (message: PeerEnvelope['message'], more: Partial<PeerEnvelope> = {}, name = cluster): Buffer =>
    Buffer.from(createPeerCodec(name).encodePeer({ from: peer, birth, question: 0, message, ...more }));
}

/** Ballots that are not the sender's own to speak in. */
function ballots({ victim, peer }: Roles) {
  return [victim, 99, 65_535].filter((id) => id !== peer).map((server) => ({ counter: HUGE, server }));
}

function subscribed(lure: Lure, roles: Roles): Target {
  const say = encoder(roles);
  const none = { counter: 0, server: 0 };
  const own = { counter: HUGE, server: roles.peer };
  const alive = { type: 'Alive', ballot: none, committed: 0, beat: 1, clients: 0 } as const;
  const beat = { type: 'Heartbeat', ballot: own, committed: 0, beat: 1, clients: 0 } as const;
  const accepted = { type: 'Accepted', ballot: none, rounds: [{ from: 0, to: 1 }], vector: [1, 1, 1] } as const;
  return {
    ...of('what SUB connects to', `server-${roles.peer}`, lure),
    valid: [say(alive), say(accepted)],
    approach: async () => ({
      wrap: (payload) => [payload],
      forged: new Map<string, readonly Message[]>([
        [
          'frames of another cluster or version',
          [say(beat, {}, `${roles.cluster}-other`), versioned(say(beat)), say(beat, { birth: INSTANCE })].map(alone),
        ],
        [
          'forged server ids',
          others(roles).map((from) => [say({ ...beat, ballot: { counter: HUGE, server: from } }, { from })]),
        ],
        [
          'ballots of others, and old ones',
          ballots(roles)
            .flatMap((ballot) => [
              [say({ ...beat, ballot })],
              [say({ type: 'Accept', ballot, round: roles.ahead, value: Buffer.from('lie'), committed: 0 })],
            ])
            .concat([[say({ ...beat, ballot: { counter: 0, server: roles.peer } })]]),
        ],
        [
          'questions and answers among the news',
          [...questions(roles), ...answers(roles)].map((message) => [say(message)]),
        ],
      ]),
    }),
  };
}

function asking({ pub, rep }: Lures, roles: Roles): Target {
  const say = encoder(roles);
  const codec = createPeerCodec(roles.cluster);
  let ahead = roles.ahead;
  const sign = () => say({ type: 'Alive', ballot: { counter: 0, server: 0 }, committed: ahead, beat: 1, clients: 0 });
  const none = { type: 'Values', from: 0, values: [], committed: 0, first: 0 } as const;
  const promise = {
    type: 'Promise',
    ballot: { counter: 1, server: roles.victim },
    granted: true,
    from: 0,
    next: -1,
  } as const;
  const rest = { promised: { counter: 0, server: 0 }, accepted: [], committed: 0, vector: [0, 0, 0] } as const;
  return {
    ...of('what REQ connects to', `server-${roles.peer}`, rep),
    valid: [say(none), say({ ...promise, ...rest })],
    async approach(speaker) {
      return {
        wrap: alone,
        turn: async (message) => answered(message, await asked(speaker)),
        forged: new Map<string, readonly Message[]>([
          [
            'frames of another cluster or version',
            [
              say(none, { question: ASKED }, `${roles.cluster}-other`),
              versioned(say(none, { question: ASKED })),
              say(none, { question: ASKED, birth: INSTANCE }),
            ].map(alone),
          ],
          ['forged server ids', others(roles).map((from) => [say(none, { from, question: ASKED })])],
          ['answers to other questions', [0, 1, 2 ** 31].map((question) => [say(none, { question })])],
          ['answers of other kinds', answers(roles).map((message) => [say(message, { question: ASKED })])],
          ['questions for answers', questions(roles).map((message) => [say(message, { question: ASKED })])],
          [
            'answers of many frames, and empty ones',
            [[EMPTY], [EMPTY, EMPTY], Array(9).fill(EMPTY), Array(9).fill(sign())],
          ],
        ]),
      };
    },
  };

  /** The envelope of the next question. */
  async function asked(speaker: Speaker): Promise<readonly Buffer[]> {
    speaker.latest = [];
    for (let signs = 1; speaker.latest.length === 0 && !speaker.closed; signs += 1) {
      if (signs % IN_VAIN === 0) ahead += AHEAD;
      if (pub.guest?.closed !== false) await pub.settled();
      pub.guest?.message([sign()]);
      await new Promise((resolve) => setTimeout(resolve, SIGN_MS));
    }
    return speaker.latest;
  }

  /** With the number of the question, where it is to have the right one. */
  function answered(message: Message, question: readonly Buffer[]): Message {
    const envelope = codec.decodePeer(question.at(-1) ?? EMPTY);
    const number = 'bad' in envelope ? 0 : envelope.question;
    if (!('bad' in envelope) && envelope.message.type === 'RequestValue') ahead = envelope.message.from + AHEAD;
    const numbered = message.map((part) => {
      const said = codec.decodePeer(part);
      return 'bad' in said || said.question !== ASKED ? part : codec.encodePeer({ ...said, question: number });
    });
    return [...question.slice(0, -1), ...numbered];
  }
}

function served(lure: Lure, { cluster }: Roles): Target {
  const codec = createClientCodec(cluster);
  const say = { type: 'say', room: 'lobby', text: 'forged', action: false } as const;
  const group = encodeGroup({ type: 'group', session: SESSION, firstSeq: 1, settled: 0, commands: gathered([say]) });
  const submit = Buffer.from(codec.encodeRequest({ type: 'submit', group }));
  const history = Buffer.from(codec.encodeRequest({ type: 'history', id: 1, room: 'lobby', before: 0, limit: 5 }));
  const data = (attachment: number, payload: Uint8Array) => [encodeToServer({ type: 'data', attachment }), payload];
  const beat = (instance: string) => encodeToServer({ type: 'beat', instance, connected: 1, needed: 99 });
  return {
    ...of("what a server's DEALER connects to", 'balancer', lure),
    valid: [submit, history],
    async approach(speaker) {
      speaker.message([beat(INSTANCE), EMPTY]);
      speaker.message([encodeToServer({ type: 'attach', attachment: ATTACHMENT }), EMPTY]);
      const foreign = createClientCodec(`${cluster}-other`).encodeRequest({ type: 'submit', group });
      return {
        wrap: (payload) => data(ATTACHMENT, payload),
        forged: new Map<string, readonly Message[]>([
          ['frames of another cluster or version', [data(ATTACHMENT, foreign), data(ATTACHMENT, versioned(submit))]],
          ['posts for a session that it has not opened', [data(ATTACHMENT, submit), data(ATTACHMENT, submit)]],
          [
            'attachments of others',
            FEW.flatMap((more) => [
              data(ATTACHMENT + more + 1, submit),
              [encodeToServer({ type: 'gone', attachment: ATTACHMENT + more + 1 }), EMPTY],
            ]),
          ],
          ['one balancer after the other', FEW.map((one) => [beat(one.toString(16).padStart(16, '0')), EMPTY])],
        ]),
      };
    },
  };
}

function attached(lure: Lure, { cluster, birth }: Roles): Target {
  const codec = createClientCodec(cluster);
  const state = { type: 'state', majority: true, reason: 'forged' } as const;
  const failed = { type: 'failed', seq: 1, code: 'forged', message: 'forged', round: 1 } as const;
  let number = 0;
  const data = (attachment: number, payload: Uint8Array) => {
    number += 1;
    return [encodeToClient({ type: 'data', attachment, number }), payload];
  };
  const attach = (attachment: number, of = cluster) =>
    encodeToClient({ type: 'attached', attachment, server: 1, reason: 'new', unservedMs: 0, cluster: of });
  const event = { kind: 'message', position: 1, round: 1, time: 0, room: 'lobby', index: 1, session: SESSION } as const;
  const line = { ...event, nick: 'forged', seq: 1, text: 'forged' } as const;
  return {
    ...of("what a client's DEALER connects to", 'balancer', lure),
    valid: [Buffer.from(codec.encodeMessage(state)), Buffer.from(codec.encodeMessage(failed))],
    async approach(speaker) {
      number = 0;
      speaker.message([attach(ATTACHMENT), EMPTY]);
      const foreign = createClientCodec(`${cluster}-other`).encodeMessage(state);
      return {
        wrap: (payload) => data(ATTACHMENT, payload),
        forged: new Map<string, readonly Message[]>([
          [
            'frames of another cluster or version',
            [data(ATTACHMENT, foreign), data(ATTACHMENT, versioned(Buffer.from(codec.encodeMessage(state))))],
          ],
          [
            'attachments of others',
            FEW.map((more) =>
              data(ATTACHMENT + more + 1, codec.encodeMessage({ type: 'deliver', runs: [runOf(line)] })),
            ),
          ],
          [
            'what belongs to no session of its own',
            [
              codec.encodeMessage({
                type: 'welcome',
                session: SESSION,
                server: 1,
                nick: 'forged',
                position: 1,
                birth,
                lastSeq: 99,
                rooms: ['lobby'],
              }),
              codec.encodeMessage({ type: 'acks', runs: [{ firstSeq: 1, count: 1000, firstPosition: 1, round: 1 }] }),
              codec.encodeMessage({ type: 'refused', session: SESSION, nick: '', code: 'forged', message: 'forged' }),
              codec.encodeMessage({ type: 'history', id: 99, room: 'lobby', runs: [runOf(line)], more: true }),
              codec.encodeMessage({ type: 'found', id: 99, runs: [runOf(line)], before: 7 }),
              codec.encodeMessage({ type: 'answer', id: 99, rows: [{ name: 'forged', text: '', count: 1 }] }),
            ].map((payload) => data(ATTACHMENT, payload)),
          ],
        ]),
      };
    },
  };
}

const alone = (payload: Uint8Array): Message => [payload];

function others({ peer, victim }: Roles): readonly number[] {
  return [0, victim, 6 - peer - victim, 99, 65_535];
}

/** The same of a version that there is not: the first field, a small number. */
function versioned(payload: Buffer): Buffer {
  const other = Buffer.from(payload);
  other[1] = 0x7f;
  return other;
}

function questions(roles: Roles): readonly PaxosMessage[] {
  return ballots(roles).flatMap((ballot) => [
    { type: 'PreVote', ballot, committed: 0 },
    { type: 'Prepare', ballot, from: 0 },
    { type: 'RequestValue', from: 0 },
    { type: 'Recover', incarnation: 9, from: 0 },
  ]);
}

/** To no question that was asked, in ballots above all. */
function answers(roles: Roles): readonly PaxosMessage[] {
  const none = { counter: 0, server: 0 };
  return ballots(roles).flatMap((ballot) => [
    { type: 'PreVoteReply', ballot, granted: true, promised: ballot, leader: ballot, committed: 0 },
    {
      type: 'Promise',
      ballot,
      granted: true,
      promised: ballot,
      from: 0,
      accepted: [{ round: roles.ahead, ballot, value: Buffer.from('lie') }],
      next: -1,
      committed: 0,
      vector: [0, 0, 0],
    },
    { type: 'NotLeader', serial: 99, leader: ballot },
    { type: 'Taken', serial: 99 },
    {
      type: 'RecoverReply',
      incarnation: 99,
      known: 0,
      standing: 'voter',
      promised: ballot,
      from: 0,
      accepted: [{ round: roles.ahead, ballot: none, value: Buffer.from('lie') }],
      next: -1,
      first: 0,
      committed: 0,
      vector: [0, 0, 0],
    },
  ]);
}
