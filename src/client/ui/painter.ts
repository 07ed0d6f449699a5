/**
 * Paints a view with neo-blessed: its screen, cells and drawing of what changed, but nothing of its own input, layout,
 * tags or wrapping. Those count in UTF-16 units, and one line of somebody else's could move all that follow.
 */
import { PassThrough, type Writable } from 'node:stream';
import blessed, { type Widgets } from 'neo-blessed';
import { cellsOf, cellsOfCharacter } from '../window/cells';
import type { Size } from '../window/model';
import { SGR, withoutColours } from '../window/style';
import type { View } from '../window/view';

/** `blessed.unicode` decides how many cells a character takes; its own table is older than most emoji. */
interface BlessedUnicode {
  charWidth(text: string | number, at?: number): number;
}

/** A line of the screen: for each cell its attributes and its character. */
type Cells = [attributes: number, character: string][] & { dirty?: boolean };

/** There, but not in blessed's types. */
interface Internals {
  leave(): void;
  enter(): void;
  alloc(): void;
  readonly lines: Cells[];
  readonly tput: { brokenACS: boolean };
  attrCode(sgr: string, attributes: number, initial: number): number;
  readonly program: { _write(text: string): void };
}

/** Bracketed paste, and reports of whether the terminal is looked at; its title is kept meanwhile. */
const MODES_ON = '\u001b[?2004h\u001b[?1004h\u001b[22;2t';
const MODES_OFF = '\u001b[?2004l\u001b[?1004l\u001b[23;2t';
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const COLOURS = /(\u001b\[[\d;]*m)/;
const NO_CODES = '\u001b[m';
/** Blessed has no bit for dim, but one for blinking, which nothing here does: this is dim, until it is written. */
const BLINKING = '\u001b[5m';
// biome-ignore lint/suspicious/noControlCharactersInRegex: blessed's own colours
const BLINKING_CODE = /(?<=\u001b\[(?:1;)?)5(?=(?:;\d+)*m)/g;
/** Neither colours nor anything else. */
const PLAIN = (0x1ff << 9) | 0x1ff;
/** In the second cell of a wide character; blessed leaves it out. */
const COVERED = '\u0003';

export interface PainterOptions {
  readonly output: Writable;
  readonly unicode: boolean;
}

export class Painter {
  private readonly screen: Widgets.Screen & Internals;
  private view: View | undefined;
  /** The terminal is somebody else's for a while. */
  private isGiven = false;
  /** Of the terminal's window; '' when it is that of whoever had the terminal before. */
  private title = '';

  constructor(private readonly options: PainterOptions) {
    (blessed as unknown as { unicode: BlessedUnicode }).unicode.charWidth = (text, at = 0) =>
      cellsOfCharacter(String.fromCodePoint(typeof text === 'number' ? text : (text.codePointAt(at) ?? 32)));
    this.screen = blessed.screen({
      input: new PassThrough() as never,
      output: options.output as never,
      terminal: terminalName(),
      smartCSR: false,
      fullUnicode: true,
      forceUnicode: options.unicode,
      warnings: false,
    } as Widgets.IScreenOptions) as unknown as Widgets.Screen & Internals;
    // In tmux the line-drawing character set comes out as letters.
    this.screen.tput.brokenACS = true;
    const canvas = blessed.box({ parent: this.screen, top: 0, left: 0, width: '100%', height: '100%' });
    canvas.render = () => this.fill() as never;
    this.keepQuiet();
    this.dimInsteadOfBlinking();
    this.write(MODES_ON);
  }

  get size(): Size {
    return { columns: Number(this.screen.width), rows: Number(this.screen.height) };
  }

  onResize(then: () => void): void {
    this.screen.on('resize', then);
  }

  paint(view: View): void {
    this.view = view;
    this.name(view.windowTitle);
    this.screen.render();
    const { row, column } = view.cursor;
    this.screen.program.cup(this.size.rows - view.input.length + row, column);
    this.screen.program.showCursor();
    this.screen.program.flush();
  }

  /** The next paint writes every cell: something else may have written on the screen. */
  forget(): void {
    this.screen.alloc();
    this.screen.program.clear();
  }

  /** Gives the terminal back as it was. */
  restore(): void {
    if (this.isGiven) return;
    this.write(MODES_OFF);
    this.title = '';
    this.screen.program.showCursor();
    this.screen.leave();
    this.screen.program.flush();
    this.isGiven = true;
  }

  /** Takes the terminal again after `restore`. */
  take(): void {
    this.isGiven = false;
    this.screen.enter();
    this.forget();
    this.write(MODES_ON);
  }

  destroy(): void {
    this.restore();
    this.screen.destroy();
  }

  /** Blessed clears and paints by itself when the terminal is resized, also while the terminal is not ours. */
  private keepQuiet(): void {
    const { screen } = this;
    const [alloc, render] = [screen.alloc.bind(screen), screen.render.bind(screen)];
    screen.alloc = () => this.isGiven || alloc();
    screen.render = () => this.isGiven || render();
  }

  private dimInsteadOfBlinking(): void {
    const { program } = this.screen;
    const write = program._write.bind(program);
    program._write = (text) => write(text.replace(BLINKING_CODE, '2'));
  }

  /** Bytes for the terminal that draw nothing. */
  signal(sequence: string): void {
    this.write(sequence);
  }

  /** All cells of the screen, from the view. */
  private fill(): void {
    const { view } = this;
    if (!view) return;
    const { layout } = view;
    const { columns, rows } = this.size;
    const left = layout.rooms > 0 ? layout.rooms + 1 : 0;
    const right = left + layout.conversation;
    const bar = this.options.unicode ? '│' : '|';
    this.fillRow(0, 0, columns, view.title);
    view.banner.forEach((row, index) => {
      this.fillRow(1 + index, 0, columns, row);
    });
    for (let row = 0; row < layout.height; row += 1) {
      const y = 1 + layout.banner + row;
      this.fillRow(y, 0, layout.rooms, view.rooms[row]);
      if (layout.rooms > 0) this.fillRow(y, left - 1, 1, bar);
      this.fillRow(y, left, layout.conversation, view.conversation[row]);
      if (layout.people > 0) this.fillRow(y, right, 1, bar);
      this.fillRow(y, right + 1, layout.people, view.people[row]);
    }
    const input = rows - view.input.length;
    this.fillRow(input - 1, 0, columns, view.status);
    for (const [row, text] of view.input.entries()) this.fillRow(input + row, 0, columns, text);
  }

  /** So many cells of a line, and no other: what does not fit is left out, what is missing is blank. */
  private fillRow(y: number, left: number, width: number, row = ''): void {
    const line = this.screen.lines[y];
    if (!line) return;
    const end = Math.min(left + width, line.length);
    let attributes = PLAIN;
    let x = left;
    for (const part of row.split(COLOURS)) {
      if (COLOURS.test(part)) attributes = this.attributesAfter(part, attributes);
      else for (const symbol of symbolsOf(part)) x = this.fillCell(line, x, end, attributes, symbol);
    }
    while (x < end) x = this.fillCell(line, x, end, PLAIN, ' ');
  }

  private attributesAfter(sgr: string, attributes: number): number {
    const wanted = this.view?.coloured ? sgr : withoutColours(sgr);
    // Blessed takes no codes for the end of all of them.
    if (wanted === NO_CODES) return attributes;
    return this.screen.attrCode(wanted === SGR.dim ? BLINKING : wanted, attributes, PLAIN);
  }

  /** @returns where the next one goes */
  private fillCell(line: Cells, x: number, end: number, attributes: number, symbol: string): number {
    // The marks on a character take no cells of their own.
    const cells = cellsOf(symbol);
    if (x + cells > end) return end;
    for (let at = 0; at < cells; at += 1) {
      const cell = line[x + at];
      const character = at === 0 ? symbol : COVERED;
      if (!cell || (cell[0] === attributes && cell[1] === character)) continue;
      cell[0] = attributes;
      cell[1] = character;
      line.dirty = true;
    }
    return x + cells;
  }

  private name(title: string): void {
    if (this.isGiven || title === this.title) return;
    this.title = title;
    if (terminalName() !== 'linux') this.write(`\u001b]2;${title}\u0007`);
  }

  private write(text: string): void {
    this.options.output.write(text);
  }
}

/** Characters, each with the marks that are drawn into its cells; without what is drawn nowhere. */
function symbolsOf(text: string): readonly string[] {
  const symbols: string[] = [];
  for (const character of text) {
    if (cellsOfCharacter(character) > 0) symbols.push(character);
    else if (symbols.length > 0) symbols.push(symbols.pop() + character);
  }
  return symbols;
}

/** Most terminals are called by names that blessed does not know, and would get 8 colours. */
function terminalName(): string {
  const name = process.env.TERM ?? '';
  return name === 'linux' ? name : 'xterm-256color';
}
