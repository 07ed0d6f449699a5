/**
 * A person's own editor on what they are typing: it gets the terminal and a file that nobody else can read, and the text
 * comes back. The terminal has to be given back before, and is taken again by whoever gave it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MAX_DRAFT_UNITS } from '../window/draft';
import { type Composed, composedText } from '../window/typing';

/** How long an editor may take to put the terminal in order once it is told to end. */
const GRACE_MS = 500;
/** How much later than the editor this process may hear a signal that the terminal sent to both, milliseconds. */
const SAME_SIGNAL_MS = 100;
/** What is read of the file: no UTF-16 unit takes more than three bytes. One more tells that there is more. */
const MAX_FILE_BYTES = 3 * MAX_DRAFT_UNITS + 1;

export type EditedText = Pick<Composed, 'text' | 'problem'>;

export class ExternalEditor {
  private child: ChildProcess | undefined;
  private folder: string | undefined;
  private ended: Promise<string> = Promise.resolve('');

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** Whether the terminal is the editor's. */
  get isRunning(): boolean {
    return this.child !== undefined;
  }

  /**
   * Waits for the editor to end; its file is gone by then, unless there is more in it than a message can have. Never
   * fails: what went wrong is told with it.
   */
  async edit(text: string): Promise<EditedText> {
    const command = this.env.VISUAL || this.env.EDITOR;
    if (!command) return failed('there is no editor: set $VISUAL or $EDITOR');
    try {
      const file = this.write(text);
      const problem = await this.run(command, file);
      if (problem !== '') return failed(`${command}: ${problem}`);
      const edited = composedText(read(file));
      if (edited.length <= MAX_DRAFT_UNITS) return { text: edited, problem: '' };
      this.folder = undefined;
      return failed(`a message has at most ${MAX_DRAFT_UNITS} characters; what is longer is in ${file}`);
    } catch (error) {
      return failed((error as Error).message);
    } finally {
      this.remove();
    }
  }

  /** Tells it to end, and kills it when it does not; the terminal is free afterwards. */
  async end(): Promise<void> {
    const { child } = this;
    if (!child) return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await this.ended;
    clearTimeout(late);
  }

  /** For a process that ends at once: nothing of it is left. */
  dispose(): void {
    this.child?.kill('SIGKILL');
    this.remove();
  }

  /** @returns the file, in a folder of its own: editors write others beside it */
  private write(text: string): string {
    // Made for its owner alone.
    this.folder = mkdtempSync(path.join(tmpdir(), 'synod-draft-'));
    const file = path.join(this.folder, 'message.txt');
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
    return file;
  }

  /** @returns what went wrong; '' for nothing */
  private run(command: string, file: string): Promise<string> {
    // As others read these variables: words for a shell. `exec`, so that a signal reaches the editor itself.
    const child = spawn('/bin/sh', ['-c', `exec env ${command} "$1"`, 'sh', file], { env: this.env, stdio: 'inherit' });
    this.child = child;
    this.ended = new Promise((resolve) => {
      const settle = (problem: string) => {
        this.child = undefined;
        resolve(problem);
      };
      child.on('error', ({ message }) => settle(message));
      child.on('exit', (status, signal) => {
        const problem = status === 0 ? '' : `ended with ${signal ?? `status ${status}`}`;
        // Ctrl-C on the terminal is for both, and may be heard here only after the editor has ended by it.
        if (signal) setTimeout(settle, SAME_SIGNAL_MS, problem);
        else settle(problem);
      });
    });
    return this.ended;
  }

  private remove(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }
}

function failed(problem: string): EditedText {
  return { text: undefined, problem: `${problem}; the draft is as it was` };
}

function read(file: string): string {
  const bytes = Buffer.alloc(MAX_FILE_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    let length = 0;
    for (let more = -1; more !== 0; length += more)
      more = readSync(descriptor, bytes, length, bytes.length - length, null);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}
