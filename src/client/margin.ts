/** How many servers may still fail, in words. */
import type { GlanceState } from '../wire/agreement';
import type { ClusterEvent } from './events';

/** Whoever is in one of these states does not count for a majority. */
const NOT_VOTING: readonly GlanceState[] = ['silent', 'new', 'recovering', 'restoring'];

const WORDS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** Whether the cluster goes on, and what may happen to it before it stands still. */
export function marginOf({ servers, leader }: Pick<ClusterEvent, 'servers' | 'leader'>): string {
  const there = servers.filter(({ state }) => !NOT_VOTING.includes(state)).length;
  return marginInWords(there, servers.length, leader);
}

/**
 * @param there servers that count for a majority, of `all`
 * @param leader 0: there is none
 */
export function marginInWords(there: number, all: number, leader: number): string {
  const spare = there - (Math.floor(all / 2) + 1);
  if (spare < 0) {
    const back = spare === -1 ? 'one more server is back' : `${inWords(-spare)} more servers are back`;
    return `no majority: posting stands still until ${back}`;
  }
  const words = `${present(there, all)}; ${spareInWords(spare, there === all)}`;
  return leader === 0 ? `${words}; no leader yet: posting waits for an election` : words;
}

function present(there: number, all: number): string {
  if (all === 1) return 'the only server is there';
  return there === all ? `all ${all} servers are there` : `${there} of ${all} servers are there`;
}

function spareInWords(spare: number, all: boolean): string {
  if (spare === 0) return all ? 'its failure stops posting' : 'one more failure stops posting';
  return all ? `${inWords(spare)} may fail` : `${inWords(spare)} more may fail`;
}

function inWords(many: number): string {
  return WORDS[many] ?? String(many);
}
