/** What is being typed, broken into the rows that it takes on the screen. Pure; counts in graphemes and cells. */
import { inertLine } from '../inert';
import { cellsOf, settled } from './cells';

/** Which graphemes are in a row: those from `start` to before `end`, and none of them is a line break. */
export interface TextRow {
  readonly start: number;
  readonly end: number;
}

/** Where the cursor is: in which row, and how many cells of it are before the cursor. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** The rows of a text, none of them wider than `width` cells. */
export function rowsOfText(text: readonly string[], width: number): readonly TextRow[] {
  const rows: TextRow[] = [];
  let start = 0;
  let cells = 0;
  for (const [at, grapheme] of text.entries()) {
    if (grapheme === '\n') {
      rows.push({ start, end: at });
      start = at + 1;
      cells = 0;
      continue;
    }
    const wide = cellsOf(printed(grapheme));
    if (cells + wide > width) {
      rows.push({ start, end: at });
      start = at;
      cells = 0;
    }
    cells += wide;
  }
  return [...rows, { start, end: text.length }];
}

/** Where the cursor is when so many graphemes are before it: between two rows it is at the beginning of the later one. */
export function placeOf(text: readonly string[], rows: readonly TextRow[], before: number): Place {
  const row = rows.findLastIndex(({ start }) => start <= before);
  return { row, column: cellsOf(printedRow(text, { start: rows[row]?.start ?? 0, end: before })) };
}

/** How many graphemes are before the cursor once it is in this row, as near to that column as can be. */
export function beforeIn(text: readonly string[], rows: readonly TextRow[], { row, column }: Place): number {
  const { start, end } = rows[row] as TextRow;
  // Behind the last grapheme of a row that goes on in the next one is the beginning of that one.
  const last = rows[row + 1]?.start === end ? end - 1 : end;
  let at = start;
  let cells = 0;
  while (at < last) {
    cells += cellsOf(printed(text[at] as string));
    if (cells > column) break;
    at += 1;
  }
  return at;
}

/** The row as it is shown. */
export function printedRow(text: readonly string[], { start, end }: TextRow): string {
  return text.slice(start, end).map(printed).join('');
}

/** A grapheme as it is shown: what would take no cell is a dot. */
function printed(grapheme: string): string {
  const isPlain = grapheme.length === 1 && grapheme >= ' ' && grapheme <= '~';
  return isPlain ? grapheme : settled(inertLine(grapheme)) || '·';
}
