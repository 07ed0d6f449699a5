/**
 * The balancer without its sockets and clock: assigns each client to the least occupied server, moves clients away
 * from a dead one, and passes payloads on unread. All its state is soft: after a restart, servers and clients announce
 * themselves again.
 */
import { OncePer } from '../lib/rate';
import type { PeerKey } from '../transport/transport';
import {
  type Attachment,
  type AttachReason,
  type BalancerInfo,
  type ClientFrame,
  PROTOCOL_VERSION,
  type ServerFrame,
  type WaitReason,
} from '../wire/frames';
import { type Client, Clients } from './clients';
import type { BalancerEffect, Recipient } from './effects';
import type { BalancerLimits } from './limits';
import { type ConnectedServer, Servers } from './servers';

export interface BalancerOptions {
  readonly cluster: string;
  /** The ids of the configured servers, ascending. */
  readonly serverIds: readonly number[];
  /** Random for each process: 16 hexadecimal digits. */
  readonly instance: string;
  readonly pid: number;
  readonly limits: BalancerLimits;
}

export class Balancer {
  private readonly servers: Servers;
  private readonly clients = new Clients();
  private out: BalancerEffect[] = [];
  /** All servers have been here, or the cluster says that it has served before: a majority is enough from then on. */
  private started = false;
  private readonly badFrames = new OncePer(1000);
  private readonly startedAtMs: number;
  private nowMs: number;

  constructor(
    private readonly options: BalancerOptions,
    nowMs: number,
  ) {
    this.servers = new Servers(options.cluster, options.serverIds);
    this.startedAtMs = nowMs;
    this.nowMs = nowMs;
  }

  /** A message of a client. `frame` undefined: it could not be read. */
  onClient(
    peer: PeerKey,
    frame: ClientFrame | undefined,
    payload: Uint8Array,
    nowMs: number,
  ): readonly BalancerEffect[] {
    this.nowMs = nowMs;
    const client = this.clients.ofPeer(peer);
    if (client) client.lastHeardMs = nowMs;
    switch (frame?.type) {
      case 'hello':
        this.onHello(peer, frame);
        break;
      case 'data':
        if (client && client.attachment === frame.attachment) this.passToServer(client, payload);
        else if (!client) this.toClient(peer, { type: 'unknown' });
        break;
      case 'ping':
        this.onPing(peer, client, frame.attachment);
        break;
      case 'bye':
        if (client) this.forget(client);
        break;
      case 'info-request':
        this.toClient(peer, { type: 'info', info: this.info() });
        break;
      default:
        this.onBadFrame('a client');
    }
    return this.take();
  }

  /** A message of a server. `frame` undefined: it could not be read. */
  onServer(
    peer: PeerKey,
    frame: ServerFrame | undefined,
    payload: Uint8Array,
    nowMs: number,
  ): readonly BalancerEffect[] {
    this.nowMs = nowMs;
    if (!frame) {
      this.onBadFrame('a server');
      return this.take();
    }
    if (frame.type === 'beat') {
      this.onBeat(peer, frame);
      return this.take();
    }
    const server = this.servers.ofPeer(peer);
    if (!server) return this.take(); // It registers with its next beat.
    if (frame.type === 'data') this.passToClients(server, frame.attachments, payload);
    else if (frame.type === 'leaving') this.onServerGone(server, 'is leaving');
    else this.onDetach(server, frame.attachment);
    return this.take();
  }

  /** A message could not be delivered: its peer is gone, or does not read. */
  onUndelivered(
    side: 'client' | 'server',
    peer: PeerKey,
    reason: 'gone' | 'full',
    nowMs: number,
  ): readonly BalancerEffect[] {
    this.nowMs = nowMs;
    if (side === 'server') {
      const server = this.servers.ofPeer(peer);
      if (server && reason === 'gone') this.onServerGone(server, 'closed its connection');
      return this.take();
    }
    const client = this.clients.ofPeer(peer);
    if (!client) return this.take();
    if (reason === 'gone') this.forget(client);
    else this.onStalled(client);
    return this.take();
  }

  /** Some server's connection closed. Which one shows when all are written to: a hint that spares a timeout. */
  onServerDisconnect(nowMs: number): readonly BalancerEffect[] {
    this.nowMs = nowMs;
    for (const server of this.servers.all()) this.beat(server);
    return this.take();
  }

  /** Time has passed. Called a few times a second. */
  tick(nowMs: number): readonly BalancerEffect[] {
    this.nowMs = nowMs;
    const { deadAfterMs, clientDeadAfterMs, drainAfterMs } = this.options.limits;
    for (const server of this.servers.silentSince(nowMs - deadAfterMs)) {
      this.onServerGone(server, `has been silent for ${deadAfterMs} ms`);
    }
    for (const client of [...this.clients.all()]) {
      if (client.lastHeardMs < nowMs - clientDeadAfterMs) this.forget(client);
      else if (client.stalled) this.tryStalled(client);
    }
    if (this.servers.serving().length > 0) {
      for (const server of this.servers.all()) {
        if ((server.idleSinceMs ?? nowMs) < nowMs - drainAfterMs) this.moveClients(server, 'cannot serve');
      }
    }
    return this.take();
  }

