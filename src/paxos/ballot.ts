/** A server of the cluster: 1, 2, … as in the configuration. */
export type ServerId = number;

/** One slot of the log: 0, 1, 2, … */
export type Round = number;

/** What orders proposers: a counter, then the server's id. Totally ordered, never used by two servers. */
export interface Ballot {
  readonly counter: number;
  readonly server: ServerId;
}

/** Lower than any ballot that a server ever proposes with. */
export const NO_BALLOT: Ballot = { counter: 0, server: 0 };

/** Negative when a is lower than b, 0 when they are the same, positive when a is higher. */
export function compareBallots(a: Ballot, b: Ballot): number {
  return a.counter - b.counter || a.server - b.server;
}

export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a.counter === b.counter && a.server === b.server;
}

export function showBallot(ballot: Ballot): string {
  return `${ballot.counter}.${ballot.server}`;
}
