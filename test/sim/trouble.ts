/** Carries the faults of a plan out on a cluster. Whom a fault hits follows from its numbers and from who there is. */
import { seededRandom } from '../../src/lib/prng';
import type { VirtualCluster } from './cluster';
import { Ghost } from './ghost';
import type { Fault, FaultKind } from './plan';
import type { VirtualProcess } from './process';
import type { Channel } from './weather';

type Slot = VirtualCluster['servers'][number];

/** A fault that picks whom it hits picks the leader this often. */
const LEADER_SHARE = 0.4;

export class Trouble {
  readonly injected = new Map<FaultKind, number>();

  private isMended = false;

  constructor(private readonly cluster: VirtualCluster) {}

  /** Has the fault happen at its time. */
  plan(fault: Fault): void {
    this.cluster.agenda.at(fault.atMs, () => this.strike(fault));
  }

  /** Whatever is wrong is mended, and whoever is gone comes back. */
  mend(): void {
    const { cluster } = this;
    cluster.note('network', 'is mended');
    this.isMended = true;
    cluster.weather.calm();
    cluster.network.releaseAll();
    for (const slot of cluster.servers) {
      this.mendDisk(slot);
      cluster.startServer(slot);
    }
    cluster.startBalancer();
    for (const member of cluster.members) member.wake();
  }

  /** One server, the leader if there is one, hears no other any more. @returns which one */
  deafen(): number {
    const { weather, servers, leader } = this.cluster;
    const { id, host } = leader ?? (servers[0] as Slot);
    for (const other of servers) if (other.id !== id) weather.cut(other.host.name, host.name, Number.POSITIVE_INFINITY);
    this.cluster.note(host.name, 'hears nobody');
    return id;
  }

  /** Goes on with a fault after a while, unless all is mended by then. */
  private later(ms: number, act: () => void): void {
    this.cluster.agenda.after(ms, () => {
      if (!this.isMended) act();
    });
  }

  private strike(fault: Fault): void {
    const struck = this.carryOut(fault);
    if (struck === undefined) return;
    this.injected.set(fault.kind, (this.injected.get(fault.kind) ?? 0) + 1);
    this.cluster.note('fault', `${fault.kind}: ${struck}`);
  }

  /** @returns what it did; undefined: there was nothing to be done */
  private carryOut(fault: Fault): string | undefined {
    switch (fault.kind) {
      case 'loss':
      case 'delay':
      case 'repeat':
      case 'reorder':
        return this.spoil(fault);
      case 'publish-runs':
        return this.lose(fault, 'publish');
      case 'question-runs':
        return this.lose(fault, fault.how < 0.5 ? 'question' : 'answer');
      case 'partition':
        return this.part(fault);
      case 'reset':
        return this.reset(fault);
      case 'crash':
        return this.crash(fault);
      case 'crash-in-sync':
        return this.crashInSync(fault);
      case 'crash-all':
        return this.crashAll(fault);
      case 'wipe':
        return this.wipe(fault);
      case 'ghost':
        return Ghost.haunt(this.cluster, seededRandom(Math.floor(fault.how * 2 ** 31)), fault.forMs, (ms, act) =>
          this.later(ms, act),
        );
      case 'damage':
        return this.damage(fault);
      case 'disk-error':
        return this.failDisk(fault);
      case 'slow-disk':
        return this.slowDisk(fault);
      case 'pause':
        return this.pause(fault);
      case 'clock':
        return this.turnClock(fault);
      case 'balancer':
        return this.crashBalancer(fault);
      case 'client-crash':
        return this.crashMember(fault);
      case 'client-slow':
        return this.slowMember(fault);
    }
  }

  // ---- The network --------------------------------------------------------------------------------------------------

  private spoil({ kind, how, forMs, whom }: Fault): string {
    const { weather, agenda } = this.cluster;
    const over = (act: () => void) => agenda.after(forMs, act);
    switch (kind) {
      case 'loss': {
        const share = 0.3 * how;
        const some = (['publish', 'question', 'answer', 'client'] as const).filter((_, at) => (16 * whom) & (1 << at));
        for (const channel of some) weather.loss[channel] = share;
        over(() => {
          for (const channel of some) weather.loss[channel] = 0;
        });
        return `${share.toFixed(2)} of ${some.join(', ')}`;
      }
      case 'delay':
        weather.slow = 0.5 * how;
        weather.slowMs = 20 + 1500 * whom;
        over(() => {
          weather.slow = 0;
        });
        return `${weather.slow.toFixed(2)} by up to ${weather.slowMs.toFixed(0)} ms`;
      case 'repeat':
        weather.repeats = 0.3 * how;
        over(() => {
          weather.repeats = 0;
        });
        return weather.repeats.toFixed(2);
      default:
        weather.overtaken = 0.3 * how;
        over(() => {
          weather.overtaken = 0;
        });
        return weather.overtaken.toFixed(2);
    }
  }

