/**
 * What is being typed in a room: the draft, what can be undone, and what was entered before. Pure: a key in, a new state
 * out. The keys are those of emacs, as shells have them.
 */
import {
  cutTo,
  type Draft,
  draftOf,
  EMPTY_DRAFT,
  lineEnd,
  lineStart,
  movedTo,
  putIn,
  recased,
  textOf,
  transposed,
  wordEnd,
  wordStart,
} from './draft';
import { chordOf, type Key, typedBy } from './key';
import { type Kills, killed, killedOn, turned, yanked } from './kills';
import { newest } from './newest';
import { type PastSearch, searchIn } from './past-search';
import { beforeIn, placeOf, rowsOfText } from './text-rows';

export interface Editor extends Draft {
  readonly doing: Doing;
  /** What it was before, and what it was before that was undone; the last one is next. */
  readonly undos: readonly Step[];
  readonly redos: readonly Step[];
  /** Lines entered before, the oldest first. */
  readonly past: readonly string[];
  /** Which of them is shown; past.length: none, the draft. */
  readonly at: number;
  /** The draft, while one of them is shown. */
  readonly unsent: string;
  /** Keys answer this, and do nothing to the draft. */
  readonly asking: PastSearch | PasteQuestion | undefined;
}

/** A long paste that waits for a word about what to do with it. */
export interface PasteQuestion {
  readonly type: 'paste';
  readonly text: string;
}

/** A draft, and which line entered before it was. */
export interface Step extends Draft {
  readonly at: number;
}

/** What the last key did, as far as the next one of its kind goes on with it. */
export type Doing =
  | { readonly type: 'resting' | 'typing' | 'erasing' | 'killing' }
  /** Ctrl-X was pressed: the next key means something else. */
  | { readonly type: 'prefixed' }
  /** `from`: as it was without what was put in. */
  | { readonly type: 'yanked'; readonly from: Draft }
  /** Up or down; `column`: where it began. */
  | { readonly type: 'climbing'; readonly column: number };

/** What a key changes: the line, and what was cut. */
export interface Edited {
  readonly editor: Editor;
  readonly kills: Kills;
}

const MAX_PAST = 500;
const MAX_STEPS = 200;
/** UTF-16 units of all lines entered before, and of all that can be undone. */
const MAX_PAST_UNITS = 262_144;
const MAX_STEP_UNITS = 262_144;

const RESTING: Doing = { type: 'resting' };

export const EMPTY_EDITOR: Editor = {
  ...EMPTY_DRAFT,
  doing: RESTING,
  undos: [],
  redos: [],
  past: [],
  at: 0,
  unsent: '',
  asking: undefined,
};

const back: Place = ({ before }) => before.length - 1;
const on: Place = ({ before }) => before.length + 1;
/** To the line's beginning or end, and from there over the line break. */
const toLineStart: Place = (draft) => (lineStart(draft) < draft.before.length ? lineStart(draft) : back(draft));
const toLineEnd: Place = (draft) => (lineEnd(draft) > draft.before.length ? lineEnd(draft) : on(draft));

/** A place in a draft: so many graphemes from the beginning. */
type Place = (draft: Draft) => number;

const MOVES: ReadonlyMap<string, Place> = tableOf([
  [['left', 'C-b'], back],
  [['right', 'C-f'], on],
  [['home', 'C-a'], lineStart],
  [['end', 'C-e'], lineEnd],
  [['C-left', 'M-left', 'M-b'], wordStart],
  [['C-right', 'M-right', 'M-f'], wordEnd],
  [['C-home', 'M-<'], () => 0],
  [['C-end', 'M->'], () => Number.POSITIVE_INFINITY],
]);
const ERASURES: ReadonlyMap<string, Place> = tableOf([
  [['backspace', 'C-h'], back],
  [['delete', 'C-d'], on],
]);
const KILLS: ReadonlyMap<string, Place> = tableOf([
  [['C-w', 'M-backspace'], wordStart],
  [['M-d', 'M-delete', 'C-delete'], wordEnd],
  [['C-u'], toLineStart],
  [['C-k'], toLineEnd],
]);
const CHANGES: ReadonlyMap<string, (draft: Draft) => Draft> = tableOf([
  [['M-return', 'M-enter'], (draft) => putIn(draft, '\n')],
  [['C-t'], transposed],
  [['M-u'], (draft) => recased(draft, (word) => word.toUpperCase())],
  [['M-l'], (draft) => recased(draft, (word) => word.toLowerCase())],
  [['M-c'], (draft) => recased(draft, capitalised)],
]);

/** What a key does to the line; undefined when it is none of the editor's. @param width cells of a row of it */
export function edit(editor: Editor, kills: Kills, key: Key, width: number): Edited | undefined {
  const chord = chordOf(key);
  if (editor.doing.type === 'prefixed') return { editor: chord === 'C-u' ? undone(editor) : rested(editor), kills };
  const cut = KILLS.get(chord);
  if (cut) return kill(editor, kills, cut(editor));
  if (chord === 'C-y') return yank(editor, kills, editor);
  if (chord === 'M-y')
    return editor.doing.type === 'yanked' ? yank(editor, turned(kills), editor.doing.from) : undefined;
  const edited = editBy(editor, chord, key, width);
  return edited && { editor: edited, kills };
}

