/**
 * Who may talk to whom: what a transport has to know of keys. Every socket speaks CURVE (https://rfc.zeromq.org/spec/26)
 * with a key of its process; whoever binds checks that who connects is on the list of that port's domain, and whoever
 * connects checks that it reached the one that it wanted.
 */
import { curveKeyPair } from 'zeromq';

/** A CURVE key pair, both in Z85. */
export interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Who a bound port is for: a ZAP domain each. */
export const DOMAINS = ['servers', 'clients'] as const;
export type Domain = (typeof DOMAINS)[number];

/** The keys of one process. Asked at every connection that is made, so an answer may change. */
export interface Security {
  /** What a socket that is bound there needs. */
  binding(address: string): { readonly own: KeyPair; readonly domain: Domain };
  /** What a socket that connects to there needs: its own pair, and the public key of whoever is bound there. */
  connecting(address: string): { readonly own: KeyPair; readonly theirs: string };
  /** Whether whoever has this key may connect to the ports of a domain. */
  admits(domain: string, publicKey: string): boolean;
  /**
   * `act` is called whenever answers may have changed, with the domains to whose ports somebody is not admitted any more
   * who was before.
   */
  onChange(act: (revoked: readonly Domain[]) => void): void;
}

/** Instead of keys: no encryption, and anybody is anybody. For the loopback interface only. */
export const INSECURE = 'insecure';

/** Keys, or that there are none. */
export type SocketSecurity = Security | typeof INSECURE;

export function newKeyPair(): KeyPair {
  return curveKeyPair();
}

/**
 * Why a connection did not come to be:
 * - `key`: who binds does not admit the key of who connects
 * - `other key`: who connects expects that who binds has another key
 * - `mechanism`: one of the two speaks CURVE, the other does not, or what it speaks is not ZMTP at all
 * - `broken off`: the other end closed in the middle of the handshake, as who binds does in the two cases above
 */
export type RefusalReason = 'key' | 'other key' | 'mechanism' | 'broken off';

/** A connection that did not come to be, because one of the two did not accept the other. */
export interface Refusal {
  /** Of the socket. */
  readonly address: string;
  /** Whether the socket is bound there, or tried to connect to there. */
  readonly bound: boolean;
  readonly why: RefusalReason;
}

export type OnRefusal = (refusal: Refusal) => void;
