/** What becomes of a command is told in the same way however often it comes to the log. */
import type { Outcome } from '../../src/chat/events';
import { Violation } from './trace';

export class Repeats {
  /** What became of each command, by session and number. */
  private readonly seen = new Map<string, string>();

  /** @returns how many of them had been told before */
  check(outcomes: readonly Outcome[]): number {
    let repeated = 0;
    for (const { session, firstSeq, count, round, firstPosition, refusal } of outcomes) {
      // Of a session that has ended nothing is remembered, which is what it is told.
      if (refusal?.code === 'session-gone') continue;
      for (let offset = 0; offset < count; offset += 1) {
        const command = `${session} ${firstSeq + offset}`;
        const outcome = `round ${round}, position ${firstPosition + offset}${refusal ? `, ${refusal.code}` : ''}`;
        const before = this.seen.get(command);
        this.seen.set(command, outcome);
        if (before === undefined) continue;
        repeated += 1;
        if (before !== outcome) throw new Violation('repeats', `command ${command} was ${before}, and is ${outcome}`);
      }
    }
    return repeated;
  }
}
