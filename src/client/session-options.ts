/** What a session is made with. */
import type { Random } from '../lib/prng';
import type { IdentityOptions } from './identity';
import type { Outbox } from './kept';
import type { ClientLimits } from './limits';

export interface SessionOptions extends IdentityOptions {
  /** The cluster's name; '' for whichever answers. */
  readonly cluster: string;
  /** Where its balancer is, for whoever reads that it does not answer. */
  readonly endpoint?: string;
  readonly nick: string;
  /** What it would be called instead, one after the other, when somebody has its nick. */
  readonly spareNicks?: readonly string[];
  readonly random: Random;
  readonly limits: ClientLimits;
  /** What has no outcome is kept, for a process after this one; undefined: it is lost with this one. */
  readonly outbox?: Pick<Outbox, 'kept'>;
  /** It does not compare what it is told with what its server has: that costs time for each line, and a bot is told many. */
  readonly trusting?: boolean;
  /** Earlier lines to show when a room is joined. */
  readonly history: number;
}
