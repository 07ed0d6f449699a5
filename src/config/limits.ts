/**
 * Every bound and interval of a cluster with its default: the few that a configuration sets, and those that follow from
 * them. What must hold between those that a configuration sets is in relations.ts; what must hold between ours, here.
 */

import type { BalancerLimits } from '../balancer/limits';
import { type ChatLimits, FIRST_LIMITS } from '../chat/limits';
import type { ClientLimits } from '../client/limits';
import { invariant } from '../lib/assert';
import type { PaxosLimits } from '../paxos/options';
import type { ServerLimits } from '../server/limits';
import type { TransportLimits } from '../transport/limits';
import type { Intake } from '../transport/transport';
import { CHAT_BOUNDS, MAX_FAN_OUT, MAX_GROUP_COMMANDS, MAX_REQUEST_BYTES, MAX_STRING_BYTES } from '../wire/limits';

/** What a configuration may set under `timeouts`, in milliseconds. */
export interface Timeouts {
  /** A leader says that it lives this often. */
  readonly heartbeatMs: number;
  /** The least silence of a leader after which another one may be elected; the actual one is up to twice as long. */
  readonly electionTimeoutMs: number;
  /** An Accept that no majority answered is repeated after this. */
  readonly retransmitMs: number;
  /** A question to a peer is given up after this, and asked again. */
  readonly questionTimeoutMs: number;
  /** A server that the balancer has not heard for this long is dead. */
  readonly deadAfterMs: number;
}

/** What a configuration may set under `limits`. */
export interface LimitSettings {
  /** UTF-8 bytes of one message. */
  readonly textBytes: number;
  /** Rounds in flight. */
  readonly windowRounds: number;
  /** Bytes of one round's value. */
  readonly batchBytes: number;
  /** Clients of the whole cluster. */
  readonly clients: number;
  /** Rooms that one session may be in. */
  readonly roomsPerSession: number;
  /** Sessions of one person. */
  readonly sessionsPerKey: number;
  /** Nicks that belong to one person. */
  readonly nicksPerKey: number;
  /** Characters of the name of a room or a nick. */
  readonly nameChars: number;
  /** Posts and other commands of one session, in the long run. */
  readonly postsPerSecond: number;
  /** … and at once, after it has been quiet. */
  readonly postBurst: number;
  /** Sessions that one server lets in: to look at a signature takes a while. */
  readonly opensPerSecond: number;
  /** Bytes sent to one client that it has not shown to have read. */
  readonly clientQueueBytes: number;
  /** Frames of one client, a second. */
  readonly framesPerSecond: number;
  /** How long a connection may take to say who it is, milliseconds. */
  readonly handshakeMs: number;
  /** Bytes of values after which a snapshot is taken, at least those of one; the log in memory and on disk is at most about twice this long. */
  readonly snapshotBytes: number;
}

export interface Limits {
  readonly paxos: PaxosLimits;
  readonly chat: ChatLimits;
  readonly server: ServerLimits;
  readonly balancer: BalancerLimits;
  /** What the balancer takes from one client. */
  readonly clientIntake: Intake;
  readonly client: ClientLimits;
  readonly transport: TransportLimits;
  readonly process: ProcessLimits;
}

/** Of a server or the balancer as a whole. */
export interface ProcessLimits {
  /**
   * Memory outside of JavaScript, what the state and the queues hold not included, above which it ends, to be started
   * again. ZeroMQ holds a message of many frames until the last one comes, however many there are, and who sends one
   * without end cannot be told.
   */
  readonly nativeBytes: number;
  /** So much more for each client that is connected: of 55 to 70 KB that were measured, and some room. */
  readonly clientBytes: number;
  /** How often it looks, milliseconds. */
  readonly memoryCheckMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  heartbeatMs: 50,
  electionTimeoutMs: 400,
  retransmitMs: 100,
  questionTimeoutMs: 500,
  deadAfterMs: 1000,
};

export const DEFAULT_LIMITS: LimitSettings = {
  textBytes: 4096,
  windowRounds: 8,
  batchBytes: 262_144,
  clients: 20_000,
  roomsPerSession: 256,
  sessionsPerKey: FIRST_LIMITS.sessionsPerKey,
  nicksPerKey: FIRST_LIMITS.nicksPerKey,
  nameChars: FIRST_LIMITS.nameChars,
  postsPerSecond: 100,
  postBurst: 200,
  opensPerSecond: 1000,
  clientQueueBytes: 4 * 1024 * 1024,
  framesPerSecond: 2000,
  handshakeMs: 5000,
  snapshotBytes: 8 * 1024 * 1024,
};

