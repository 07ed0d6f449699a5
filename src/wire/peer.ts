/** The payloads between servers: a Paxos message in the envelope of its cluster, or a question about the server itself. */
import type { PaxosMessage } from '../paxos/messages';

export interface PeerEnvelope {
  /** The sender. */
  readonly from: number;
  /** The birth id of the log that the sender holds; empty: it holds none yet. */
  readonly birth: string;
  /** On REQ/REP: the question's number, the same in its answer. 0 on PUB/SUB. */
  readonly question: number;
  readonly message: PaxosMessage | StatusRequest | StatusReply;
}

/** Asked by `synod status`, from no server (`from` 0). */
export interface StatusRequest {
  readonly type: 'StatusRequest';
}

export interface StatusReply {
  readonly type: 'StatusReply';
  readonly status: ServerStatus;
}

/** A server at a glance. */
export interface ServerStatus {
  readonly id: number;
  readonly pid: number;
  readonly state: 'new' | 'recovering' | 'catching-up' | 'follower' | 'candidate' | 'leader';
  /** `counter.server`, the ballot it follows or leads. */
  readonly ballot: string;
  readonly leader: number;
  readonly committed: number;
  readonly applied: number;
  readonly clients: number;
  readonly uptimeMs: number;
  readonly birth: string;
  /** The last position applied and a digest of the chat state there: equal on all servers at equal rounds. */
  readonly position: number;
  readonly digest: string;
}
