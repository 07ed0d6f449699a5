/** Figures over several runs, and how they are printed. */
import { type ComparedPeer, showPeers } from './peers/table';

export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function figure(values: readonly number[], digits = 0): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number | undefined) => Number((value ?? 0).toFixed(digits));
  return { median: round(quantile(sorted, 0.5)), min: round(sorted[0]), max: round(sorted[sorted.length - 1]) };
}

/** @param sorted ascending @param share 0 to 1 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return sorted[at] ?? 0;
}

/** What `--json` prints, one object a line; figures that do not apply are left out. */
export interface Result {
  readonly workload: string;
  readonly servers: number;
  readonly storage: string;
  readonly clients: number;
  /** Where clients have a number of posts outstanding. */
  readonly window?: number;
  readonly size: number;
  readonly postsPerSec?: Figure;
  readonly p50Ms?: Figure;
  readonly p99Ms?: Figure;
  readonly deliveriesPerSec?: Figure;
  /** Processor time of all servers together. */
  readonly serverCpuSecPer100k?: Figure;
  /** Of all runs together: while nobody fails there is no reason for one. */
  readonly elections?: Figure;
  /** With half of those posts, at a pace: from the post to each delivery of it. */
  readonly halfLoadPostsPerSec?: Figure;
  readonly halfLoadP50Ms?: Figure;
  readonly halfLoadP99Ms?: Figure;
  /** What bare sockets do (ceiling.ts). */
  readonly ceilingPostsPerSec?: Figure;
  readonly ceilingP50Ms?: Figure;
  readonly ceilingP99Ms?: Figure;
  readonly ceilingDeliveriesPerSec?: Figure;
  readonly ceilingServerCpuSecPer100k?: Figure;
  /** Processor time of the servers and the balancer, of the clients, and how much more the former is than with a few. */
  readonly cpuSecPer100k?: Figure;
  readonly loadCpuSecPer100k?: Figure;
  readonly cpuRatio?: Figure;
  /** Clients that each server has: over the servers, not over the runs. */
  readonly attachedPerServer?: Figure;
  /** Resident, of the servers and the balancer, and of the processes that the clients are in. */
  readonly memoryMb?: Figure;
  readonly loadMemoryMb?: Figure;
  /** Posts that were acknowledged, and found in the log once, where they were said to be. */
  readonly verified?: Figure;
  readonly longestGapMs?: Figure;
  /** The same gap for the client that waited longest. */
  readonly clientGapMs?: Figure;
  /** The same where the leader is stopped, not killed: its connections stay open. */
  readonly stoppedGapMs?: Figure;
  readonly stoppedClientGapMs?: Figure;
  /** What others do (peers). */
  readonly peers?: readonly ComparedPeer[];
  readonly runs: number;
  readonly commit: string;
  readonly machine: string;
}

/** A result as a line for a person. */
export function showResult(result: Result): string {
  const { workload, servers, storage, clients, window, size, runs, commit, machine, peers, ...figures } = result;
  const rows = Object.entries(figures).map(([name, { median, min, max }]) => {
    return `  ${name.padEnd(28)}${String(median).padStart(12)}   (${min} to ${max})`;
  });
  const posts = window === undefined ? 'with posts' : `of ${window} outstanding posts`;
  const head = `${workload}: ${servers} servers, ${storage}, ${clients} clients ${posts} of ${size} bytes`;
  const beside = peers ? [showPeers(figures, storage === 'disk', peers)] : [];
  return [head, ...rows, `  median of ${runs} (least to most), commit ${commit}, ${machine}`, ...beside].join('\n');
}
