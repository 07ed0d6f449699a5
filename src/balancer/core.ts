/**
 * The balancer without its sockets and clock: assigns each client to the least occupied server, moves clients away
 * from a dead one, and passes payloads on unread. All its state is soft: after a restart, servers and clients announce
 * themselves again.
 *
 * Here is who said what, and where payloads go. The parts: attendance.ts has the clients' coming and going, admission.ts
 * the servers', placement.ts says which server a client gets, opening.ts when they are given any.
 */
import { OncePer } from '../lib/rate';
import type { PeerKey } from '../transport/transport';
import type { Addressee, Attachment, BalancerInfo, ClientFrame, ServerFrame, Token } from '../wire/frames';
import { Admission } from './admission';
import { Attendance } from './attendance';
import { type Client, Clients } from './clients';
import type { BalancerEffect, Recipient } from './effects';
import { type BalancerLimits, DROPPED_BYTES, DROPS_BEFORE_REST, LONGEST_REST_MS, REST_MS } from './limits';
import { Opening } from './opening';
import { Outlet } from './outlet';
import { Pace } from './pace';
import { Placement } from './placement';
import { Receipts } from './receipts';
import { type ConnectedServer, Servers } from './servers';

export interface BalancerOptions {
  readonly cluster: string;
  /** The ids of the configured servers, ascending. */
  readonly serverIds: readonly number[];
  /** Random for each process: 16 hexadecimal digits. */
  readonly instance: string;
  readonly pid: number;
  readonly limits: BalancerLimits;
  /** A number that nobody can guess, not 0. */
  readonly newToken: () => Token;
}

export class Balancer {
  private readonly receipts: Receipts;
  private readonly pace: Pace;
  private readonly out: Outlet;
  private readonly servers: Servers;
  private readonly clients: Clients;
  private readonly opening: Opening;
  private readonly admission: Admission;
  private readonly attendance: Attendance;
  private readonly badFrames = new OncePer(1000);
  private readonly tooFast = new OncePer(1000);
  /** Frames of clients that were thrown away unread since the last rest. */
  private dropped = 0;
  /** When it did anything last. */
  private awakeMs: number;

  constructor(
    private readonly options: BalancerOptions,
    private readonly startedAtMs: number,
  ) {
    const { cluster, serverIds, instance, limits } = options;
    this.receipts = new Receipts(limits, options.newToken);
    this.pace = new Pace(limits);
    this.out = new Outlet(this.receipts);
    const { out, receipts } = this;
    this.servers = new Servers(cluster, serverIds, instance);
    this.clients = new Clients(Number.parseInt(instance.slice(8), 16));
    this.opening = new Opening(this.servers, limits, startedAtMs);
    const placement = new Placement(cluster, this.servers, this.clients, this.opening, out);
    this.admission = new Admission(limits, this.servers, this.opening, placement, out);
    this.attendance = new Attendance(cluster, limits, this.clients, this.opening, placement, receipts, out);
    this.awakeMs = startedAtMs;
  }

  /** A message of a client. `frame` undefined: it could not be read. */
  onClient(
    peer: PeerKey,
    frame: ClientFrame | undefined,
    payload: Uint8Array,
    nowMs: number,
  ): readonly BalancerEffect[] {
    this.excusePause(nowMs);
    const client = this.clients.ofPeer(peer);
    if (client) client.lastHeardMs = nowMs;
    const pace = this.pace.onFrame(peer, payload.length, nowMs);
    if (pace !== 'ok') {
      this.onTooFast(peer, payload, pace, nowMs);
      return this.out.take();
    }
    switch (frame?.type) {
      case 'hello':
        this.attendance.onHello(peer, frame, nowMs);
        break;
      case 'data':
        if (client) this.passToServer(client, frame.attachment, payload);
        else this.out.answer(peer, { type: 'unknown' });
        break;
      case 'ping':
        this.attendance.onPing(peer, client, frame);
        break;
      case 'bye':
        if (client) this.attendance.forget(client);
        break;
      case 'info-request':
        this.out.answer(peer, { type: 'info', info: this.info(nowMs) });
        break;
      default:
        this.onBadFrame('a client', nowMs);
    }
    return this.out.take();
  }

  /** A message of a server. `frame` undefined: it could not be read. */
  onServer(
    peer: PeerKey,
    frame: ServerFrame | undefined,
    payload: Uint8Array,
    nowMs: number,
  ): readonly BalancerEffect[] {
    this.excusePause(nowMs);
    const server = this.servers.ofPeer(peer);
    if (!frame) this.onBadFrame('a server', nowMs);
    else if (frame.type === 'beat') this.admission.onBeat(peer, frame, nowMs);
    // Who is not registered yet is, with its next beat.
    else if (server && frame.type === 'data') this.passToClients(server, frame.to, payload, nowMs);
    else if (server && frame.type === 'leaving') this.admission.onGone(server, 'leaving', nowMs);
    else if (server && frame.type === 'detach') this.onDetach(server, frame.attachment);
    return this.out.take();
  }

