/**
 * The payloads between a client and the server that serves it. Their routing frames are in frames.ts.
 *
 *   client                                server
 *     │ greet ──────────────────────────────▶│
 *     │◀─────────────────────────── challenge│ a nonce, for this attachment only
 *     │ open ───────────────────────────────▶│ Open signed by the person's key; Open through the log
 *     │◀──────────────────── welcome/refused │
 *     │ read(after) ────────────────────────▶│ what the session missed, in pages; the page with `live` is the last,
 *     │◀────────────────────────────── page  │ everything after it comes as `deliver`
 *     │ submit(group) ──────────────────────▶│ Group through the log
 *     │◀─────────────────────── acks / failed│ what became of commands that `deliver` does not show
 *     │◀───────────────────────────── deliver│ committed events of the session's rooms, its own lines among them:
 *     │                                      │ those are thereby acknowledged
 */

import type { SessionId } from '../chat/commands';
import type { EventKind, EventRun } from '../chat/events';
import type { Ballot } from '../paxos/ballot';
import type { Agreement, ServerGlance } from './agreement';

export type { Ballot };

/** The code of an error: the question was not taken, as too many of its session have no answer; ask again later. */
export const TOO_MANY_QUESTIONS = 'too-many-questions';

/** An event as its reader sees it: a conversation of two is named `@` + the other one's nick. */
export interface WireEvent {
  readonly kind: EventKind;
  readonly position: number;
  readonly round: number;
  readonly time: number;
  readonly room: string;
  readonly index: number;
  readonly session: SessionId;
  readonly nick: string;
  readonly seq: number;
  readonly text: string;
}

/** Events in a row that are alike, as their reader sees them. */
export type WireRun = Omit<EventRun, 'to'>;

export type ClientRequest =
  /** Asks for a challenge. */
  | { readonly type: 'greet' }
  | {
      readonly type: 'open';
      /** The person's Ed25519 public key. */
      readonly key: Uint8Array;
      /** Chosen by the client: the session's id follows from the key and this (proof.ts). */
      readonly salt: Uint8Array;
      /** Of the challenge, the cluster's name and the session's id, by that key (proof.ts). */
      readonly signature: Uint8Array;
      readonly nick: string;
      /** Whether another session of this person is to give the nick up. */
      readonly reclaim: boolean;
      /** The last position seen; 0 for none. */
      readonly position: number;
      /** The birth id of the cluster in which `position` was seen; empty when resume is false. */
      readonly birth: string;
      readonly resume: boolean;
    }
  /** `group` is an encoded Group (codec-batch.ts) of the client's own session: it travels on unchanged. */
  | { readonly type: 'submit'; readonly group: Uint8Array }
  /** The events after a position that concern this session. */
  | { readonly type: 'read'; readonly after: number }
  /** The last `limit` events of a room before an index (0: from the end). `id` comes back in the answer. */
  | {
      readonly type: 'history';
      readonly id: number;
      readonly room: string;
      readonly before: number;
      readonly limit: number;
    }
  /** The last `limit` lines of a room, below an index (0: from the end), that have a text in them. */
  | {
      readonly type: 'search';
      readonly id: number;
      readonly room: string;
      readonly text: string;
      readonly before: number;
      readonly limit: number;
    }
  | { readonly type: 'query'; readonly id: number; readonly what: QueryKind; readonly name: string }
  /** How the line of a room with that index was agreed on; index 0: what is at that position; both 0: the last line. */
  | {
      readonly type: 'why';
      readonly id: number;
      readonly room: string;
      readonly index: number;
      readonly position: number;
    }
  /** How the servers are. */
  | { readonly type: 'cluster'; readonly id: number }
  /**
   * The digest of a room through its line with that index; index 0: through the last line at or below that position;
   * both 0: through the last.
   */
  | {
      readonly type: 'digest';
      readonly id: number;
      readonly room: string;
      readonly index: number;
      readonly position: number;
    }
  /** The first line of a room at or after a time, milliseconds since the epoch. */
  | { readonly type: 'place'; readonly id: number; readonly room: string; readonly time: number };

