/** Keys for tests of sockets: every port has one holder, and is for one domain. */
import { type Domain, type KeyPair, newKeyPair, type Security } from '../../src/transport/security';

/** What a port is bound with, and whom it admits. */
export interface Port {
  pair: KeyPair;
  domain: Domain;
  admitted: Set<string>;
}

/** The same for all who share the ports, but for the pair with which somebody connects. */
export class TestSecurity implements Security {
  private readonly changes: ((revoked: readonly Domain[]) => void)[] = [];

  constructor(
    private readonly ports: (address: string) => Port,
    private readonly own: KeyPair = newKeyPair(),
  ) {}

  get publicKey(): string {
    return this.own.publicKey;
  }

  binding(address: string) {
    const { pair, domain } = this.ports(address);
    return { own: pair, domain };
  }

  connecting(address: string) {
    return { own: this.own, theirs: this.ports(address).pair.publicKey };
  }

  admits(domain: string, publicKey: string): boolean {
    const port = this.ports('');
    return port.domain === domain && port.admitted.has(publicKey);
  }

  onChange(act: (revoked: readonly Domain[]) => void): void {
    this.changes.push(act);
  }

  changed(revoked: readonly Domain[] = []): void {
    for (const act of this.changes) act(revoked);
  }
}
