/** The line that is being typed. Pure: a key in, a new state out. Counts in graphemes, so no character is cut. */
import { graphemes } from './graphemes';

export interface Editor {
  /** Graphemes of the line. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What was cut last, for yank. */
  readonly killed: string;
  /** Lines entered before, the oldest first. */
  readonly past: readonly string[];
  /** Which of them is shown; past.length: none, the draft. */
  readonly at: number;
  /** What was being typed before an earlier line was shown. */
  readonly draft: string;
}

/** A key press as node's readline reports it. */
export interface Key {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
  readonly shift?: boolean;
}

const MAX_PAST = 500;

export const EMPTY_EDITOR: Editor = { before: [], after: [], killed: '', past: [], at: 0, draft: '' };

export function textOf(editor: Editor): string {
  return editor.before.join('') + editor.after.join('');
}

/** Puts text in at the cursor: a typed character, or a whole paste as one edit. */
export function insert(editor: Editor, text: string): Editor {
  return settled({ ...editor, before: [...editor.before, text] });
}

/** The line is empty again, and what was in it can be had back. */
export function entered(editor: Editor): Editor {
  const text = textOf(editor);
  const past = text.trim() === '' ? editor.past : [...editor.past, text].slice(-MAX_PAST);
  return { ...EMPTY_EDITOR, killed: editor.killed, past, at: past.length };
}

/** Puts another text in the place of the line, with the cursor at its end. */
export function replaced(editor: Editor, text: string): Editor {
  return { ...editor, before: graphemes(text), after: [] };
}

/** What a key does to the line; undefined when it is none of the editor's. */
export function edit(editor: Editor, key: Key): Editor | undefined {
  const edited = editBy(editor, key);
  return edited && settled(edited);
}

/**
 * What stood apart may be one grapheme once it is side by side: a letter and its accent, the halves of a flag. The
 * cursor goes behind it, so that it never stands inside of one.
 */
function settled(editor: Editor): Editor {
  const cursor = editor.before.join('').length;
  const before: string[] = [];
  const after: string[] = [];
  let at = 0;
  for (const grapheme of graphemes(textOf(editor))) {
    (at < cursor ? before : after).push(grapheme);
    at += grapheme.length;
  }
  return { ...editor, before, after };
}

function editBy(editor: Editor, key: Key): Editor | undefined {
  if (key.ctrl) return editByCtrl(editor, key.name ?? '');
  if (key.meta) return editByMeta(editor, key.name ?? '');
  switch (key.name) {
    case 'left':
      return moveTo(editor, editor.before.length - 1);
    case 'right':
      return moveTo(editor, editor.before.length + 1);
    case 'home':
      return moveTo(editor, 0);
    case 'end':
      return moveTo(editor, Number.POSITIVE_INFINITY);
    case 'backspace':
      return { ...editor, before: editor.before.slice(0, -1) };
    case 'delete':
      return { ...editor, after: editor.after.slice(1) };
    case 'up':
      return recall(editor, editor.at - 1);
    case 'down':
      return recall(editor, editor.at + 1);
    default:
      return isTyped(key.sequence) ? insert(editor, key.sequence) : undefined;
  }
}

function editByCtrl(editor: Editor, name: string): Editor | undefined {
  const { before, after } = editor;
  switch (name) {
    case 'a':
      return moveTo(editor, 0);
    case 'e':
      return moveTo(editor, Number.POSITIVE_INFINITY);
    case 'b':
      return moveTo(editor, before.length - 1);
    case 'f':
      return moveTo(editor, before.length + 1);
    case 'left':
      return moveTo(editor, wordStart(before));
    case 'right':
      return moveTo(editor, before.length + wordEnd(after));
    case 'd':
      return after.length > 0 ? { ...editor, after: after.slice(1) } : undefined;
    case 'h':
      return { ...editor, before: before.slice(0, -1) };
    case 'k':
      return { ...editor, after: [], killed: after.join('') || editor.killed };
    case 'u':
      return { ...editor, before: [], killed: before.join('') || editor.killed };
    case 'w':
      return killBack(editor);
    case 'y':
      return insert(editor, editor.killed);
    default:
      return undefined;
  }
}

function editByMeta(editor: Editor, name: string): Editor | undefined {
  switch (name) {
    case 'b':
    case 'left':
      return moveTo(editor, wordStart(editor.before));
    case 'f':
    case 'right':
      return moveTo(editor, editor.before.length + wordEnd(editor.after));
    case 'd': {
      const end = wordEnd(editor.after);
      const killed = editor.after.slice(0, end).join('');
      return { ...editor, after: editor.after.slice(end), killed: killed || editor.killed };
    }
    case 'backspace':
      return killBack(editor);
    default:
      return undefined;
  }
}

function killBack(editor: Editor): Editor {
  const start = wordStart(editor.before);
  const killed = editor.before.slice(start).join('');
  return { ...editor, before: editor.before.slice(0, start), killed: killed || editor.killed };
}

function moveTo(editor: Editor, position: number): Editor {
  const all = [...editor.before, ...editor.after];
  const at = Math.max(0, Math.min(position, all.length));
  return { ...editor, before: all.slice(0, at), after: all.slice(at) };
}

function recall(editor: Editor, at: number): Editor {
  if (at < 0 || at > editor.past.length) return editor;
  const draft = editor.at === editor.past.length ? textOf(editor) : editor.draft;
  const shown = at === editor.past.length ? draft : (editor.past[at] ?? '');
  return { ...replaced(editor, shown), at, draft };
}

function wordStart(before: readonly string[]): number {
  let at = before.length;
  while (at > 0 && !isWord(before[at - 1])) at -= 1;
  while (at > 0 && isWord(before[at - 1])) at -= 1;
  return at;
}

function wordEnd(after: readonly string[]): number {
  let at = 0;
  while (at < after.length && !isWord(after[at])) at += 1;
  while (at < after.length && isWord(after[at])) at += 1;
  return at;
}

function isWord(grapheme: string | undefined): boolean {
  return grapheme !== undefined && /[\p{L}\p{N}\p{M}_]/u.test(grapheme);
}

/** Something that prints: no control character, no escape sequence. */
function isTyped(sequence: string | undefined): sequence is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  return sequence !== undefined && sequence !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(sequence);
}
