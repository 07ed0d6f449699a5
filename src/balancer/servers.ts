/**
 * The servers as the balancer sees them: who is connected, who lives, who can serve. Only a server of the
 * configuration is taken, and only one of each id.
 */
import type { PeerKey } from '../transport/transport';
import { PROTOCOL_VERSION, type RefuseReason, type ServerFrame } from '../wire/frames';

type Beat = Extract<ServerFrame, { readonly type: 'beat' }>;

export interface ConnectedServer {
  readonly id: number;
  readonly instance: string;
  peer: PeerKey;
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

  constructor(
    private readonly cluster: string,
    /** The ids of the configuration, ascending. */
    readonly ids: readonly number[],
  ) {}

  /** A sign of life, which is a registration too. */
  onBeat(peer: PeerKey, beat: Beat, nowMs: number): Registration {
    if (beat.version !== PROTOCOL_VERSION) return { type: 'refused', reason: 'other-version' };
    if (beat.cluster !== this.cluster) return { type: 'refused', reason: 'other-cluster' };
    if (!this.ids.includes(beat.server)) return { type: 'refused', reason: 'unknown-server' };
    const holder = this.connected.get(beat.server);
    if (!holder) return { type: 'joined', server: this.admit(peer, beat, nowMs) };
    if (holder.instance !== beat.instance) {
      this.claims.set(beat.server, { peer, beat });
      return { type: 'claimed', holder };
    }
    if (holder.peer !== peer) this.move(holder, peer);
    this.hear(holder, beat, nowMs);
    return { type: 'known' };
  }

  /** Whoever claims this server's id while it lives: to be refused. */
  takeClaim(id: number): PeerKey | undefined {
    const claim = this.claims.get(id);
    this.claims.delete(id);
    return claim?.peer;
  }

  /** The server is dead or has left. @returns the one that waited for its id, admitted in its place */
  remove(server: ConnectedServer, nowMs: number): ConnectedServer | undefined {
    this.connected.delete(server.id);
    this.byPeer.delete(server.peer);
    const claim = this.claims.get(server.id);
    this.claims.delete(server.id);
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

  private admit(peer: PeerKey, beat: Beat, nowMs: number): ConnectedServer {
    const { server: id, instance } = beat;
    const state = { serving: false, majority: false, established: false, idleSinceMs: nowMs };
    const server = { id, instance, peer, lastHeardMs: nowMs, ...state };
    this.connected.set(id, server);
    this.byPeer.set(peer, server);
    this.hear(server, beat, nowMs);
    return server;
  }

  private move(server: ConnectedServer, peer: PeerKey): void {
    this.byPeer.delete(server.peer);
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
