/** Faults of hosts and of what runs on them: crashes, disks, clocks, pauses. */
import type { ServerSlot, VirtualCluster } from './cluster';
import type { Fault } from './plan';
import type { VirtualProcess } from './process';
import { pick, type Scene } from './scene';

/** A slow sync takes up to so long, and up to so much longer. Milliseconds. */
const SLOW_SYNC_MS = { least: 200, more: 200 };
/** How wrong a clock gets: its speed, and the time of day to either side, milliseconds. */
const CLOCK_RATE = { least: 0.8, more: 0.4 };
const CLOCK_SHIFT_MS = 3_600_000;
/** How many batches are torn off at most. */
const MOST_TORN = 3;
/** Who is paused: a server, the balancer, else a client. */
const PAUSED_SERVERS = 0.7;
const PAUSED_BALANCER = 0.15;

export class HostTrouble {
  constructor(private readonly scene: Scene) {}

  crash(fault: Fault): string | undefined {
    const slot = this.scene.victim(fault);
    if (!this.mayKill(slot)) return undefined;
    this.cluster.killServer(slot);
    this.backAfter(slot, fault.forMs);
    return slot.host.name;
  }

  crashInSync(fault: Fault): string | undefined {
    const slot = this.scene.victim(fault);
    const { process } = slot;
    if (!process?.isAlive || !this.hasDisks) return undefined;
    slot.disk.killAt = fault.how < 0.5 ? 'before' : 'after';
    process.whenKilled(() => {
      slot.watched = undefined;
      this.backAfter(slot, fault.forMs);
    });
    return `${slot.host.name} ${slot.disk.killAt} its next write`;
  }

  /** They come back one after the other. */
  crashAll(fault: Fault): string | undefined {
    const { cluster } = this;
    const killed: string[] = [];
    for (const slot of cluster.servers) {
      if (!this.mayKill(slot)) continue;
      cluster.killServer(slot);
      this.backAfter(slot, fault.forMs * (0.5 + ((slot.id * 0.37 + fault.how) % 1)));
      killed.push(slot.host.name);
    }
    return killed.length === 0 ? undefined : killed.join(' ');
  }

  /** Its disk is empty when it comes back. */
  wipe(fault: Fault): string | undefined {
    const slot = this.scene.victim(fault);
    if (!this.hasDisks || !this.cluster.mayLose(slot)) return undefined;
    this.cluster.wipeServer(slot);
    this.backAfter(slot, fault.forMs);
    return slot.host.name;
  }

  /** Its disk is not what was written when it comes back. */
  damage(fault: Fault): string | undefined {
    const slot = this.scene.victim(fault);
    if (!this.hasDisks || !this.cluster.mayLose(slot)) return undefined;
    this.cluster.killServer(slot);
    const isTorn = fault.how < 0.5;
    const isDone = isTorn ? slot.disk.tear(1 + Math.floor(fault.much * MOST_TORN)) : slot.disk.flip();
    if (isDone) slot.isForgetful = true;
    this.backAfter(slot, fault.forMs);
    return `${slot.host.name} ${isDone ? (isTorn ? 'lost its last writes' : 'has another bit') : 'had nothing to lose'}`;
  }

  failDisk(fault: Fault): string | undefined {
    if (!this.hasDisks) return undefined;
    const { host, disk } = this.scene.victim(fault);
    disk.failure = fault.how < 0.5 ? 'No space left on device' : 'Input/output error';
    return `${host.name}: ${disk.failure}`;
  }

  slowDisk(fault: Fault): string | undefined {
    if (!this.hasDisks) return undefined;
    const { host, disk } = this.scene.victim(fault);
    disk.slowDown(fault.forMs, { least: SLOW_SYNC_MS.least * fault.much, more: SLOW_SYNC_MS.more });
    return host.name;
  }

  turnClock(fault: Fault): string {
    const { host } = this.scene.victim(fault);
    if (fault.how < 0.5) host.runAt(CLOCK_RATE.least + CLOCK_RATE.more * fault.much, this.cluster.nowMs);
    else host.wallShiftMs = CLOCK_SHIFT_MS * (2 * fault.much - 1);
    return `${host.name} runs at ${host.rate.toFixed(2)}, ${host.wallShiftMs.toFixed(0)} ms off`;
  }

  pause(fault: Fault): string | undefined {
    const process = this.paused(fault);
    if (!process?.isAlive) return undefined;
    process.pause(fault.forMs);
    return `${process.host.name} for ${fault.forMs.toFixed(0)} ms`;
  }

  crashBalancer(fault: Fault): string {
    this.cluster.killBalancer();
    this.cluster.agenda.after(fault.forMs, () => this.cluster.startBalancer());
    return 'balancer';
  }

  crashMember(fault: Fault): string | undefined {
    const member = pick(this.cluster.members, fault.who);
    if (!member) return undefined;
    this.cluster.killMember(member);
    this.cluster.agenda.after(fault.forMs, () => this.cluster.addMember());
    return member.name;
  }

  slowMember(fault: Fault): string | undefined {
    const member = pick(this.cluster.members, fault.who);
    if (!member) return undefined;
    member.sleep();
    this.cluster.agenda.after(fault.forMs, () => member.wake());
    return member.name;
  }

  private get cluster(): VirtualCluster {
    return this.scene.cluster;
  }

  private get hasDisks(): boolean {
    return this.cluster.config.storage === 'disk';
  }

  private paused(fault: Fault): VirtualProcess | undefined {
    if (fault.how < PAUSED_SERVERS) return this.scene.victim(fault).process;
    if (fault.how < PAUSED_SERVERS + PAUSED_BALANCER) return this.cluster.balancerProcess;
    return pick(this.cluster.members, fault.whom)?.process;
  }

  /** A server without a disk forgets when it is killed. */
  private mayKill(slot: ServerSlot): boolean {
    return this.hasDisks || this.cluster.mayLose(slot);
  }

  private backAfter(slot: ServerSlot, ms: number): void {
    this.cluster.agenda.after(ms, () => this.cluster.startServer(slot));
  }
}
