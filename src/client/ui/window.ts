/** The chat window: keys and events in, the model through `update`, the view on the screen. */

import { constants } from 'node:os';
import type { Command } from '../../chat/commands';
import { DEFAULT_PREFERENCES, type Preferences } from '../../config/preferences';
import { EXIT } from '../../lib/exit';
import type { ClientEvent, Origin } from '../events';
import { inertLine } from '../inert';
import { UNCONFIRMED } from '../posts';
import type { Asked } from '../questions';
import { Client, type ConnectOptions } from '../shell';
import { isTroubled } from '../window/banner';
import type { Drafts } from '../window/drafts';
import type { WindowEffect } from '../window/effects';
import { isUnread } from '../window/markers';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from '../window/style';
import { type Opening, opening, update, type WindowEvent } from '../window/update';
import { view } from '../window/view';
import { callSequence } from './call';
import { DraftKeeper } from './draft-keeper';
import { ExternalEditor } from './external-editor';
import { Keyboard } from './keyboard';
import { Painter } from './painter';
import { RoomLogs, whereLogged } from './room-logs';
import { Turns } from './turns';

/** What the window needs of a client: `shell.ts` has it, and a test has another one. */
export interface WindowClient {
  /** Lines whose outcome is not known. */
  readonly unconfirmedLines: number;
  /** Milliseconds until the cluster is looked for again; undefined when that is not due. */
  readonly nextTryMs: number | undefined;
  /** What has no outcome is kept for the next time. */
  readonly isKept: boolean;
  post(command: Command, id?: string): void;
  cancel(id: string): void;
  ask(question: Asked, origin: Origin): void;
  markRead(room: string, index: number): void;
  close(text?: string): void;
  dispose(): void;
}

/** What a window has of the person's own files. */
export interface Personal {
  /** Changes one of the preferences for good. @returns them as they are now, or in a line why they are not */
  prefer(preferences: Preferences, key: string, text: string): Preferences | { readonly problem: string };
  /** Keeps what is being typed for the next window. @returns what went wrong, in a line; '' for nothing */
  keepDrafts(drafts: Drafts): string;
  /** The folder of this cluster's logs. @param logs as the preferences have it; 'off' for the usual one */
  logsIn(logs: string): string;
}

export interface WindowParts extends Opening, Personal {
  readonly wallMs: () => number;
  readonly connect: (onEvent: (event: ClientEvent) => void, ready: ConnectOptions['ready']) => WindowClient;
}

export type WindowOptions = Opening & Personal & Omit<ConnectOptions, 'onEvent' | 'ready'>;

/** At most so many draws a second, whatever happens. */
const DRAW_MS = 33;
/** How long the last posts may take to be confirmed on leaving. */
const CLOSE_MS = 3000;
/** How long a signal waits for the session to close. */
const SIGNAL_MS = 500;
/** After giving the terminal back: by then this process stands still, or nothing can stop it. */
const STOPPED_MS = 100;
/** How often what the window says of time is brought up to date, while it says something. */
const TICK_MS = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** @returns the exit status, with the terminal as it was */
export function runWindow(options: WindowOptions): Promise<number> {
  return showWindow({
    ...options,
    wallMs: () => options.machine.clock.wallMs(),
    connect: (onEvent, ready) => new Client({ ...options, onEvent, ready }),
  });
}

/** The window on any client. @returns the exit status, with the terminal as it was */
export function showWindow(parts: WindowParts): Promise<number> {
  return new ChatWindow(parts).run();
}

