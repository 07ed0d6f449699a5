/** What the window's logic wants done. `ui/window.ts` carries it out, in order. */

import type { Command } from '../../chat/commands';
import type { QueryKind } from '../../wire/client';
import type { WindowModel } from './model';

export type WindowEffect =
  | { readonly type: 'post'; readonly command: Command; readonly id: string }
  | {
      readonly type: 'history';
      readonly room: string;
      readonly before: number;
      readonly limit: number;
      /** Comes back in an error. */
      readonly id: string;
    }
  | { readonly type: 'search'; readonly room: string; readonly text: string; readonly limit: number }
  | { readonly type: 'query'; readonly what: QueryKind; readonly name: string }
  /** End the session, once everything that was posted is confirmed. */
  | { readonly type: 'close'; readonly text: string }
  /** Do not wait for that any longer. */
  | { readonly type: 'leave' }
  /** Give the terminal back to the shell until it comes back. */
  | { readonly type: 'suspend' }
  /** Paint everything anew: something else wrote on the screen. */
  | { readonly type: 'repaint' };

export interface Updated {
  readonly model: WindowModel;
  readonly effects: readonly WindowEffect[];
}

/** Another model, and nothing to be done. */
export function only(model: WindowModel): Updated {
  return { model, effects: [] };
}
