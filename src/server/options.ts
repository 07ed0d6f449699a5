/** What a server's core is made with. */
import type { AccessRules } from '../chat/commands';
import type { ChatLimits } from '../chat/limits';
import type { Clock } from '../lib/clock';
import type { Random } from '../lib/prng';
import type { PaxosLimits } from '../paxos/options';
import type { ServerLimits } from './limits';

export interface ServerCoreOptions {
  readonly id: number;
  readonly cluster: string;
  /** All servers of the cluster, ascending. */
  readonly servers: readonly number[];
  /** Random for each process: 16 hexadecimal digits. */
  readonly instance: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes that nobody can guess. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** The balancer's public key, in Z85; '' where nobody has keys. It may change. */
  readonly balancerKey: () => string;
  /** What the leader has the log say of who may do what. */
  readonly access: AccessRules;
  /** Those of the chat are what this server has the log say when it leads: what holds, the log says. */
  readonly limits: { readonly paxos: PaxosLimits; readonly chat: ChatLimits; readonly server: ServerLimits };
}