class ChatWindow {
  private readonly unicode = /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '');
  private readonly painter = new Painter({
    output: process.stdout,
    unicode: this.unicode,
  });
  private readonly logs = new RoomLogs(
    (text) => this.remark(text),
    () => this.parts.wallMs(),
  );
  private readonly drafts: DraftKeeper;
  private readonly keyboard: Keyboard;
  private readonly editor = new ExternalEditor(process.env);
  private readonly client: WindowClient;
  private readonly timers: NodeJS.Timeout[] = [];
  private model;
  private drawing: NodeJS.Timeout | undefined;
  private lastError = '';
  /** The terminal is the shell's for a while. */
  private suspended = false;
  private restored = false;
  /** A signal ends it: with this status, whatever becomes of the session. */
  private stopped: number | undefined;
  private finish: (status: number) => void = () => {};

  constructor(private readonly parts: WindowParts) {
    this.keyboard = new Keyboard(process.stdin, {
      onKey: (key) => this.handle({ type: 'key', key, time: parts.wallMs() }),
      onFocus: (focused) => this.handle({ type: 'focus', focused }),
      onPaste: (text) => this.handle({ type: 'paste', text, time: parts.wallMs() }),
      onEnd: () => this.onSignal('SIGHUP'),
    });
    this.drafts = new DraftKeeper(
      parts.drafts ?? [],
      (drafts) => parts.keepDrafts(drafts),
      (text) => this.remark(text),
    );
    const first = opening({ ...parts, preferences: preferencesOf(parts) }, this.painter.size, parts.wallMs());
    this.model = first.model;
    const turns = new Turns(() => performance.now());
    this.client = parts.connect(
      (event) => {
        this.handle({ type: 'client', event, time: parts.wallMs() });
        // That something is not confirmed follows from what went wrong.
        if (event.type === 'error' && event.code !== UNCONFIRMED) this.lastError = event.message;
        if (event.type === 'ended') this.finish(this.stopped ?? event.status);
      },
      () => turns.next(),
    );
    this.carryOut(first.effects);
  }

  async run(): Promise<number> {
    const status = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    const unlisten = this.listen();
    this.painter.onResize(() => this.handle({ type: 'resize', size: this.painter.size }));
    this.keyboard.start();
    this.drawSoon();
    const ticking = setInterval(() => this.tick(), TICK_MS);
    const ended = await status;
    await this.editor.end();
    clearInterval(ticking);
    this.restore();
    unlisten();
    for (const timer of this.timers) clearTimeout(timer);
    const { unconfirmedLines: lines, isKept } = this.client;
    this.client.dispose();
    if (ended === EXIT.unconfirmed || (isKept && lines > 0)) complain(unconfirmedInWords(lines, isKept));
    if (ended === EXIT.failure && this.lastError !== '') complain(this.lastError);
    return ended;
  }

  /** Hears of everything that ends the process or takes its terminal. @returns what takes that back */
  private listen(): () => void {
    const onSignal = (signal: NodeJS.Signals) => this.onSignal(signal);
    const onContinued = () => this.resume();
    const onExit = () => this.restore();
    for (const signal of SIGNALS) process.on(signal, onSignal);
    process.on('SIGTSTP', this.onStop);
    process.on('SIGCONT', onContinued);
    process.on('exit', onExit);
    // The terminal is given back before anybody says what went wrong.
    process.prependListener('uncaughtExceptionMonitor', onExit);
    process.prependListener('unhandledRejection', onExit);
    // What becomes of the terminal is the window's business as long as the window has it.
    const others = process.stdout.listeners('error') as ((error: Error) => void)[];
    process.stdout.removeAllListeners('error').on('error', this.onNoTerminal);
    return () => {
      // Whoever tidies up behind the window is not cut short by the next signal of the kind, nor for want of a terminal.
      if (this.stopped !== undefined) return;
      process.stdout.off('error', this.onNoTerminal);
      for (const listener of others) process.stdout.on('error', listener);
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('SIGTSTP', this.onStop);
      process.off('SIGCONT', onContinued);
      process.off('exit', onExit);
      process.off('uncaughtExceptionMonitor', onExit);
      process.off('unhandledRejection', onExit);
    };
  }

  /** The session is closed, so that the nick is free at once, but a signal is not kept waiting for it. */
  private onSignal(signal: NodeJS.Signals): void {
    // Ctrl-C and the like are meant for the editor, and reach everybody on the terminal.
    if (this.editor.isRunning && (signal === 'SIGINT' || signal === 'SIGQUIT')) return;
    const status = statusOf(signal);
    if (this.stopped !== undefined) return this.finish(status);
    this.stopped = status;
    this.client.close();
    this.after(SIGNAL_MS, () => this.finish(status));
  }

  private tick(): void {
    // Nothing else that is shown gets older by itself, or may have been read elsewhere.
    if (!isTroubled(this.model) && this.model.overlay?.type !== 'cluster' && !isUnread(this.model)) return;
    this.handle({ type: 'tick', time: this.parts.wallMs(), nextTryMs: this.client.nextTryMs });
  }

  private readonly onStop = () => this.suspend();
  private readonly onNoTerminal = () => this.onSignal('SIGHUP');

  private handle(event: WindowEvent): void {
    const { model, effects } = update(this.model, event);
    this.model = model;
    this.drafts.onChange(model);
    this.carryOut(effects);
    this.drawSoon();
  }

  private carryOut(effects: readonly WindowEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'post':
          this.client.post(effect.command, effect.id);
          break;
        case 'cancel':
          this.client.cancel(effect.id);
          break;
        case 'read':
          this.client.markRead(effect.room, effect.index);
          break;
        case 'ask':
          this.client.ask(effect.question, { id: effect.id, line: 0 });
          break;
        case 'close':
          this.client.close(effect.text);
          this.after(CLOSE_MS, () => this.leave());
          break;
        case 'leave':
          this.leave();
          break;
        case 'prefer':
          this.prefer(effect.key, effect.text);
          break;
        case 'call':
          this.painter.signal(callSequence(effect, process.env));
          break;
        case 'log':
          this.logs.add(this.parts.logsIn(this.model.preferences.logs), effect.line);
          break;
        case 'say-where':
          this.remark(whereLogged(this.parts.logsIn(this.model.preferences.logs), effect.room, this.parts.wallMs()));
          break;
        case 'suspend':
          this.suspend();
          break;
        case 'compose':
          void this.compose(effect.room, effect.text);
          break;
        case 'repaint':
          this.painter.forget();
          break;
      }
    }
  }

  private prefer(key: string, text: string): void {
    const result = this.parts.prefer(this.model.preferences, key, text);
    this.handle({ type: 'preferred', key, result, time: this.parts.wallMs() });
  }

  private remark(text: string): void {
    this.handle({ type: 'remark', text, time: this.parts.wallMs() });
  }

  /** Without waiting any longer: that the log hears of the end is polite, that it has all posts is not. */
  private leave(): void {
    this.finish(this.client.unconfirmedLines > 0 ? EXIT.unconfirmed : EXIT.ok);
  }

  /** One draw for all that happens in a moment. */
  private drawSoon(): void {
    if (this.suspended || this.restored) return;
    this.drawing ??= setTimeout(() => {
      this.drawing = undefined;
      this.painter.paint(view(this.model, this.unicode ? UNICODE_GLYPHS : ASCII_GLYPHS));
    }, DRAW_MS);
  }

  /** Gives the terminal to the person's own editor. Meanwhile others are heard, and nothing is drawn. */
  private async compose(room: string, text: string): Promise<void> {
    if (this.suspended || this.restored) return;
    this.giveBack();
    const edited = await this.editor.edit(text);
    if (this.stopped !== undefined) return;
    this.resume();
    this.handle({ type: 'composed', room, ...edited, time: this.parts.wallMs() });
  }

  /** The terminal is somebody else's, and Ctrl-Z there stops this process with them. */
  private giveBack(): void {
    this.suspended = true;
    this.stopDrawing();
    this.keyboard.stop();
    this.painter.restore();
    process.off('SIGTSTP', this.onStop);
  }

  /** Gives the terminal back and stops, with all that the shell started together with this process. */
  private suspend(): void {
    if (this.suspended || this.restored) return;
    this.giveBack();
    process.kill(0, 'SIGTSTP');
    // Where no shell could wake it, nothing is stopped, and the window comes back at once.
    this.after(STOPPED_MS, () => this.resume());
  }

  /** Also after it was stopped without having been asked: who knows what the terminal was used for. */
  private resume(): void {
    if (this.restored || this.editor.isRunning) return;
    if (this.suspended) process.on('SIGTSTP', this.onStop);
    else this.painter.restore();
    this.suspended = false;
    this.keyboard.stop();
    this.keyboard.start();
    this.painter.take();
    // Whoever had the terminal heard of its new size, and this process did not: it looks when it hears of one.
    process.kill(process.pid, 'SIGWINCH');
    this.handle({ type: 'resize', size: this.painter.size });
  }

  private restore(): void {
    if (this.restored) return;
    this.restored = true;
    this.drafts.keepNow();
    this.editor.dispose();
    this.stopDrawing();
    this.logs.end();
    if (this.stopped === statusOf('SIGHUP')) this.keyboard.abandon();
    else this.keyboard.stop();
    this.painter.destroy();
  }

  private stopDrawing(): void {
    clearTimeout(this.drawing);
    this.drawing = undefined;
  }

  private after(ms: number, then: () => void): void {
    this.timers.push(setTimeout(then, ms));
  }
}

function statusOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

function unconfirmedInWords(lines: number, isKept: boolean): string {
  const posts = `${lines} of your posts ${lines === 1 ? 'was' : 'were'} not confirmed`;
  return isKept ? `${posts}: kept, and sent next time` : posts;
}

/** NO_COLOR, as no-color.org has it: present and not empty. Another theme that is asked for later is one all the same. */
function preferencesOf({ preferences = DEFAULT_PREFERENCES }: WindowParts): Preferences {
  return process.env.NO_COLOR ? { ...preferences, theme: 'none' } : preferences;
}

function complain(message: string): void {
  process.stderr.write(`synod chat: ${inertLine(message)}\n`);
}
