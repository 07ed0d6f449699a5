/** What a session is made with. */
import type { Random } from '../lib/prng';
import type { ClientLimits } from './limits';

export interface SessionOptions {
  /** The cluster's name; '' for whichever answers. */
  readonly cluster: string;
  /** Where its balancer is, for whoever reads that it does not answer. */
  readonly endpoint?: string;
  readonly nick: string;
  /** What it would be called instead, one after the other, when somebody has its nick. */
  readonly spareNicks?: readonly string[];
  /** 16 random bytes each time: whoever knows them is the session. */
  readonly newSecret: () => Uint8Array;
  readonly random: Random;
  readonly limits: ClientLimits;
  /** Earlier lines to show when a room is joined. */
  readonly history: number;
}
