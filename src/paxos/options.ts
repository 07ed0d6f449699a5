/** What a replica is told when it is made, and the bounds that it keeps. */
import { invariant } from '../lib/assert';
import type { Random } from '../lib/prng';
import type { Round, ServerId } from './ballot';

/** Every wait and every queue of the Paxos object. */
export interface PaxosLimits {
  /** A leader says that it lives this often. A follower that is behind for this long asks for what it misses. */
  readonly heartbeatMs: number;
  /** The least silence of a leader that lets a follower stand for election; the actual one is random in [1, 2) times. */
  readonly electionTimeoutMs: number;
  /** An Accept that no quorum answered is repeated after this at the earliest. */
  readonly retransmitMs: number;
  /** A question without an answer is asked again after this. */
  readonly questionTimeoutMs: number;
  /** The most rounds that are proposed and not committed. */
  readonly windowRounds: number;
  /** With fewer rounds than this in flight a proposal leaves at once; with as many or more, commands gather. */
  readonly pipelineRounds: number;
  /** A batch is cut here, and leaves without waiting for the pipeline once so much has gathered. */
  readonly batchBytes: number;
  /** The size of one page of a Promise, Values or RecoverReply. A single larger value is a page of its own. */
  readonly pageBytes: number;
  readonly pageRounds: number;
  /** A server that has less than this waiting is ready to take more: its own clients' commands, or those of a follower. */
  readonly roomBytes: number;
  /** The most bytes of commands of one server that wait to be proposed or forwarded. What is proposed beyond is dropped. */
  readonly backlogBytes: number;
}

export interface ReplicaOptions {
  readonly me: ServerId;
  /** Every server of the cluster, ascending: an odd number. */
  readonly servers: readonly ServerId[];
  readonly random: Random;
  readonly limits: PaxosLimits;
  /** Makes the value of a round out of commands. Called by the leader only, once a round: its clock is stamped in here. */
  assemble(commands: readonly Uint8Array[]): Uint8Array;
  /** How many clients this server has: told to the peers in every Alive. */
  clients(): number;
}

/**
 * How far above its committed prefix a server takes notice of rounds: votes, promises and tallies beyond are ignored,
 * so that memory is bounded whatever a peer says. Who is further behind catches up first.
 */
export const ROUNDS_AHEAD: Round = 65_536;

/** A hint that changed (the committed prefix, a crash vector) and had no other write to ride on is written after this. */
export const HINT_WRITE_MS = 1_000;

/** A pre-vote that was refused is tried again after a random share, in [1, 2) times this one, of the election timeout. */
export const RETRY_SHARE = 0.25;

/** @throws InvariantError when the options contradict themselves; a configuration from outside is checked before. */
export function checkOptions(options: ReplicaOptions): void {
  const { me, servers, limits } = options;
  invariant(servers.length % 2 === 1, `a cluster has an odd number of servers, not ${servers.length}`);
  invariant(servers.includes(me), `server ${me} is not one of ${servers.join(', ')}`);
  invariant(
    servers.every((id, index) => id > (servers[index - 1] ?? 0)),
    'the ids of the servers are positive and ascending',
  );
  for (const [name, value] of Object.entries(limits)) invariant(value > 0, `${name} is ${value}, it must be positive`);
  invariant(limits.heartbeatMs < limits.electionTimeoutMs, 'a leader beats more often than it is missed');
  invariant(limits.pipelineRounds <= limits.windowRounds, 'the pipeline is no longer than the window');
  invariant(limits.windowRounds < ROUNDS_AHEAD, 'the window lies within the rounds that a server takes notice of');
}
