/** Whether the stores of several servers agree: one birth, one value for each round, one state at each round. */
import { compareBallots } from '../paxos/ballot';
import type { Examined, HeldValue } from './examine';

export interface ExaminedServer extends Examined {
  readonly id: number;
}

/** @returns what they do not agree on, a line each */
export function disagreements(servers: readonly ExaminedServer[]): readonly string[] {
  return servers.flatMap((one, at) => servers.slice(at + 1).flatMap((other) => between(one, other)));
}

function between(one: ExaminedServer, other: ExaminedServer): readonly string[] {
  const problems: string[] = [];
  const pair = `servers ${one.id} and ${other.id}`;
  if (one.birth !== '' && other.birth !== '' && one.birth !== other.birth) {
    problems.push(`${pair} hold logs of different births`);
  }
  for (const [round, value] of one.values) {
    const held = other.values.get(round);
    if (held && held.digest !== value.digest && mustAgree(value, held)) {
      problems.push(`${pair} hold different values of round ${round}`);
    }
  }
  for (const [round, digest] of one.snapshots) {
    if ((other.snapshots.get(round) ?? digest) !== digest) {
      problems.push(`${pair} hold different snapshots at round ${round}`);
    }
  }
  return problems;
}

/** A ballot has one value for a round; and once one is chosen, every higher ballot has that. */
function mustAgree(one: HeldValue, other: HeldValue): boolean {
  const order = compareBallots(one.ballot, other.ballot);
  if (order === 0 || (one.committed && other.committed)) return true;
  return order > 0 ? other.committed : one.committed;
}
