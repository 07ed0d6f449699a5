/** The disk of a server in the harness. */
import { invariant } from '../../src/lib/assert';
import { type Ballot, compareBallots, NO_BALLOT } from '../../src/paxos/ballot';
import type { DurableWrite, Effect, HardState, StoredState } from '../../src/paxos/effects';
import type { AcceptedValue } from '../../src/paxos/messages';

/** What a disk holds, and what it is still writing. */
export class Disk {
  private state: HardState | undefined;
  /** Where its log starts. */
  first = 0;
  /** The state machine after all rounds below the snapshot's: what it applied. */
  snapshot: readonly AcceptedValue[] = [];
  private readonly accepted = new Map<number, AcceptedValue>();
  readonly under: { write: DurableWrite; then: readonly Effect[] }[] = [];
  busy = false;

  apply({ state, accepted, cut }: DurableWrite): void {
    if (state) this.state = state;
    for (const value of accepted ?? []) this.accepted.set(value.round, value);
    if (cut === undefined) return;
    invariant(cut > this.first, `cut below ${cut}, what is kept starts at ${this.first}`);
    invariant(cut <= this.snapshot.length, `cut below ${cut}, the snapshot reaches to ${this.snapshot.length}`);
    this.first = cut;
    for (const round of this.accepted.keys()) if (round < cut) this.accepted.delete(round);
  }

  load(): StoredState | undefined {
    if (!this.state) return undefined;
    const { state, first } = this;
    return { state, first, accepted: [...this.accepted.values()].sort((a, b) => a.round - b.round) };
  }

  get promised(): Ballot {
    return this.state?.promised ?? NO_BALLOT;
  }

  get incarnation(): number {
    return this.state?.incarnation ?? 0;
  }

  vectorOf(position: number): number {
    return this.state?.vector[position] ?? 0;
  }

  /** Whether it has this round, in this ballot or a higher one; what was cut off was chosen, and is no vote any more. */
  keeps(round: number, ballot: Ballot = NO_BALLOT): boolean {
    const held = this.accepted.get(round);
    return round < this.first || (held !== undefined && compareBallots(held.ballot, ballot) >= 0);
  }
}
