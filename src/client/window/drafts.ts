/** What is being typed in all rooms, for the next window, and back. Pure. */
import { isConversation } from '../../chat/names';
import { inert } from '../inert';
import { MAX_NAME_UNITS } from '../limits';
import { draftOf, textOf } from './draft';
import { type Editor, EMPTY_EDITOR } from './editor';
import type { RoomModel, WindowModel } from './model';

/** What is being typed in a room. A conversation of two is kept in any case: nobody else knows that it is there. */
export interface RoomDraft {
  readonly name: string;
  readonly text: string;
}

/** In the order of the window's list; those of rooms that are not there yet last. */
export type Drafts = readonly RoomDraft[];

/** Rooms of which something is kept, at most … */
export const MAX_DRAFTS = 256;
/** … and UTF-16 units of their texts. */
const MAX_UNITS = 1024 * 1024;

export function draftsOf({ rooms, drafts }: WindowModel): Drafts {
  const kept: RoomDraft[] = [];
  let units = 0;
  for (const { name, text } of [...rooms.map(draftIn), ...drafts]) {
    const fits = units + text.length <= MAX_UNITS;
    if (fits) units += text.length;
    if (kept.length >= MAX_DRAFTS) break;
    // Nobody is called so, and no file that says it is read.
    if (name.length > MAX_NAME_UNITS) continue;
    if ((fits && text !== '') || isConversation(name)) kept.push({ name, text: fits ? text : '' });
  }
  return kept;
}

/** All that is being typed: also below an earlier line that was fetched, and a paste that waits for an answer. */
function draftIn({ name, editor }: RoomModel): RoomDraft {
  const { at, past, unsent, asking } = editor;
  const line = textOf(editor);
  const isEarlier = at < past.length;
  const parts = [
    isEarlier ? unsent : '',
    isEarlier && line === past[at] ? '' : line,
    asking?.type === 'paste' ? asking.text : '',
  ];
  return { name, text: parts.filter((part) => part !== '').join('\n') };
}

/** A line with what was being typed in it. */
export function editorWith(text: string): Editor {
  return { ...EMPTY_EDITOR, ...draftOf(inert(text)) };
}
