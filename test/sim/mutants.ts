/** Bugs to be planted in the real code: each a classic that a simulator of Paxos has to find. */

/** In that file of the project this text, which is there once, is another one. */
export interface Change {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
}

export const mutants: readonly Mutant[] = [];