/**
 * What can be asked: who is in a room, which rooms there are, who somebody is, one's own nicks, what operators decided,
 * how far one has read.
 */
export type QueryKind = 'names' | 'rooms' | 'whois' | 'nicks' | 'rulings' | 'markers';

/** One line of an answer to a query. */
export interface QueryRow {
  readonly name: string;
  readonly text: string;
  readonly count: number;
}

export type ServerMessage =
  /** To be signed by who opens a session on this attachment. */
  | { readonly type: 'challenge'; readonly nonce: Uint8Array }
  | {
      readonly type: 'welcome';
      readonly session: SessionId;
      readonly server: number;
      readonly nick: string;
      /** The last position applied when the session was opened. */
      readonly position: number;
      readonly birth: string;
      /** The last sequence of this session that is in the log. */
      readonly lastSeq: number;
      readonly rooms: readonly string[];
    }
  | {
      readonly type: 'refused';
      /** An answer to an open may come when the client has become another session. */
      readonly session: SessionId;
      /** What the open asked to be called, as the client may ask for another nick by now; '' where it answers none. */
      readonly nick: string;
      readonly code: string;
      readonly message: string;
    }
  /** Commands `firstSeq` to `firstSeq + count − 1` are committed in `round`, at consecutive positions. */
  | { readonly type: 'acks'; readonly runs: readonly AckRun[] }
  | {
      readonly type: 'failed';
      readonly seq: number;
      readonly code: string;
      readonly message: string;
      readonly round: number;
    }
  /**
   * Committed events, positions ascending. The session's own lines are acknowledged by coming back, each with the
   * sequence of its command: nothing else is said of them.
   */
  | { readonly type: 'deliver'; readonly runs: readonly WireRun[] }
  /** The answer to `read`: everything in (after, through]. `live`: what comes later is delivered. */
  | {
      readonly type: 'page';
      readonly after: number;
      readonly through: number;
      readonly live: boolean;
      readonly runs: readonly WireRun[];
    }
  /** The answer to `history`. `more`: there are earlier ones. */
  | {
      readonly type: 'history';
      readonly id: number;
      readonly room: string;
      readonly runs: readonly WireRun[];
      readonly more: boolean;
    }
  /** The answer to `search`. Lines from `before` on have been searched, the others are to be asked for; 0: all have. */
  | {
      readonly type: 'found';
      readonly id: number;
      readonly runs: readonly WireRun[];
      readonly before: number;
    }
  | { readonly type: 'answer'; readonly id: number; readonly rows: readonly QueryRow[] }
  /** The answer to `why`. */
  | { readonly type: 'why'; readonly id: number; readonly agreement: Agreement }
  /** The answer to `cluster`: all servers by id, as the answering one knows them. */
  | {
      readonly type: 'cluster';
      readonly id: number;
      /** The one that answers. */
      readonly server: number;
      /** Of the leader that it follows; counter and server 0: it knows none. */
      readonly ballot: Ballot;
      readonly servers: readonly ServerGlance[];
    }
  /** The answer to `digest`: through this line. Index 0: before the first. */
  | {
      readonly type: 'digest';
      readonly id: number;
      readonly index: number;
      readonly position: number;
      /** 16 hexadecimal digits. */
      readonly digest: string;
    }
  /** The answer to `place`. Index 0: there is no such line yet. */
  | { readonly type: 'place'; readonly id: number; readonly index: number }
  /** Of a request that could not be taken: too large, not well-formed, not allowed. `seq` 0: no command of the session. */
  | {
      readonly type: 'error';
      readonly id: number;
      readonly seq: number;
      readonly code: string;
      readonly message: string;
    }
  /** Whether the cluster can commit, as this server knows. */
  | { readonly type: 'state'; readonly majority: boolean; readonly reason: string }
  /** What the session said waits its turn: at most so many commands a second are taken of it. */
  | { readonly type: 'slowed'; readonly perSecond: number }
  /** Says nothing but its number: what was sent before it should have been heard. */
  | { readonly type: 'alive' };

export interface AckRun {
  readonly firstSeq: number;
  readonly count: number;
  readonly firstPosition: number;
  readonly round: number;
}
