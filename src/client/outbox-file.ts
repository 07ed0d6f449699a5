/**
 * What is kept of a session, in a file of the window that has it.
 *
 * After a loss of power the file may be older, or gone. Then posts of the last seconds that were not sent may be lost;
 * what was sent is not said twice, for the log knows more commands of the session than the file does, and nothing is
 * said in it.
 */
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
  isWorth: ({ commands, doubts }) => commands.length + doubts.length > 0,
  words: {
    damaged: 'posts that were kept cannot be read and are not sent',
    more: 'another window has left posts behind as well: they are sent when you open one more',
    notKept: 'what is not sent yet cannot be kept for the next time',
  },
};
