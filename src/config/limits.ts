/** Every bound and interval of a cluster with its default, and the relations that must hold between them. */
import type { BalancerLimits } from '../balancer/limits';
import type { ChatLimits } from '../chat/limits';
import type { ClientLimits } from '../client/limits';
import type { PaxosLimits } from '../paxos/options';
import type { ServerLimits } from '../server/limits';
import type { TransportLimits } from '../transport/limits';

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
}

export interface Limits {
  readonly paxos: PaxosLimits;
  readonly chat: ChatLimits;
  readonly server: ServerLimits;
  readonly balancer: BalancerLimits;
  readonly client: ClientLimits;
  readonly transport: TransportLimits;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  heartbeatMs: 50,
  electionTimeoutMs: 400,
  retransmitMs: 100,
  questionTimeoutMs: 500,
  deadAfterMs: 1500,
};

export const DEFAULT_LIMITS: LimitSettings = {
  textBytes: 4096,
  windowRounds: 32,
  batchBytes: 262_144,
  clients: 20_000,
  roomsPerSession: 256,
};

/** Room that a message needs around a text, a value or a page: names, numbers, the envelope. */
const OVERHEAD_BYTES = 4096;
/** Commands of one session that may be on their way. */
const SESSION_WINDOW = 4096;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** All limits of a cluster from the few that a configuration sets. */
export function limitsOf(timeouts: Timeouts, settings: LimitSettings): Limits {
  return {
    paxos: {
      heartbeatMs: timeouts.heartbeatMs,
      electionTimeoutMs: timeouts.electionTimeoutMs,
      retransmitMs: timeouts.retransmitMs,
      questionTimeoutMs: timeouts.questionTimeoutMs,
      windowRounds: settings.windowRounds,
      pipelineRounds: Math.min(2, settings.windowRounds),
      batchBytes: settings.batchBytes,
      pageBytes: 1024 * 1024,
      pageRounds: 1024,
      backlogBytes: 64 * 1024 * 1024,
    },
    chat: {
      textBytes: settings.textBytes,
      topicBytes: 512,
      nameChars: 32,
      roomsPerSession: settings.roomsPerSession,
      sessions: 5 * settings.clients,
      sessionWindow: SESSION_WINDOW,
      offlineAfterMs: 30_000,
      sessionTtlMs: 7 * 24 * 3600 * 1000,
    },
    server: {
      beatMs: Math.min(250, timeouts.deadAfterMs / 4),
      pendingCommands: SESSION_WINDOW,
      retryMs: Math.max(2000, 2 * timeouts.questionTimeoutMs),
      pageEvents: 500,
      touchMs: 10_000,
      detachGraceMs: 5000,
      noMajorityAfterMs: Math.max(1000, 2 * timeouts.electionTimeoutMs),
      servingLagRounds: 4 * settings.windowRounds,
    },
    balancer: {
      deadAfterMs: timeouts.deadAfterMs,
      clientDeadAfterMs: 10_000,
      drainAfterMs: Math.max(2000, 4 * timeouts.electionTimeoutMs),
      clients: settings.clients,
    },
    client: {
      window: SESSION_WINDOW / 2,
      queue: 100_000,
      groupCommands: 512,
      groupBytes: 128 * 1024,
      textBytes: settings.textBytes,
      pingMs: 1000,
      silenceMs: 4000,
      resendMs: 3000,
      resendMostMs: 30_000,
    },
    transport: {
      sendHighWaterMark: 10_000,
      receiveHighWaterMark: 10_000,
      outboxMessages: 20_000,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxSockets: 4096,
      peerQuestions: 64,
      reconnectMs: 20,
      zmtpHeartbeatMs: 1000,
      zmtpTimeoutMs: 5000,
    },
  };
}

/** The limits of a client that knows no configuration but only its balancer's address. */
export function defaultLimits(): Limits {
  return limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
}

/** A relation between two settings that does not hold. */
export interface BrokenRelation {
  readonly key: string;
  readonly found: number;
  readonly allowed: string;
}

/** What must hold between the settings for a cluster to work at all. */
export function brokenRelations(timeouts: Timeouts, settings: LimitSettings): readonly BrokenRelation[] {
  const broken: BrokenRelation[] = [];
  const atLeast = (key: string, found: number, least: number, why: string) => {
    if (found < least) broken.push({ key, found, allowed: `at least ${least}: ${why}` });
  };
  const { heartbeatMs, electionTimeoutMs, questionTimeoutMs, deadAfterMs } = timeouts;
  atLeast('timeouts.electionTimeoutMs', electionTimeoutMs, 4 * heartbeatMs, 'four heartbeats');
  atLeast('timeouts.deadAfterMs', deadAfterMs, 400, 'a server is heard a few times a second');
  atLeast('timeouts.questionTimeoutMs', questionTimeoutMs, heartbeatMs, 'one heartbeat');
  atLeast('limits.batchBytes', settings.batchBytes, settings.textBytes + OVERHEAD_BYTES, 'a message has to fit in');
  return broken;
}
