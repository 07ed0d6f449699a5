/**
 * The rounds that this server holds: below `first` a snapshot stands for them; from there to `committed` every value is
 * chosen, without a hole; from there to `end` lie values accepted and not known to be chosen, with holes between them.
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
  private entries: (AcceptedValue | undefined)[] = [];
  private firstRound: Round;
  private committedRounds: Round;

  /** @param first the lowest round held: what is below was cut off, and is chosen */
  constructor(first: Round = 0) {
    this.firstRound = first;
    this.committedRounds = first;
  }

  /** The lowest round that may be held. */
  get first(): Round {
    return this.firstRound;
  }

  /** Every round below is chosen, and its value is here, or cut off. */
  get committed(): Round {
    return this.committedRounds;
  }

  /** Above the highest round held. */
  get end(): Round {
    return this.firstRound + this.entries.length;
  }

  get(round: Round): AcceptedValue | undefined {
    return round < this.firstRound ? undefined : this.entries[round - this.firstRound];
  }

  /** Holds a value, in place of what was accepted for its round in a lower ballot. */
  set(entry: AcceptedValue): void {
    invariant(entry.round >= this.firstRound, `round ${entry.round} is cut off, the log starts at ${this.firstRound}`);
    const index = entry.round - this.firstRound;
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

  /** Drops every round below. */
  cut(below: Round): void {
    invariant(
      below <= this.committedRounds,
      `round ${below} is not committed, only those below ${this.committedRounds}`,
    );
    this.drop(below);
  }

  /** A snapshot stands for every round below, which is more than was committed: what is held from there on stays. */
  restart(first: Round): void {
    invariant(first > this.committedRounds, `every round below ${this.committedRounds} is committed, beyond ${first}`);
    this.drop(first);
    this.committedRounds = first;
  }

  /** A page of everything held from a round on. */
  page(from: Round, limits: PaxosLimits): Page {
    return this.pageBelow(from, this.end, limits);
  }

  /** A page of what is committed from a round on. */
  committedPage(from: Round, limits: PaxosLimits): readonly AcceptedValue[] {
    return this.pageBelow(from, this.committedRounds, limits).accepted;
  }

  private drop(below: Round): void {
    this.entries = this.entries.slice(Math.max(0, below - this.firstRound));
    this.firstRound = Math.max(below, this.firstRound);
  }

  private pageBelow(from: Round, end: Round, limits: PaxosLimits): Page {
    const accepted: AcceptedValue[] = [];
    let bytes = 0;
    for (let round = Math.max(from, this.firstRound); round < end; round += 1) {
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
