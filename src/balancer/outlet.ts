/** Where the parts of the balancer put what they want done. The core hands it out in the same order. */
import type { PeerKey } from '../transport/transport';
import type { ToClientFrame, ToServerFrame } from '../wire/frames';
import type { BalancerEffect } from './effects';

export class Outlet {
  private effects: BalancerEffect[] = [];

  push(effect: BalancerEffect): void {
    this.effects.push(effect);
  }

  toClient(peer: PeerKey, frame: ToClientFrame): void {
    this.effects.push({ type: 'toClient', peer, frame });
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
