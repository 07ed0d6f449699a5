/** Standard input as lines: bounded, and UTF-8 or refused. A line is whole, or it is nothing. */
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';

/** Bytes of one line; a longer one is refused as a whole. */
export const MAX_LINE_BYTES = 256 * 1024;

const LINE_FEED = 0x0a;

export interface LineHandlers {
  /** @param number of the line, counted from 1 */
  onLine(line: string, number: number): void;
  /** A line that cannot be taken, or input that cannot be read (then the number is 0), and why. */
  onBadLine(code: 'line-too-long' | 'not-utf8' | 'input-failed', message: string, number: number): void;
  /** There is nothing more. */
  onEnd(): void;
}

/** Reads lines until the stream ends or fails. A last line without its line break counts. */
export function readLines(input: Readable, handlers: LineHandlers): void {
  const line = new LineBuffer(handlers);
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    handlers.onEnd();
  };
  input.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let feed = chunk.indexOf(LINE_FEED); feed >= 0; feed = chunk.indexOf(LINE_FEED, start)) {
      line.add(chunk.subarray(start, feed));
      line.finish();
      start = feed + 1;
    }
    line.add(chunk.subarray(start));
  });
  input.once('end', () => {
    if (!line.isEmpty) line.finish();
    end();
  });
  input.on('error', ({ message }) => {
    if (!ended) handlers.onBadLine('input-failed', `standard input cannot be read: ${message}`, 0);
    end();
  });
}

/** The line that is being read. */
class LineBuffer {
  private parts: Buffer[] = [];
  private bytes = 0;
  /** Lines so far, blank and bad ones too: as an editor counts them. */
  private number = 0;

  constructor(private readonly handlers: LineHandlers) {}

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  add(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > MAX_LINE_BYTES) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  finish(): void {
    const { bytes, handlers } = this;
    const line = Buffer.concat(this.parts);
    this.parts = [];
    this.bytes = 0;
    this.number += 1;
    if (bytes > MAX_LINE_BYTES) {
      const message = `a line of ${bytes} bytes was not sent, at most ${MAX_LINE_BYTES} are allowed`;
      handlers.onBadLine('line-too-long', message, this.number);
    } else if (!isUtf8(line)) handlers.onBadLine('not-utf8', 'a line that is not UTF-8 was not sent', this.number);
    else handlers.onLine(line.toString().replace(/\r$/, ''), this.number);
  }
}
