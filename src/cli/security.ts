/** With which keys a command comes, and what it says of those that are refused. */
import { existsSync } from 'node:fs';
import { ConfigError } from '../config/problems';
import type { ClusterConfig } from '../config/schema';
import { CLIENT, keyFileOf, roleOf, serverHolder } from '../keys/holders';
import { type KeyFile, pairOf, readKeyFile } from '../keys/key-file';
import { Keyring } from '../keys/keyring';
import { keysChange, type PublicKeys, readPublicKeys } from '../keys/public-keys';
import { InvariantError } from '../lib/assert';
import { EXIT, ExitError } from '../lib/exit';
import type { Logger } from '../lib/log';
import { INSECURE, type KeyPair, type Security, type SocketSecurity } from '../transport/security';

export interface SecurityFlags {
  readonly insecure?: boolean;
}

/** No name: it may mean any host. */
const LOOPBACK = /^tcp:\/\/(?:127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}|\[::1\]):\d+$/;
/** A client has nobody to tell: what does not work any more shows. */
const SILENT = { info: () => {}, warn: () => {} };
/** How long a change of the keys may take, and how often it is looked whether it is over, milliseconds. */
const CHANGE_MS = 3000;
const RETRY_MS = 50;
/** Said wherever somebody may read it. */
export const LOUD = 'INSECURE: nothing is encrypted and nobody is who they say, by --insecure';

/**
 * The keys of one who runs a part of the cluster: `balancer`, `server-2`.
 * @throws ConfigError, ExitError
 */
export async function securityOf(
  config: ClusterConfig,
  holder: string,
  { insecure }: SecurityFlags,
  log: Logger,
): Promise<SocketSecurity> {
  if (insecure) return insecureOn(config, log.warn);
  const { known, own } = await settledKeys(config, holder);
  const keyring = new Keyring(config, known, { servers: own, clients: own });
  keyring.onChange(() => {
    if (keyring.holderOf(own.publicKey) === holder) return;
    log.warn(`${otherKeyOf(config, holder)}, or start again when the key is a new one`);
  });
  keyring.follow(log);
  return keyring;
}

/**
 * A key and the list are two files: who reads them while somebody changes the keys may find an old one and a new one.
 * That is waited for; a key that does not belong to the list is an error otherwise. @throws ConfigError
 */
async function settledKeys(config: ClusterConfig, holder: string): Promise<{ known: PublicKeys; own: KeyPair }> {
  for (let tries = 0; ; tries += 1) {
    const changing = keysChange(config);
    const known = readPublicKeys(config);
    const own = ownPair(config, holder);
    if (known.get(holder) === own.publicKey) return { known, own };
    if (tries > 0 && (!changing || tries * RETRY_MS >= CHANGE_MS)) throw new ConfigError([otherKeyOf(config, holder)]);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** The keys of a client: those of the configuration, or of a file of its own. @throws ConfigError, ExitError */
export function clientSecurity(
  config: ClusterConfig,
  file: string | undefined,
  { insecure }: SecurityFlags,
  tell: (text: string) => void,
): SocketSecurity {
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
  readonly security: SocketSecurity;
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
