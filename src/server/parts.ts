/** What the parts of a server's core share: its state, and the two ways out. */

import type { ChatState } from '../chat/state';
import type { History } from '../history/history';
import type { Ballot, Round } from '../paxos/ballot';
import type { ReplicaView } from '../paxos/replica';
import type { StorageWrite } from '../storage/storage';
import type { ServerStatus } from '../wire/peer';
import type { AttachedClients } from './attached';
import type { Consequence, ServerEffect } from './effects';
import type { ServerCoreOptions } from './options';
import type { Pending } from './pending';
import type { Reads } from './reads';
import type { RoundFacts } from './round-facts';
import type { Turns } from './turns';

export interface ServerParts {
  readonly options: ServerCoreOptions;
  /** Another one once a snapshot came from a peer. */
  chat: ChatState;
  history: History;
  readonly reads: Reads;
  readonly turns: Turns;
  readonly clients: AttachedClients;
  readonly pending: Pending;
  readonly facts: RoundFacts;
  /** Monotonic. */
  readonly startedAtMs: number;
  /** Adds an effect to those of this turn. */
  readonly send: (effect: ServerEffect) => void;
  /** Has this written, and does what follows once it is durable. */
  readonly persist: (write: StorageWrite, then: readonly Consequence[]) => void;
  /** Has all that happened so far written into the history. */
  readonly writeHistory: () => void;
  /** Hands commands to the Paxos object. They may be lost: whoever needs them proposes them again. */
  readonly propose: (commands: readonly Uint8Array[]) => void;
  readonly view: () => ReplicaView;
  readonly state: () => ServerStatus['state'];
  /** The ballot in which a committed round is held; undefined: its value was cut off. */
  readonly ballotOf: (round: Round) => Ballot | undefined;
}
