/** How wide text is on a terminal, and text cut or broken to fit. */
import stringWidth from 'string-width';
import { graphemes } from './graphemes';

/** Marks on one letter that are kept; more of them would run over the lines above and below. */
const MAX_MARKS = 4;
const FLAG_LETTERS = 0x1f1e6;

/**
 * Text that every terminal gives the same width. Pictures that are made of several (a family, a skin colour) become
 * their first one, flags their letters; characters that draw nothing go; a mark without a letter gets a circle.
 */
export function settled(text: string): string {
  return isAscii(text) ? text : graphemes(text.normalize('NFC')).map(settledGrapheme).join('');
}

function settledGrapheme(grapheme: string): string {
  if (grapheme.charCodeAt(0) <= 0x7e && grapheme.length === 1) return grapheme;
  const characters = [...grapheme].filter((character) => !/\p{Cf}/u.test(character));
  const [first = ''] = characters;
  if (/^\p{RI}/u.test(first)) return characters.map(flagLetter).join('');
  if (/^\p{Extended_Pictographic}/u.test(first)) return first;
  let marks = 0;
  const kept = characters.filter((character) => {
    if (cellsOfCharacter(character) > 0) return character !== '\u20e3';
    marks += 1;
    return marks <= MAX_MARKS && !/\p{Me}|[\ufe00-\ufe0f]/u.test(character);
  });
  const shown = kept.join('').replace(/[\p{Cn}\p{Cs}]/gu, '\ufffd');
  return shown !== '' && cellsOfCharacter(kept[0] ?? '') === 0 ? `\u25cc${shown}` : shown;
}

function flagLetter(character: string): string {
  return String.fromCharCode(0x41 + (character.codePointAt(0) ?? FLAG_LETTERS) - FLAG_LETTERS);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7e) return false;
  return true;
}

/** Cells of one character (a code point): 0, 1 or 2, as terminals have it. */
export function cellsOfCharacter(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return code < 0x20 || (code >= 0x7f && code < 0xa0) ? 0 : 1;
  // The vowels and endings of a Korean syllable are drawn into the cells of its beginning.
  if (/^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u.test(character)) return 0;
  if (/^\p{Emoji_Presentation}/u.test(character)) return 2;
  const isEastAsian = (code >= 0x3000 && code < 0x3400) || (code >= 0x1f200 && code < 0x1f300);
  if (/^\p{Extended_Pictographic}/u.test(character) && !isEastAsian) return 1;
  return stringWidth(character);
}

/** Cells of settled text. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

/** Cut to at most `width` cells; what was cut shows as an ellipsis. */
export function cut(text: string, width: number): string {
  if (cellsOf(text) <= width) return text;
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
  return short + ' '.repeat(Math.max(0, width - cellsOf(short)));
}

/**
 * Broken into rows of at most `width` cells, between words where that can be.
 * @param margin before each row but the first; without the spaces that it begins with where the rows are short
 */
export function wrap(text: string, width: number, margin: string): readonly string[] {
  return broken(text, width, margin, false);
}

/** The same for a text that goes on: the margin is before the first row, too. */
export function wrapFurther(text: string, width: number, margin: string): readonly string[] {
  return broken(text, width, margin, true);
}

function broken(text: string, width: number, margin: string, isFurther: boolean): readonly string[] {
  const rows: string[] = [];
  const room = Math.max(4, width);
  const before = cellsOf(margin) < room / 2 ? margin : margin.trimStart();
  const beforeCells = cellsOf(before);
  let row = isFurther ? before : '';
  let cells = cellsOf(row);
  const flush = () => {
    rows.push(row);
    row = before;
    cells = beforeCells;
  };
  for (const word of text.split(/(?<=\s)/)) {
    const wide = cellsOf(word.trimEnd());
    if (cells + wide > room && cells > beforeCells) flush();
    if (cells + wide <= room) {
      row += word;
      cells += cellsOf(word);
      continue;
    }
    // A cluster of letters that is wider than a row is broken as well.
    const fits = (grapheme: string) => cellsOf(grapheme) <= room - beforeCells;
    for (const part of graphemes(word).flatMap((grapheme) => (fits(grapheme) ? [grapheme] : [...grapheme]))) {
      if (cells + cellsOf(part) > room) flush();
      row += part;
      cells += cellsOf(part);
    }
  }
  if (row.trimEnd() !== before.trimEnd() || rows.length === 0) rows.push(row);
  return rows.map((each) => each.trimEnd());
}
