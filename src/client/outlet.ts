/** Where the parts of a session put what they want done. The session hands it out in the same order. */
import type { ClientRequest } from '../wire/client';
import type { ClientFrame } from '../wire/frames';
import type { SessionEffect } from './effects';
import { type ClientEvent, idOf, type LinkState, NO_ORIGIN } from './events';

export class Outlet {
  private effects: SessionEffect[] = [];
  private told: { readonly state: LinkState; readonly server: number; readonly reason: string } | undefined;

  send(frame: ClientFrame, request?: ClientRequest): void {
    this.effects.push(request ? { type: 'send', frame, request } : { type: 'send', frame });
  }

  put(effects: readonly SessionEffect[]): void {
    this.effects.push(...effects);
  }

  tell(event: ClientEvent): void {
    this.effects.push({ type: 'event', event });
  }

  /** An error, about what came from there. */
  tellError(code: string, message: string, origin = NO_ORIGIN): void {
    const { line } = origin;
    this.tell({ type: 'error', code, message, ...idOf(origin), ...(line !== 0 && { line }) });
  }

  /** Tells the state of the link, when it is another one than was told last. */
  tellStatus(state: LinkState, server: number, reason: string, connected?: number): void {
    const { told } = this;
    if (told && told.state === state && told.server === server && told.reason === reason) return;
    this.told = { state, server, reason };
    this.tell({ type: 'status', state, server, reason, ...(connected !== undefined && { connected }) });
  }

  take(): readonly SessionEffect[] {
    const { effects } = this;
    this.effects = [];
    return effects;
  }
}
