/** Runs seeds on as many threads as the machine has processors. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PlanOptions } from './plan';
import type { RunResult } from './simulation';
import type { Answer, Job } from './worker';

const LOADER = path.join(__dirname, 'loader.js');

export interface PoolOptions {
  readonly from: number;
  readonly count: number;
  readonly plan: PlanOptions;
  /** The name of a mutant that is planted in all threads. */
  readonly mutant?: string;
  readonly threads?: number;
  /** @returns false when no more seeds are to be run */
  readonly onResult: (result: RunResult) => boolean;
}

/** Resolves once all seeds were run, or as many as were wanted. */
export async function runSeeds(options: PoolOptions): Promise<void> {
  const { from, count, plan, mutant, threads = availableParallelism() } = options;
  let next = from;
  let isWanted = true;
  const runOne = (worker: Worker): boolean => {
    if (!isWanted || next >= from + count) return false;
    const job: Job = { seed: next, options: plan, wants: 'result' };
    worker.postMessage(job);
    next += 1;
    return true;
  };
  await Promise.all(
    Array.from({ length: Math.min(threads, count) }, () => {
      const worker = workerWith(mutant);
      return new Promise<void>((resolve, reject) => {
        worker.on('error', reject);
        worker.on('message', (result: RunResult) => {
          if (isWanted && !options.onResult(result)) isWanted = false;
          if (!runOne(worker)) void worker.terminate().then(() => resolve());
        });
        if (!runOne(worker)) void worker.terminate().then(() => resolve());
      });
    }),
  );
}

/** Runs seeds until one fails. @returns that run; undefined: none does */
export async function firstFailure(options: Omit<PoolOptions, 'onResult'>): Promise<RunResult | undefined> {
  let failed: RunResult | undefined;
  await runSeeds({
    ...options,
    onResult: (result) => {
      if (result.violation) failed = result;
      return !result.violation;
    },
  });
  return failed;
}

/** Has one thing done in a thread of its own, with a mutant planted there or none. */
export async function runAlone<Wants extends Job['wants']>(
  job: Job & { readonly wants: Wants },
  mutant?: string,
): Promise<Answer<Wants>> {
  const worker = workerWith(mutant);
  try {
    return await new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', resolve);
      worker.postMessage(job);
    });
  } finally {
    await worker.terminate();
  }
}

function workerWith(mutant = ''): Worker {
  return new Worker(path.join(__dirname, 'worker.ts'), {
    execArgv: ['-r', LOADER],
    env: { ...process.env, SYNOD_MUTANT: mutant },
  });
}
