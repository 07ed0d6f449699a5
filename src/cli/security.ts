/** With which keys a command comes, and what it says of those that are refused. */
import { existsSync } from 'node:fs';
import { ConfigError } from '../config/problems';
import type { ClusterConfig } from '../config/schema';
import { CLIENT, keyFileOf, roleOf, serverHolder } from '../keys/holders';
import { type KeyFile, pairOf, readKeyFile } from '../keys/key-file';
import { Keyring } from '../keys/keyring';
import { readPublicKeys } from '../keys/public-keys';
import { InvariantError } from '../lib/assert';
import { EXIT, ExitError } from '../lib/exit';
import type { Logger } from '../lib/log';
import { INSECURE, type KeyPair, type Refusal, type Security } from '../transport/security';

export interface SecurityFlags {
  readonly insecure?: boolean;
}

/** No name: it may mean any host. */
const LOOPBACK = /^tcp:\/\/(?:127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}|\[::1\]):\d+$/;
/** A client has nobody to tell: what does not work any more shows. */
const SILENT = { info: () => {}, warn: () => {} };
const LOUD = 'INSECURE: nothing is encrypted and nobody is who they say, by --insecure';

/**
 * The keys of one who runs a part of the cluster: `balancer`, `server-2`.
 * @throws ConfigError, ExitError
 */
export function securityOf(
  config: ClusterConfig,
  holder: string,
  { insecure }: SecurityFlags,
  log: Logger,
): Security | typeof INSECURE {
  if (insecure) return insecureOn(config, log.warn);
  const known = readPublicKeys(config);
  const own = ownPair(config, holder);
  const keyring = new Keyring(config, known, { servers: own, clients: own });
  const check = () => (keyring.holderOf(own.publicKey) === holder ? undefined : otherKeyOf(config, holder));
  const problem = check();
  if (problem !== undefined) throw new ConfigError([problem]);
  keyring.onChange(() => {
    const problem = check();
    if (problem !== undefined) log.warn(`${problem}, or start again when the key is a new one`);
  });
  keyring.follow(log);
  return keyring;
}

/** The keys of a client: those of the configuration, or of a file of its own. @throws ConfigError, ExitError */
export function clientSecurity(
  config: ClusterConfig,
  file: string | undefined,
  { insecure }: SecurityFlags,
  tell: (text: string) => void,
): Security | typeof INSECURE {
  if (insecure) return insecureOn(config, tell);
  const known = readPublicKeys(config);
  const path = file ?? keyFileOf(config, CLIENT);
  const key = readClientKey(path);
  if (key.cluster !== config.cluster) {
    throw new ConfigError([`${path}: a key for cluster ${key.cluster}, ${config.file} is of ${config.cluster}`]);
  }
  const keyring = new Keyring(config, known, { clients: pairOf(key) });
  keyring.follow(SILENT);
  return keyring;
}

/** @throws ConfigError when it is the key of somebody else */
export function readClientKey(file: string): KeyFile {
  const key = readKeyFile(file);
  if (roleOf(key.holder) !== 'client') throw new ConfigError([`${file}: the key of ${key.holder}, not of a client`]);
  return key;
}

/** The keys of a client that knows nothing of the cluster but whom to expect. */
export function strangerSecurity(own: KeyPair, theirs: string): Security {
  return {
    binding: () => {
      throw new InvariantError('a client binds no port');
    },
    connecting: () => ({ own, theirs }),
    admits: () => false,
    onChange: () => {},
  };
}

/** Who can be asked how they are, and with which keys. */
export interface StatusKeys {
  readonly security: Security | typeof INSECURE;
  readonly servers: boolean;
  readonly balancer: boolean;
}

/**
 * Keys to ask everybody how they are: a server's for the servers, a client's for the balancer, whichever are here.
 * @throws ConfigError when there are neither
 */
export function statusKeys(
  config: ClusterConfig,
  { insecure }: SecurityFlags,
  tell: (text: string) => void,
): StatusKeys {
  if (insecure) return { security: insecureOn(config, tell), servers: true, balancer: true };
  const known = readPublicKeys(config);
  const holders = [...config.servers.map(({ id }) => serverHolder(id)), CLIENT];
  const first = holders.find((holder) => existsSync(keyFileOf(config, holder)));
  if (first === undefined) {
    throw new ConfigError([
      `${config.keys}: no key of a server, to ask the servers, nor of a client, for the balancer`,
    ]);
  }
  const server = first === CLIENT ? undefined : ownPair(config, first);
  const client = existsSync(keyFileOf(config, CLIENT)) ? ownPair(config, CLIENT) : undefined;
  const keyring = new Keyring(config, known, {
    ...(client && { clients: client }),
    ...(server && { servers: server }),
  });
  keyring.follow(SILENT);
  return { security: keyring, servers: server !== undefined, balancer: client !== undefined };
}

/** What to say of a connection that one of the two did not want. */
export function refusalInWords({ address, bound, why }: Refusal): string {
  if (bound) {
    const whys = {
      key: 'its key is not on the list of those who may',
      'other key': 'it expects somebody with another key here',
      mechanism: 'it does not speak CURVE',
      'broken off': 'it broke off',
    };
    return `refused a connection to ${address}: ${whys[why]}`;
  }
  const whys = {
    key: 'our key is not on its list',
    'other key': 'our key is not what it expects',
    mechanism: 'one of us two speaks CURVE and the other does not',
    'broken off': 'it has another key than we have for it, or is just ending',
  };
  return `${address} does not let us in: ${whys[why]}`;
}

function ownPair(config: ClusterConfig, holder: string): KeyPair {
  return pairOf(readKeyFile(keyFileOf(config, holder)));
}

function otherKeyOf(config: ClusterConfig, holder: string): string {
  return `${keyFileOf(config, holder)}: not the key that ${holder} has in public.json; copy the one or the other`;
}

/** @throws ExitError when others than this host could connect */
function insecureOn(config: ClusterConfig, tell: (text: string) => void): typeof INSECURE {
  return insecureAt([config.balancer.clients, ...addressesForServers(config)], tell);
}

/** Where only servers connect. */
export function addressesForServers({ balancer, servers }: ClusterConfig): readonly string[] {
  return [balancer.servers, ...servers.flatMap(({ pub, rep }) => [pub, rep])];
}

/** @throws ExitError when one of the addresses is not of the loopback interface */
export function insecureAt(addresses: readonly string[], tell: (text: string) => void): typeof INSECURE {
  const open = addresses.find((address) => !LOOPBACK.test(address));
  if (open !== undefined) {
    throw new ExitError(EXIT.usage, `--insecure: for addresses of this host only, 127.0.0.1 or [::1], not ${open}`);
  }
  tell(LOUD);
  return INSECURE;
}