  private lose(fault: Fault, channel: Channel): string | undefined {
    const { weather, nowMs, servers } = this.cluster;
    const [from, to] = [this.victim(fault), this.pick(servers, fault.whom)];
    const untilMs = nowMs + fault.forMs;
    // To one of them, or to all.
    if (!to) return undefined;
    const hit = fault.how < 0.5 ? [to] : servers;
    for (const other of hit) if (other !== from) weather.lose(from.host.name, other.host.name, channel, untilMs);
    return `no ${channel} from ${from.host.name} to ${hit === servers ? 'anybody' : to.host.name}`;
  }

  /** Servers that do not reach each other: one, some, one way, some of them some, or now and then. */
  private part(fault: Fault): string | undefined {
    const { weather, nowMs, servers } = this.cluster;
    const one = this.victim(fault);
    const untilMs = nowMs + fault.forMs;
    const names = servers.map(({ host }) => host.name);
    const others = names.filter((name) => name !== one.host.name);
    const { name } = one.host;
    const other = others[Math.floor(fault.whom * others.length)];
    if (other === undefined) return undefined;
    if (fault.how < 0.25) {
      for (const each of others) {
        weather.cut(name, each, untilMs);
        weather.cut(each, name, untilMs);
      }
      // With or without its clients.
      if (fault.how < 0.12) {
        weather.cut(name, 'balancer', untilMs);
        weather.cut('balancer', name, untilMs);
      }
      return `${name} from all others`;
    }
    if (fault.how < 0.4) {
      const half = names.filter((_, at) => at % 2 === 0);
      for (const a of half) {
        for (const b of names.filter((each) => !half.includes(each))) {
          weather.cut(a, b, untilMs);
          weather.cut(b, a, untilMs);
        }
      }
      return `${half.join(' ')} from the others`;
    }
    if (fault.how < 0.55) {
      for (const each of others) weather.cut(name, each, untilMs);
      return `nobody hears ${name}`;
    }
    if (fault.how < 0.7) {
      for (const each of others) weather.cut(each, name, untilMs);
      return `${name} hears nobody`;
    }
    if (fault.how < 0.85) {
      weather.cut(name, other, untilMs);
      weather.cut(other, name, untilMs);
      return `${name} from ${other}`;
    }
    for (let at = 0; at < fault.forMs; at += 200) {
      this.later(at, () => {
        weather.cut(name, other, this.cluster.nowMs + 100);
        weather.cut(other, name, this.cluster.nowMs + 100);
      });
    }
    return `${name} from ${other} now and then`;
  }

  private reset(fault: Fault): string | undefined {
    const all = [...this.cluster.network.connections].filter(({ isUp }) => isUp);
    if (all.length === 0) return undefined;
    const share = fault.how < 0.3 ? 1 : 0.2;
    const some = all.filter((_, at) => share === 1 || (at * 7 + Math.floor(fault.whom * 5)) % 5 === 0);
    for (const connection of some) connection.reset();
    return `${some.length} connections`;
  }

  // ---- Servers ------------------------------------------------------------------------------------------------------

  private crash(fault: Fault): string | undefined {
    const slot = this.victim(fault);
    if (!this.mayKill(slot)) return undefined;
    this.cluster.killServer(slot);
    this.backAfter(slot, fault.forMs);
    return slot.host.name;
  }

  private crashInSync(fault: Fault): string | undefined {
    const slot = this.victim(fault);
    if (!slot.process?.isAlive || !this.mayKill(slot)) return undefined;
    slot.disk.killAt = fault.how < 0.5 ? 'before' : 'after';
    const { process } = slot;
    process.whenKilled(() => {
      slot.watched = undefined;
      this.backAfter(slot, fault.forMs);
    });
    return `${slot.host.name} ${slot.disk.killAt} its next write`;
  }

