/** A client without a screen: lines in, lines out. How a line looks is the voice's (`plain.ts`, `json.ts`). */
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Command } from '../chat/commands';
import { EXIT } from '../lib/exit';
import type { Action, WindowWish } from './command-entry';
import { type ClientEvent, type ErrorEvent, idOf, NO_ORIGIN, type Origin } from './events';
import { inertLine } from './inert';
import { readLines } from './lines';
import { CALL_PAUSE_MS, concerns } from './news';
import { complaintOf, Outcome, openInWords } from './outcome';
import { Output } from './output';
import { differsText } from './plain';
import { UNCONFIRMED } from './posts';
import { Client, type ConnectOptions } from './shell';
import { Whereabouts } from './whereabouts';

/** How a line mode reads and writes. */
export interface Voice {
  /** What a line of input asks for, and the id that the answer is to carry. */
  parse(line: string, room: string): { readonly action: Action; readonly id: string };
  /** An event as text to print, with its line break; '' for nothing. @param nick what the user was called before it */
  show(event: ClientEvent, nick: string): string;
  /** @param about as `helpLines` has it */
  help(about: string): string;
  /** That what is typed goes to another room now. */
  moved(room: string): string;
  /** Does something that is the window's as well, if there is anything. @returns what to print */
  wish?(wish: WindowWish, nick: string): string;
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
  /** Makes the person look here: somebody named them, or wrote to them alone. */
  readonly call?: (() => void) | undefined;
  /** Go on reading after the input has ended. */
  readonly stay: boolean;
  /** How long the last posts may take to be confirmed once the input has ended. */
  readonly timeoutMs: number;
  /** How long to look for the cluster at the start. */
  readonly connectTimeoutMs: number;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** How long the end waits for the log to hear of it. */
const CLOSE_MS = 1000;
/** Posts without an outcome above which no more input is read. */
const MANY_POSTS = 8192;

/** @returns the exit status */
export function runHeadless(options: HeadlessOptions): Promise<number> {
  return new Headless(options).run();
}

class Headless {
  private readonly client: Client;
  private readonly output: Output;
  private readonly where: Whereabouts;
  private readonly outcome = new Outcome();
  /** What the user thinks to be called. */
  private nick: string;
  private session = '';
  /** A server was heard of. */
  private reached = false;
  /** The balancer was. */
  private answered = false;
  /** The first room was joined. */
  private isIn = false;
  private calledAtMs = Number.NEGATIVE_INFINITY;
  /** How long it goes on waiting for what is not confirmed. */
  private patience: NodeJS.Timeout | undefined;
  /** No more input, and what to say on leaving. */
  private leaving: { readonly text: string } | undefined;
  private closing = false;
  /** How it ends, whatever becomes of the session. */
  private overruled: number | undefined;
  private finish: (status: number) => void = () => {};
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: HeadlessOptions) {
    const { room, nick, output } = options;
    this.where = new Whereabouts(room);
    this.nick = nick;
    this.output = new Output(output, (error) => this.onNoOutput(error));
    const onEvent = (event: ClientEvent) => this.onEvent(event);
    this.client = new Client({ ...options, onEvent, ready: () => this.output.drained });
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    const { input, room, connectTimeoutMs } = this.options;
    const listeners = SIGNALS.map((signal) => [signal, () => this.onSignal(signal)] as const);
    for (const [signal, listener] of listeners) process.once(signal, listener);
    this.after(connectTimeoutMs, () => this.onUnreachable());
    this.client.post({ type: 'join', room });
    readLines(input, {
      onLine: (line, number) => this.onLine(line, number),
      onBadLine: (code, message, line) => this.refuse(code, message, { id: '', line }),
      onEnd: () => this.onInputEnd(),
    });
    const status = await ended;
    for (const [signal, listener] of listeners) process.removeListener(signal, listener);
    for (const timer of this.timers) clearTimeout(timer);
    input.pause();
    this.client.dispose();
    await this.output.end();
    return status;
  }

  private onLine(text: string, line: number): void {
    if (this.leaving || text.trim() === '') return;
    const { action, id } = this.options.voice.parse(text, this.where.room);
    const origin = { id, line };
    switch (action.type) {
      case 'command':
        return this.post(action.command, origin);
      case 'switch':
        this.where.go(action.room);
        return this.output.write(this.options.voice.moved(action.room));
      case 'ask':
        return this.client.ask(action.question, origin);
      case 'help':
        return this.output.write(this.options.voice.help(action.about));
      case 'window':
        return this.output.write(this.options.voice.wish?.(action.wish, this.client.nick) ?? '');
      case 'quit':
        return this.leave(action.text);
      case 'retry': // A voice says of these that they are not here.
      case 'cancel':
        return;
      case 'problem':
        return this.refuse('bad-input', action.message, origin);
    }
  }

  private post(command: Command, { id, line }: Origin): void {
    // Before it is posted: it may be refused at once.
    if (command.type === 'join') this.where.join(command.room, line);
    this.client.post(command, id, line);
    if (this.client.unconfirmed >= MANY_POSTS) this.options.input.pause();
  }

  private refuse(code: string, message: string, origin: Origin): void {
    const { line } = origin;
    this.onError({ type: 'error', code, message, ...idOf(origin), ...(line !== 0 && { line }) });
  }