  info(): BalancerInfo {
    const phase = !this.started ? 'starting' : this.servers.serving().length > 0 ? 'serving' : 'waiting';
    return {
      pid: this.options.pid,
      phase,
      clients: this.clients.size,
      uptimeMs: this.nowMs - this.startedAtMs,
      connected: this.servers.all().map(({ id }) => id),
    };
  }

  private take(): readonly BalancerEffect[] {
    const effects = this.out;
    this.out = [];
    return effects;
  }

  // ---- Clients ----------------------------------------------------------------------------------------------------

  private onHello(peer: PeerKey, hello: Extract<ClientFrame, { type: 'hello' }>): void {
    if (hello.version !== PROTOCOL_VERSION) {
      const reason = `this cluster speaks protocol version ${PROTOCOL_VERSION}, not ${hello.version}`;
      this.toClient(peer, { type: 'refused', reason });
      return;
    }
    if (hello.cluster !== '' && hello.cluster !== this.options.cluster) {
      this.toClient(peer, { type: 'refused', reason: `this is cluster ${this.options.cluster}, not ${hello.cluster}` });
      return;
    }
    const known = this.clients.ofPeer(peer);
    if (!known && this.clients.size >= this.options.limits.clients) {
      this.toClient(peer, { type: 'refused', reason: `the cluster is full: ${this.clients.size} clients` });
      return;
    }
    const client = known ?? this.clients.add(peer, this.nowMs);
    this.void(client);
    client.stalled = false;
    // Who was attached before this balancer started stays where its session is: the cluster is not moved around.
    const previous = known ? undefined : this.servers.get(hello.previous);
    if (previous?.serving && this.started) this.attach(client, previous, 'balancer-restarted');
    else this.assign(client, hello.previous === 0 ? 'new' : 'moved');
  }

  private onPing(peer: PeerKey, client: Client | undefined, attachment: Attachment): void {
    if (client && client.attachment === attachment) this.toClient(peer, { type: 'pong' });
    else if (!client?.stalled) this.toClient(peer, { type: 'unknown' });
  }

  private passToServer(client: Client, payload: Uint8Array): void {
    const server = this.servers.get(client.server);
    if (!server) return;
    this.out.push({ type: 'payloadToServer', peer: server.peer, attachment: client.attachment, payload });
  }

  /** Gives the client to the least occupied server that serves, the lowest id among equals; else it waits. */
  private assign(client: Client, reason: AttachReason): void {
    let least: ConnectedServer | undefined;
    if (this.started) {
      for (const server of this.servers.serving()) {
        if (!least || this.clients.occupancy(server.id) < this.clients.occupancy(least.id)) least = server;
      }
    }
    if (least) this.attach(client, least, reason);
    else this.toWait(client);
  }

  private attach(client: Client, server: ConnectedServer, reason: AttachReason): void {
    this.void(client);
    this.clients.attach(client, server.id);
    const { attachment } = client;
    this.toServer(server, { type: 'attach', attachment });
    const { cluster } = this.options;
    this.toClient(client.peer, { type: 'attached', attachment, server: server.id, reason, cluster });
  }

  /** Tells the server of a client that it has it no longer. */
  private void(client: Client): void {
    const server = this.servers.get(client.server);
    const attachment = this.clients.detach(client);
    if (server && attachment !== 0) this.toServer(server, { type: 'gone', attachment });
  }

  private forget(client: Client): void {
    this.void(client);
    this.clients.remove(client);
  }

  private toWait(client: Client): void {
    const connected = this.servers.all().length;
    this.toClient(client.peer, { type: 'wait', reason: this.whyWait(), connected, needed: this.needed() });
  }

  private whyWait(): WaitReason {
    if (!this.started) return 'starting';
    const servers = this.servers.all();
    const majority = servers.length >= this.majority() && servers.some((server) => server.majority);
    return majority ? 'no-server' : 'no-majority';
  }

  private needed(): number {
    return this.started ? this.majority() : this.options.serverIds.length;
  }

  private majority(): number {
    return Math.floor(this.options.serverIds.length / 2) + 1;
  }

  private onStalled(client: Client): void {
    if (client.stalled) return;
    client.stalled = true;
    this.void(client);
  }

  /** It could not be written: the attempt to give it a fresh attachment shows whether it can be now. */
  private tryStalled(client: Client): void {
    client.stalled = false;
    this.assign(client, 'lagged');
  }

  // ---- Servers ----------------------------------------------------------------------------------------------------