  /** A message could not be delivered: its peer is gone, or does not read. */
  onUndelivered(
    side: 'client' | 'server',
    peer: PeerKey,
    reason: 'gone' | 'full',
    nowMs: number,
  ): readonly BalancerEffect[] {
    if (side === 'server') {
      // One that does not read is judged by its silence; what it missed is said again by whoever wants an answer.
      const server = this.servers.ofPeer(peer);
      if (server && reason === 'gone') this.admission.onGone(server, 'closed', nowMs);
    } else if (reason === 'gone') {
      this.attendance.onGone(peer);
    } else {
      const client = this.clients.ofPeer(peer);
      if (client) this.attendance.onFull(client, nowMs);
    }
    return this.out.take();
  }

  /** Some connection closed; the socket does not say whose. */
  onDisconnect(side: 'client' | 'server'): readonly BalancerEffect[] {
    if (side === 'server') this.admission.onClosed();
    else this.attendance.onClosed();
    return this.out.take();
  }

  /** Time has passed. Called a few times a second. */
  tick(nowMs: number): readonly BalancerEffect[] {
    this.excusePause(nowMs);
    this.admission.tick(nowMs);
    this.attendance.tick(nowMs);
    return this.out.take();
  }

  /** Clients that are here, whether a server serves them or they wait for one. */
  get clientCount(): number {
    return this.clients.size;
  }

  private info(nowMs: number): BalancerInfo {
    const waits = this.servers.serving().length === 0;
    return {
      cluster: this.options.cluster,
      pid: this.options.pid,
      phase: !this.opening.isOpen ? 'starting' : waits ? 'waiting' : 'serving',
      clients: this.clients.size,
      uptimeMs: nowMs - this.startedAtMs,
      connected: this.servers.all().map(({ id }) => id),
    };
  }

  /** A balancer that ticks no more was itself stopped, and has not listened: nobody is dead for that. */
  private excusePause(nowMs: number): void {
    const pausedMs = nowMs - this.awakeMs;
    this.awakeMs = nowMs;
    if (pausedMs < this.options.limits.deadAfterMs / 2) return;
    this.servers.excuse(pausedMs, nowMs);
    this.clients.excuse(pausedMs, nowMs);
    this.opening.recall(nowMs);
  }

  private passToServer(client: Client, attachment: Attachment, payload: Uint8Array): void {
    const server = this.servers.get(client.server);
    // Said before it heard of its present attachment: it says it again there.
    if (!server || client.attachment !== attachment) return;
    this.out.push({ type: 'payloadToServer', peer: server.peer, attachment, payload });
  }

  private passToClients(
    server: ConnectedServer,
    addressees: readonly Addressee[],
    payload: Uint8Array,
    nowMs: number,
  ): void {
    const clients: Client[] = [];
    const to: Recipient[] = [];
    for (const addressee of addressees) {
      const { attachment } = addressee;
      const client = this.clients.ofAttachment(attachment);
      if (client?.server !== server.id) {
        // It was told, but that may have been lost.
        this.out.toServer(server.peer, { type: 'gone', attachment });
      } else if (this.receipts.isFull(client.account)) {
        this.attendance.onFull(client, nowMs);
      } else {
        clients.push(client);
        to.push({ peer: client.peer, addressee });
      }
    }
    if (to.length > 0) this.out.payload(clients, to, payload);
  }

  /** The server has ended the attachment: the client comes anew. */
  private onDetach(server: ConnectedServer, attachment: Attachment): void {
    const client = this.clients.ofAttachment(attachment);
    if (client?.server !== server.id) return;
    this.clients.detach(client);
    this.attendance.forget(client);
    this.out.toClient(client.peer, { type: 'unknown' });
  }

  /** Dropped unread. */
  private onTooFast(peer: PeerKey, payload: Uint8Array, pace: 'tell' | 'drop', nowMs: number): void {
    const { framesPerSec } = this.options.limits;
    this.dropped += 1 + Math.floor(payload.length / DROPPED_BYTES);
    const rests = Math.floor(this.dropped / DROPS_BEFORE_REST);
    this.dropped %= DROPS_BEFORE_REST;
    if (rests > 0) this.out.push({ type: 'rest', ms: Math.min(rests * REST_MS, LONGEST_REST_MS) });
    if (pace === 'tell') this.out.answer(peer, { type: 'throttled', framesPerSec });
    const heldBack = this.tooFast.pass(nowMs);
    if (heldBack === undefined) return;
    this.out.log('warn', `dropped ${heldBack + 1} frames of clients that send more than ${framesPerSec} a second`);
  }

  private onBadFrame(whence: string, nowMs: number): void {
    const heldBack = this.badFrames.pass(nowMs);
    if (heldBack === undefined) return;
    const more = heldBack > 0 ? ` (and ${heldBack} more before)` : '';
    this.out.log('warn', `dropped an undecodable frame of ${whence}${more}`);
  }
}
