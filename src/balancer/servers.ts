/**
 * The servers as the balancer sees them: who is connected, who lives, who can serve. Only a server of the
 * configuration is taken, and only one of each id.
 */
import type { PeerKey } from '../transport/transport';
import { PROTOCOL_VERSION, type RefuseReason, type ServerFrame } from '../wire/frames';
import { CLAIM_SETTLES_MS } from './limits';

type Beat = Extract<ServerFrame, { readonly type: 'beat' }>;

export interface ConnectedServer {
  readonly id: number;
  readonly instance: string;
  /**
   * What this balancer calls itself to it: new for each registration. A server voids what it was given under another
   * name, so one that was taken for dead and comes back keeps no client that has gone elsewhere.
   */
  readonly balancer: string;
  peer: PeerKey;
  /** The key that it had before it reconnected: what still comes from there is older. */
  formerPeer: PeerKey | undefined;
  lastHeardMs: number;
  serving: boolean;
  majority: boolean;
  /** It says that this cluster has served before. */
  established: boolean;
  /** Since when it has not been able to serve; undefined while it is. */
  idleSinceMs: number | undefined;
}

/** Somebody who claims the id of a server that may still be alive: decided once that one is heard, or is dead. */
interface Claim {
  readonly peer: PeerKey;
  readonly beat: Beat;
  readonly sinceMs: number;
}

export type Registration =
  | { readonly type: 'known' }
  /** A server that was not connected: new, or come back. */
  | { readonly type: 'joined'; readonly server: ConnectedServer }
  | { readonly type: 'refused'; readonly reason: RefuseReason }
  /** Its id is taken by one that may be dead: that one is to be probed. */
  | { readonly type: 'claimed'; readonly holder: ConnectedServer };

export class Servers {
  private readonly connected = new Map<number, ConnectedServer>();
  private readonly byPeer = new Map<PeerKey, ConnectedServer>();
  private readonly claims = new Map<number, Claim>();
  private registrations = 0;

  constructor(
    private readonly cluster: string,
    /** The ids of the configuration, ascending. */
    readonly ids: readonly number[],
    /** Random for each balancer process: 16 hexadecimal digits. */
    private readonly instance: string,
  ) {}

  /** A sign of life, which is a registration too. */
  onBeat(peer: PeerKey, beat: Beat, nowMs: number): Registration {
    if (beat.version !== PROTOCOL_VERSION) return { type: 'refused', reason: 'other-version' };
    if (beat.cluster !== this.cluster) return { type: 'refused', reason: 'other-cluster' };
    if (!this.ids.includes(beat.server)) return { type: 'refused', reason: 'unknown-server' };
    const holder = this.connected.get(beat.server);
    if (!holder) return { type: 'joined', server: this.admit(peer, beat, nowMs) };
    if (holder.instance !== beat.instance) {
      this.claim(peer, beat, nowMs);
      return { type: 'claimed', holder };
    }
    if (peer === holder.formerPeer) return { type: 'known' };
    if (holder.peer !== peer) this.move(holder, peer);
    this.hear(holder, beat, nowMs);
    return { type: 'known' };
  }

  /**
   * Whoever claims this server's id while it lives: to be refused. What the server said before it was killed may be
   * read after the claim of the one that replaces it, so it proves nothing until it must be known whether it is gone.
   */
  takeClaim(id: number, nowMs: number): PeerKey | undefined {
    const claim = this.claims.get(id);
    if (!claim || nowMs - claim.sinceMs < CLAIM_SETTLES_MS) return undefined;
    this.claims.delete(id);
    return claim.peer;
  }

  /** The server is dead or has left. */
  remove(server: ConnectedServer): void {
    this.connected.delete(server.id);
    this.byPeer.delete(server.peer);
  }

  /** The id is free. @returns the one that waited for it, admitted */
  admitClaimant(id: number, nowMs: number): ConnectedServer | undefined {
    const claim = this.claims.get(id);
    this.claims.delete(id);
    return claim && this.admit(claim.peer, claim.beat, nowMs);
  }

  ofPeer(peer: PeerKey): ConnectedServer | undefined {
    return this.byPeer.get(peer);
  }

  get(id: number): ConnectedServer | undefined {
    return this.connected.get(id);
  }

  /** Ascending by id. */
  all(): readonly ConnectedServer[] {
    return this.ids.map((id) => this.connected.get(id)).filter((server) => server !== undefined);
  }

  serving(): readonly ConnectedServer[] {
    return this.all().filter((server) => server.serving);
  }

  silentSince(beforeMs: number): readonly ConnectedServer[] {
    return this.all().filter((server) => server.lastHeardMs < beforeMs);
  }

  /** Nobody was listened to for so long: that was not their silence. */
  excuse(ms: number, nowMs: number): void {
    for (const server of this.connected.values()) {
      server.lastHeardMs = Math.min(nowMs, server.lastHeardMs + ms);
      if (server.idleSinceMs !== undefined) server.idleSinceMs = Math.min(nowMs, server.idleSinceMs + ms);
    }
  }

  private claim(peer: PeerKey, beat: Beat, nowMs: number): void {
    const before = this.claims.get(beat.server);
    const sinceMs = before?.beat.instance === beat.instance ? before.sinceMs : nowMs;
    this.claims.set(beat.server, { peer, beat, sinceMs });
  }

  private admit(peer: PeerKey, beat: Beat, nowMs: number): ConnectedServer {
    const { server: id, instance } = beat;
    const state = { serving: false, majority: false, established: false, idleSinceMs: nowMs };
    this.registrations += 1;
    const balancer = this.instance.slice(0, 8) + this.registrations.toString(16).padStart(8, '0');
    const server = { id, instance, balancer, peer, formerPeer: undefined, lastHeardMs: nowMs, ...state };
    this.connected.set(id, server);
    this.byPeer.set(peer, server);
    this.hear(server, beat, nowMs);
    return server;
  }

  private move(server: ConnectedServer, peer: PeerKey): void {
    this.byPeer.delete(server.peer);
    server.formerPeer = server.peer;
    server.peer = peer;
    this.byPeer.set(peer, server);
  }

  private hear(server: ConnectedServer, beat: Beat, nowMs: number): void {
    server.lastHeardMs = nowMs;
    server.serving = beat.serving;
    server.majority = beat.majority;
    server.established = beat.established;
    server.idleSinceMs = beat.serving ? undefined : (server.idleSinceMs ?? nowMs);
  }
}