/** Room that a message needs around a text, a value or a page: names, numbers, the envelope. */
export const OVERHEAD_BYTES = 4096;
/** Commands of one session that may be on their way. */
const SESSION_WINDOW = FIRST_LIMITS.sessionWindow;
const MIB = 1024 * 1024;
/** Of commands in one frame of a client. Frames are small: what one sends too much of is read before it is thrown away. */
const GROUP_BYTES = MIB / 32;
const MAX_MESSAGE_BYTES = 8 * MIB;
/**
 * What a server's own queues may hold together, with the default settings: pending commands, what waits for the disk
 * (the values of the log that are not durable yet among it), and what is being read. What a process of node has anyway,
 * some 80 MiB, makes it 200 MB. A server that gathers a history has no clients, and nothing pending, meanwhile.
 */
export const QUEUES_BYTES = 120 * MIB;

/** All limits of a cluster from the few that a configuration sets. */
export function limitsOf(timeouts: Timeouts, settings: LimitSettings): Limits {
  const limits: Limits = {
    paxos: {
      heartbeatMs: timeouts.heartbeatMs,
      electionTimeoutMs: timeouts.electionTimeoutMs,
      retransmitMs: timeouts.retransmitMs,
      questionTimeoutMs: timeouts.questionTimeoutMs,
      windowRounds: settings.windowRounds,
      pipelineRounds: Math.min(2, settings.windowRounds),
      batchBytes: settings.batchBytes,
      pageBytes: Math.min(1024 * 1024, settings.snapshotBytes),
      pageRounds: 1024,
      roomBytes: 4 * settings.batchBytes,
      backlogBytes: 16 * 1024 * 1024 + 4 * settings.batchBytes,
    },
    chat: {
      ...FIRST_LIMITS,
      textBytes: settings.textBytes,
      roomsPerSession: settings.roomsPerSession,
      sessions: 5 * settings.clients,
      sessionsPerKey: settings.sessionsPerKey,
      nicksPerKey: settings.nicksPerKey,
      nameChars: settings.nameChars,
      nicks: 10 * settings.clients,
    },
    server: {
      beatMs: Math.min(250, timeouts.deadAfterMs / 4),
      pendingCommands: SESSION_WINDOW,
      pendingBytes: 2 * MIB,
      pendingBytesOfAll: 32 * MIB,
      slowedBytes: MIB / 4,
      slowedBytesOfAll: 8 * MIB,
      waitingBytes: Math.max(64 * MIB, 4 * settings.windowRounds * settings.batchBytes),
      postsPerSecond: settings.postsPerSecond,
      postBurst: settings.postBurst,
      opensPerSecond: settings.opensPerSecond,
      readings: 256,
      readingsAtOnce: 16,
      questionsOfClient: 16,
      answerBytesPerSec: 16 * MIB,
      answerBytesAtOnce: 2 * MIB,
      givingShare: 3 / 4,
      givingCreditMs: 50,
      givingPauseMs: 40,
      givingPauseEvents: 200,
      partBytes: MIB / 2,
      partBlocks: 2048,
      partRooms: 64,
      gatheredBytes: 4 * MIB,
      retryMs: Math.max(2000, 2 * timeouts.questionTimeoutMs),
      pageEvents: 500,
      pageBytes: MIB / 2,
      touchMs: 10_000,
      detachGraceMs: 2000,
      noMajorityAfterMs: Math.max(1000, 2 * timeouts.electionTimeoutMs),
      servingLagRounds: 16 * settings.windowRounds,
      recentBytes: 2 * 1024 * 1024,
      historyWriteBytes: 64 * 1024,
      historyWriteMs: 500,
      snapshotStepMs: 4,
      snapshotBytes: settings.snapshotBytes,
      snapshotRounds: 16_384,
    },
    balancer: {
      deadAfterMs: timeouts.deadAfterMs,
      clientDeadAfterMs: 10_000,
      drainAfterMs: Math.max(2000, 4 * timeouts.electionTimeoutMs),
      clients: settings.clients,
      clientQueueBytes: settings.clientQueueBytes,
      allQueuesBytes: 128 * MIB,
      checkBytes: 256 * 1024,
      framesPerSec: settings.framesPerSecond,
      framesAtOnce: 2 * settings.framesPerSecond,
      frameBytes: 4096,
    },
    clientIntake: { messages: 16, frameBytes: MAX_STRING_BYTES + OVERHEAD_BYTES },
    client: {
      window: SESSION_WINDOW / 2,
      windowBytes: 1024 * 1024,
      queue: 100_000,
      groupCommands: 128,
      groupBytes: GROUP_BYTES,
      textBytes: settings.textBytes,
      questionsAtOnce: 4,
      pingMs: 1000,
      silenceMs: 4000,
      resendMs: 3000,
      resendMostMs: 30_000,
    },
    transport: {
      sendHighWaterMark: 2000,
      receiveHighWaterMark: 2000,
      outboxMessages: 20_000,
      outboxBytes: 64 * 1024 * 1024,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxSockets: 4096,
      peerQuestions: 64,
      reconnectMs: 20,
      reconnectMaxMs: 500,
      handshakeMs: settings.handshakeMs,
      unreadMs: 30_000,
      zmtpHeartbeatMs: 1000,
      zmtpTimeoutMs: 5000,
    },
    process: {
      nativeBytes: 512 * MIB,
      clientBytes: 96 * 1024,
      memoryCheckMs: 250,
    },
  };
  checkRelations(limits);
  return limits;
}

