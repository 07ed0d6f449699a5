/** The chat window: keys and events in, the model through `update`, the view on the screen. */
import { constants } from 'node:os';
import { Client, type ConnectOptions } from '../shell';
import { opening, type Updated, update, type WindowEffect, type WindowEvent } from '../update';
import { ASCII_GLYPHS, UNICODE_GLYPHS, view } from '../view';
import { Keyboard } from './keyboard';
import { Painter } from './painter';

export interface WindowOptions extends Omit<ConnectOptions, 'onEvent' | 'ready'> {
  readonly room: string;
}

/** At most so many draws a second, whatever happens. */
const DRAW_MS = 33;
/** How long the last posts may take to be confirmed on leaving. */
const CLOSE_MS = 3000;
/** How long a signal waits for the session to close. */
const SIGNAL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @returns the exit status, with the terminal as it was */
export function runWindow(options: WindowOptions): Promise<number> {
  return new ChatWindow(options).run();
}

class ChatWindow {
  private readonly unicode = /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || '');
  private readonly painter = new Painter({ output: process.stdout, unicode: this.unicode });
  private readonly keyboard: Keyboard;
  private readonly client: Client;
  private model;
  private drawing: NodeJS.Timeout | undefined;
  private lastError = '';
  private restored = false;
  private stopped: number | undefined;
  private finish: (status: number) => void = () => {};

  constructor(options: WindowOptions) {
    this.keyboard = new Keyboard(process.stdin, {
      onKey: (key) => this.handle({ type: 'key', key, time: options.clock.wallMs() }),
      onPaste: (text) => this.handle({ type: 'paste', text }),
    });
    this.client = new Client({
      ...options,
      onEvent: (event) => {
        this.handle({ type: 'client', event, time: options.clock.wallMs() });
        if (event.type === 'error') this.lastError = event.message;
        if (event.type === 'ended') this.finish(this.stopped ?? event.status);
      },
    });
    const first = opening(options.nick, options.room);
    this.model = first.model;
    this.carryOut(first.effects);
  }

  async run(): Promise<number> {
    const status = new Promise<number>((resolve) => {
      this.finish = resolve;
    });
    const onSignal = (signal: (typeof SIGNALS)[number]) => {
      // The session is closed, so that the nick is free at once, but a signal is not kept waiting for it.
      this.stopped = 128 + constants.signals[signal];
      this.client.close();
      setTimeout(() => this.finish(128 + constants.signals[signal]), SIGNAL_MS);
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
    // Whatever goes wrong, the terminal is given back before anybody says what it was.
    process.prependOnceListener('uncaughtException', () => this.restore());
    process.once('exit', () => this.restore());
    process.on('SIGCONT', () => this.resume());
    this.painter.onResize(() => this.drawSoon());
    this.keyboard.start();
    this.drawSoon();
    const ended = await status;
    this.restore();
    this.client.dispose();
    if (ended === 1 && this.lastError !== '') process.stderr.write(`synod chat: ${this.lastError}\n`);
    return ended;
  }

  private handle(event: WindowEvent): void {
    const { model, effects }: Updated = update(this.model, event);
    this.model = model;
    this.carryOut(effects);
    this.drawSoon();
  }

  private carryOut(effects: readonly WindowEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'post':
          this.client.post(effect.command, effect.id);
          break;
        case 'history':
          this.client.history(effect.room, effect.before, effect.limit);
          break;
        case 'query':
          this.client.query(effect.what, effect.name);
          break;
        case 'close':
          this.client.close(effect.text);
          setTimeout(() => this.finish(0), CLOSE_MS);
          break;
        case 'suspend':
          this.suspend();
          break;
      }
    }
  }

  /** One draw for all that happens in a moment. */
  private drawSoon(): void {
    this.drawing ??= setTimeout(() => {
      this.drawing = undefined;
      this.painter.paint(view(this.model, this.painter.size, this.unicode ? UNICODE_GLYPHS : ASCII_GLYPHS));
    }, DRAW_MS);
  }

  private suspend(): void {
    this.keyboard.stop();
    clearTimeout(this.drawing);
    this.painter.restore();
    process.kill(process.pid, 'SIGSTOP');
  }

  private resume(): void {
    this.keyboard.start();
    this.painter.take();
    this.drawing = undefined;
    this.drawSoon();
  }

  private restore(): void {
    if (this.restored) return;
    this.restored = true;
    clearTimeout(this.drawing);
    this.keyboard.stop();
    this.painter.destroy();
  }
}
