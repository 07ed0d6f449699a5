/**
 * The attack that crash vectors are for (Michael, Ports, Sharma, Szekeres, DISC 2017): a vote arrives after its voter
 * forgot it. The leader reaches two servers only. One votes, and its vote is late; it loses its disk, and comes back
 * with the help of those that the leader does not reach, and of the other, to which the leader's words are late as well.
 * Then both arrive. The old vote would make a quorum: of servers that are cut off from now on, while the others, the one
 * that forgot among them, are a quorum as well and know nothing of what was chosen.
 */
import { type Random, randomInt } from '../../src/lib/prng';
import type { ServerSlot } from './cluster';
import type { Scene } from './scene';

const LOOK_MS = 5;
/** The others miss the leader soon: what was not in time by then is not worth waiting for. */
const PATIENCE_MS = 1500;
/** The leader speaks to its two servers for so long, until one of them forgets. Milliseconds. */
const SPEAKS_MS = { least: 20, most: 250 };

export class Ghost {
  private hasAppeared = false;

  private constructor(
    private readonly scene: Scene,
    private readonly leader: ServerSlot,
    private readonly voter: ServerSlot,
    private readonly witness: ServerSlot,
    private readonly untilMs: number,
  ) {}

  /** @returns what began; undefined: there are too few servers, or too few of them well, or one is under way */
  static haunt(scene: Scene, random: Random, forMs: number): string | undefined {
    const { cluster } = scene;
    const { leader, servers, network, config } = cluster;
    if (!leader || servers.length < 5 || cluster.running.length < servers.length) return undefined;
    const others = servers.filter((one) => one !== leader);
    const [voter] = others.splice(randomInt(random, 0, others.length), 1);
    const [witness] = others.splice(randomInt(random, 0, others.length), 1);
    if (!voter || !witness || network.isHolding) return undefined;
    if (config.storage === 'memory' || !cluster.mayLose(voter)) return undefined;
    const ghost = new Ghost(scene, leader, voter, witness, cluster.nowMs + PATIENCE_MS + forMs);
    ghost.begin(randomInt(random, SPEAKS_MS.least, SPEAKS_MS.most));
    return `${leader.host.name} reaches ${voter.host.name}, whose words are late, and late ${witness.host.name}`;
  }

  private begin(speaksMs: number): void {
    const { scene, leader, voter, witness } = this;
    const { network } = scene.cluster;
    for (const other of this.others) this.cut(leader, other);
    network.hold(voter.host.name, leader.host.name);
    network.hold(leader.host.name, witness.host.name);
    scene.later(speaksMs, () => this.forget());
    scene.later(PATIENCE_MS, () => this.appear());
  }

  private forget(): void {
    const { scene, leader, voter } = this;
    if (!scene.cluster.mayLose(voter)) return;
    this.cut(leader, voter);
    scene.cluster.wipeServer(voter);
    scene.later(LOOK_MS, () => {
      scene.cluster.startServer(voter);
      this.watch();
    });
  }

  /** Until it votes again. */
  private watch(): void {
    const { scene, voter } = this;
    if (voter.watched && scene.cluster.checks.isVoter(voter.watched)) this.appear();
    else if (!this.hasAppeared) scene.later(LOOK_MS, () => this.watch());
  }

  /** What was late arrives, and those that it makes a quorum of are alone with it. */
  private appear(): void {
    if (this.hasAppeared) return;
    this.hasAppeared = true;
    const { scene, leader, voter, witness } = this;
    const { network } = scene.cluster;
    for (const other of [...this.others, voter]) this.cut(witness, other);
    network.release(voter.host.name, leader.host.name);
    network.release(leader.host.name, witness.host.name);
  }

  private get others(): readonly ServerSlot[] {
    const known = [this.leader, this.voter, this.witness];
    return this.scene.cluster.servers.filter((one) => !known.includes(one));
  }

  private cut(one: ServerSlot, other: ServerSlot): void {
    const { weather } = this.scene.cluster;
    weather.cut(one.host.name, other.host.name, this.untilMs);
    weather.cut(other.host.name, one.host.name, this.untilMs);
  }
}
