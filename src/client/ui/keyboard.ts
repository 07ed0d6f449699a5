/**
 * The one reader of the terminal's input: key presses by node's own decoder, a paste as one text. blessed gets a dummy
 * stream instead; two decoders on one stream would take each other's bytes.
 */
import { emitKeypressEvents } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { Key } from '../window/key';
import { keysIn } from './sequences';

const ESCAPE_MS = 50;
/** What a terminal reports that was asked to tell whether it is looked at. */
const FOCUS: Readonly<Record<string, boolean>> = { '\u001b[I': true, '\u001b[O': false };
/** Bytes of one paste, at most: more than any message may have. */
const MAX_PASTE = 1024 * 1024;

export interface KeyboardHandlers {
  onKey(key: Key): void;
  onPaste(text: string): void;
  /** The terminal is looked at, or not any more. */
  onFocus(focused: boolean): void;
  /** The terminal is gone. */
  onEnd(): void;
}

/** Turns the raw mode on and off, and reads while it is on. */
export class Keyboard {
  private readonly keys = new PassThrough();
  private pasted: string | undefined;
  private reading = false;

  constructor(
    private readonly input: ReadStream,
    private readonly handlers: KeyboardHandlers,
  ) {
    // The decoder takes its timeout for a lone escape from an interface's options.
    emitKeypressEvents(this.keys, { escapeCodeTimeout: ESCAPE_MS } as never);
    this.keys.on('keypress', (_: string | undefined, key: Key) => {
      if (key.name === 'paste-start') this.pasted = '';
      else if (key.name === 'paste-end') this.endPaste();
      else if (this.pasted === undefined) this.onKey(key);
      else if (this.pasted.length < MAX_PASTE) this.pasted += key.sequence ?? '';
    });
    // For good: a terminal that is gone answers with an error whatever it is asked, also to be cooked again.
    input.on('error', this.onEnd);
    input.on('end', this.onEnd);
  }

  start(): void {
    this.reading = true;
    this.input.setRawMode(true);
    this.input.on('data', this.onData);
    this.input.resume();
  }

  /** Reads no more, and gives the terminal back its mode. */
  stop(): void {
    this.abandon();
    if (this.input.isTTY) this.input.setRawMode(false);
  }

  /**
   * Reads no more. The terminal is gone or somebody else's: a process that sets the mode of a terminal in whose
   * foreground it is not is stopped for it. Node gives the mode back when the process ends, and cannot be stopped there.
   */
  abandon(): void {
    this.reading = false;
    this.input.off('data', this.onData);
    this.input.pause();
  }

  private onKey(key: Key): void {
    const focused = FOCUS[key.sequence ?? ''];
    if (focused === undefined) this.handlers.onKey(key);
    else this.handlers.onFocus(focused);
  }

  private readonly onData = (chunk: Buffer) => {
    this.keys.write(Buffer.from(keysIn(chunk.toString('latin1')), 'latin1'));
  };

  private readonly onEnd = () => {
    if (this.reading) this.handlers.onEnd();
  };

  private endPaste(): void {
    const text = this.pasted;
    this.pasted = undefined;
    if (text) this.handlers.onPaste(text);
  }
}
