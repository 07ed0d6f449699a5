/** What is being typed in a window, and whom one talks to alone, in a file: the next window goes on with it. */
import { listOf, nameOf, objectOf, parseFields, textOf, WrongField } from './fields';
import { MAX_DRAFT_UNITS } from './window/draft';
import { type Drafts, MAX_DRAFTS, type RoomDraft } from './window/drafts';
import type { FileKind } from './window-file';

const VERSION = 1;
/** Of all texts together: they are in one file. A character may take six bytes in it. */
const MAX_BYTES = 8 * 1024 * 1024;

export const DRAFTS_FILE: FileKind<Drafts> = {
  prefix: 'drafts',
  maxBytes: MAX_BYTES,
  parse: (text) => parseFields(text, VERSION, ({ rooms }) => listOf(rooms, 'rooms', MAX_DRAFTS, draftOf)),
  text: (rooms) => `${JSON.stringify({ version: VERSION, rooms })}\n`,
  isWorth: (rooms) => rooms.some(({ text }) => text !== ''),
  words: {
    damaged: 'what was being typed cannot be read',
    more: 'another window has left something behind that was being typed: it is there when you open one more',
    notKept: 'what you are typing cannot be kept for the next time',
  },
};

function draftOf(value: unknown): RoomDraft {
  const { name, text } = objectOf(value, 'rooms');
  const draft = { name: nameOf(name, 'name'), text: textOf(text, 'text') };
  if (draft.text.length > MAX_DRAFT_UNITS) throw new WrongField('text is too long');
  return draft;
}
