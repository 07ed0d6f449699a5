/** An interactive shell on a pseudo-terminal, and what a person would see of it. */
import { type IPty, spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { allCellsOf } from './terminal';

const DEADLINE_MS = 20_000;

export class Shell {
  private readonly terminal = new Terminal({
    cols: 80,
    rows: 24,
    allowProposedApi: true,
    windowOptions: { pushTitle: true, popTitle: true },
  });
  private readonly pty: IPty;
  private hears: () => void = () => {};
  private ended = false;
  private readonly end: Promise<void>;
  private cursorIsShown = true;
  private title = '';

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.pty = spawn('bash', ['--norc', '--noprofile', '-i'], {
      cols: 80,
      rows: 24,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: '/',
        XDG_DATA_HOME: process.env.XDG_DATA_HOME ?? '',
        XDG_STATE_HOME: process.env.XDG_STATE_HOME ?? '',
        PS1: 'prompt$ ',
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        ...env,
      },
    });
    // The headless terminal does not tell whether its cursor is shown.
    for (const [final, isShown] of [
      ['h', true],
      ['l', false],
    ] as const) {
      this.terminal.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
        if (params.includes(25)) this.cursorIsShown = isShown;
        return false;
      });
    }
    this.terminal.onTitleChange((title) => {
      this.title = title;
    });
    this.end = new Promise((resolve) => {
      this.pty.onExit(() => {
        this.ended = true;
        resolve();
      });
    });
    this.pty.onData((data) => this.terminal.write(data, () => this.hears()));
  }

  write(keys: string): void {
    this.pty.write(keys);
  }

  /** What the screen shows. */
  get text(): string {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, row) =>
      (active.getLine(active.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
    ).join('\n');
  }

  /** Every cell of it: its text, and how it looks. */
  get cells(): readonly (readonly string[])[] {
    return allCellsOf(this.terminal);
  }

  /** Whether the screen is the one that programs borrow. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  /** All that a program has to put back. */
  get state(): { alternate: boolean; paste: boolean; cursor: boolean; focus: boolean; title: string } {
    return {
      focus: this.terminal.modes.sendFocusMode,
      title: this.title,
      alternate: this.isAlternate,
      paste: this.terminal.modes.bracketedPasteMode,
      cursor: this.cursorIsShown,
    };
  }

  /** @returns the first group of the pattern, once the screen shows it */
  until(pattern: RegExp, alternate: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`never saw ${pattern} (alternate: ${alternate}) on:\n${this.text}`)),
        DEADLINE_MS,
      );
      this.hears = () => {
        const match = pattern.exec(this.text);
        if (!match || this.isAlternate !== alternate) return;
        clearTimeout(late);
        this.hears = () => {};
        resolve(match[1] ?? '');
      };
      this.hears();
    });
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
    this.pty.resize(columns, rows);
  }

  /** The terminal goes away, as when its window is closed. */
  close(): void {
    this.pty.kill('SIGHUP');
  }

  /** Nothing of it is left. */
  async dispose(): Promise<void> {
    if (!this.ended) this.pty.kill('SIGKILL');
    await this.end;
    this.terminal.dispose();
  }
}
