/** The clients' coming and going: who is taken, who is still there, who has gone, and who does not read. */
import type { PeerKey } from '../transport/transport';
import { type Attachment, type ClientFrame, PROTOCOL_VERSION } from '../wire/frames';
import type { Client, Clients } from './clients';
import type { BalancerLimits } from './limits';
import type { Opening } from './opening';
import type { Outlet } from './outlet';
import type { Placement } from './placement';
import { Probes } from './probes';
import { Stalls } from './stalls';

type Hello = Extract<ClientFrame, { readonly type: 'hello' }>;

export class Attendance {
  private readonly probes = new Probes();
  private readonly stalls = new Stalls();

  constructor(
    private readonly cluster: string,
    private readonly limits: BalancerLimits,
    private readonly clients: Clients,
    private readonly opening: Opening,
    private readonly placement: Placement,
    private readonly out: Outlet,
  ) {}

  onHello(peer: PeerKey, hello: Hello, nowMs: number): void {
    const known = this.clients.ofPeer(peer);
    const refusal = this.refusalOf(hello, known);
    if (refusal !== undefined) return this.out.toClient(peer, { type: 'refused', reason: refusal });
    const client = known ?? this.admit(peer, hello.previous, nowMs);
    // Who says it twice, because an answer was late, need not go anywhere else for that.
    if (client.server !== 0) client.home = client.server;
    this.stalls.remove(client);
    this.placement.assign(client);
  }

  onPing(peer: PeerKey, client: Client | undefined, attachment: Attachment): void {
    if (client?.stalled) return;
    // It named its present attachment, so it has read that far.
    if (client?.attachment === attachment) this.stalls.onProof(client);
    this.out.toClient(peer, { type: client?.attachment === attachment ? 'pong' : 'unknown' });
  }

  /** It has gone: its server is told. */
  forget(client: Client): void {
    this.placement.void(client);
    this.probes.remove(client);
    this.stalls.remove(client);
    this.clients.remove(client);
  }

  /** It does not read: its attachment is void, and nothing more is queued for it. */
  onFull(client: Client, nowMs: number): void {
    if (client.stalled) return;
    if (client.server !== 0) client.home = client.server;
    client.reason = 'lagged';
    this.placement.void(client);
    this.stalls.add(client, nowMs);
  }

  /** Some client's connection closed. */
  onClosed(): void {
    this.probes.onClosed();
  }

  tick(nowMs: number): void {
    for (const client of this.clients.silentSince(nowMs - this.limits.clientDeadAfterMs)) this.forget(client);
    // Any frame that a client takes for a sign of life would do.
    for (const { peer } of this.probes.take()) this.out.toClient(peer, { type: 'pong' });
    // The attempt to give it a fresh attachment shows whether it can be written now.
    for (const client of this.stalls.take(nowMs)) this.placement.assign(client);
  }

  private refusalOf(hello: Hello, known: Client | undefined): string | undefined {
    if (hello.version !== PROTOCOL_VERSION) {
      return `this cluster speaks protocol version ${PROTOCOL_VERSION}, not ${hello.version}`;
    }
    if (hello.cluster !== '' && hello.cluster !== this.cluster) {
      return `this is cluster ${this.cluster}, not ${hello.cluster}`;
    }
    const { size } = this.clients;
    return !known && size >= this.limits.clients ? `the cluster is full: ${size} clients` : undefined;
  }

  private admit(peer: PeerKey, previous: number, nowMs: number): Client {
    const client = this.clients.add(peer, nowMs);
    this.probes.add(client);
    if (previous === 0) return client;
    const recalled = this.opening.recalls(nowMs);
    client.home = recalled ? previous : 0;
    client.reason = recalled ? 'balancer-restarted' : 'moved';
    return client;
  }
}
