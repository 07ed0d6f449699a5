/** A client without a screen: lines in, lines out. How a line looks is the voice's (`plain.ts`, `json.ts`). */
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { EXIT } from '../lib/exit';
import type { Action } from './commands';
import type { ClientEvent } from './events';
import { readLines } from './lines';
import { Client, type ConnectOptions } from './shell';

/** How a line mode reads and writes. */
export interface Voice {
  /** What a line of input asks for, and the id that the answer is to carry. */
  parse(line: string, room: string): { readonly action: Action; readonly id: string };
  /** An event as text to print, with its line break; '' for nothing. */
  show(event: ClientEvent, nick: string): string;
  help(): string;
}

export interface HeadlessOptions extends Omit<ConnectOptions, 'onEvent' | 'ready'> {
  readonly room: string;
  readonly voice: Voice;
  readonly input: Readable;
  readonly output: Writable;
  /** What goes wrong as a whole, for a person. */
  readonly complain: (line: string) => void;
  /** Go on reading after the input has ended. */
  readonly stay: boolean;
  /** How long the last posts may take to be confirmed once the input has ended. */
  readonly timeoutMs: number;
  /** How long to look for the cluster at the start. */
  readonly connectTimeoutMs: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long a signal waits for the session to close. */
const CLOSE_MS = 1000;

/** @returns the exit status */
export function runHeadless(options: HeadlessOptions): Promise<number> {
  return new Headless(options).run();
}

class Headless {
  private readonly client: Client;
  private room: string;
  private reached = false;
  private inputEnded = false;
  private stopped: number | undefined;
  private finish: (status: number) => void = () => {};
  private readonly timers: NodeJS.Timeout[] = [];
  private drained: Promise<void> | undefined;

  constructor(private readonly options: HeadlessOptions) {
    this.room = options.room;
    this.client = new Client({ ...options, onEvent: (event) => this.onEvent(event), ready: () => this.drained });
  }

  async run(): Promise<number> {
    const status = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    for (const signal of SIGNALS) process.once(signal, () => this.onSignal(signal));
    this.after(this.options.connectTimeoutMs, () => this.onUnreachable());
    this.client.post({ type: 'join', room: this.room });
    readLines(this.options.input, {
      onLine: (line) => this.onLine(line),
      onBadLine: (code, message) => this.print({ type: 'error', code, message }),
      onEnd: () => this.onInputEnd(),
    });
    const ended = await status;
    for (const timer of this.timers) clearTimeout(timer);
    this.client.dispose();
    await this.drained;
    return ended;
  }

  private onLine(line: string): void {
    if (line.trim() === '') return;
    const { action, id } = this.options.voice.parse(line, this.room);
    switch (action.type) {
      case 'command':
        if (action.command.type === 'join') this.room = action.command.room;
        return this.client.post(action.command, id);
      case 'switch':
        this.room = action.room;
        return;
      case 'query':
        return this.client.query(action.what, action.name);
      case 'history':
        return this.client.history(this.room, 0, action.count);
      case 'help':
        this.write(this.options.voice.help());
        return;
      case 'quit':
        return this.client.close(action.text);
      case 'problem':
        this.print({ type: 'error', code: 'bad-input', message: action.message, ...(id !== '' && { id }) });
        return;
    }
  }

  private onEvent(event: ClientEvent): void {
    if (event.type === 'status' && event.state !== 'connecting') this.reached = true;
    if (event.type === 'welcome') this.reached = true;
    if (event.type === 'ended') return this.finish(this.stopped ?? event.status);
    this.print(event);
    this.maybeLeave();
  }

  private onInputEnd(): void {
    if (this.options.stay) return;
    this.inputEnded = true;
    this.after(this.options.timeoutMs, () => this.onUnconfirmed());
    this.maybeLeave();
  }

  /** The input has ended and everything is confirmed: nothing more to do. */
  private maybeLeave(): void {
    if (this.inputEnded && this.client.unconfirmed === 0) this.client.close();
  }

  private onUnreachable(): void {
    if (this.reached) return;
    const message = `no server reachable: nothing answers at ${this.options.endpoint} in ${this.options.connectTimeoutMs / 1000} s`;
    this.print({ type: 'error', code: 'unreachable', message });
    this.options.complain(message);
    this.finish(EXIT.unreachable);
  }

  private onUnconfirmed(): void {
    const seconds = this.options.timeoutMs / 1000;
    const message = `${this.client.unconfirmed} posts were not confirmed in ${seconds} s`;
    this.print({ type: 'error', code: 'unconfirmed', message });
    this.options.complain(message);
    this.finish(EXIT.unconfirmed);
  }

  private onSignal(signal: (typeof SIGNALS)[number]): void {
    this.stopped = 128 + constants.signals[signal];
    this.client.close();
    this.after(CLOSE_MS, () => this.finish(this.stopped ?? EXIT.failure));
  }

  private print(event: ClientEvent): void {
    const text = this.options.voice.show(event, this.client.nick);
    if (text !== '') this.write(text);
  }

  /** While whoever reads the output is slow, nothing more is read from the cluster. */
  private write(text: string): void {
    if (this.options.output.write(text) || this.drained) return;
    this.drained = new Promise((resolve) => {
      this.options.output.once('drain', () => {
        this.drained = undefined;
        resolve();
      });
    });
  }

  private after(ms: number, then: () => void): void {
    this.timers.push(setTimeout(then, ms));
  }
}
