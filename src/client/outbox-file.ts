/**
 * What is kept of a session, in a file of the window that has it.
 *
 * After a loss of power the file may be older, or gone. Then posts of the last seconds that were not sent may be lost;
 * what was sent is not said twice, for the log knows more commands of the session than the file does, and nothing is
 * said in it.
 */
import type { Command } from '../chat/commands';
import type { Kept } from './kept';
import { keptText, parseKept } from './kept-text';
import { MAX_KEPT_BYTES } from './limits';
import type { FileKind } from './window-file';

export const OUTBOX_FILE: FileKind<Kept> = {
  prefix: 'outbox',
  // A character may take six in JSON.
  maxBytes: 8 * MAX_KEPT_BYTES,
  parse: parseKept,
  text: keptText,
  isWorth: ({ settled, done, commands, doubts }) =>
    doubts.length > 0 || commands.some((command, at) => isMissed(command) && !done.includes(settled + at + 1)),
  words: {
    damaged: 'posts that were kept cannot be read and are not sent',
    more: 'another window has left posts behind as well: they are sent when you open one more',
    notKept: 'what is not sent yet cannot be kept for the next time',
  },
};

/** For rooms that were to be joined and how far somebody had read nobody opens one more window. */
function isMissed({ type }: Command): boolean {
  return type !== 'join' && type !== 'read';
}
