/**
 * What was sent to each peer of the clients' port and is not known to have been read. A socket takes so many messages
 * for whoever does not read, of whatever size; here they are counted in bytes.
 *
 * Now and then a peer is told a token that nobody can guess. Its word is a receipt for all that was sent before it, so
 * that one that is lost does not matter. A peer keeps its account for as long as it is connected, whatever it calls
 * itself meanwhile: what lies in a queue for it lies there until it reads, or is gone.
 */
import type { PeerKey } from '../transport/transport';
import type { Token } from '../wire/frames';
import { type BalancerLimits, MAX_CHECKS, MESSAGE_BYTES } from './limits';

export interface Account {
  readonly peer: PeerKey;
  /** Bytes sent to it so far. */
  sent: number;
  /** How many of them it has read, as far as is known. */
  read: number;
  /** How many of them were sent before the last token. */
  checked: number;
  /** Tokens that have not come back, and what was sent before each. Oldest first. */
  checks: readonly { readonly token: Token; readonly sent: number }[];
}

type ReceiptLimits = Pick<BalancerLimits, 'clientQueueBytes' | 'allQueuesBytes' | 'checkBytes'>;

export class Receipts {
  /** In the order in which they were written to by `oldest`, or came. */
  private readonly accounts = new Map<PeerKey, Account>();
  private owedByAll = 0;

  /** @param newToken a number that nobody can guess, not 0 */
  constructor(
    private readonly limits: ReceiptLimits,
    private readonly newToken: () => Token,
  ) {}

  /** Peers that were ever sent something, and are not known to be gone. */
  get size(): number {
    return this.accounts.size;
  }

  of(peer: PeerKey): Account {
    let account = this.accounts.get(peer);
    if (!account) {
      account = { peer, sent: 0, read: 0, checked: 0, checks: [] };
      this.accounts.set(peer, account);
    }
    return account;
  }

  /** Its queue is gone with its connection. */
  remove(peer: PeerKey): void {
    const account = this.accounts.get(peer);
    if (account) this.owedByAll -= account.sent - account.read;
    this.accounts.delete(peer);
  }

  /** A message is sent to the peer. @returns whether so much was that it is to be told a token */
  onSent(account: Account, payloadBytes: number): boolean {
    const bytes = payloadBytes + MESSAGE_BYTES;
    account.sent += bytes;
    this.owedByAll += bytes;
    return account.sent - account.checked >= this.limits.checkBytes;
  }

  /** The token to be told next, in a message that is counted already. */
  check(account: Account): Token {
    account.checked = account.sent;
    const last = account.checks.at(-1);
    // Who answers none of so many is told the last one again: its word says less than it could.
    if (last && account.checks.length >= MAX_CHECKS) return last.token;
    const token = this.newToken();
    account.checks = [...account.checks, { token, sent: account.sent }];
    return token;
  }

  /** The peer said a token. @returns whether that shows that it has read something */
  onToken(account: Account, token: Token): boolean {
    const index = account.checks.findIndex((check) => check.token === token);
    const check = account.checks[index];
    if (!check) return false;
    this.owedByAll -= check.sent - account.read;
    account.read = check.sent;
    account.checks = account.checks.slice(index + 1);
    return true;
  }

  /** Nothing more is to be queued for it: more waits than one may have; or all have too much, and it more than its share. */
  isFull({ sent, read }: Account): boolean {
    const { clientQueueBytes, allQueuesBytes } = this.limits;
    const owed = sent - read;
    if (owed > clientQueueBytes) return true;
    return this.owedByAll > allQueuesBytes && owed > allQueuesBytes / this.accounts.size;
  }

  /** It has read about everything, however full it was. */
  isSettled({ sent, read }: Account): boolean {
    return sent - read <= this.limits.checkBytes;
  }

  /** Those peers that were not among these for the longest time. */
  oldest(count: number): readonly Account[] {
    const taken: Account[] = [];
    for (const account of this.accounts.values()) {
      if (taken.length === count) break;
      taken.push(account);
    }
    for (const account of taken) {
      this.accounts.delete(account.peer);
      this.accounts.set(account.peer, account);
    }
    return taken;
  }
}
