/** Where the parts of a session put what they want done. The session hands it out in the same order. */
import type { ClientRequest } from '../wire/client';
import type { ClientFrame } from '../wire/frames';
import type { SessionEffect } from './effects';
import type { ClientEvent, LinkState } from './events';

export class Outlet {
  private effects: SessionEffect[] = [];
  private told: { readonly state: LinkState; readonly server: number; readonly reason: string } | undefined;

  send(frame: ClientFrame, request?: ClientRequest): void {
    this.effects.push(request ? { type: 'send', frame, request } : { type: 'send', frame });
  }

  tell(event: ClientEvent): void {
    this.effects.push({ type: 'event', event });
  }

  /** An error, about the post with this id when it is not empty. */
  tellError(code: string, message: string, id = ''): void {
    this.tell({ type: 'error', code, message, ...(id !== '' && { id }) });
  }

  /** Tells the state of the link, when it is another one than was told last. */
  tellStatus(state: LinkState, server: number, reason: string): void {
    const { told } = this;
    if (told && told.state === state && told.server === server && told.reason === reason) return;
    this.told = { state, server, reason };
    this.tell({ type: 'status', state, server, reason });
  }

  take(): readonly SessionEffect[] {
    const { effects } = this;
    this.effects = [];
    return effects;
  }
}
