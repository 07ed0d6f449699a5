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

/** This person said it. What they said in an earlier session has their nick. */
export function isOwn({ session, nick }: Pick<Hearer, 'session' | 'nick'>, line: MessageEvent): boolean {
  return line.session === session || line.nick === nick;
}

/** Somebody else said it, and this person wants to hear of them. */
export function isOfOthers(hearer: Hearer, line: MessageEvent): boolean {
  return !isOwn(hearer, line) && !isIgnored(hearer.ignored, line.nick);
}

/** It is said to this person, or names them. */
export function concerns({ room, text }: MessageEvent, nick: string): boolean {
  if (isConversation(room)) return true;
  const [said, name] = [comparable(text), comparable(nick)];
  for (let at = said.indexOf(name); at >= 0; at = said.indexOf(name, at + 1)) {
    // Nearly all lines name nobody, and thousands may be looked through: this is not reached.
    if (!GOES_ON_BEFORE.test(said.slice(0, at)) && !GOES_ON_BEHIND.test(said.slice(at + name.length))) return true;
  }
  return false;
}

/** A name goes on: with what names are made of, or with a dot that is not the end of a sentence. */
const GOES_ON_BEFORE = /[\p{L}\p{N}\p{M}_-]\.?$/u;
const GOES_ON_BEHIND = /^\.?[\p{L}\p{N}\p{M}_-]/u;

/** Some keyboards make letters of two parts. */
function comparable(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
