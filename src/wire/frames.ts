/**
 * The routing frame: the first of the two frames of every message between clients, balancer and servers. The balancer
 * reads this one only and passes the second, the payload, on unread.
 *
 *   client  ── hello, data, ping, bye ──────────▶ balancer ── beat, attach, data, gone, refused ─▶ server
 *   client  ◀─ attached, wait, data, check, … ── balancer ◀── beat, data, detach, leaving ─────── server
 *
 * An **attachment** is one assignment of one client to one server: a number that the balancer gives out, new for each
 * (re)assignment, so that nothing said in an earlier one can reach the wrong place.
 */

export * from './frame-codec';

/** The version of the routing frames and of the payloads. */
export const PROTOCOL_VERSION = 7;

export type Attachment = number;

/** A number that cannot be guessed: whoever says it has read it. */
export type Token = number;

/**
 * One of those whom a payload is for. `number` counts what its server has sent to this attachment, 1, 2, 3, …, modulo
 * 2³²: so the client sees that something was lost on the way, and reads what it missed.
 */
export interface Addressee {
  readonly attachment: Attachment;
  readonly number: number;
}

/** From a client to the balancer. */
export type ClientFrame =
  /** I want a server. `previous`: the one that served me last, 0 for none. `cluster` empty: whichever this is. */
  | { readonly type: 'hello'; readonly version: number; readonly cluster: string; readonly previous: number }
  /** The payload is for the server of this attachment. */
  | { readonly type: 'data'; readonly attachment: Attachment }
  /** I am here. `token`: the last one that I was told, 0 for none. It shows that I have read all that came before it. */
  | { readonly type: 'ping'; readonly attachment: Attachment; readonly token: Token }
  | { readonly type: 'bye'; readonly attachment: Attachment }
  /** Asks how the balancer is; needs no hello. */
  | { readonly type: 'info-request' };

/**
 * Why a client got this attachment. Its server before is `lost` (it closed its connection, or is silent), has `left` (it
 * was stopped as it should be), or `cannot-serve`; `lagged`: the client did not read; `moved`: anything else.
 */
export type AttachReason = 'new' | 'moved' | 'lagged' | 'balancer-restarted' | 'lost' | 'left' | 'cannot-serve';

/** Why a client has no server. */
export type WaitReason = 'starting' | 'no-server' | 'no-majority';

/** From the balancer to a client. */
export type ToClientFrame =
  /** You are served by this server now: open your session there. */
  | {
      readonly type: 'attached';
      readonly attachment: Attachment;
      readonly server: number;
      readonly reason: AttachReason;
      /** How long the server before had not served any more when that was noticed, milliseconds; 0: not known. */
      readonly unservedMs: number;
      readonly cluster: string;
    }
  /** No server for you yet: `connected` of `needed` servers are there. An attachment that you had is void. */
  | { readonly type: 'wait'; readonly reason: WaitReason; readonly connected: number; readonly needed: number }
  | { readonly type: 'data'; readonly attachment: Attachment; readonly number: number }
  | { readonly type: 'pong'; readonly token: Token }
  /** Much was sent to you: ping at once, with this token. Who does not gets nothing more for the time being. */
  | { readonly type: 'check'; readonly token: Token }
  /** You send more than so many frames a second: some were thrown away unread. */
  | { readonly type: 'throttled'; readonly framesPerSec: number }
  /** I do not know you, or not this attachment: say hello (again). */
  | { readonly type: 'unknown' }
  /** Another cluster, another version: do not try again. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'info'; readonly info: BalancerInfo };

export interface BalancerInfo {
  readonly cluster: string;
  readonly pid: number;
  readonly phase: 'starting' | 'serving' | 'waiting';
  readonly clients: number;
  readonly uptimeMs: number;
  readonly connected: readonly number[];
}

/** From a server to the balancer. */
export type ServerFrame =
  /** Who I am, sent at every heartbeat: registration and sign of life in one. */
  | {
      readonly type: 'beat';
      readonly version: number;
      readonly cluster: string;
      readonly server: number;
      /** Random for each process: tells a restarted server from a second one with its id. 16 hexadecimal digits. */
      readonly instance: string;
      /** Whether it can serve clients now: it follows or is a living leader, and has caught up. */
      readonly serving: boolean;
      /** Whether it knows of a living leader with a majority. */
      readonly majority: boolean;
      /** Whether this cluster has served before: a balancer that restarted then needs a majority only, not all. */
      readonly established: boolean;
      readonly clients: number;
    }
  /** The payload is for each of these clients. */
  | { readonly type: 'data'; readonly to: readonly Addressee[] }
  /** This attachment is over on the server's side: the client is to say hello again. */
  | { readonly type: 'detach'; readonly attachment: Attachment }
  /** A clean end: move my clients. */
  | { readonly type: 'leaving' };

export type RefuseReason = 'unknown-server' | 'duplicate-server' | 'other-cluster' | 'other-version';

/** The same for a person: what is the matter, and what to do. */
export const REFUSAL_WORDS: Readonly<Record<RefuseReason, string>> = {
  'unknown-server':
    'the balancer has no server of this id in its configuration; give balancer and servers the same one',
  'duplicate-server':
    'a server with this id is running already; stop that one first, or start this one with another id',
  'other-cluster': 'it is of another cluster; give balancer and servers the same configuration',
  'other-version': 'it speaks another version of the protocol; run the same version of synod everywhere',
};

/** From the balancer to a server. */
export type ToServerFrame =
  /** I am here; `instance` is new for each balancer process and registration: attachments under another are void. */
  | { readonly type: 'beat'; readonly instance: string; readonly connected: number; readonly needed: number }
  | { readonly type: 'attach'; readonly attachment: Attachment }
  | { readonly type: 'data'; readonly attachment: Attachment }
  | { readonly type: 'gone'; readonly attachment: Attachment }
  | { readonly type: 'refused'; readonly reason: RefuseReason };
