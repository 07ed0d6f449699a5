/**
 * Whether clients are given servers yet, and what those who wait are told. The first start of a cluster waits until
 * all servers can serve. One that has served before goes on with a majority, once the others have had a moment to
 * announce themselves: so a balancer that restarted does not wait for a server that is dead.
 */
import type { WaitReason } from '../wire/frames';
import type { BalancerLimits } from './limits';
import type { Servers } from './servers';

/** How things stand for whoever has no server. */
export interface Standing {
  readonly reason: WaitReason;
  readonly connected: number;
  readonly needed: number;
}

export class Opening {
  private opened = false;
  private recallsUntilMs = Number.POSITIVE_INFINITY;

  constructor(
    private readonly servers: Servers,
    private readonly limits: BalancerLimits,
    private readonly startedAtMs: number,
  ) {}

  get isOpen(): boolean {
    return this.opened;
  }

  /** Opens when it is time. @returns why it opened just now */
  maybeOpen(nowMs: number): 'all' | 'majority' | undefined {
    if (this.opened) return undefined;
    const settled = nowMs - this.startedAtMs >= this.limits.deadAfterMs;
    const established = this.servers.all().filter((server) => server.established).length;
    const all = this.servers.serving().length === this.servers.ids.length;
    if (!all && !(settled && established >= this.majority())) return undefined;
    this.opened = true;
    this.recall(nowMs);
    return all ? 'all' : 'majority';
  }

  /**
   * Clients come back to a balancer that was away, and name the servers that they had: they get them again, so that
   * the cluster is not moved around. For as long only as one that had not been away would have remembered them: who
   * names a server later would unbalance the cluster.
   */
  recalls(nowMs: number): boolean {
    return nowMs < this.recallsUntilMs;
  }

  /** The balancer was away until now. */
  recall(nowMs: number): void {
    if (this.opened) this.recallsUntilMs = nowMs + this.limits.clientDeadAfterMs;
  }

  /** The servers that have to be connected before clients are served. */
  needed(): number {
    return this.opened ? this.majority() : this.servers.ids.length;
  }

  standing(): Standing {
    const servers = this.servers.all();
    const [connected, needed] = [servers.length, this.needed()];
    if (!this.opened) return { reason: 'starting', connected, needed };
    const majority = connected >= needed && servers.some((server) => server.majority);
    return { reason: majority ? 'no-server' : 'no-majority', connected, needed };
  }

  private majority(): number {
    return Math.floor(this.servers.ids.length / 2) + 1;
  }
}
