/** A terminal's screen as a picture: every cell where it is, in its colours. */
import type { IBufferCell, Terminal } from '@xterm/headless';

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const FONT_SIZE = 14;
/** From the top of a cell to the line that its character stands on. */
const BASELINE = 13.5;
const MARGIN = 12;
const BACKGROUND = '#16181d';
const FOREGROUND = '#d7dae0';
/** The sixteen, as dark terminals have them. */
const PALETTE = [
  ...['#3b4048', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d7dae0'],
  ...['#6b717d', '#ff7b86', '#b5e890', '#ffd68a', '#7cc4ff', '#de8ff5', '#6fd3df', '#ffffff'],
];
/** Steps of the colours from 16 to 231, and of the greys behind them. */
const STEPS = [0, 95, 135, 175, 215, 255];

interface Looks {
  readonly foreground: string;
  readonly background: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

/** Cells in a row that look alike. */
interface Run extends Looks {
  readonly column: number;
  cells: number;
  text: string;
}

export function screenSvg(terminal: Terminal, title: string): string {
  const width = terminal.cols * CELL_WIDTH + 2 * MARGIN;
  const height = terminal.rows * CELL_HEIGHT + 2 * MARGIN;
  const rows = Array.from({ length: terminal.rows }, (_, row) =>
    runsOf(terminal, row).flatMap((run) => drawn(run, row)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${fixed(width)} ${height}" xml:space="preserve" role="img" aria-label="${escaped(title)}">
<style>text{font:${FONT_SIZE}px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}</style>
<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>
${rows.flat().join('\n')}
</svg>
`;
}

function runsOf(terminal: Terminal, row: number): readonly Run[] {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row);
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line?.getCell(column);
    // The second cell of a wide character has nothing of its own.
    if (!cell || cell.getWidth() === 0) continue;
    const looks = looksOf(cell);
    const text = cell.getChars() || ' ';
    const last = runs.at(-1);
    const goesOn = last && last.column + last.cells === column && isAlike(last, looks) && isNarrow(last.text + text);
    if (goesOn) {
      last.cells += cell.getWidth();
      last.text += text;
    } else runs.push({ ...looks, column, cells: cell.getWidth(), text });
  }
  return runs;
}

/** What another font may draw in another width stands by itself, so that nothing behind it moves. */
function isNarrow(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}

function isAlike(one: Looks, other: Looks): boolean {
  const isSame = one.foreground === other.foreground && one.background === other.background;
  return isSame && one.bold === other.bold && one.dim === other.dim;
}

function looksOf(cell: IBufferCell): Looks {
  const foreground = cell.isFgDefault() ? FOREGROUND : colourOf(cell.getFgColor(), cell.isFgRGB());
  const background = cell.isBgDefault() ? BACKGROUND : colourOf(cell.getBgColor(), cell.isBgRGB());
  const [front, behind] = cell.isInverse() ? [background, foreground] : [foreground, background];
  return { foreground: front, background: behind, bold: cell.isBold() !== 0, dim: cell.isDim() !== 0 };
}

function colourOf(colour: number, isRgb: boolean): string {
  if (isRgb) return `#${colour.toString(16).padStart(6, '0')}`;
  if (colour < 16) return PALETTE[colour] ?? FOREGROUND;
  const grey = 8 + 10 * (colour - 232);
  const parts =
    colour < 232 ? [36, 6, 1].map((unit) => STEPS[Math.floor((colour - 16) / unit) % 6] ?? 0) : [grey, grey, grey];
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function drawn({ column, cells, text, foreground, background, bold, dim }: Run, row: number): readonly string[] {
  const [x, y, width] = [MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT, cells * CELL_WIDTH];
  const box =
    background === BACKGROUND
      ? []
      : [`<rect x="${fixed(x)}" y="${y}" width="${fixed(width)}" height="${CELL_HEIGHT}" fill="${background}"/>`];
  if (text.trim() === '') return box;
  // Blanks at an end count in some programs and not in others.
  const [before, after] = [text.length - text.trimStart().length, text.length - text.trimEnd().length];
  const looks = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
  const length = fixed(width - (before + after) * CELL_WIDTH);
  const place = `x="${fixed(x + before * CELL_WIDTH)}" y="${fixed(y + BASELINE)}" textLength="${length}"`;
  return [
    ...box,
    `<text ${place} lengthAdjust="spacingAndGlyphs" fill="${foreground}"${looks}>${escaped(text.trim())}</text>`,
  ];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function fixed(value: number): string {
  return String(Number(value.toFixed(2)));
}
