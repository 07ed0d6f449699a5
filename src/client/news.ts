/** Which lines are news to a person, and which are about them. Pure. */
import { isConversation } from '../chat/names';
import type { MessageEvent } from './events';
import { isIgnored } from './ignoring';

/** Between two calls, milliseconds: a flood of them is one. */
export const CALL_PAUSE_MS = 2000;

/** Who is told something. */
export interface Hearer {
  readonly session: string;
  readonly nick: string;
  /** Nicks whose lines are left out. */
  readonly ignored: readonly string[];
}

/** Somebody else said it, and this person wants to hear of them. What they said in an earlier session has their nick. */
export function isOfOthers({ session, nick, ignored }: Hearer, line: MessageEvent): boolean {
  return line.session !== session && line.nick !== nick && !isIgnored(ignored, line.nick);
}

/** It is said to this person, or names them. */
export function concerns({ room, text }: MessageEvent, nick: string): boolean {
  if (isConversation(room)) return true;
  const [said, name] = [text.toLowerCase(), nick.toLowerCase()];
  // Nearly all lines name nobody, and thousands may be looked through.
  return said.includes(name) && said.split(/[^\p{L}\p{N}\p{M}_-]+/u).includes(name);
}
