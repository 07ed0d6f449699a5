/** The keys of one process: what its sockets ask for at each connection. */
import { type BigIntStats, stat } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../config/problems';
import type { ClusterConfig } from '../config/schema';
import { invariant } from '../lib/assert';
import type { Logger } from '../lib/log';
import { DOMAINS, type Domain, type KeyPair, type Security } from '../transport/security';
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
  private readonly onChanges: ((revoked: readonly Domain[]) => void)[] = [];
  private looking: NodeJS.Timeout | undefined;
  /** Which file was read last. */
  private seen = '';

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

  onChange(act: (revoked: readonly Domain[]) => void): void {
    this.onChanges.push(act);
  }

  /**
   * Reads the public keys again whenever their file changes, until the process ends. What cannot be used is a warning,
   * and those read before stay.
   */
  follow(log: Pick<Logger, 'info' | 'warn'>): void {
    this.looking = setInterval(() => this.look(log), LOOK_MS).unref();
  }

  unfollow(): void {
    clearInterval(this.looking);
  }

  /** The first time the file is read in any case: it may have changed since its keys came here. */
  private look(log: Pick<Logger, 'info' | 'warn'>): void {
    stat(publicKeysFile(this.config), { bigint: true }, (_, found: BigIntStats | undefined) => {
      const now = found ? `${found.dev} ${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : 'none';
      if (now === this.seen) return;
      this.seen = now;
      this.readAgain(log);
    });
  }

  private readAgain(log: Pick<Logger, 'info' | 'warn'>): void {
    const before = this.known;
    try {
      this.known = readPublicKeys(this.config);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) log.warn(`${problem}; the keys read before stay in use`);
      return;
    }
    if (isDeepStrictEqual(before, this.known)) return;
    log.info(`the keys in ${publicKeysFile(this.config)} have changed`);
    const revoked = DOMAINS.filter((domain) =>
      [...before].some(([holder, key]) => isAdmitted(this.config, holder, domain) && !this.admits(domain, key)),
    );
    for (const act of this.onChanges) act(revoked);
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
