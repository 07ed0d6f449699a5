/** The clients' coming and going: who is taken, who is still there, who has gone, and who does not read. */
import type { PeerKey } from '../transport/transport';
import { type ClientFrame, PROTOCOL_VERSION } from '../wire/frames';
import type { Client, Clients } from './clients';
import type { BalancerLimits } from './limits';
import type { Opening } from './opening';
import type { Outlet } from './outlet';
import type { Placement } from './placement';
import { Probes } from './probes';
import type { Receipts } from './receipts';
import { Stalls } from './stalls';

type Hello = Extract<ClientFrame, { readonly type: 'hello' }>;
type Ping = Extract<ClientFrame, { readonly type: 'ping' }>;

export class Attendance {
  private readonly probes: Probes;
  private readonly stalls = new Stalls();

  constructor(
    private readonly cluster: string,
    private readonly limits: BalancerLimits,
    private readonly clients: Clients,
    private readonly opening: Opening,
    private readonly placement: Placement,
    private readonly receipts: Receipts,
    private readonly out: Outlet,
  ) {
    this.probes = new Probes(receipts);
  }

  onHello(peer: PeerKey, hello: Hello, nowMs: number): void {
    const known = this.clients.ofPeer(peer);
    const refusal = this.refusalOf(hello, known);
    if (refusal !== undefined) return this.out.answer(peer, { type: 'refused', reason: refusal });
    const client = known ?? this.admit(peer, hello.previous, nowMs);
    // Who says it twice, because an answer was late, need not go anywhere else for that.
    if (client.server !== 0) client.home = client.server;
    // By another name it has not read more: it is served when it has.
    if (client.stalled ? !this.receipts.isSettled(client.account) : this.receipts.isFull(client.account)) {
      return this.stall(client, nowMs);
    }
    this.stalls.remove(client);
    this.placement.assign(client);
  }

  onPing(peer: PeerKey, client: Client | undefined, { attachment, token }: Ping): void {
    const hasRead = this.receipts.onToken(client?.account ?? this.receipts.of(peer), token);
    // What it may be given now comes instead of an answer about the attachment that it had.
    const wasStalled = client?.stalled;
    if (client && hasRead) this.onProof(client);
    if (wasStalled) return;
    if (client?.attachment === attachment) this.out.token(peer, 'pong');
    else this.out.answer(peer, { type: 'unknown' });
  }

  /** Its connection is gone, and what waited for it. */
  onGone(peer: PeerKey): void {
    const client = this.clients.ofPeer(peer);
    if (client) this.forget(client);
    this.receipts.remove(peer);
  }

  /** It has gone: its server is told. */
  forget(client: Client): void {
    this.placement.void(client);
    this.stalls.remove(client);
    this.clients.remove(client);
  }

  /** It does not read: its attachment is void, and nothing more is queued for it. */
  onFull(client: Client, nowMs: number): void {
    if (client.stalled) return;
    if (client.server !== 0) client.home = client.server;
    client.reason = 'lagged';
    this.placement.void(client);
    this.stall(client, nowMs);
  }

  /** Some client's connection closed. */
  onClosed(): void {
    this.probes.onClosed();
  }

  tick(nowMs: number): void {
    for (const client of this.clients.silentSince(nowMs - this.limits.clientDeadAfterMs)) this.forget(client);
    // Any frame that a client takes for a sign of life would do.
    for (const peer of this.probes.take()) this.out.token(peer, 'pong');
    for (const client of this.stalls.take(nowMs)) this.tryAgain(client, nowMs);
  }

  /** It said what it can only have read. */
  private onProof(client: Client): void {
    this.stalls.onProof(client);
    if (!client.stalled || !this.receipts.isSettled(client.account)) return;
    this.stalls.remove(client);
    this.placement.assign(client);
  }

  /** The attempt to give it a fresh attachment shows whether it can be written to; but first it is to read what it has. */
  private tryAgain(client: Client, nowMs: number): void {
    if (this.receipts.isSettled(client.account)) this.placement.assign(client);
    else this.stall(client, nowMs);
  }

  /** What it has to read is more than little: it is asked to say when it has, each time, as that may be lost. */
  private stall(client: Client, nowMs: number): void {
    if (client.stalled) return;
    this.stalls.add(client, nowMs);
    if (!this.receipts.isSettled(client.account)) this.out.token(client.peer, 'check');
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
    const client = this.clients.add(this.receipts.of(peer), nowMs);
    if (previous === 0) return client;
    const recalled = this.opening.recalls(nowMs);
    client.home = recalled ? previous : 0;
    client.reason = recalled ? 'balancer-restarted' : 'moved';
    return client;
  }
}
