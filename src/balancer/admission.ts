/**
 * The servers' coming and going: who is admitted and who refused, who is dead, and what that means for the clients.
 */
import { OncePer } from '../lib/rate';
import type { PeerKey } from '../transport/transport';
import { REFUSAL_WORDS, type RefuseReason, type ServerFrame } from '../wire/frames';
import type { Client } from './clients';
import type { BalancerLimits } from './limits';
import type { Opening } from './opening';
import type { Outlet } from './outlet';
import type { Placement } from './placement';
import type { ConnectedServer, Servers } from './servers';

type Beat = Extract<ServerFrame, { readonly type: 'beat' }>;

/** Why a server is no more. */
export type Departure = 'silent' | 'closed' | 'leaving';

export class Admission {
  /** A connection closed and it may have been too early to see whose: all are probed once more. */
  private probeAgain = false;
  private readonly refusals = new OncePer(1000);

  constructor(
    private readonly limits: BalancerLimits,
    private readonly servers: Servers,
    private readonly opening: Opening,
    private readonly placement: Placement,
    private readonly out: Outlet,
  ) {}

  /** A server's sign of life, which is its registration too. */
  onBeat(peer: PeerKey, beat: Beat, nowMs: number): void {
    const registration = this.servers.onBeat(peer, beat, nowMs);
    switch (registration.type) {
      case 'refused':
        this.refuse(peer, beat.server, registration.reason, nowMs);
        return;
      case 'claimed':
        this.beat(registration.holder); // Whether it is still there shows when it is written to.
        return;
      case 'joined':
        this.onJoined(registration.server, [], nowMs);
        return;
      case 'known': {
        const claimant = this.servers.takeClaim(beat.server, nowMs);
        if (claimant !== undefined) this.refuse(claimant, beat.server, 'duplicate-server', nowMs);
        const server = this.servers.ofPeer(peer);
        if (server) this.beat(server);
        this.review([], nowMs);
      }
    }
  }

  /** The server is dead or leaves: its clients are moved at once. Who waited for its id has it now. */
  onGone(server: ConnectedServer, why: Departure, nowMs: number): void {
    const words = {
      silent: `has been silent for ${this.limits.deadAfterMs} ms`,
      closed: 'closed its connection',
      leaving: 'is leaving',
    };
    this.out.log('warn', `server ${server.id} ${words[why]}`);
    this.servers.remove(server);
    const orphans =
      why === 'leaving'
        ? this.placement.orphan(server.id, 'left', 0)
        : this.placement.orphan(server.id, 'lost', nowMs - server.lastHeardMs);
    if (orphans.length > 0)
      this.out.log('info', `server ${server.id} had ${orphans.length} clients: they go to others`);
    const successor = this.servers.admitClaimant(server.id, nowMs);
    if (successor) this.onJoined(successor, orphans, nowMs);
    else this.placement.review(orphans);
  }

  /** Some server's connection closed. Which one shows when all are written to: a hint that spares a timeout. */
  onClosed(): void {
    this.probe();
    this.probeAgain = true;
  }

  tick(nowMs: number): void {
    const { deadAfterMs, drainAfterMs } = this.limits;
    if (this.probeAgain) this.probe();
    this.probeAgain = false;
    for (const server of this.servers.silentSince(nowMs - deadAfterMs)) {
      this.onGone(server, 'silent', nowMs);
    }
    if (this.servers.serving().length === 0) return; // Nobody could serve its clients better.
    for (const server of this.servers.all()) {
      const idleMs = nowMs - (server.idleSinceMs ?? nowMs);
      if (idleMs > drainAfterMs) this.drain(server, idleMs);
    }
  }

  private onJoined(server: ConnectedServer, orphans: readonly Client[], nowMs: number): void {
    const [connected, all] = [this.servers.all().length, this.servers.ids.length];
    this.out.log('info', `server ${server.id} connected (${connected} of ${all})`);
    // Before any attachment: a server voids those that it was given before a balancer told it that it is another.
    this.beat(server);
    this.review(orphans, nowMs);
  }

  private review(orphans: readonly Client[], nowMs: number): void {
    const why = this.opening.maybeOpen(nowMs);
    if (why === 'all') this.out.log('info', 'all servers can serve: open for clients');
    if (why === 'majority') this.out.log('info', 'a majority is connected: open for clients');
    this.placement.review(orphans);
  }

  private drain(server: ConnectedServer, idleMs: number): void {
    const orphans = this.placement.orphan(server.id, 'cannot-serve', idleMs);
    if (orphans.length === 0) return;
    this.out.log('warn', `server ${server.id} cannot serve: its ${orphans.length} clients go to others`);
    this.placement.review(orphans);
  }

  private refuse(peer: PeerKey, id: number, reason: RefuseReason, nowMs: number): void {
    this.out.toServer(peer, { type: 'refused', reason });
    const heldBack = this.refusals.pass(nowMs);
    if (heldBack === undefined) return;
    const more = heldBack > 0 ? ` (and ${heldBack} more before)` : '';
    this.out.log('warn', `refused a server that says it is ${id}: ${REFUSAL_WORDS[reason]}${more}`);
  }

  private probe(): void {
    for (const server of this.servers.all()) this.beat(server);
  }

  private beat(server: ConnectedServer): void {
    const [connected, needed] = [this.servers.all().length, this.opening.needed()];
    this.out.toServer(server.peer, { type: 'beat', instance: server.balancer, connected, needed });
  }
}
