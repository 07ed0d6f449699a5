/** What keys do while the editor asks something: which line is looked for, or what becomes of a long paste. Pure. */
import { type Draft, draftOf, textOf } from './draft';
import { type Editor, insert, type PasteQuestion, recalled, rested } from './editor';
import { chordOf, type Key, typedBy } from './key';
import { foundAt, further, narrowed, type PastSearch, widened } from './past-search';

/** What came of a key. */
export interface Answered {
  readonly editor: Editor;
  /** Each of them is to be said, as it is. */
  readonly messages: readonly string[];
}

/** A paste of more lines than that is asked about. */
const MAX_UNASKED_LINES = 4;
/** Lines of a paste that can be sent one by one: nobody means to say more than that at once. */
export const MAX_MESSAGES = 200;

/** What was pasted goes into the line, or is asked about; with what was asked about before, if nobody answered yet. */
export function pastedInto(editor: Editor, text: string): Editor {
  if (editor.asking?.type === 'paste') return { ...editor, asking: { type: 'paste', text: editor.asking.text + text } };
  const typing = taken(editor);
  return linesOf(text).length <= MAX_UNASKED_LINES
    ? putLines(typing, text)
    : { ...rested(typing), asking: { type: 'paste', text } };
}

/** UTF-16 units that are in the line, or wait to be. */
export function unitsOf(editor: Editor): number {
  return textOf(editor).length + (editor.asking?.type === 'paste' ? editor.asking.text.length : 0);
}

/** The line break at the end of a paste came along by chance. */
function putLines(editor: Editor, text: string): Editor {
  return insert(editor, text.replace(/\n$/, ''));
}

/** Whether something would be lost with the editor: what is typed, or a paste that waits for an answer. */
export function hasDraft({ editor }: { readonly editor: Editor }): boolean {
  return unitsOf(editor) > 0;
}

/** Lines of a paste: the break at its end begins no other one. */
export function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Lines of a paste that can be said: blank ones cannot. */
export function messagesOf({ text }: PasteQuestion): readonly string[] {
  return linesOf(text).filter((line) => line.trim() !== '');
}

/** The draft, or the line that was found. */
export function shownDraft(editor: Editor): Draft {
  const { asking, past } = editor;
  const line = asking?.type === 'search' ? past[asking.at] : undefined;
  return asking?.type === 'search' && line !== undefined ? draftOf(line, foundAt(asking, line)) : editor;
}

/** The line that was found is the draft, and nothing is looked for any more. A paste still waits for its answer. */
export function taken(editor: Editor): Editor {
  const { asking, past } = editor;
  if (asking?.type !== 'search') return editor;
  const typing = { ...editor, asking: undefined };
  if (asking.at === past.length) return typing;
  const { before, after } = shownDraft(editor);
  return { ...recalled(typing, asking.at), before, after };
}

/** What a key does to what is asked; undefined: nothing, it means what it always does. */
export function answered(editor: Editor, key: Key): Answered | undefined {
  const { asking } = editor;
  if (asking?.type === 'paste') return answeredPaste(editor, asking, key);
  const next = asking && answeredSearch(editor, asking, key);
  return next && { editor: next, messages: [] };
}

function answeredPaste(editor: Editor, question: PasteQuestion, key: Key): Answered | undefined {
  const typing = { ...editor, asking: undefined };
  switch (chordOf(key) || typedBy(key)) {
    case 'return':
    case 'enter':
      return { editor: putLines(typing, question.text), messages: [] };
    // No letter: one that was typed ahead would say all of it.
    case 'M-s': {
      const messages = messagesOf(question);
      return messages.length > MAX_MESSAGES ? { editor, messages: [] } : { editor: typing, messages };
    }
    case 'escape':
    case 'C-g':
      return { editor: typing, messages: [] };
    // They would do something to the line, or leave because it is empty.
    case 'tab':
    case 'C-d':
      return { editor, messages: [] };
    default:
      return undefined;
  }
}

function answeredSearch(editor: Editor, search: PastSearch, key: Key): Editor | undefined {
  const { past } = editor;
  const on = (asking: PastSearch): Editor => ({ ...editor, asking });
  switch (chordOf(key)) {
    case 'C-r':
      return on(further(search, past, -1));
    case 'C-s':
      return on(further(search, past, 1));
    case 'backspace':
    case 'C-h':
      return on(widened(search, past));
    case 'return':
    case 'enter':
      return taken(editor);
    case 'escape':
    case 'C-g':
      return { ...editor, asking: undefined };
    default: {
      const typed = typedBy(key);
      return typed === '' ? undefined : on(narrowed(search, past, typed));
    }
  }
}
