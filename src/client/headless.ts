/** A client without a screen: lines in, lines out. How a line looks is the voice's (`plain.ts`, `json.ts`). */
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { EXIT } from '../lib/exit';
import type { Action } from './commands';
import type { ClientEvent, ErrorEvent } from './events';
import { inertLine } from './inert';
import { readLines } from './lines';
import { Client, type ConnectOptions } from './shell';

/** How a line mode reads and writes. */
export interface Voice {
  /** What a line of input asks for, and the id that the answer is to carry. */
  parse(line: string, room: string): { readonly action: Action; readonly id: string };
  /** An event as text to print, with its line break; '' for nothing. @param nick what the user was called before it */
  show(event: ClientEvent, nick: string): string;
  help(): string;
  /** Whether errors are events like all others, or complaints to a person. */
  readonly errorsAreEvents: boolean;
}

export interface HeadlessOptions extends Omit<ConnectOptions, 'onEvent' | 'ready'> {
  readonly room: string;
  readonly voice: Voice;
  readonly input: Readable;
  readonly output: Writable;
  /** What went wrong, for a person: one line. */
  readonly complain: (line: string) => void;
  /** Go on reading after the input has ended. */
  readonly stay: boolean;
  /** How long the last posts may take to be confirmed once the input has ended. */
  readonly timeoutMs: number;
  /** How long to look for the cluster at the start. */
  readonly connectTimeoutMs: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long the end waits for the log to hear of it, and for whoever reads the output. */
const CLOSE_MS = 1000;
/** Posts without an outcome above which no more input is read. */
const MANY_POSTS = 8192;
/** The code of a post whose outcome nobody knows. */
const UNCONFIRMED = 'unconfirmed';

/** @returns the exit status */
export function runHeadless(options: HeadlessOptions): Promise<number> {
  return new Headless(options).run();
}

class Headless {
  private readonly client: Client;
  private room: string;
  /** What the user thinks to be called. */
  private nick: string;
  private reached = false;
  /** No more input, and what to say on leaving. */
  private leaving: { readonly text: string } | undefined;
  private closing = false;
  /** How it ends, whatever becomes of the session. */
  private overruled: number | undefined;
  private lastError = '';
  private finish: (status: number) => void = () => {};
  private readonly timers: NodeJS.Timeout[] = [];
  private drained: Promise<void> | undefined;

  constructor(private readonly options: HeadlessOptions) {
    this.room = options.room;
    this.nick = options.nick;
    this.client = new Client({ ...options, onEvent: (event) => this.onEvent(event), ready: () => this.drained });
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    const { input, connectTimeoutMs } = this.options;
    const listeners = SIGNALS.map((signal) => [signal, () => this.onSignal(signal)] as const);
    for (const [signal, listener] of listeners) process.once(signal, listener);
    this.after(connectTimeoutMs, () => this.onUnreachable());
    this.client.post({ type: 'join', room: this.room });
    readLines(input, {
      onLine: (line) => this.onLine(line),
      onBadLine: (code, message) => this.onError({ type: 'error', code, message }),
      onEnd: () => this.onInputEnd(),
    });
    const status = await ended;
    for (const [signal, listener] of listeners) process.removeListener(signal, listener);
    for (const timer of this.timers) clearTimeout(timer);
    input.pause();
    this.client.dispose();
    if (this.drained) await Promise.race([this.drained, pause(CLOSE_MS)]);
    return status;
  }

  private onLine(line: string): void {
    if (this.leaving || line.trim() === '') return;
    const { action, id } = this.options.voice.parse(line, this.room);
    switch (action.type) {
      case 'command':
        if (action.command.type === 'join') this.room = action.command.room;
        this.client.post(action.command, id);
        if (this.client.unconfirmed >= MANY_POSTS) this.options.input.pause();
        return;
      case 'switch':
        this.room = action.room;
        return;
      case 'query':
        return this.client.query(action.what, action.name);
      case 'history':
        return this.client.history(action.room, action.before, action.count);
      case 'search':
        return this.client.search(action.room, action.text, action.before, action.count);
      case 'help':
        return this.write(this.options.voice.help());
      case 'quit':
        return this.leave(action.text);
      case 'problem':
        return this.onError({ type: 'error', code: 'bad-input', message: action.message, ...(id !== '' && { id }) });
    }
  }

  private onEvent(event: ClientEvent): void {
    if (event.type === 'status' && event.state !== 'connecting') this.reached = true;
    if (event.type === 'ended') return this.onEnded(event.status);
    if (event.type === 'error') this.onError(event);
    else this.print(event);
    this.maybeReadOn();
    this.maybeClose();
  }

  private onError(error: ErrorEvent): void {
    this.lastError = error.message;
    if (this.options.voice.errorsAreEvents) this.print(error);
    // Of these a script wants to know each; a person is told how many there are.
    else if (error.code !== UNCONFIRMED) this.options.complain(inertLine(error.message));
  }

  private onEnded(status: number): void {
    if (this.overruled === undefined && status !== EXIT.ok && this.options.voice.errorsAreEvents)
      this.options.complain(inertLine(this.lastError));
    this.finish(this.overruled ?? status);
  }

  private onInputEnd(): void {
    if (!this.options.stay) this.leave('');
  }

  /** No more input: once everything is confirmed and answered, that is it. */
  private leave(text: string): void {
    if (this.leaving) return;
    this.leaving = { text };
    this.after(this.options.timeoutMs, () => this.onUnconfirmed());
    this.maybeClose();
  }

  private maybeReadOn(): void {
    const { input } = this.options;
    if (input.isPaused() && this.client.unconfirmed < MANY_POSTS / 2) input.resume();
  }

  private maybeClose(): void {
    if (!this.leaving || this.closing || this.client.unconfirmed > 0 || this.client.unanswered > 0) return;
    this.closing = true;
    this.client.close(this.leaving.text);
    // Everything is confirmed. That the log hears of the end is polite, no more.
    this.after(CLOSE_MS, () => this.finish(EXIT.ok));
  }

  private onUnreachable(): void {
    if (this.reached) return;
    const { endpoint, connectTimeoutMs } = this.options;
    const message = `no server reachable: nothing answers at ${endpoint} in ${connectTimeoutMs / 1000} s`;
    this.endWith(EXIT.unreachable, 'unreachable', message);
  }

  private onUnconfirmed(): void {
    const { unconfirmed } = this.client;
    if (this.closing || unconfirmed === 0) return this.finish(EXIT.ok);
    const what = unconfirmed === 1 ? '1 post was' : `${unconfirmed} posts were`;
    this.endWith(EXIT.unconfirmed, UNCONFIRMED, `${what} not confirmed in ${this.options.timeoutMs / 1000} s`);
  }

  private endWith(status: number, code: string, message: string): void {
    this.overruled = status;
    if (this.options.voice.errorsAreEvents) this.print({ type: 'error', code, message });
    this.options.complain(message);
    this.client.giveUp();
  }

  private onSignal(signal: (typeof SIGNALS)[number]): void {
    const status = 128 + constants.signals[signal];
    this.overruled = status;
    this.closing = true;
    this.client.close();
    this.after(CLOSE_MS, () => this.finish(status));
  }

  private print(event: ClientEvent): void {
    const text = this.options.voice.show(event, this.nick);
    this.nick = this.client.nick;
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

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
