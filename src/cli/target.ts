/** Where a client finds its cluster: by a configuration, or by an address. */
import { defaultLimits, type Limits } from '../config/limits';
import { checkedOverrides } from '../config/load';
import { isAddress } from '../config/schema';
import { EXIT, ExitError } from '../lib/exit';
import { MAX_STRING_BYTES } from '../wire/limits';
import { type ConfigFlags, configOf } from './context';

export interface TargetFlags extends ConfigFlags {
  readonly connect?: string;
}

export interface Target {
  /** The balancer's address for clients. */
  readonly endpoint: string;
  /** '' for whichever cluster answers there. */
  readonly cluster: string;
  readonly limits: Limits;
}

/** @throws ConfigError, ExitError */
export function targetOf(flags: TargetFlags): Target {
  if (flags.connect === undefined) {
    const config = configOf(flags);
    return { endpoint: config.balancer.clients, cluster: config.cluster, limits: config.limits };
  }
  if (!isAddress(flags.connect)) {
    throw new ExitError(EXIT.usage, `--connect ${flags.connect}: an address like tcp://127.0.0.1:7300 is allowed`);
  }
  checkedOverrides();
  // What this cluster allows is not known: the servers say it.
  const limits = defaultLimits();
  return {
    endpoint: flags.connect,
    cluster: '',
    limits: { ...limits, client: { ...limits.client, textBytes: MAX_STRING_BYTES } },
  };
}
