/** The keys of one process: what its sockets ask for at each connection. */
import { unwatchFile, watchFile } from 'node:fs';
import { ConfigError } from '../config/problems';
import type { ClusterConfig } from '../config/schema';
import { invariant } from '../lib/assert';
import type { Logger } from '../lib/log';
import type { Domain, KeyPair, Security } from '../transport/security';
import { BALANCER, isAdmitted, serverHolder } from './holders';
import { type PublicKeys, publicKeysFile, readPublicKeys } from './public-keys';

/** How often it is looked whether the list of public keys is another one, milliseconds. */
const LOOK_MS = 1000;

/** Whose an address is, and for whom it is. */
interface Port {
  readonly holder: string;
  readonly domain: Domain;
}

export class Keyring implements Security {
  private readonly ports: ReadonlyMap<string, Port>;
  private readonly onChanges: (() => void)[] = [];

  /**
   * @param known everybody's public key
   * @param own the pair of this process, for each domain of the ports that it binds or connects to
   */
  constructor(
    private readonly config: ClusterConfig,
    private known: PublicKeys,
    private readonly own: Readonly<Partial<Record<Domain, KeyPair>>>,
  ) {
    this.ports = portsOf(config);
  }

  /** Whose public key it is; undefined: nobody's. */
  holderOf(publicKey: string): string | undefined {
    for (const [holder, key] of this.known) if (key === publicKey) return holder;
    return undefined;
  }

  binding(address: string): { readonly own: KeyPair; readonly domain: Domain } {
    const { domain } = this.portAt(address);
    return { own: this.pairFor(domain), domain };
  }

  connecting(address: string): { readonly own: KeyPair; readonly theirs: string } {
    const { domain, holder } = this.portAt(address);
    const theirs = this.known.get(holder);
    invariant(theirs !== undefined, `${holder} has a public key`);
    return { own: this.pairFor(domain), theirs };
  }

  admits(domain: string, publicKey: string): boolean {
    const holder = this.holderOf(publicKey);
    return holder !== undefined && isAdmitted(this.config, holder, domain);
  }

  onChange(act: () => void): void {
    this.onChanges.push(act);
  }

  /**
   * Reads the public keys again whenever their file changes, until the process ends. What cannot be used is a warning,
   * and those read before stay.
   */
  follow(log: Pick<Logger, 'info' | 'warn'>): void {
    watchFile(publicKeysFile(this.config), { interval: LOOK_MS, persistent: false }, () => this.readAgain(log));
  }

  unfollow(): void {
    unwatchFile(publicKeysFile(this.config));
  }

  private readAgain(log: Pick<Logger, 'info' | 'warn'>): void {
    try {
      this.known = readPublicKeys(this.config);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) log.warn(`${problem}; the keys read before stay in use`);
      return;
    }
    log.info(`the keys in ${publicKeysFile(this.config)} have changed`);
    for (const act of this.onChanges) act();
  }

  private portAt(address: string): Port {
    const port = this.ports.get(address);
    invariant(port !== undefined, `${address} is an address of the configuration`);
    return port;
  }

  private pairFor(domain: Domain): KeyPair {
    const pair = this.own[domain];
    invariant(pair !== undefined, `there is a key for the ${domain}' ports`);
    return pair;
  }
}

function portsOf({ balancer, servers }: ClusterConfig): ReadonlyMap<string, Port> {
  return new Map<string, Port>([
    [balancer.clients, { holder: BALANCER, domain: 'clients' }],
    [balancer.servers, { holder: BALANCER, domain: 'servers' }],
    ...servers.flatMap(({ id, pub, rep }) => {
      const port: Port = { holder: serverHolder(id), domain: 'servers' };
      return [[pub, port] as const, [rep, port] as const];
    }),
  ]);
}
