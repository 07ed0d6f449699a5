/**
 * The attack that crash vectors are for (Michael, Ports, Sharma, Szekeres, DISC 2017): a vote arrives after its voter
 * forgot it. The leader reaches two servers only. One votes, and its vote is late; it loses its disk, and comes back
 * with the help of those that the leader does not reach, and of the other, to which the leader's words are late as well.
 * Then both arrive. The old vote would make a quorum: of servers that are cut off from now on, while the others, the one
 * that forgot among them, are a quorum as well and know nothing of what was chosen.
 */
import { type Random, randomInt } from '../../src/lib/prng';
import type { VirtualCluster } from './cluster';

type Slot = VirtualCluster['servers'][number];

/** Does something after so many milliseconds, if there are faults then. */
export type Later = (ms: number, act: () => void) => void;

const LOOK_MS = 5;
/** The others miss the leader soon: what was not in time by then is not worth waiting for. */
const PATIENCE_MS = 1500;

export class Ghost {
  private constructor(
    private readonly cluster: VirtualCluster,
    private readonly leader: Slot,
    private readonly voter: Slot,
    private readonly witness: Slot,
    private readonly untilMs: number,
    private readonly later: Later,
  ) {}

  /** @returns what began; undefined: there are too few servers, or too few of them well */
  static haunt(cluster: VirtualCluster, random: Random, forMs: number, later: Later): string | undefined {
    const { leader, servers } = cluster;
    if (!leader || servers.length < 5 || cluster.running.length < servers.length) return undefined;
    const others = servers.filter((one) => one !== leader);
    const [voter] = others.splice(randomInt(random, 0, others.length), 1);
    const [witness] = others.splice(randomInt(random, 0, others.length), 1);
    if (!voter || !witness || cluster.config.storage === 'memory' || !cluster.mayForget(voter)) return undefined;
    const ghost = new Ghost(cluster, leader, voter, witness, cluster.nowMs + PATIENCE_MS + forMs, later);
    ghost.begin(randomInt(random, 20, 250));
    return `${leader.host.name} reaches ${voter.host.name}, whose words are late, and late ${witness.host.name}`;
  }

  private begin(wipeInMs: number): void {
    const { cluster, leader, voter, witness } = this;
    for (const other of this.others) this.cut(leader, other);
    cluster.network.hold(voter.host.name, leader.host.name);
    cluster.network.hold(leader.host.name, witness.host.name);
    this.later(wipeInMs, () => this.forget());
    this.later(PATIENCE_MS, () => this.appear());
  }

  private forget(): void {
    const { cluster, leader, voter } = this;
    if (!cluster.mayForget(voter)) return;
    this.cut(leader, voter);
    cluster.wipeServer(voter);
    this.later(LOOK_MS, () => {
      cluster.startServer(voter);
      this.watch();
    });
  }

  /** Until it votes again. */
  private watch(): void {
    const { cluster, voter } = this;
    const isBack = voter.watched && cluster.checks.isVoter(voter.watched);
    if (isBack) this.appear();
    else if (cluster.nowMs < this.untilMs) this.later(LOOK_MS, () => this.watch());
  }

  /** What was late arrives, and those that it makes a quorum of are alone with it. */
  private appear(): void {
    const { cluster, leader, voter, witness } = this;
    for (const other of this.others) this.cut(witness, other);
    this.cut(witness, voter);
    cluster.network.release(voter.host.name, leader.host.name);
    cluster.network.release(leader.host.name, witness.host.name);
  }

  private get others(): readonly Slot[] {
    const known = [this.leader, this.voter, this.witness];
    return this.cluster.servers.filter((one) => !known.includes(one));
  }

  private cut(one: Slot, other: Slot): void {
    const { weather } = this.cluster;
    weather.cut(one.host.name, other.host.name, this.untilMs);
    weather.cut(other.host.name, one.host.name, this.untilMs);
  }
}
