/**
 * Questions of clients that cost more than a look: pages of what was missed or said before, searches, who is where. Each
 * session has one answered at a time, few that wait, and so many bytes of answers a second, what had to be read for them
 * counted in: who asks for more waits, and nobody else for it.
 */
import type { ServerLimits } from './limits';

/** What a question costs beside the bytes of its answer. */
const QUESTION_BYTES = 16 * 1024;

/** Answers a question, now or later, and says how many bytes that took. To be called once. */
export type Start = (done: (bytes: number) => void) => void;

interface Line {
  readonly waiting: Start[];
  isBusy: boolean;
  /** Bytes that it may still have answered. Below 0: it had more than it could wait for. */
  credit: number;
}

export class Turns {
  /** Of those who asked a moment ago. */
  private readonly lines = new Map<string, Line>();
  private filledAtMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly limits: Pick<ServerLimits, 'questionsOfClient' | 'answerBytesPerSec' | 'answerBytesAtOnce'>,
  ) {}

  /**
   * @param session or the attachment, of what may be asked without one
   * @returns false when it has too many already: nothing will come of this one
   */
  ask(session: string, start: Start): boolean {
    let line = this.lines.get(session);
    if (!line) {
      line = { waiting: [], isBusy: false, credit: this.limits.answerBytesAtOnce };
      this.lines.set(session, line);
    }
    if (line.waiting.length + (line.isBusy ? 1 : 0) >= this.limits.questionsOfClient) return false;
    line.waiting.push(start);
    this.next(line);
    return true;
  }

  /** Time has passed: some may have more answered. */
  tick(nowMs: number): void {
    const { answerBytesPerSec, answerBytesAtOnce } = this.limits;
    const more = (Math.max(0, nowMs - this.filledAtMs) * answerBytesPerSec) / 1000;
    this.filledAtMs = nowMs;
    for (const [session, line] of this.lines) {
      line.credit = Math.min(answerBytesAtOnce, line.credit + more);
      this.next(line);
      if (line.credit === answerBytesAtOnce && !line.isBusy) this.lines.delete(session);
    }
  }

  private next(line: Line): void {
    if (line.isBusy || line.credit <= 0) return;
    const start = line.waiting.shift();
    if (!start) return;
    line.isBusy = true;
    start((bytes) => {
      line.isBusy = false;
      line.credit -= bytes + QUESTION_BYTES;
      this.next(line);
    });
  }
}
