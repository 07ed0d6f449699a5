/** What the parts of a server's core share: its state, and the two ways out. */

import type { ChatState } from '../chat/state';
import type { History } from '../history/history';
import type { ReplicaView } from '../paxos/replica';
import type { AttachedClients } from './attached';
import type { ServerCoreOptions } from './core';
import type { ServerEffect } from './effects';
import type { Pending } from './pending';
import type { Reads } from './reads';

export interface ServerParts {
  readonly options: ServerCoreOptions;
  readonly chat: ChatState;
  readonly history: History;
  readonly reads: Reads;
  readonly clients: AttachedClients;
  readonly pending: Pending;
  /** Adds an effect to those of this turn. */
  readonly send: (effect: ServerEffect) => void;
  /** Hands commands to the Paxos object. They may be lost: whoever needs them proposes them again. */
  readonly propose: (commands: readonly Uint8Array[]) => void;
  readonly view: () => ReplicaView;
}