/** Whatever a configuration may set, these hold: what one part sends, the next one takes. */
function checkRelations({ paxos, chat, server, balancer, clientIntake, client, transport, process }: Limits): void {
  const largest = transport.maxMessageBytes - OVERHEAD_BYTES;
  for (const [name, [least, most]] of Object.entries(CHAT_BOUNDS)) {
    const limit = chat[name as keyof ChatLimits];
    invariant(limit >= least && limit <= most, `the log takes the limit ${name}`);
  }
  invariant(client.groupCommands <= MAX_GROUP_COMMANDS, 'a group has not more commands than one may have');
  invariant(client.groupBytes <= client.windowBytes, 'a group fits in the window');
  // A text that this cluster does not allow gets there, and is refused with a word, not with a closed connection.
  const group = Math.max(client.groupBytes, MAX_STRING_BYTES);
  invariant(group + OVERHEAD_BYTES <= clientIntake.frameBytes, 'the balancer takes a group, and the longest text');
  invariant(clientIntake.frameBytes <= MAX_REQUEST_BYTES, 'a server takes what the balancer does');
  invariant(paxos.batchBytes <= largest && paxos.pageBytes <= largest, 'a batch and a page fit in a message');
  invariant(paxos.batchBytes <= server.snapshotBytes, 'a snapshot is of more than one value');
  invariant(paxos.pageBytes <= server.snapshotBytes, 'a page of the log has hardly more than one snapshot is of');
  invariant(server.pageBytes + chat.textBytes <= largest, 'a page of events fits in a message');
  invariant(client.window <= CHAT_BOUNDS.sessionWindow[0], 'the outcome of all that a client repeats is known');
  invariant(client.window <= server.pendingCommands, 'a server keeps all that a client sends');
  invariant(client.windowBytes <= server.pendingBytes, 'a server keeps all that a client sends');
  invariant(paxos.roomBytes + 2 * largest <= paxos.backlogBytes, 'who has room takes in whatever fits in a message');
  invariant(server.pendingBytes <= server.pendingBytesOfAll, 'there is room for one session at least');
  const inFlight = paxos.windowRounds * paxos.batchBytes;
  invariant(2 * inFlight <= server.waitingBytes, 'a disk that is slow takes what is in flight');
  invariant(server.readingsAtOnce <= server.readings, 'all readings under way are readings');
  invariant(server.questionsOfClient < server.readings, 'one client does not have all readings');
  // What had no answer in time comes again while the first still waits, and pages are read beside it.
  invariant(2 * client.questionsAtOnce + 2 <= server.questionsOfClient, 'a server takes all questions of a client');
  invariant(server.pageBytes <= server.answerBytesAtOnce, 'a page is answered at once');
  invariant(server.givingShare < 1, 'a peer that restores does not get all of the time');
  invariant(
    server.partBytes + server.pageBytes <= largest,
    'a part of the history, and what its last block has, fits in a message',
  );
  invariant(2 * server.beatMs <= balancer.deadAfterMs, 'a server is heard twice before it is dead');
  invariant(2 * client.pingMs <= client.silenceMs, 'a balancer is heard twice before it is looked for');
  invariant(2 * client.silenceMs <= balancer.clientDeadAfterMs, 'a client is given up after it would have come back');
  invariant(2 * server.touchMs <= CHAT_BOUNDS.offlineAfterMs[0], 'a session is vouched for twice before it is offline');
  const { clientQueueBytes, allQueuesBytes, checkBytes } = balancer;
  invariant(server.pageBytes + chat.textBytes + checkBytes <= clientQueueBytes, 'who reads pages never has too many');
  invariant(4 * checkBytes <= clientQueueBytes, 'a client is asked several times before it has too much');
  invariant(2 * clientQueueBytes <= allQueuesBytes, 'one client alone does not have all');
  invariant(2 * allQueuesBytes < process.nativeBytes, 'queues do not end a balancer');
  invariant(transport.zmtpTimeoutMs < transport.unreadMs, 'a host that is gone is noticed first');
  invariant(
    4 * (client.windowBytes / balancer.frameBytes) <= balancer.framesAtOnce,
    'a client may repeat all that it sent',
  );
  invariant(balancer.framesPerSec <= balancer.framesAtOnce, 'a client may say at once what it may say in a second');
  invariant(balancer.clients <= MAX_FAN_OUT, 'one payload can be for all clients');
  invariant(transport.sendHighWaterMark > 0 && transport.receiveHighWaterMark > 0, 'every queue has an end');
}

/** The limits of a client that knows no configuration but only its balancer's address. */
export function defaultLimits(): Limits {
  return limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
}
