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
  if (spare < 0) return `posting has stopped: ${countOf(there, all)}, ${needed(all)}`;
  const words = `${present(there, all)}; ${spareInWords(spare, there === all)}`;
  return leader === 0 ? `${words}; no leader yet: posting waits for an election` : words;
}

function present(there: number, all: number): string {
  if (all === 1) return 'the only server is there';
  return there === all ? `all ${all} servers are there` : countOf(there, all);
}

function countOf(there: number, all: number): string {
  return `${there} of ${all} servers ${there === 1 ? 'is' : 'are'} there`;
}

function needed(all: number): string {
  const majority = Math.floor(all / 2) + 1;
  return `${majority} ${majority === 1 ? 'is' : 'are'} needed`;
}

function spareInWords(spare: number, all: boolean): string {
  if (spare === 0) return all ? 'its failure stops posting' : 'one more failure stops posting';
  return all ? `${inWords(spare)} may fail` : `${inWords(spare)} more may fail`;
}

function inWords(many: number): string {
  return WORDS[many] ?? String(many);
}
