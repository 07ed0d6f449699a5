/** A person at the chat window: the real program on a pseudo-terminal, and what is on its screen. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { BIN, PATIENCE_MS } from './cluster';

export interface ChatWindowOptions {
  /** The file of the cluster's configuration. */
  readonly config: string;
  /** What the person keeps lies below it: the key, what was not posted. */
  readonly folder: string;
  readonly nick: string;
  readonly columns?: number;
  readonly rows?: number;
}

export class ChatWindow {
  readonly terminal: Terminal;
  private readonly pty: IPty;
  private readonly end: Promise<number>;
  private hasEnded = false;
  private onChange: () => void = () => {};

  constructor({ config, folder, nick, columns = 80, rows = 24 }: ChatWindowOptions) {
    const home = path.join(folder, `home-${nick}`);
    mkdirSync(home, { recursive: true });
    this.terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.pty = spawn(process.execPath, [BIN, 'chat', '--config', config, '--nick', nick], {
      cols: columns,
      rows,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: home,
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        TZ: 'UTC',
        SYNOD_LOG: 'error',
      },
    });
    this.pty.onData((data) => this.terminal.write(data, () => this.onChange()));
    this.end = new Promise((resolve) => {
      this.pty.onExit(({ exitCode }) => {
        this.hasEnded = true;
        resolve(exitCode);
      });
    });
  }

  /** Presses keys. */
  write(keys: string): void {
    this.pty.write(keys);
  }

  /** Types a line and enters it. */
  say(line: string): void {
    this.write(`${line}\r`);
  }

  /** What the screen shows. */
  get text(): string {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.terminal.rows }, (_, row) =>
      (active.getLine(active.viewportY + row)?.translateToString(true) ?? '').trimEnd(),
    ).join('\n');
  }

  /** @returns the first group of the pattern, once the screen shows it */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`never saw ${pattern} on:\n${this.text}`)), PATIENCE_MS);
      this.onChange = () => {
        const match = pattern.exec(this.text);
        if (!match) return;
        clearTimeout(late);
        this.onChange = () => {};
        resolve(match[1] ?? match[0]);
      };
      this.onChange();
    });
  }

  /** Leaves as a person does. @returns the exit status */
  async quit(): Promise<number> {
    this.say('\u0015/quit');
    return this.end;
  }

  /** Nothing of it is left. */
  async dispose(): Promise<void> {
    if (!this.hasEnded) this.pty.kill('SIGKILL');
    await this.end;
    this.terminal.dispose();
  }
}
