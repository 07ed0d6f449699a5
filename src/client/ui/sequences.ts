/**
 * What a terminal sends beside text, before node's decoder sees it: that types the rest of each sequence which it does not
 * know, such as a report of the terminal, or a key as the newest protocols send it.
 */

/** Titles, colours and answers of the terminal, up to their end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences are made of them
const STRINGS = /\u001b[\]P^_X][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const CONTROLS = /\u001b\[(?!\[)[0-?]*[ -/]*[@-~]/g;
/** Those that the decoder knows as one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const KNOWN = /^\u001b\[(?:\d\d?(?:;\d)?[~^$]|\d{3}~|(?:(?:\d;)?\d)?[A-Za-z])$/;
/** Enter with Shift or Alt, where a terminal tells that apart: it breaks the line, as Alt-Enter does everywhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const LINE_BREAK = /^\u001b\[(?:27;[234];13~|13;[234]u)$/;
const ALT_ENTER = '\u001b\r';

/** Only what is text or a key. A sequence that comes in two parts is left as it is. @param chunk bytes, one a character */
export function keysIn(chunk: string): string {
  if (!chunk.includes('\u001b')) return chunk;
  return chunk
    .replace(STRINGS, '')
    .replace(CONTROLS, (sequence) => (LINE_BREAK.test(sequence) ? ALT_ENTER : KNOWN.test(sequence) ? sequence : ''));
}
