/** What a client's session wants done. `shell.ts` carries it out, in order. */
import type { ClientRequest } from '../wire/client';
import type { ClientFrame } from '../wire/frames';
import type { ClientEvent } from './events';
import type { Kept } from './kept';

export type SessionEffect =
  /** A routing frame; with a request as its payload when there is one. */
  | { readonly type: 'send'; readonly frame: ClientFrame; readonly request?: ClientRequest }
  | { readonly type: 'event'; readonly event: ClientEvent }
  /** What the next process is to go on with, kept before what comes after this is done; undefined: nothing. */
  | { readonly type: 'keep'; readonly kept: Kept | undefined };
