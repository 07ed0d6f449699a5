/** One run: a cluster, the faults of a seed, people who talk; then calm, and a look at what came of it. */
import { randomInt } from '../../src/lib/prng';
import { VirtualCluster } from './cluster';
import { checkHistory } from './history';
import { type FaultKind, type Plan, streamOf } from './plan';
import { Trace, Violation } from './trace';
import { Trouble } from './trouble';

/** Once the faults have stopped, everything is as it should be within this virtual time. */
const CALM_WITHIN_MS = 30_000;
/** A run of so many events does not end. */
const MOST_EVENTS = 500_000;
/** A run in which little happens goes on for so many times as long as its faults. */
const LONGEST = 60;
/** In how many events whether the run is over is looked at once. */
const LOOK_EVERY = 64;

export interface RunResult {
  readonly seed: number;
  readonly hash: string;
  /** What was sent, written, killed, said: all that the hash is of. */
  readonly events: number;
  readonly virtualMs: number;
  /** How long it took after the faults until everything was as it should be. */
  readonly calmAfterMs: number;
  readonly rounds: number;
  readonly acked: number;
  readonly shown: number;
  readonly checks: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly (readonly [FaultKind, number])[];
  readonly violation: { readonly check: string; readonly message: string } | undefined;
  readonly lines: readonly string[];
}

export async function simulate(plan: Plan, keepsTrace = false): Promise<RunResult> {
  const run = new Run(plan, keepsTrace);
  const onRejection = (error: unknown) => run.cluster.fail('somebody', error);
  process.on('unhandledRejection', onRejection);
  try {
    return await run.all();
  } finally {
    process.off('unhandledRejection', onRejection);
  }
}

class Run {
  readonly trace: Trace;
  readonly cluster: VirtualCluster;
  private readonly trouble: Trouble;
  private readonly random;
  private steps = 0;
  private isTalking = true;

  constructor(
    private readonly plan: Plan,
    keepsTrace: boolean,
  ) {
    this.trace = new Trace(keepsTrace);
    this.cluster = new VirtualCluster(plan, this.trace);
    this.trouble = new Trouble(this.cluster);
    this.random = streamOf(plan.seed, 5);
  }

  async all(): Promise<RunResult> {
    const { cluster, plan } = this;
    cluster.start();
    for (const fault of plan.faults) this.trouble.plan(fault);
    this.talk();
    const isEnough = () => cluster.nowMs >= plan.durationMs && this.trace.events >= plan.leastEvents;
    await this.until(isEnough, LONGEST * plan.durationMs);
    this.isTalking = false;
    if (!cluster.violation && !isEnough()) {
      cluster.violate(new Violation('goes on', `${this.trace.events} events only, in ${cluster.nowMs} ms`));
    }
    let calmAfterMs = 0;
    if (!cluster.violation) {
      const mendedAtMs = cluster.nowMs;
      this.trouble.mend();
      await this.goOn(() => this.isEqual());
      calmAfterMs = cluster.nowMs - mendedAtMs;
      if (plan.deaf && plan.servers > 1) await this.goOnWithout(this.trouble.deafen());
      // What is on its way to those who listen arrives.
      const isOver = () => this.unheard().length === 0 && this.isEqual();
      await this.until(isOver, cluster.nowMs + CALM_WITHIN_MS);
      if (!cluster.violation && !isOver()) cluster.violate(new Violation('goes on', this.whatIsMissing()));
      this.judge();
    }
    return this.result(calmAfterMs);
  }

  /** Everybody says something now and then, as long as faults come. */
  private talk(): void {
    const { cluster, plan, random } = this;
    const next = () => {
      if (!this.isTalking) return;
      const member = cluster.members[randomInt(random, 0, Math.max(1, cluster.members.length))];
      member?.process.guard(() => member.act())();
      cluster.agenda.after((2 * random.next() * plan.postEveryMs) / plan.clients, next);
    };
    cluster.agenda.after(500, next);
  }

  /** A server hears nobody any more: what all say is agreed on by the others. */
  private async goOnWithout(deaf: number): Promise<void> {
    const { cluster } = this;
    await this.goOn(() => cluster.checks.equal(cluster.running.filter(({ id }) => id !== deaf)));
    cluster.weather.calm();
    await this.goOn(() => this.isEqual());
  }

