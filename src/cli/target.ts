/** Where a client finds its cluster: by a configuration, or by an address. */
import { defaultLimits, type Limits } from '../config/limits';
import { checkedOverrides } from '../config/load';
import { ConfigError } from '../config/problems';
import { isAddress } from '../config/schema';
import { pairOf } from '../keys/key-file';
import { EXIT, ExitError } from '../lib/exit';
import type { SocketSecurity } from '../transport/security';
import { MAX_STRING_BYTES } from '../wire/limits';
import { type ConfigFlags, configOf } from './context';
import {
  addressesForServers,
  clientSecurity,
  insecureAt,
  readClientKey,
  type SecurityFlags,
  strangerSecurity,
} from './security';

const NEEDS_KEY = 'needs the key of a client of that cluster, --key FILE; or --insecure if it runs so';

export interface TargetFlags extends ConfigFlags, SecurityFlags {
  readonly connect?: string;
  /** A client's key file, instead of the one in the configuration's folder of keys. */
  readonly key?: string;
}

export interface Target {
  /** The balancer's address for clients. */
  readonly endpoint: string;
  /** '' for whichever cluster answers there. */
  readonly cluster: string;
  readonly limits: Limits;
  readonly security: SocketSecurity;
}

/** @throws ConfigError, ExitError */
export function targetOf(flags: TargetFlags): Target {
  const { config, connect, key = process.env.SYNOD_KEY || undefined } = flags;
  if (connect !== undefined && !isAddress(connect)) {
    throw new ExitError(EXIT.usage, `--connect ${connect}: an address like tcp://127.0.0.1:7300 is allowed`);
  }
  if (flags.insecure && flags.key !== undefined) {
    throw new ExitError(EXIT.usage, '--insecure and --key: one of them is allowed');
  }
  const hasConfig = config !== undefined || (process.env.SYNOD_CONFIG ?? '') !== '';
  if (hasConfig || (connect === undefined && key === undefined)) return byConfiguration(flags, key);
  checkedOverrides();
  // What this cluster allows is not known: the servers say it.
  const limits = defaultLimits();
  return { ...byKey(flags, key), limits: { ...limits, client: { ...limits.client, textBytes: MAX_STRING_BYTES } } };
}

function byConfiguration(flags: TargetFlags, key: string | undefined): Target {
  const written = configOf(flags);
  const config =
    flags.connect === undefined ? written : { ...written, balancer: { ...written.balancer, clients: flags.connect } };
  if (addressesForServers(written).includes(config.balancer.clients)) {
    const where = written.balancer.clients;
    throw new ExitError(EXIT.usage, `--connect ${flags.connect}: for servers; clients connect to ${where}`);
  }
  return {
    endpoint: config.balancer.clients,
    cluster: config.cluster,
    limits: config.limits,
    security: clientSecurity(config, key, flags, complain),
  };
}

/** Of a client that has a key file, or only an address. */
function byKey({ connect, insecure }: TargetFlags, key: string | undefined): Omit<Target, 'limits'> {
  if (insecure || key === undefined) {
    if (!insecure) throw new ExitError(EXIT.usage, `--connect ${connect}: ${NEEDS_KEY}`);
    const endpoint = connect ?? '';
    return { endpoint, cluster: '', security: insecureAt([endpoint], complain) };
  }
  const file = readClientKey(key);
  const { balancer, cluster } = file;
  if (!balancer) throw new ConfigError([`${key}: does not say where the balancer is; make another one: synod keygen`]);
  return {
    endpoint: connect ?? balancer.address,
    cluster,
    security: strangerSecurity(pairOf(file), balancer.publicKey),
  };
}

/** Says something to whoever started the command. */
export function complain(text: string): void {
  process.stderr.write(`synod: ${text}\n`);
}
