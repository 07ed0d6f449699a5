/** How wide text is on a terminal, and text cut or broken to fit. */
import stringWidth from 'string-width';
import { graphemes } from './editor';

/**
 * Text that every terminal gives the same width: of a grapheme that is made of several characters and draws as one
 * wide picture (a family, a flag, a skin colour) only the first one stays, and of two that compose the composed one.
 */
export function settled(text: string): string {
  if (isAscii(text)) return text;
  return graphemes(text.normalize('NFC'))
    .map((grapheme) => {
      const [first = ''] = grapheme;
      return grapheme.length === first.length || /^\p{L}|\p{N}/u.test(first) ? grapheme : first;
    })
    .join('');
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7e) return false;
  return true;
}

/** Cells of one grapheme: 0, 1 or 2. */
export function cellsOf(grapheme: string): number {
  const code = grapheme.charCodeAt(0);
  if (grapheme.length === 1 && code >= 0x20 && code < 0x7f) return 1;
  return Math.min(2, stringWidth(grapheme));
}

export function widthOf(text: string): number {
  return graphemes(text).reduce((sum, grapheme) => sum + cellsOf(grapheme), 0);
}

/** Cut to at most `width` cells; what was cut shows as an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cells = 0;
  let kept = '';
  for (const grapheme of graphemes(text)) {
    cells += cellsOf(grapheme);
    if (cells > width - 1) break;
    kept += grapheme;
  }
  return width > 0 ? `${kept}…` : '';
}

/** Exactly `width` cells: cut, or filled with spaces. */
export function padTo(text: string, width: number): string {
  const short = cut(text, width);
  return short + ' '.repeat(Math.max(0, width - widthOf(short)));
}

/** Broken into rows of at most `width` cells, between words where that can be; later rows are indented. */
export function wrap(text: string, width: number, indent: number): readonly string[] {
  const rows: string[] = [];
  const room = Math.max(4, width);
  const margin = indent < room / 2 ? ' '.repeat(indent) : '';
  let row = '';
  let cells = 0;
  const flush = () => {
    rows.push(row);
    row = margin;
    cells = margin.length;
  };
  for (const word of text.split(/(?<=\s)/)) {
    const wide = widthOf(word.trimEnd());
    if (cells + wide > room && cells > margin.length) flush();
    if (cells + wide <= room) {
      row += word;
      cells += widthOf(word);
      continue;
    }
    for (const grapheme of graphemes(word)) {
      if (cells + cellsOf(grapheme) > room) flush();
      row += grapheme;
      cells += cellsOf(grapheme);
    }
  }
  if (row.trim() !== '' || rows.length === 0) rows.push(row);
  return rows.map((each) => each.trimEnd());
}
