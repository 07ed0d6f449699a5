/** What the roles of one replica share: its memory, its outbox, what it knows of its peers, and the present time. */

import type { StoredState } from './effects';
import { Memory } from './memory';
import type { ReplicaOptions } from './options';
import { Outbox } from './outbox';
import { Peers } from './peers';
import { Membership } from './quorum';

/** Why a message was passed over. Counted, for tests and for whoever wonders. */
export type Ignored =
  | 'unknown sender'
  | 'no question'
  | 'stale ballot'
  | 'late answer'
  | 'stale incarnation'
  | 'not a voter'
  | 'too far ahead'
  | 'cut off'
  | 'backlog full';

export class Parts {
  readonly membership: Membership;
  readonly memory: Memory;
  readonly outbox = new Outbox();
  readonly peers: Peers;
  readonly ignored = new Map<Ignored, number>();
  /** The time of the call that is being served, on a clock that only grows. */
  nowMs = 0;

  constructor(
    readonly options: ReplicaOptions,
    stored: StoredState | undefined,
  ) {
    this.membership = new Membership(options.me, options.servers);
    this.memory = new Memory(this.membership.position(options.me), options.servers.length, stored);
    this.peers = new Peers(this.membership);
  }

  get me(): number {
    return this.options.me;
  }

  get limits(): ReplicaOptions['limits'] {
    return this.options.limits;
  }

  /** The incarnation of a server, as far as it is known here. */
  incarnationOf(server: number): number {
    return this.memory.vector[this.membership.position(server)] ?? 0;
  }

  /** A time from now, at random in [1, 2) times `ms`: so that servers that wait for the same do not act at once. */
  laterMs(ms: number): number {
    return this.nowMs + ms * (1 + this.options.random.next());
  }

  ignore(why: Ignored): void {
    this.ignored.set(why, (this.ignored.get(why) ?? 0) + 1);
  }
}