  private onEvent(event: ClientEvent): void {
    this.note(event);
    if (event.type === 'ended') return this.onEnded(event.status);
    // As long as something is confirmed, the rest is waited for.
    if (event.type === 'ack') this.patience?.refresh();
    if (event.type === 'digest-differs') this.refuse(event.type, differsText(event), NO_ORIGIN);
    else if (event.type === 'error') this.onError(event);
    else this.print(event);
    if (this.client.unconfirmed === 0) this.where.onSettled();
    this.maybeReadOn();
    this.maybeClose();
  }

  /** What it says about who and where this client is. */
  private note(event: ClientEvent): void {
    if (event.type === 'welcome') this.session = event.session;
    if (event.type === 'presence' && event.event === 'join' && event.session === this.session) this.isIn = true;
    if (event.type !== 'status' || event.state === 'connecting') return;
    this.answered = true;
    if (event.server !== 0 || (event.connected ?? 0) > 0) this.reached = true;
  }

  private onError(error: ErrorEvent): void {
    this.outcome.onError(error);
    this.where.onRefused(error.line ?? 0);
    if (this.options.voice.errorsAreEvents) this.print(error);
    // Of these a script wants to know each; a person is told how many there are.
    else if (error.code !== UNCONFIRMED) this.complain(complaintOf(error));
  }

  private onEnded(status: number): void {
    this.finishWith(status === EXIT.ok ? this.outcome.status : status);
  }

  /** Who reads events may not look at them; a person was told of each error but those that are counted. */
  private finishWith(status: number): void {
    if (this.overruled !== undefined) return this.finish(this.overruled);
    const isTold = status === EXIT.failure && !this.options.voice.errorsAreEvents;
    if (status !== EXIT.ok && !isTold) this.complain(this.outcome.words(status));
    this.finish(status);
  }

  private onInputEnd(): void {
    if (!this.options.stay) this.leave('');
  }

  /** No more input: once everything is confirmed and answered, that is it. */
  private leave(text: string): void {
    if (this.leaving) return;
    this.leaving = { text };
    this.patience = this.after(this.options.timeoutMs, () => this.onUnconfirmed());
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
    this.after(CLOSE_MS, () => this.finishWith(this.outcome.status));
  }

  private onUnreachable(): void {
    if (this.reached || this.client.server !== 0) return;
    const { endpoint, connectTimeoutMs } = this.options;
    const silence = this.answered ? `the balancer at ${endpoint} found none` : `nothing answers at ${endpoint}`;
    const why = this.client.refusal || `${silence} in ${connectTimeoutMs / 1000} s`;
    this.endWith(EXIT.unreachable, 'unreachable', `no server reachable: ${why}`);
  }

  private onUnconfirmed(): void {
    const open = this.openInWords();
    if (this.closing || open === '') return this.finishWith(this.outcome.status);
    this.endWith(EXIT.unconfirmed, UNCONFIRMED, `${open} in ${this.options.timeoutMs / 1000} s`);
  }

  private openInWords(): string {
    const { unconfirmedLines: lines, unconfirmed: commands, unanswered: questions } = this.client;
    return openInWords({ lines, commands, questions, joining: this.isIn ? '' : this.options.room });
  }

  private endWith(status: number, code: string, message: string): void {
    this.overruled ??= status;
    if (this.options.voice.errorsAreEvents) this.print({ type: 'error', code, message });
    this.complain(message);
    this.client.giveUp();
  }

  /** The session is closed if the cluster is there; whatever has no outcome by then has none. */
  private onSignal(signal: (typeof SIGNALS)[number]): void {
    const status = 128 + constants.signals[signal];
    this.overruled = status;
    this.leaving = { text: '' };
    this.closing = true;
    this.client.close();
    this.after(CLOSE_MS, () => {
      if (this.client.unconfirmedLines > 0) this.complain(this.openInWords());
      this.client.giveUp();
    });
  }

  /** What was to be said is still said. Who reads no more (`synod chat … | head`) has ended it in peace. */
  private onNoOutput(error: NodeJS.ErrnoException): void {
    if (error.code !== 'EPIPE') {
      this.overruled ??= EXIT.disk;
      this.complain(`standard output cannot be written: ${error.message}`);
    }
    this.leave('');
  }

  private print(event: ClientEvent): void {
    const text = this.options.voice.show(event, this.nick);
    this.nick = this.client.nick;
    if (text === '') return;
    this.output.write(text);
    this.maybeCall(event);
  }

  /** A flood of calls is one. */
  private maybeCall(event: ClientEvent): void {
    const { call, machine } = this.options;
    if (!call || event.type !== 'message' || event.earlier) return;
    const isCall = event.session !== this.session && concerns(event, this.nick);
    const nowMs = machine.clock.monotonicMs();
    if (!isCall || nowMs - this.calledAtMs < CALL_PAUSE_MS) return;
    this.calledAtMs = nowMs;
    call();
  }

  private complain(line: string): void {
    this.options.complain(inertLine(line));
  }

  private after(ms: number, then: () => void): NodeJS.Timeout {
    const timer = setTimeout(then, ms);
    this.timers.push(timer);
    return timer;
  }
}
