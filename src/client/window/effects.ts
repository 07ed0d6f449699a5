/** What the window's logic wants done. `ui/window.ts` carries it out, in order. */

import type { Command } from '../../chat/commands';
import type { Preferences } from '../../config/preferences';
import type { MessageEvent, PresenceEvent } from '../events';
import type { Asked } from '../questions';
import type { WindowModel } from './model';

export type WindowEffect =
  | { readonly type: 'post'; readonly command: Command; readonly id: string }
  /** `id` comes back in the answer, or in an error. */
  | { readonly type: 'ask'; readonly question: Asked; readonly id: string }
  /** A room has been read up to a line. */
  | { readonly type: 'read'; readonly room: string; readonly index: number }
  /** Take back a post that was never sent. */
  | { readonly type: 'cancel'; readonly id: string }
  /** Change the configuration; what becomes of it comes back as `preferred`. */
  | { readonly type: 'prefer'; readonly key: string; readonly text: string }
  /** Make the person look here. Both texts are inert, on one line. */
  | {
      readonly type: 'call';
      readonly how: Preferences['notify'];
      readonly title: string;
      readonly text: string;
    }
  /** Write a line of a room to its file, unless it is there. */
  | { readonly type: 'log'; readonly line: MessageEvent | PresenceEvent }
  /** Say where a room is written to; that comes back as a `remark`. */
  | { readonly type: 'say-where'; readonly room: string }
  /** End the session, once everything that was posted is confirmed. */
  | { readonly type: 'close'; readonly text: string }
  /** Do not wait for that any longer. */
  | { readonly type: 'leave' }
  /** Give the terminal back to the shell until it comes back. */
  | { readonly type: 'suspend' }
  /** Give the terminal to the person's own editor, with what they are typing in this room. */
  | { readonly type: 'compose'; readonly room: string; readonly text: string }
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

/** @param id comes back in the answer, or in an error */
export function asking(question: Asked, id = ''): WindowEffect {
  return { type: 'ask', question, id };
}
