/**
 * What a round's value holds once it is decoded: a batch of entries, stamped with the leader's time. Applied by every
 * server in log order with the same result.
 */

import type { ChatLimits } from './limits';
import { Texts } from './texts';

/** A client across reconnects: 16 hexadecimal digits, derived from its person's key and bytes that it chose. */
export type SessionId = string;

/** Who somebody is across sessions: an Ed25519 public key, 43 characters of base64url. */
export type PersonKey = string;

export const ACCESS_MODES = ['open', 'listed'] as const;
/** Whom the cluster lets in: everybody with a key, or those on its list. */
export type AccessMode = (typeof ACCESS_MODES)[number];

/** What a person or a bot asks for. Each has, by its place in a group, a sequence number of its session. */
export type Command =
  | { readonly type: 'say'; readonly room: string; readonly text: string; readonly action: boolean }
  | { readonly type: 'direct'; readonly nick: string; readonly text: string; readonly action: boolean }
  | { readonly type: 'join'; readonly room: string }
  | { readonly type: 'leave'; readonly room: string; readonly text: string }
  | { readonly type: 'topic'; readonly room: string; readonly text: string }
  | { readonly type: 'nick'; readonly nick: string }
  /** The empty text: back again. */
  | { readonly type: 'away'; readonly text: string }
  /** Ends the session. */
  | { readonly type: 'close'; readonly text: string }
  /** How much of a room is kept (see retention.ts); 0: no limit in that respect. */
  | {
      readonly type: 'retain';
      readonly room: string;
      readonly ageMs: number;
      readonly count: number;
      readonly bytes: number;
    }
  /** Gives up a nick of one's own: whoever takes it next has it. */
  | { readonly type: 'release'; readonly nick: string }
  /** Offers a nick of one's own to somebody, whose it is once that person takes it. `to`: a key or a nick. */
  | { readonly type: 'give'; readonly nick: string; readonly to: string }
  /** How far the person has read in a room that the session is in, or in a conversation (`@nick`): nobody is told of it. */
  | { readonly type: 'read'; readonly room: string; readonly index: number }
  | OperatorCommand;

/** For operators only. `who`: a key, or a nick of whom it is about. Each is written down in the audit room. */
export type OperatorCommand =
  /** Takes somebody out of a room, who may come back. */
  | { readonly type: 'kick'; readonly room: string; readonly who: string; readonly text: string }
  | { readonly type: 'rule'; readonly ruling: RulingKind; readonly who: string; readonly text: string }
  /** Takes a ruling back. */
  | { readonly type: 'pardon'; readonly ruling: RulingKind; readonly who: string; readonly text: string }
  /** Nobody is or comes in a closed room. */
  | { readonly type: 'shut'; readonly room: string; readonly text: string }
  | { readonly type: 'reopen'; readonly room: string; readonly text: string }
  /** One post of each person in so many milliseconds; 0: as many as they like. */
  | { readonly type: 'slow'; readonly room: string; readonly pauseMs: number }
  | { readonly type: 'access'; readonly mode: AccessMode }
  /** Takes a nick away from whoever has it. */
  | { readonly type: 'strip'; readonly nick: string; readonly text: string };

export const RULING_KINDS = ['ban', 'mute', 'admit', 'expel'] as const;
/** What operators decide of a person: no session; nothing to say; on the list, or off it, whatever the configuration says. */
export type RulingKind = (typeof RULING_KINDS)[number];

/** What a session says in one room, one line after the other: as many commands as it has texts. */
export interface Lines {
  readonly type: 'lines';
  readonly room: string;
  readonly texts: Texts;
  readonly action: boolean;
}

/** Commands as they travel. */
export type GroupCommand = Exclude<Command, { readonly type: 'say' }> | Lines;

/** Commands of one session with consecutive sequence numbers: what travels unchanged from the client on. */
export interface Group {
  readonly type: 'group';
  readonly session: SessionId;
  /** The sequence of the first command, or of its first text; a session's first command has sequence 1. */
  readonly firstSeq: number;
  /** The client knows the outcome of everything up to this sequence, which is below `firstSeq`: it is not kept for it. */
  readonly settled: number;
  readonly commands: readonly GroupCommand[];
}

/** How many sequence numbers a command of a group takes. */
export function countOf(command: GroupCommand): number {
  return command.type === 'lines' ? command.texts.count : 1;
}

/** The same of all commands of a group. */
export function countOfAll(commands: readonly GroupCommand[]): number {
  return commands.reduce((sum, command) => sum + countOf(command), 0);
}

/** Commands as they travel: lines in a row in one room together. */
export function gathered(commands: readonly Command[]): readonly GroupCommand[] {
  const together: GroupCommand[] = [];
  let texts: string[] = [];
  commands.forEach((command, at) => {
    if (command.type !== 'say') {
      together.push(command);
      return;
    }
    const { room, text, action } = command;
    texts.push(text);
    const next = commands[at + 1];
    if (next?.type === 'say' && next.room === room && next.action === action) return;
    together.push({ type: 'lines', room, texts: Texts.of(texts), action });
    texts = [];
  });
  return together;
}

/** The first committed value of a new cluster: what makes its log distinguishable from any other. */
export interface Birth {
  readonly type: 'birth';
  readonly id: string;
}

/** The leader's word that these bounds hold from here on. */
export interface SetLimits {
  readonly type: 'limits';
  readonly limits: ChatLimits;
}

/** The leader's word of what its configuration says about who may do what. */
export interface SetAccess {
  readonly type: 'access';
  readonly rules: AccessRules;
}

export interface AccessRules {
  readonly mode: AccessMode;
  /** They may rule over others, and are let in. */
  readonly operators: readonly PersonKey[];
  /** They are let in when the cluster is not open to all. */
  readonly listed: readonly PersonKey[];
  /** They are let in, post as fast as they can, and have as many sessions and nicks as they like. */
  readonly unlimited: readonly PersonKey[];
}

/** A client attached to a server: makes or resumes its session. Every attachment passes through the log. */
export interface Open {
  readonly type: 'open';
  readonly session: SessionId;
  /** Of the person who proved to have it. */
  readonly key: PersonKey;
  readonly nick: string;
  /** Whether another session of the same person gives the nick up for this one, though it is online. */
  readonly reclaim: boolean;
  /** The server that serves the session from here on. */
  readonly server: number;
  /** Tells two attachments of one session apart; chosen by the server, unique on it. */
  readonly attachment: string;
  /** Whether the client has been here before: a session that is gone is then not made anew but refused. */
  readonly resume: boolean;
  /** The last position that the client has seen: what was left behind before it can be forgotten. */
  readonly position: number;
}

/** A server's word that these sessions are attached to it and alive. */
export interface Touch {
  readonly type: 'touch';
  readonly server: number;
  readonly sessions: readonly SessionId[];
}

/** A server's word that this attachment of a session has gone away without closing it. */
export interface Detach {
  readonly type: 'detach';
  readonly session: SessionId;
  readonly attachment: string;
}

/**
 * The leader's word that time has passed: marks sessions offline, ends sessions and forgets what rooms need not keep, by
 * the log's own time, so that every server does it at the same place.
 */
export interface Sweep {
  readonly type: 'sweep';
}

export type Entry = Group | Birth | SetLimits | SetAccess | Open | Touch | Detach | Sweep;

/** The value of a round. The Nop has no entries. */
export interface Batch {
  /** The leader's clock, milliseconds since the epoch. The state machine never lets time go backwards. */
  readonly time: number;
  readonly entries: readonly Entry[];
}
