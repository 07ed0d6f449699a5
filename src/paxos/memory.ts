/**
 * What this server must not forget: its promise, its incarnation and standing, the crash vector and the log. Gathers
 * what changed since the last write, so that one step makes one write.
 *
 * Always holds: a promise and an incarnation only grow; no value is held in a ballot above the promise.
 */
import { invariant } from '../lib/assert';
import { type Ballot, compareBallots, NO_BALLOT, type Round, showBallot } from './ballot';
import type { DurableWrite, HardState, StoredState } from './effects';
import { Log } from './log';
import type { AcceptedValue, CrashVector, Standing } from './messages';

export class Memory {
  readonly log: Log;
  private highestPromise: Ballot = NO_BALLOT;
  private ownIncarnation = 0;
  private ownStanding: Standing = 'new';
  private incarnations: CrashVector;

  private unsavedValues: AcceptedValue[] = [];
  private unsavedCut: Round | undefined;
  /** Something changed that what is said next may rest on. */
  private mustWrite = false;
  /** Something changed that may be written whenever there is a write: the committed prefix, the crash vector. */
  private hintsChanged = false;

  /** @param position of this server in the crash vector */
  constructor(
    private readonly position: number,
    servers: number,
    stored: StoredState | undefined,
  ) {
    this.incarnations = new Array<number>(servers).fill(0);
    this.log = new Log(stored?.first);
    if (stored) this.recall(stored);
  }

  /** The highest ballot promised: nothing lower is promised or accepted any more. */
  get promised(): Ballot {
    return this.highestPromise;
  }

  /** 0: this server has not found out yet which one it is. */
  get incarnation(): number {
    return this.ownIncarnation;
  }

  get standing(): Standing {
    return this.ownStanding;
  }

  get vector(): CrashVector {
    return this.incarnations;
  }

  get committed(): Round {
    return this.log.committed;
  }

  promise(ballot: Ballot): void {
    const order = compareBallots(ballot, this.highestPromise);
    invariant(order >= 0, `promised ${showBallot(this.highestPromise)}, so ${showBallot(ballot)} is refused`);
    if (order === 0) return;
    this.highestPromise = ballot;
    this.mustWrite = true;
  }

  /**
   * Accepts a value, or holds one that is known to be chosen. Either tells that its ballot had a leader, so that what is
   * proposed below is over: to hold is to promise. No living leader is deposed by it, for a living one is not below.
   */
  hold(entry: AcceptedValue): void {
    if (compareBallots(entry.ballot, this.highestPromise) > 0) this.highestPromise = entry.ballot;
    this.log.set(entry);
    this.unsavedValues.push(entry);
    this.mustWrite = true;
  }

  commitNext(): AcceptedValue {
    this.hintsChanged = true;
    return this.log.commitNext();
  }

  /** Drops every round below: committed, and a snapshot stands for them. What was promised stays promised. */
  cut(below: Round): void {
    if (below <= this.log.first) return;
    this.log.cut(below);
    this.unsavedCut = below;
  }

  /** A snapshot brought this server to a round beyond what it had committed: its log goes on from there. */
  restart(first: Round): void {
    this.log.restart(first);
    this.unsavedCut = first;
    this.mustWrite = true;
  }

  become(standing: Standing, incarnation: number): void {
    invariant(incarnation >= this.ownIncarnation, 'an incarnation never goes back');
    this.ownStanding = standing;
    this.ownIncarnation = incarnation;
    this.raise(this.position, incarnation);
    this.mustWrite = true;
  }

  /**
   * Takes over every incarnation that is higher than the one known here. Without one of its own a server keeps none: it
   * could not say, later, that it is still the one that knew of them. @returns whether there was any
   */
  merge(vector: CrashVector): boolean {
    if (this.ownIncarnation === 0) return false;
    let raised = false;
    for (const [position, incarnation] of vector.entries()) raised = this.raise(position, incarnation) || raised;
    return raised;
  }

  /** Notes a single server's incarnation. @returns whether it was news */
  raise(position: number, incarnation: number): boolean {
    if (position >= this.incarnations.length || incarnation <= (this.incarnations[position] ?? 0)) return false;
    this.incarnations = this.incarnations.with(position, incarnation);
    this.hintsChanged = true;
    return true;
  }

  /** Whether something has to be written before this step's answers leave. */
  get writeDue(): boolean {
    return this.mustWrite || this.unsavedCut !== undefined;
  }

  /** Has the hints written with this step. @returns whether there were any */
  saveHints(): boolean {
    this.mustWrite = this.mustWrite || this.hintsChanged;
    return this.hintsChanged;
  }

  /** All that changed since the last write. */
  takeWrite(): DurableWrite {
    const write: { state?: HardState; accepted?: readonly AcceptedValue[]; cut?: Round } = {};
    if (this.mustWrite || this.hintsChanged) write.state = this.state();
    if (this.unsavedValues.length > 0) {
      write.accepted = this.unsavedValues;
      this.unsavedValues = [];
    }
    if (this.unsavedCut !== undefined) write.cut = this.unsavedCut;
    this.unsavedCut = undefined;
    this.mustWrite = false;
    this.hintsChanged = false;
    return write;
  }

  private state(): HardState {
    return {
      promised: this.highestPromise,
      committed: this.log.committed,
      incarnation: this.ownIncarnation,
      standing: this.ownStanding,
      vector: this.incarnations,
    };
  }

  private recall({ state, accepted }: StoredState): void {
    invariant(
      state.vector.length === this.incarnations.length,
      `the stored state is of ${state.vector.length} servers, the cluster has ${this.incarnations.length}`,
    );
    this.highestPromise = state.promised;
    this.ownIncarnation = state.incarnation;
    this.ownStanding = state.standing;
    this.incarnations = state.vector;
    for (const entry of accepted) this.log.set(entry);
    while (this.log.committed < state.committed) this.log.commitNext();
  }
}