  private crashAll(fault: Fault): string | undefined {
    const { cluster } = this;
    const some = cluster.servers.filter((slot) => this.mayKill(slot));
    for (const slot of some) {
      if (cluster.servers.length > 1 && !this.mayKill(slot)) continue;
      cluster.killServer(slot);
      this.backAfter(slot, fault.forMs * (0.5 + ((slot.id * 0.37 + fault.how) % 1)));
    }
    return some.map(({ host }) => host.name).join(' ');
  }

  /** Its disk is empty when it comes back. */
  private wipe(fault: Fault): string | undefined {
    const slot = this.victim(fault);
    if (this.cluster.config.storage === 'memory' || !this.cluster.mayForget(slot)) return undefined;
    this.cluster.wipeServer(slot);
    this.backAfter(slot, fault.forMs);
    return slot.host.name;
  }

  /** Its disk is not what was written when it comes back. */
  private damage(fault: Fault): string | undefined {
    const slot = this.victim(fault);
    if (this.cluster.config.storage === 'memory' || !this.cluster.mayForget(slot)) return undefined;
    this.cluster.killServer(slot);
    const isTorn = fault.how < 0.5;
    const isDone = isTorn ? slot.disk.tear(1 + Math.floor(fault.whom * 3)) : slot.disk.flip();
    if (isDone) slot.isForgetful = true;
    this.backAfter(slot, fault.forMs);
    return `${slot.host.name} ${isDone ? (isTorn ? 'lost its last writes' : 'has another bit') : 'had nothing to lose'}`;
  }

  private failDisk(fault: Fault): string {
    const slot = this.victim(fault);
    slot.disk.failure = fault.how < 0.5 ? 'No space left on device' : 'Input/output error';
    return `${slot.host.name}: ${slot.disk.failure}`;
  }

  private slowDisk(fault: Fault): string {
    const slot = this.victim(fault);
    slot.disk.syncMs = { least: 200 * fault.how, more: 200 };
    this.cluster.agenda.after(fault.forMs, () => this.mendDisk(slot));
    return slot.host.name;
  }

  private mendDisk({ disk }: Slot): void {
    disk.syncMs = { least: 0.2, more: 0.8 };
    disk.failure = undefined;
    disk.killAt = undefined;
  }

  private turnClock(fault: Fault): string {
    const { host } = this.victim(fault);
    if (fault.how < 0.5) host.rate = 0.8 + 0.4 * fault.whom;
    else host.wallShiftMs = 7_200_000 * (fault.whom - 0.5);
    return `${host.name} runs at ${host.rate.toFixed(2)}, ${host.wallShiftMs.toFixed(0)} ms off`;
  }

  // ---- Others -------------------------------------------------------------------------------------------------------

  private pause(fault: Fault): string | undefined {
    const { servers, members, balancerProcess } = this.cluster;
    const member = this.pick(members, fault.whom);
    const process: VirtualProcess | undefined =
      fault.how < 0.7 ? this.victim(fault).process : fault.how < 0.85 ? balancerProcess : member?.process;
    if (!process?.isAlive || servers.length === 0) return undefined;
    process.pause(fault.forMs);
    return `${process.host.name} for ${fault.forMs.toFixed(0)} ms`;
  }

  private crashBalancer(fault: Fault): string {
    this.cluster.killBalancer();
    this.cluster.agenda.after(fault.forMs, () => this.cluster.startBalancer());
    return 'balancer';
  }

  private crashMember(fault: Fault): string | undefined {
    const { members } = this.cluster;
    const member = this.pick(members, fault.who);
    if (!member) return undefined;
    this.cluster.killMember(member);
    this.cluster.agenda.after(fault.forMs, () => this.cluster.addMember());
    return member.name;
  }

  private slowMember(fault: Fault): string | undefined {
    const member = this.pick(this.cluster.members, fault.who);
    if (!member) return undefined;
    member.sleep();
    this.cluster.agenda.after(fault.forMs, () => member.wake());
    return member.name;
  }

  /** A server without a disk forgets when it is killed. */
  private mayKill(slot: Slot): boolean {
    return this.cluster.config.storage === 'disk' || this.cluster.mayForget(slot);
  }

  private backAfter(slot: Slot, ms: number): void {
    this.cluster.agenda.after(ms, () => this.cluster.startServer(slot));
  }

  private victim({ who, whom }: Fault): Slot {
    const { servers, leader } = this.cluster;
    if (leader && whom < LEADER_SHARE) return leader;
    return this.pick(servers, who) as Slot;
  }

  private pick<Item>(items: readonly Item[], share: number): Item | undefined {
    return items[Math.floor(share * items.length)];
  }
}
