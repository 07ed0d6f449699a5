/** Carries the faults of a plan out on a cluster. Whom a fault hits follows from its numbers and from who there is. */

import { unreachable } from '../../src/lib/assert';
import { seededRandom } from '../../src/lib/prng';
import type { ServerSlot, VirtualCluster } from './cluster';
import { Ghost } from './ghost';
import { HostTrouble } from './host-trouble';
import { NetworkTrouble } from './network-trouble';
import type { Fault, FaultKind } from './plan';
import { pick, type Scene } from './scene';

/** A fault that picks whom it hits picks the leader this often. */
const LEADER_SHARE = 0.4;

export class Trouble implements Scene {
  readonly injected = new Map<FaultKind, number>();
  private readonly network = new NetworkTrouble(this);
  private readonly hosts = new HostTrouble(this);
  private isMended = false;

  constructor(readonly cluster: VirtualCluster) {}

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
      slot.disk.mend();
      cluster.startServer(slot);
    }
    cluster.startBalancer();
    for (const member of cluster.members) member.wake();
  }

  /**
   * One server hears no other any more: the leader if there is one, but one with damage that nobody has read yet if it
   * would be one too many when that is found.
   * @returns which one
   */
  deafen(): number {
    const { cluster } = this;
    const { weather, servers } = cluster;
    const wanted = cluster.leader ?? (servers[0] as ServerSlot);
    const lost = cluster.mayLose(wanted) ? undefined : servers.find((one) => cluster.isLost(one));
    const { id, host } = lost ?? wanted;
    for (const other of servers) if (other.id !== id) weather.cut(other.host.name, host.name, Number.POSITIVE_INFINITY);
    cluster.note(host.name, 'hears nobody');
    return id;
  }

  later(ms: number, act: () => void): void {
    this.cluster.agenda.after(ms, () => {
      if (!this.isMended) act();
    });
  }

  victim({ aim, who }: Fault): ServerSlot {
    const { servers, leader } = this.cluster;
    return leader && aim < LEADER_SHARE ? leader : (pick(servers, who) as ServerSlot);
  }

  private strike(fault: Fault): void {
    const struck = this.carryOut(fault);
    if (struck === undefined) return;
    this.injected.set(fault.kind, (this.injected.get(fault.kind) ?? 0) + 1);
    this.cluster.note('fault', `${fault.kind}: ${struck}`);
  }

  /** @returns what it did; undefined: there was nothing to be done */
  private carryOut(fault: Fault): string | undefined {
    const { network, hosts } = this;
    switch (fault.kind) {
      case 'loss':
        return network.loseSome(fault);
      case 'delay':
        return network.delay(fault);
      case 'repeat':
        return network.repeat(fault);
      case 'reorder':
        return network.reorder(fault);
      case 'publish-runs':
        return network.loseRun(fault, 'publish');
      case 'question-runs':
        return network.loseRun(fault, fault.how < 0.5 ? 'question' : 'answer');
      case 'partition':
        return network.part(fault);
      case 'reset':
        return network.reset(fault);
      case 'crash':
        return hosts.crash(fault);
      case 'crash-in-sync':
        return hosts.crashInSync(fault);
      case 'crash-all':
        return hosts.crashAll(fault);
      case 'wipe':
        return hosts.wipe(fault);
      case 'damage':
        return hosts.damage(fault);
      case 'disk-error':
        return hosts.failDisk(fault);
      case 'slow-disk':
        return hosts.slowDisk(fault);
      case 'pause':
        return hosts.pause(fault);
      case 'clock':
        return hosts.turnClock(fault);
      case 'balancer':
        return hosts.crashBalancer(fault);
      case 'client-crash':
        return hosts.crashMember(fault);
      case 'client-slow':
        return hosts.slowMember(fault);
      case 'ghost':
        return Ghost.haunt(this, seededRandom(Math.floor(fault.how * 2 ** 31)), fault.forMs);
      default:
        return unreachable(fault.kind);
    }
  }
}
