/**
 * The rounds that this server holds: below `committed` every value is chosen, without a hole; from there to `end` lie
 * values accepted and not known to be chosen, with holes between them.
 *
 * Owns the values and the committed prefix. Decides nothing: who may accept or commit is said by the roles.
 */
import { invariant } from '../lib/assert';
import type { Round } from './ballot';
import type { AcceptedValue } from './messages';
import type { PaxosLimits } from './options';

/** Some rounds in order, and where the next page starts; -1: there is none. */
export interface Page {
  readonly accepted: readonly AcceptedValue[];
  readonly next: Round;
}

export class Log {
  private readonly entries: (AcceptedValue | undefined)[] = [];
  private committedRounds: Round;

  /** @param first the lowest round held: what is below was cut off, and is chosen */
  constructor(readonly first: Round = 0) {
    this.committedRounds = first;
  }

  /** Every round below is chosen, and its value is here. */
  get committed(): Round {
    return this.committedRounds;
  }

  /** Above the highest round held. */
  get end(): Round {
    return this.first + this.entries.length;
  }

  get(round: Round): AcceptedValue | undefined {
    return round < this.first ? undefined : this.entries[round - this.first];
  }

  /** Holds a value, in place of what was accepted for its round in a lower ballot. */
  set(entry: AcceptedValue): void {
    invariant(entry.round >= this.first, `round ${entry.round} is cut off, the log starts at ${this.first}`);
    const index = entry.round - this.first;
    while (this.entries.length < index) this.entries.push(undefined);
    this.entries[index] = entry;
  }

  /** The next round is chosen: the one that is held. */
  commitNext(): AcceptedValue {
    const entry = this.get(this.committedRounds);
    invariant(entry, `round ${this.committedRounds} is committed and its value is not here`);
    this.committedRounds += 1;
    return entry;
  }

  /** A page of everything held from a round on. */
  page(from: Round, limits: PaxosLimits): Page {
    return this.pageBelow(from, this.end, limits);
  }

  /** A page of what is committed from a round on. */
  committedPage(from: Round, limits: PaxosLimits): readonly AcceptedValue[] {
    return this.pageBelow(from, this.committedRounds, limits).accepted;
  }

  private pageBelow(from: Round, end: Round, limits: PaxosLimits): Page {
    const accepted: AcceptedValue[] = [];
    let bytes = 0;
    for (let round = Math.max(from, this.first); round < end; round += 1) {
      const entry = this.get(round);
      if (!entry) continue;
      bytes += entry.value.length;
      const full = accepted.length >= limits.pageRounds || bytes > limits.pageBytes;
      if (full && accepted.length > 0) return { accepted, next: round };
      accepted.push(entry);
    }
    return { accepted, next: -1 };
  }
}
