/** Standard input as lines: bounded, and UTF-8 or refused. A line is whole, or it is nothing. */
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';

/** Bytes of one line; a longer one is refused as a whole. */
export const MAX_LINE_BYTES = 256 * 1024;

const LINE_FEED = 0x0a;

export interface LineHandlers {
  onLine(line: string): void;
  /** A line that cannot be taken, and why. */
  onBadLine(code: 'line-too-long' | 'not-utf8', message: string): void;
  /** There is nothing more. */
  onEnd(): void;
}

/** Reads lines until the stream ends. A last line without its line break counts. */
export function readLines(input: Readable, handlers: LineHandlers): void {
  let parts: Buffer[] = [];
  let bytes = 0;
  const finish = () => {
    const line = Buffer.concat(parts);
    const tooLong = bytes > MAX_LINE_BYTES;
    parts = [];
    bytes = 0;
    if (tooLong) handlers.onBadLine('line-too-long', `a line of more than ${MAX_LINE_BYTES} bytes was not sent`);
    else if (!isUtf8(line)) handlers.onBadLine('not-utf8', 'a line that is not UTF-8 was not sent');
    else handlers.onLine(line.toString().replace(/\r$/, ''));
  };
  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  input.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      finish();
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  });
  input.once('end', () => {
    if (bytes > 0) finish();
    handlers.onEnd();
  });
}
