/** What happened, as a line each, and as a number that any difference changes. */
import { crc32c } from '@node-rs/crc32';
import { Digest } from '../../src/chat/digest';

export class Trace {
  private readonly digest = new Digest();
  readonly lines: string[] = [];
  events = 0;

  /** @param keeps whether lines are kept to be shown: they cost more than the run */
  constructor(readonly keeps: boolean) {}

  /** Something happened that has these bytes, or none. */
  add(atMs: number, host: string, what: string, frames: readonly Uint8Array[] = []): void {
    this.events += 1;
    this.digest
      .number(Math.round(atMs * 1000))
      .text(host)
      .text(what);
    for (const frame of frames) this.digest.number(frame.length).number(crc32c(frame));
  }

  line(atMs: number, host: string, text: string): void {
    if (this.keeps) this.lines.push(`${atMs.toFixed(2).padStart(10)} ${host.padEnd(9)} ${text}`);
  }

  get hash(): string {
    return this.digest.hex();
  }
}

/** What must never be: ends the run. */
export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly check: string,
    message: string,
  ) {
    super(`${check}: ${message}`);
  }
}
