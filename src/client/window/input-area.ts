/** The rows at the bottom of the window, where one types. Pure. */
import { shownDraft } from './asking';
import { hintRows } from './hints';
import { editorOf, type Size, type WindowModel } from './model';
import { type Glyphs, moreMark } from './style';
import { type Place, placeOf, printedRow, rowsOfText, type TextRow } from './text-rows';

export interface InputArea {
  readonly rows: readonly string[];
  readonly cursor: Place;
}

/** Rows of text in sight, at most; and no more than a third of the window. */
const MAX_ROWS = 8;
/** Before each row of text; behind it a cell is free for the cursor. */
const MARGIN = 2;

/** Cells of a row of what is being typed. */
export function inputWidth({ columns }: Size): number {
  return Math.max(4, columns - MARGIN - 1);
}

/** Rows that are taken from the rest of the window. */
export function inputHeight(model: WindowModel): number {
  const { before, after } = shownDraft(editorOf(model));
  const rows = rowsOfText([...before, ...after], inputWidth(model.size)).length;
  return Math.min(rows, mostRows(model.size)) + hintRows(model).length;
}

/** What keys answer, and what is being typed as far as it is in sight: the row with the cursor always is. */
export function inputArea(model: WindowModel, glyphs: Glyphs): InputArea {
  const { before, after } = shownDraft(editorOf(model));
  const text = [...before, ...after];
  const rows = rowsOfText(text, inputWidth(model.size));
  const cursor = placeOf(text, rows, before.length);
  const height = Math.min(rows.length, mostRows(model.size));
  const first = Math.max(0, cursor.row - height + 1);
  const inSight = rows.slice(first, first + height);
  const hints = hintRows(model);
  const shown = inSight.map((row, at) => marginOf(rows, first + at, first, height, glyphs) + printedRow(text, row));
  return {
    rows: [...hints, ...shown],
    cursor: { row: hints.length + cursor.row - first, column: MARGIN + cursor.column },
  };
}

function mostRows({ rows }: Size): number {
  return Math.max(1, Math.min(MAX_ROWS, Math.floor(rows / 3)));
}

/** Tells where the text begins, and where there is more of it than can be seen. */
function marginOf(rows: readonly TextRow[], at: number, first: number, height: number, glyphs: Glyphs): string {
  const isMoreAbove = at === first && first > 0;
  const isMoreBelow = at === first + height - 1 && at < rows.length - 1;
  return `${moreMark(isMoreAbove, isMoreBelow, glyphs) || (at === 0 ? '>' : ' ')} `;
}
