/** What the balancer's core wants done. `process.ts` carries it out, in order. */
import type { PeerKey } from '../transport/transport';
import type { Addressee, Attachment, ToClientFrame, ToServerFrame } from '../wire/frames';

export type BalancerEffect =
  | { readonly type: 'toClient'; readonly peer: PeerKey; readonly frame: ToClientFrame }
  | { readonly type: 'toServer'; readonly peer: PeerKey; readonly frame: ToServerFrame }
  /** A client's payload, unread, for its server. */
  | {
      readonly type: 'payloadToServer';
      readonly peer: PeerKey;
      readonly attachment: Attachment;
      readonly payload: Uint8Array;
    }
  /** A server's payload, unread, for each of these clients. */
  | { readonly type: 'payloadToClients'; readonly to: readonly Recipient[]; readonly payload: Uint8Array }
  /** So much came that was thrown away that nothing is to be read from clients for a moment: who sends it has to wait. */
  | { readonly type: 'rest'; readonly ms: number }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly text: string };

export interface Recipient {
  readonly peer: PeerKey;
  readonly addressee: Addressee;
}
