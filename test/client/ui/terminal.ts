/** A terminal in memory: what is written to its stream ends up on a screen that can be read cell by cell. */
import { Writable } from 'node:stream';
import { type IUnicodeVersionProvider, Terminal } from '@xterm/headless';
import type { Size } from '../../../src/client/window/model';

/** As a present-day terminal has it. Not by the client's own tables: these are what is tested. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
const WIDTHS: IUnicodeVersionProvider = {
  version: 'present',
  wcwidth(code) {
    const character = String.fromCodePoint(code);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
    // Vowels and endings of Korean syllables among them, as in the C library, xterm.js and tmux.
    if (code >= 0x300 && /[\p{Mn}\p{Me}\u1160-\u11ff\u200b-\u200f\u2060-\u2064\ufeff]/u.test(character)) return 0;
    const isSquareOrIdeograph = (code >= 0x1f200 && code < 0x1f266) || (code >= 0x20000 && code < 0x40000);
    return isSquareOrIdeograph || WIDE.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
  },
  charProperties(code, preceding) {
    const width = this.wcwidth(code);
    const joins = width === 0 && preceding !== 0;
    const shown = joins ? Math.max(width, (preceding >> 1) & 3) : width;
    return (shown << 1) | (joins ? 1 : 0);
  },
};

/** A stream such as a terminal's, as wide and high as the terminal is. */
class Output extends Writable {
  readonly isTTY = true;
  constructor(
    private readonly terminal: Terminal,
    public columns: number,
    public rows: number,
  ) {
    super();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.terminal.write(chunk, done);
  }
}

export class Screen {
  readonly terminal: Terminal;
  readonly output: Output;

  constructor({ columns, rows }: Size) {
    this.terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.terminal.unicode.register(WIDTHS);
    this.terminal.unicode.activeVersion = WIDTHS.version;
    this.output = new Output(this.terminal, columns, rows);
  }

  /** As a person drags the terminal's corner. */
  resize({ columns, rows }: Size): void {
    this.terminal.resize(columns, rows);
    Object.assign(this.output, { columns, rows });
    this.output.emit('resize');
  }

  /** Everything written so far is on the screen. */
  async settled(): Promise<void> {
    await new Promise<void>((resolve) => this.output.write('', () => this.terminal.write('', resolve)));
  }

  /** The screen as text, without blanks at the ends of its lines. */
  async lines(): Promise<readonly string[]> {
    await this.settled();
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, row) =>
      (active.getLine(active.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
    );
  }

  /** Every cell of a line: its text, and how it looks. */
  async cells(row: number): Promise<readonly string[]> {
    await this.settled();
    return cellsOf(this.terminal, row);
  }

  /** The same of all lines. */
  async allCells(): Promise<readonly (readonly string[])[]> {
    await this.settled();
    return allCellsOf(this.terminal);
  }
}

/** Every cell of all lines. */
export function allCellsOf(terminal: Terminal): readonly (readonly string[])[] {
  return Array.from({ length: terminal.rows }, (_, row) => cellsOf(terminal, row));
}

function cellsOf({ buffer: { active }, cols }: Terminal, row: number): readonly string[] {
  const line = active.getLine(active.viewportY + row);
  return Array.from({ length: cols }, (_, column) => {
    const cell = line?.getCell(column);
    const looks = [cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse(), cell?.isDim()];
    // A cell nobody wrote to and a blank look the same.
    return `${cell?.getChars() || ' '} ${looks.join(' ')}`;
  });
}
