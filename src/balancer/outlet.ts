/** Where the parts of the balancer put what they want done. The core hands it out in the same order. */
import type { PeerKey } from '../transport/transport';
import type { ToClientFrame, ToServerFrame } from '../wire/frames';
import type { Client } from './clients';
import type { BalancerEffect, Recipient } from './effects';
import type { Receipts } from './receipts';

export class Outlet {
  private effects: BalancerEffect[] = [];

  constructor(private readonly receipts: Receipts) {}

  push(effect: BalancerEffect): void {
    this.effects.push(effect);
  }

  toClient(peer: PeerKey, frame: ToClientFrame): void {
    this.receipts.onSent(this.receipts.of(peer), 0);
    this.effects.push({ type: 'toClient', peer, frame });
  }

  /** What anybody may ask for as often as he likes: who does not read the answers gets none. */
  answer(peer: PeerKey, frame: ToClientFrame): void {
    if (!this.receipts.isFull(this.receipts.of(peer))) this.toClient(peer, frame);
  }

  /** Says that this lives, with a token: `check` wants it back at once, a `pong` with the next ping. */
  token(peer: PeerKey, type: 'pong' | 'check'): void {
    const account = this.receipts.of(peer);
    this.receipts.onSent(account, 0);
    this.effects.push({ type: 'toClient', peer, frame: { type, token: this.receipts.check(account) } });
  }

  /** The same payload for each of these; after much of it they are asked whether they read it. */
  payload(clients: readonly Client[], to: readonly Recipient[], payload: Uint8Array): void {
    this.effects.push({ type: 'payloadToClients', to, payload });
    for (const { account, peer } of clients) {
      if (this.receipts.onSent(account, payload.length)) this.token(peer, 'check');
    }
  }

  toServer(peer: PeerKey, frame: ToServerFrame): void {
    this.effects.push({ type: 'toServer', peer, frame });
  }

  log(level: 'info' | 'warn', text: string): void {
    this.effects.push({ type: 'log', level, text });
  }

  take(): readonly BalancerEffect[] {
    const { effects } = this;
    this.effects = [];
    return effects;
  }
}