  /** Everybody says something: it is acknowledged, and everything else is as it should be, within a bounded time. */
  private async goOn(isEqual: () => boolean): Promise<void> {
    const { cluster } = this;
    if (cluster.violation) return;
    for (const member of cluster.members) member.process.guard(() => member.say())();
    const isCalm = () => cluster.members.every(({ isDone, isHome }) => isDone && isHome) && isEqual();
    await this.until(isCalm, cluster.nowMs + CALM_WITHIN_MS);
    if (!cluster.violation && !isCalm()) cluster.violate(new Violation('goes on', this.whatIsMissing()));
  }

  /**
   * Goes on until it is so, or so late. What an event makes of promises is over before the next one: Node takes a tick
   * that was asked for by a microtask once there are no microtasks left.
   */
  private until(isSo: () => boolean, atMs: number): Promise<void> {
    const { cluster } = this;
    return new Promise((resolve, reject) => {
      const goOn = () => {
        try {
          if (this.steps > MOST_EVENTS) cluster.violate(new Violation('ends', `${this.steps} events and no end`));
          if (cluster.violation || cluster.agenda.nextMs > atMs) return resolve();
          // Looking costs more than most events do.
          const isLooking = this.steps % LOOK_EVERY === 0;
          if (isLooking && isSo()) return resolve();
          cluster.agenda.step();
          this.steps += 1;
          // Of a rejection that nobody handles it tells only when it has nothing else to do.
          if (isLooking) setImmediate(goOn);
          else queueMicrotask(() => process.nextTick(goOn));
        } catch (error) {
          reject(error);
        }
      };
      goOn();
    });
  }

  private isEqual(): boolean {
    const { running, servers, checks } = this.cluster;
    return running.length === servers.length && checks.equal(running);
  }

  /** What was said and somebody who is concerned has not seen yet, some of it. */
  private unheard(): readonly string[] {
    const { members, gone, checks } = this.cluster;
    const posts = [...members, ...gone].flatMap((member) => member.posts);
    const directs = posts.filter(({ acked, room }) => acked && room.startsWith('@'));
    return members.flatMap((member) => {
      if (!member.hasHeard((room) => checks.linesOf(room))) return [`${member.name} lines of its rooms`];
      const { name } = member;
      const own = directs.filter(({ room, client }) => client === name || room === `@${name}`);
      return own.filter(({ text }) => !member.hasSeen(text)).map(({ text, room }) => `${name} ${text} to ${room}`);
    });
  }

  private history() {
    const { members, gone } = this.cluster;
    return {
      posts: [...members, ...gone].flatMap(({ posts }) => posts),
      transcripts: [...members.map((one) => one.transcript(true)), ...gone.map((one) => one.transcript(false))],
    };
  }

  private judge(): void {
    const { cluster } = this;
    if (cluster.violation) return;
    const [wrong] = checkHistory(this.history());
    if (wrong !== undefined) cluster.violate(new Violation('total order', wrong));
    try {
      cluster.checks.committedOnce(this.history().posts);
      cluster.checks.writtenDown([...cluster.members, ...cluster.gone].map(({ rulings }) => rulings));
      cluster.checks.atEnd(cluster.running);
    } catch (error) {
      cluster.fail('the end', error);
    }
  }

  private whatIsMissing(): string {
    const { cluster } = this;
    const waiting = cluster.members.filter(({ isDone, isHome }) => !isDone || !isHome).map(({ name }) => name);
    const unheard = this.unheard().slice(0, 3).join(', ') || 'nothing';
    const servers = cluster.servers.map(({ id, watched, process }) => {
      if (!watched || !process?.isAlive) return `${id} down`;
      const { state, committed, applied } = watched.core.status();
      return `${id} ${state} ${committed}/${applied}`;
    });
    return `after ${CALM_WITHIN_MS / 1000} s without faults ${waiting.join(' ') || 'nobody'} still waits, ${unheard} is unheard; servers ${servers.join(', ')}; ${cluster.checks.chosen.length} rounds`;
  }

  private result(calmAfterMs: number): RunResult {
    const { cluster, trace, plan } = this;
    const { violation, checks, counts } = cluster;
    const everybody = [...cluster.members, ...cluster.gone];
    return {
      seed: plan.seed,
      hash: trace.hash,
      events: trace.events,
      virtualMs: Math.round(cluster.nowMs),
      calmAfterMs: Math.round(calmAfterMs),
      rounds: checks.chosen.length,
      acked: everybody.reduce((sum, { posts }) => sum + posts.filter(({ acked }) => acked).length, 0),
      shown: everybody.reduce((sum, { shown }) => sum + shown.length, 0),
      checks: checks.made,
      counts,
      faults: [...this.trouble.injected],
      violation: violation && { check: violation.check, message: violation.message },
      lines: trace.lines,
    };
  }
}
