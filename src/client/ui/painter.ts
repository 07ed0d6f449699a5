/** Paints a view with neo-blessed: a box for each pane, nothing of blessed's own input, no tags. */
import { PassThrough, type Writable } from 'node:stream';
import blessed, { type Widgets } from 'neo-blessed';
import { cellsOf } from '../cells';
import type { View } from '../view';

/** `blessed.unicode` decides how many cells a character takes; its own table is older than most emoji. */
interface BlessedUnicode {
  charWidth(text: string | number, at?: number): number;
  /** Which characters blessed would widen by itself. */
  readonly chars: { all: RegExp | typeof WIDE };
}

/** There, but not in blessed's types. */
interface Switchable {
  leave(): void;
  enter(): void;
  readonly tput: { brokenACS: boolean };
}

/** Stands for a pattern of all wide characters: what is wide is decided in one place, `cells.ts`. */
const WIDE = {
  [Symbol.replace](text: string, replacement: string): string {
    return text.replace(/[\u{1100}-\u{10ffff}]/gu, (character) =>
      cellsOf(character) === 2 ? replacement.replace('$1', () => character) : character,
    );
  },
};

const BRACKETED_PASTE_ON = '\u001b[?2004h';
const BRACKETED_PASTE_OFF = '\u001b[?2004l';

export interface PainterOptions {
  readonly output: Writable;
  readonly columns?: number;
  readonly rows?: number;
  readonly unicode: boolean;
}

export class Painter {
  private readonly screen: Widgets.Screen & Switchable;
  private readonly panes;

  constructor(private readonly options: PainterOptions) {
    const unicode = (blessed as unknown as { unicode: BlessedUnicode }).unicode;
    unicode.charWidth = (text, at = 0) =>
      cellsOf(typeof text === 'number' ? String.fromCodePoint(text) : String.fromCodePoint(text.codePointAt(at) ?? 32));
    unicode.chars.all = WIDE;
    this.screen = blessed.screen({
      input: new PassThrough() as never,
      output: options.output as never,
      terminal: terminalName(),
      smartCSR: false,
      fullUnicode: true,
      forceUnicode: options.unicode,
      title: 'synod',
      warnings: false,
    } as Widgets.IScreenOptions) as Widgets.Screen & Switchable;
    // In tmux the line-drawing character set comes out as letters.
    this.screen.tput.brokenACS = true;
    const box = (): Widgets.BoxElement =>
      blessed.box({ parent: this.screen, tags: false, wrap: false } as Widgets.BoxOptions);
    this.panes = {
      title: box(),
      rooms: box(),
      left: box(),
      conversation: box(),
      right: box(),
      people: box(),
      status: box(),
      input: box(),
    };
    this.write(BRACKETED_PASTE_ON);
  }

  get size(): { columns: number; rows: number } {
    return { columns: Number(this.screen.width), rows: Number(this.screen.height) };
  }

  onResize(then: () => void): void {
    this.screen.on('resize', then);
  }

  paint(view: View): void {
    const { layout } = view;
    const left = layout.rooms > 0 ? layout.rooms + 1 : 0;
    const { columns, rows } = this.size;
    const { panes } = this;
    const bar = Array.from({ length: layout.height }, () => (this.options.unicode ? '│' : '|'));
    this.place(panes.title, 0, 0, columns, 1, [view.title]);
    this.place(panes.rooms, 0, 1, layout.rooms, layout.height, view.rooms);
    this.place(panes.left, layout.rooms, 1, layout.rooms > 0 ? 1 : 0, layout.height, bar);
    this.place(panes.conversation, left, 1, layout.conversation, layout.height, view.conversation);
    this.place(panes.right, left + layout.conversation, 1, layout.people > 0 ? 1 : 0, layout.height, bar);
    this.place(panes.people, left + layout.conversation + 1, 1, layout.people, layout.height, view.people);
    this.place(panes.status, 0, rows - 2, columns, 1, [view.status]);
    this.place(panes.input, 0, rows - 1, columns, 1, [view.input]);
    this.screen.render();
    this.screen.program.cup(rows - 1, Math.min(view.cursor, columns - 1));
    this.screen.program.showCursor();
    this.screen.program.flush();
  }

  /** Gives the terminal back as it was. */
  restore(): void {
    this.write(BRACKETED_PASTE_OFF);
    this.screen.program.showCursor();
    this.screen.leave();
    this.screen.program.flush();
  }

  /** Takes the terminal again after `restore`. */
  take(): void {
    this.screen.enter();
    this.screen.alloc();
    this.write(BRACKETED_PASTE_ON);
  }

  destroy(): void {
    this.restore();
    this.screen.destroy();
  }

  private place(
    pane: Widgets.BoxElement,
    left: number,
    top: number,
    width: number,
    height: number,
    rows: readonly string[],
  ): void {
    if (width <= 0 || height <= 0) {
      pane.hide();
      return;
    }
    pane.show();
    Object.assign(pane.position, { left, top, width, height });
    pane.setContent(rows.slice(0, height).join('\n'));
  }

  private write(text: string): void {
    this.options.output.write(text);
  }
}

/** Most terminals are called by names that blessed does not know, and would get 8 colours. */
function terminalName(): string {
  const name = process.env.TERM ?? '';
  return name === 'linux' ? name : 'xterm-256color';
}
