/** Types on a window. */
import type { IPty } from '@lydell/node-pty';
import type { Typing } from './signals';

const KEY_MS = 10;
const PAGE_UP = '\u001b[5~';
const PAGE_DOWN = '\u001b[6~';
const LINE = 'a line that somebody types\r';
export const FIRST_SIZE = { cols: 120, rows: 40 };
const SIZES = [
  { cols: 80, rows: 24 },
  { cols: 40, rows: 12 },
  { cols: 200, rows: 60 },
  { cols: 20, rows: 5 },
  FIRST_SIZE,
];
/** Keys between two resizes. */
const RESIZE_EACH = 20;

/** Presses a key every few milliseconds. */
export class Typist {
  longestMs = 0;
  private typing: NodeJS.Timeout | undefined;
  private typed = 0;
  private lastAt = 0;

  constructor(private readonly pty: IPty) {}

  start(typing: Typing): void {
    this.stop();
    this.longestMs = 0;
    this.lastAt = performance.now();
    this.typing = setInterval(() => {
      const now = performance.now();
      this.longestMs = Math.max(this.longestMs, now - this.lastAt);
      this.lastAt = now;
      this.press(typing);
      this.typed += 1;
    }, KEY_MS);
  }

  stop(): void {
    clearInterval(this.typing);
  }

  private press(typing: Typing): void {
    const { typed } = this;
    if (typing === 'back') return this.pty.write(PAGE_UP);
    // Three up, one down, and letters between them.
    const page = typed % 8 === 6 ? PAGE_DOWN : PAGE_UP;
    if (typing !== 'lines') this.pty.write(typed % 2 === 0 ? page : 'x');
    else this.pty.write(LINE[typed % LINE.length] as string);
    if (typing !== 'resizes' || typed % RESIZE_EACH !== 0) return;
    const { cols, rows } = SIZES[(typed / RESIZE_EACH) % SIZES.length] ?? FIRST_SIZE;
    this.pty.resize(cols, rows);
  }
}
