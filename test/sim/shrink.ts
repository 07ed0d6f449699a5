/** From a run that fails to a shorter one that fails in the same way: fewer faults, fewer people, less time. */
import type { Plan } from './plan';
import { type RunResult, simulate } from './simulation';

export interface Shrunk {
  readonly plan: Plan;
  /** With its trace. */
  readonly result: RunResult;
  readonly tried: number;
}

/** Runs that are tried at most. */
const MOST_TRIES = 120;

export async function shrink(plan: Plan): Promise<Shrunk> {
  const shrinking = new Shrinking(plan, kindOf(await simulate(plan)));
  await shrinking.all();
  return { plan: shrinking.best, result: await simulate(shrinking.best, true), tried: shrinking.tried };
}

class Shrinking {
  tried = 0;

  constructor(
    public best: Plan,
    private readonly kind: string,
  ) {}

  async all(): Promise<void> {
    await this.try({ ...this.best, leastEvents: 0 });
    await this.fewerFaults();
    for (const servers of [1, 3, 5]) {
      if (servers < this.best.servers && (await this.try({ ...this.best, servers }))) break;
    }
    await this.try({ ...this.best, deaf: false });
    await this.try({ ...this.best, staleAnswers: false });
    while (this.best.clients > 1 && (await this.try({ ...this.best, clients: this.best.clients - 1 })));
    await this.fewerFaults();
    for (const share of [0.25, 0.5, 0.75]) {
      const durationMs = Math.round(this.best.durationMs * share);
      const faults = this.best.faults.filter(({ atMs }) => atMs < durationMs);
      if (await this.try({ ...this.best, durationMs, faults })) break;
    }
    while (this.best.postEveryMs < 2000 && (await this.try({ ...this.best, postEveryMs: 2 * this.best.postEveryMs })));
  }

  /** Takes out halves, then quarters, … (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002.) */
  private async fewerFaults(): Promise<void> {
    for (let size = Math.ceil(this.best.faults.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < this.best.faults.length; ) {
        const { faults } = this.best;
        const fewer = [...faults.slice(0, at), ...faults.slice(at + size)];
        if (!(await this.try({ ...this.best, faults: fewer }))) at += size;
      }
    }
  }

  /** @returns whether it fails too: then it is the best */
  private async try(plan: Plan): Promise<boolean> {
    if (this.tried >= MOST_TRIES) return false;
    this.tried += 1;
    if (kindOf(await simulate(plan)) !== this.kind) return false;
    this.best = plan;
    return true;
  }
}

/** What went wrong, without the names and numbers of this time: another bug is another kind, mostly. */
function kindOf({ violation }: RunResult): string {
  if (!violation) return '';
  const [line = ''] = violation.message.split('\n');
  return `${violation.check}: ${line.replace(/[0-9]+/g, '#')}`;
}