  private onBeat(peer: PeerKey, frame: Extract<ServerFrame, { type: 'beat' }>): void {
    const servedBefore = this.servers.ofPeer(peer)?.serving ?? false;
    const registration = this.servers.onBeat(peer, frame, this.nowMs);
    switch (registration.type) {
      case 'refused':
        this.log('warn', `refused a server that says it is ${frame.server}: ${registration.reason}`);
        this.out.push({ type: 'toServer', peer, frame: { type: 'refused', reason: registration.reason } });
        return;
      case 'claimed':
        this.beat(registration.holder); // Whether it is still there shows when it is written to.
        return;
      case 'joined':
        this.onJoined(registration.server);
        break;
      case 'known':
        this.refuseClaim(frame.server);
        break;
    }
    const server = this.servers.ofPeer(peer);
    if (!server) return;
    this.beat(server);
    this.maybeStart();
    if (server.serving && !servedBefore) this.assignWaiting();
  }

  private onJoined(server: ConnectedServer): void {
    const connected = this.servers.all().length;
    this.log('info', `server ${server.id} connected (${connected} of ${this.options.serverIds.length})`);
    this.assignWaiting();
  }

  /**
   * The first start of a cluster waits until all servers can serve. One that has served before goes on with a
   * majority, once the others have had a moment to announce themselves.
   */
  private maybeStart(): void {
    if (this.started) return;
    const settled = this.nowMs - this.startedAtMs >= this.options.limits.deadAfterMs;
    const established = this.servers.all().filter((server) => server.established).length;
    const all = this.servers.serving().length === this.options.serverIds.length;
    if (!all && !(settled && established >= this.majority())) return;
    this.started = true;
    this.log('info', all ? 'all servers can serve: open for clients' : 'a majority is connected: open again');
    this.assignWaiting();
  }

  /** The holder of an id has been heard: whoever else claims that id is a second one. */
  private refuseClaim(id: number): void {
    const claimant = this.servers.takeClaim(id);
    if (claimant === undefined) return;
    this.log('warn', `refused a second server with id ${id}`);
    this.out.push({ type: 'toServer', peer: claimant, frame: { type: 'refused', reason: 'duplicate-server' } });
  }

  private onServerGone(server: ConnectedServer, why: string): void {
    this.log('warn', `server ${server.id} ${why}`);
    const orphans = this.clients.attachedTo(server.id);
    const successor = this.servers.remove(server, this.nowMs);
    for (const client of orphans) this.clients.detach(client);
    for (const client of orphans) this.assign(client, 'moved');
    if (orphans.length > 0) this.log('info', `${orphans.length} clients of server ${server.id} went to others`);
    if (successor) {
      this.beat(successor);
      this.onJoined(successor);
    } else this.assignWaiting();
  }

  private moveClients(server: ConnectedServer, why: string): void {
    const orphans = this.clients.attachedTo(server.id);
    if (orphans.length === 0) return;
    this.log('warn', `server ${server.id} ${why}: its ${orphans.length} clients go to others`);
    for (const client of orphans) {
      this.void(client);
      this.assign(client, 'moved');
    }
  }

  private onDetach(server: ConnectedServer, attachment: Attachment): void {
    const client = this.clients.ofAttachment(attachment);
    if (!client || client.server !== server.id) return;
    this.clients.detach(client);
    this.toClient(client.peer, { type: 'unknown' });
  }

  private passToClients(server: ConnectedServer, attachments: readonly Attachment[], payload: Uint8Array): void {
    const to: Recipient[] = [];
    for (const attachment of attachments) {
      const client = this.clients.ofAttachment(attachment);
      if (client && client.server === server.id && !client.stalled) to.push({ peer: client.peer, attachment });
    }
    if (to.length > 0) this.out.push({ type: 'payloadToClients', to, payload });
  }

  /** Whoever waits is given a server, or told how things stand now. */
  private assignWaiting(): void {
    for (const client of this.clients.waiting()) this.assign(client, 'new');
  }

  private beat(server: ConnectedServer): void {
    const { instance } = this.options;
    this.toServer(server, { type: 'beat', instance, connected: this.servers.all().length, needed: this.needed() });
  }

  // ---- Out --------------------------------------------------------------------------------------------------------

  private toClient(peer: PeerKey, frame: Extract<BalancerEffect, { type: 'toClient' }>['frame']): void {
    this.out.push({ type: 'toClient', peer, frame });
  }

  private toServer(server: ConnectedServer, frame: Extract<BalancerEffect, { type: 'toServer' }>['frame']): void {
    this.out.push({ type: 'toServer', peer: server.peer, frame });
  }

  private log(level: 'info' | 'warn', text: string): void {
    this.out.push({ type: 'log', level, text });
  }

  private onBadFrame(whence: string): void {
    const heldBack = this.badFrames.pass(this.nowMs);
    if (heldBack !== undefined)
      this.log('warn', `dropped an undecodable frame of ${whence} (and ${heldBack} more since)`);
  }
}