function editBy(editor: Editor, chord: string, key: Key, width: number): Editor | undefined {
  const [move, erasure, change] = [MOVES.get(chord), ERASURES.get(chord), CHANGES.get(chord)];
  if (move) return { ...editor, ...movedTo(editor, move(editor)), doing: RESTING };
  if (erasure) return changed(editor, cutTo(editor, erasure(editor)).draft, { type: 'erasing' });
  if (change) return changed(editor, change(editor));
  switch (chord) {
    case 'up':
      return climbed(editor, -1, width);
    case 'down':
      return climbed(editor, 1, width);
    case 'C-_':
      return undone(editor);
    case 'M-_':
      return redone(editor);
    case 'C-x':
      return { ...editor, doing: { type: 'prefixed' } };
    case 'C-r':
      return { ...rested(editor), asking: searchIn(editor.past) };
    default: {
      const text = typedBy(key);
      return text === '' ? undefined : changed(editor, putIn(editor, text), { type: 'typing' });
    }
  }
}

/** Puts text in at the cursor, as one edit. */
export function insert(editor: Editor, text: string): Editor {
  return changed(editor, putIn(editor, text));
}

/** Puts another text in the place of the line, with the cursor at its end, as one edit. */
export function replaced(editor: Editor, text: string): Editor {
  return changed(editor, draftOf(text));
}

/** The line is empty again, and what was in it can be had back. */
export function entered(editor: Editor): Editor {
  const text = textOf(editor);
  const isKept = text.trim() !== '' && text !== editor.past.at(-1);
  const all = isKept ? [...editor.past, text] : editor.past;
  const past = newest(all, MAX_PAST, MAX_PAST_UNITS, ({ length }) => length);
  return { ...EMPTY_EDITOR, past, at: past.length };
}

/** One of the lines entered before in the place of the draft, or the draft again. */
export function recalled(editor: Editor, at: number): Editor {
  if (at < 0 || at > editor.past.length) return editor;
  const text = at === editor.past.length ? editor.unsent : (editor.past[at] ?? '');
  const unsent = editor.at === editor.past.length ? textOf(editor) : editor.unsent;
  return { ...changed(editor, draftOf(text)), at, unsent };
}

/** What was done last is over: the next key begins something of its own. */
export function rested(editor: Editor): Editor {
  return editor.doing.type === 'resting' ? editor : { ...editor, doing: RESTING };
}

/** Another draft, and the way back to this one; what is done in a row is one step. */
export function changed(editor: Editor, { before, after }: Draft, doing: Doing = RESTING): Editor {
  const next = { ...editor, before, after, doing };
  const goesOn = doing.type === 'typing' || doing.type === 'erasing';
  // A key that changed nothing begins no row: what comes next would have no way back.
  if (textOf(next) === textOf(editor)) return goesOn ? { ...next, doing: editor.doing } : next;
  const isInARow = goesOn && doing.type === editor.doing.type;
  return { ...next, undos: isInARow ? editor.undos : withStep(editor.undos, editor), redos: [] };
}

function kill(editor: Editor, kills: Kills, place: number): Edited {
  const { draft, text } = cutTo(editor, place);
  if (text === '') return { editor, kills };
  const side = place < editor.before.length ? 'before' : 'after';
  const isInARow = editor.doing.type === 'killing';
  return {
    editor: changed(editor, draft, { type: 'killing' }),
    kills: isInARow ? killedOn(kills, text, side) : killed(kills, text),
  };
}

/** @param from the draft without what was put in by the last key */
function yank(editor: Editor, kills: Kills, from: Draft): Edited {
  const text = yanked(kills);
  const doing: Doing = { type: 'yanked', from: { before: from.before, after: from.after } };
  return { editor: text === '' ? rested(editor) : changed(editor, putIn(from, text), doing), kills };
}

/** A row up or down in the text, and beyond it through the lines entered before. */
function climbed(editor: Editor, by: -1 | 1, width: number): Editor {
  const text = [...editor.before, ...editor.after];
  const rows = rowsOfText(text, width);
  const place = placeOf(text, rows, editor.before.length);
  if (!rows[place.row + by]) return recalled(editor, editor.at + by);
  const column = editor.doing.type === 'climbing' ? editor.doing.column : place.column;
  const before = beforeIn(text, rows, { row: place.row + by, column });
  return { ...editor, ...movedTo(editor, before), doing: { type: 'climbing', column } };
}

function undone(editor: Editor): Editor {
  const step = editor.undos.at(-1);
  if (!step) return rested(editor);
  return { ...goneTo(editor, step), undos: editor.undos.slice(0, -1), redos: withStep(editor.redos, editor) };
}

function redone(editor: Editor): Editor {
  const step = editor.redos.at(-1);
  if (!step) return rested(editor);
  return { ...goneTo(editor, step), undos: withStep(editor.undos, editor), redos: editor.redos.slice(0, -1) };
}

function goneTo(editor: Editor, { before, after, at }: Step): Editor {
  return { ...editor, before, after, at, doing: RESTING };
}

function withStep(steps: readonly Step[], { before, after, at }: Editor): readonly Step[] {
  return newest([...steps, { before, after, at }], MAX_STEPS, MAX_STEP_UNITS, (step) => textOf(step).length);
}

function capitalised(word: string): string {
  return word.toLowerCase().replace(/[\p{L}\p{N}]/u, (first) => first.toUpperCase());
}

function tableOf<T>(rows: readonly (readonly [chords: readonly string[], what: T])[]): ReadonlyMap<string, T> {
  return new Map(rows.flatMap(([chords, what]) => chords.map((chord): [string, T] => [chord, what])));
}
