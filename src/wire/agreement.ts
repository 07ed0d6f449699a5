/** What a server tells a client of how the servers agree: on one round, and of how each of them is. */
import type { Ballot } from '../paxos/ballot';
import type { ServerStatus } from './peer';

/**
 * Something that the answering server saw of a round, in the order in which it mostly happens:
 * - `taken`: it had the first of the commands in it that its own clients gave
 * - `proposed`: it handed that to Paxos, which forwards it unless it leads
 * - `accept`: the leader asked to accept the round; the server is the leader
 * - `accepted`: a server has written it down durably; the server is that one
 * - `told`: a server gave the round to this one, after it was agreed on; the server is that one
 * - `committed`: it knew that the round is chosen, with all before it
 * - `delivered`: it had applied it, and sent it to its clients
 */
export type StepKind = 'taken' | 'proposed' | 'accept' | 'accepted' | 'told' | 'committed' | 'delivered';

export interface Step {
  readonly what: StepKind;
  readonly server: number;
  /** Microseconds since the epoch, by the clock of the answering server. */
  readonly timeUs: number;
}

/** How a round was agreed on, as one server knows. */
export interface Agreement {
  readonly position: number;
  readonly round: number;
  /** As the log says, milliseconds since the epoch. */
  readonly time: number;
  /** The server that answers, and how many there are. */
  readonly server: number;
  readonly servers: number;
  /** In which the round was chosen; counter and server 0: that is not kept. */
  readonly ballot: Ballot;
  /** The servers that it heard to have accepted it in that ballot, itself among them, ascending. */
  readonly accepted: readonly number[];
  /** How often it asked again to accept the round, being the leader. */
  readonly repeats: number;
  /** By time. Empty: it keeps what it saw of later rounds only. */
  readonly steps: readonly Step[];
}

/** `silent`: nothing was heard of it for so long that it does not count. Of other servers not every state is known. */
export type GlanceState = ServerStatus['state'] | 'silent';

/** A server at a glance, as the one that answers knows it. */
export interface ServerGlance {
  readonly id: number;
  readonly state: GlanceState;
  /** How many rounds it has committed. */
  readonly committed: number;
  /** How many fewer than the one that has most. */
  readonly lag: number;
  readonly clients: number;
  /** Since it was heard last; 0 of the answering one. */
  readonly silentMs: number;
}
