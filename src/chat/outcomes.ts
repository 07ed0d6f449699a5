/**
 * What became of a session's latest commands: runs, sequences ascending, without a gap. They are dropped from the oldest
 * on: those that the client knows, and of the others all but the last ones. Who asks for a dropped one again gets no
 * answer: nobody waits for it. (Ongaro, section 6.3: how far a client has got rides on its next request.)
 */
import { invariant } from '../lib/assert';
import type { Outcome } from './events';

/** As everybody sees them. */
export interface Outcomes extends Iterable<Outcome> {
  /** How many runs there are. */
  readonly size: number;
  /** Up to this sequence they are dropped. */
  readonly droppedThrough: number;
  /** Those of `count` commands with consecutive sequences, without the dropped ones. */
  of(firstSeq: number, count: number): readonly Outcome[];
}

/** So much of the list may be dropped ones before it is moved together: then moving costs a few steps for each. */
const DROPPED_SHARE = 1 / 4;

/** As the state machine edits them. */
export class OutcomeList implements Outcomes {
  private readonly runs: Outcome[];
  /** Index of the first run that is not dropped. */
  private first = 0;
  private dropped: number;

  constructor(runs: Iterable<Outcome> = [], droppedThrough = 0) {
    this.runs = [...runs];
    this.dropped = droppedThrough;
  }

  get size(): number {
    return this.runs.length - this.first;
  }

  get droppedThrough(): number {
    return this.dropped;
  }

  *[Symbol.iterator](): Iterator<Outcome> {
    for (let at = this.first; at < this.runs.length; at += 1) yield this.runs[at] as Outcome;
  }

  of(firstSeq: number, count: number): readonly Outcome[] {
    const from = Math.max(firstSeq, this.dropped + 1);
    const through = firstSeq + count - 1;
    const found: Outcome[] = [];
    for (let at = this.indexOf(from); at < this.runs.length; at += 1) {
      const run = this.runs[at] as Outcome;
      if (run.firstSeq > through) break;
      const start = Math.max(run.firstSeq, from);
      const end = Math.min(endOf(run), through);
      const firstPosition = run.firstPosition + (start - run.firstSeq);
      found.push({ ...run, firstSeq: start, count: end - start + 1, firstPosition });
    }
    return found;
  }

  /** The outcome of the command after the last one. */
  add(outcome: Outcome): void {
    const last = this.runs[this.runs.length - 1];
    invariant(!last || endOf(last) + 1 === outcome.firstSeq, 'an outcome that is not the next one is recorded');
    pushOutcome(this.runs, outcome);
  }

  /** Drops those up to this sequence. A run of which some are above it stays whole. */
  drop(through: number): void {
    if (through <= this.dropped) return;
    this.dropped = through;
    while (this.first < this.runs.length && endOf(this.runs[this.first] as Outcome) <= through) this.first += 1;
    if (this.first <= this.runs.length * DROPPED_SHARE) return;
    this.runs.splice(0, this.first);
    this.first = 0;
  }

  /** Index of the first run that reaches this sequence. */
  private indexOf(seq: number): number {
    let [low, high] = [this.first, this.runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.runs[middle] as Outcome) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Adds an outcome to a list, as one run with the last where it continues it. */
export function pushOutcome(outcomes: Outcome[], next: Outcome): void {
  const last = outcomes[outcomes.length - 1];
  if (!last || !continues(last, next)) outcomes.push(next);
  else {
    // Field by field: this happens for each command, and a spread takes ten times as long.
    const { session, firstSeq, count, round, firstPosition } = last;
    outcomes[outcomes.length - 1] = { session, firstSeq, count: count + next.count, round, firstPosition };
  }
}

/** Whether two outcomes can be told as one. */
function continues(last: Outcome, next: Outcome): boolean {
  return (
    last.session === next.session &&
    !last.refusal &&
    !next.refusal &&
    last.round === next.round &&
    last.firstSeq + last.count === next.firstSeq &&
    last.firstPosition + last.count === next.firstPosition
  );
}

function endOf({ firstSeq, count }: Outcome): number {
  return firstSeq + count - 1;
}
