/** A thread that runs seeds, one after the other, as they are given to it. */
import { parentPort } from 'node:worker_threads';
import { type PlanOptions, planOf } from './plan';
import { type RunResult, simulate } from './simulation';

export interface Job {
  readonly seed: number;
  readonly options: PlanOptions;
}

export type Answer = RunResult;

parentPort?.on('message', ({ seed, options }: Job) => {
  void simulate(planOf(seed, options)).then((result: Answer) => parentPort?.postMessage(result));
});
