/** A thread that runs seeds, one after the other, as they are given to it. */
import { parentPort } from 'node:worker_threads';
import { type PlanOptions, planOf } from './plan';
import { type Shrunk, shrink } from './shrink';
import { type RunResult, simulate } from './simulation';

export interface Job {
  readonly seed: number;
  readonly options: PlanOptions;
  /** The result of the run; the same with all that happened; or a shorter run that fails in the same way. */
  readonly wants: 'result' | 'trace' | 'shrunk';
}

export type Answer<Wants extends Job['wants']> = Wants extends 'shrunk' ? Shrunk : RunResult;

parentPort?.on('message', ({ seed, options, wants }: Job) => {
  const plan = planOf(seed, options);
  const answer = wants === 'shrunk' ? shrink(plan) : simulate(plan, wants === 'trace');
  void answer.then((done: Shrunk | RunResult) => parentPort?.postMessage(done));
});
