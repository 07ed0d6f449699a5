/**
 * A balancer's core with the servers and clients around it: each does what the balancer tells it, as the real ones
 * do, and remembers it. A test says who lives, who serves, who reads, and lets time pass.
 */
import { Balancer } from '../../src/balancer/core';
import type { BalancerEffect } from '../../src/balancer/effects';
import type { BalancerLimits } from '../../src/balancer/limits';
import type { PeerKey } from '../../src/transport/transport';
import {
  type Attachment,
  type ClientFrame,
  PROTOCOL_VERSION,
  type ServerFrame,
  type ToClientFrame,
  type Token,
  type ToServerFrame,
} from '../../src/wire/frames';

export const LIMITS: BalancerLimits = {
  deadAfterMs: 1500,
  clientDeadAfterMs: 10_000,
  drainAfterMs: 2000,
  clients: 100,
  clientQueueBytes: 100_000,
  allQueuesBytes: 1_000_000,
  checkBytes: 10_000,
  framesPerSec: 1000,
  framesAtOnce: 2000,
  frameBytes: 4096,
};
export const NOTHING = new Uint8Array(0);
const STEP_MS = 50;
const TICK_MS = 100;
const BEAT_MS = 250;
const PING_MS = 1000;

type FrameOf<Frame, Type> = Extract<Frame, { readonly type: Type }>;

/** The fields of a server's beat. */
export type Beat = Omit<FrameOf<ServerFrame, 'beat'>, 'type'>;

interface Peer<Frame> {
  peer: PeerKey;
  /** Its connection is there. */
  connected: boolean;
  /** It runs: it reads, and says that it lives. */
  runs: boolean;
  readonly told: Frame[];
}

export interface FakeServer extends Peer<ToServerFrame> {
  beat: Beat;
  /** What the balancer calls itself. */
  balancer: string;
  readonly attached: Set<Attachment>;
  /** What came while it was stopped. */
  readonly unread: ToServerFrame[];
}

export interface FakeClient extends Peer<ToClientFrame> {
  readonly name: string;
  attachment: Attachment;
  server: number;
  /** The last one that it read. */
  token: Token;
  /** What it has not read, while it does not, though it says that it lives: its socket takes as much as is sent. */
  unread: ToClientFrame[] | undefined;
  /** Bytes of payloads among that. */
  unreadBytes: number;
}

export function lastOf<Frame extends { readonly type: string }, const Type extends Frame['type']>(
  { told }: { readonly told: readonly Frame[] },
  type: Type,
): FrameOf<Frame, Type> | undefined {
  return told.findLast((frame): frame is FrameOf<Frame, Type> => frame.type === type);
}

export class World {
  nowMs = 0;
  balancer: Balancer;
  /** Every process that was started, also those that are dead or were refused. */
  readonly servers: FakeServer[] = [];
  readonly clients = new Map<string, FakeClient>();
  readonly logs: string[] = [];
  /** Everything that the balancer wanted, in order. */
  readonly effects: BalancerEffect[] = [];
  private readonly ids: readonly number[];
  private readonly limits: BalancerLimits;
  private peers = 0;
  private instances = 0;
  private tokens = 0;

  constructor(options: { servers?: number; limits?: Partial<BalancerLimits> } = {}) {
    this.ids = Array.from({ length: options.servers ?? 3 }, (_, index) => index + 1);
    this.limits = { ...LIMITS, ...options.limits };
    this.balancer = this.create();
  }

  /** All servers serve, and the balancer is open. */
  static open(options: { servers?: number; limits?: Partial<BalancerLimits> } = {}): World {
    const world = new World(options);
    for (const id of world.ids) world.startServer(id);
    return world;
  }

  // ---- Servers ----------------------------------------------------------------------------------------------------

  /** A new process with this id, whatever became of the one before. It serves unless told otherwise. */
  startServer(id: number, beat: Partial<Beat> = {}): FakeServer {
    this.instances += 1;
    const server: FakeServer = {
      peer: this.newPeer(),
      connected: true,
      runs: true,
      told: [],
      beat: {
        version: PROTOCOL_VERSION,
        cluster: 'test',
        server: id,
        instance: String(this.instances).padStart(16, '0'),
        serving: true,
        majority: true,
        established: true,
        clients: 0,
        ...beat,
      },
      balancer: '',
      attached: new Set(),
      unread: [],
    };
    this.servers.push(server);
    this.beat(server);
    return server;
  }

  /** The process that was started last with this id. */
  server(id: number): FakeServer {
    const server = this.servers.findLast(({ beat }) => beat.server === id);
    if (!server) throw new Error(`server ${id} was not started`);
    return server;
  }

  beat(server: FakeServer, changed: Partial<Beat> = {}): void {
    server.beat = { ...server.beat, ...changed };
    this.fromServer(server, { type: 'beat', ...server.beat });
  }

  /** The process is gone, and its connection with it. Whoever writes to it notices. */
  killServer(id: number): void {
    this.kill(this.server(id));
  }

  kill(server: FakeServer): void {
    server.runs = false;
    server.connected = false;
    this.perform(this.balancer.onDisconnect('server'));
  }

  /** A stopped process goes on: it reads what has come, and says that it lives. */
  resumeServer(server: FakeServer): void {
    server.runs = true;
    for (const frame of server.unread.splice(0)) this.onToServer(server, frame);
    this.beat(server);
  }

  fromServer(server: FakeServer, frame: ServerFrame | undefined, payload: Uint8Array = NOTHING): void {
    this.perform(this.balancer.onServer(server.peer, frame, payload, this.nowMs));
  }

  // ---- Clients ----------------------------------------------------------------------------------------------------

  /** Connects and says hello. */
  join(name: string, previous = 0): FakeClient {
    const client: FakeClient = {
      name,
      peer: this.newPeer(),
      connected: true,
      runs: true,
      told: [],
      attachment: 0,
      server: 0,
      token: 0,
      unread: undefined,
      unreadBytes: 0,
    };
    this.clients.set(name, client);
    this.hello(client, { previous });
    return client;
  }

  joinMany(count: number, prefix = 'c'): readonly FakeClient[] {
    return Array.from({ length: count }, (_, index) => this.join(`${prefix}${index}`));
  }

  hello(client: FakeClient, fields: Partial<FrameOf<ClientFrame, 'hello'>> = {}): void {
    this.fromClient(client, { type: 'hello', version: PROTOCOL_VERSION, cluster: 'test', previous: 0, ...fields });
  }

  ping(client: FakeClient): void {
    this.fromClient(client, { type: 'ping', attachment: client.attachment, token: client.token });
  }

  /** The process is gone, and its connection with it. */
  killClient(client: FakeClient): void {
    client.runs = false;
    client.connected = false;
    this.perform(this.balancer.onDisconnect('client'));
  }

  /** It reads all that has come, and goes on reading. */
  readAll(client: FakeClient): void {
    const { unread = [] } = client;
    client.unread = undefined;
    client.unreadBytes = 0;
    for (const frame of unread) this.onToClient(client, frame);
  }

  fromClient(client: FakeClient, frame: ClientFrame | undefined, payload: Uint8Array = NOTHING): void {
    this.perform(this.balancer.onClient(client.peer, frame, payload, this.nowMs));
  }

  // ---- The balancer -----------------------------------------------------------------------------------------------

  /** Another process takes its place: everyone's connection is a new one. Nobody has said anything to it yet. */
  restartBalancer(): void {
    for (const one of [...this.servers, ...this.clients.values()]) one.peer = this.newPeer();
    for (const { unread } of this.servers) unread.length = 0;
    this.balancer = this.create();
  }

  /** Lets time pass: who runs gives signs of life, the balancer ticks. */
  pass(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += STEP_MS;
      if (this.nowMs % BEAT_MS === 0) for (const server of this.servers) if (server.runs) this.beat(server);
      if (this.nowMs % PING_MS === 0) for (const client of this.clients.values()) if (client.runs) this.ping(client);
      if (this.nowMs % TICK_MS === 0) this.tick();
    }
  }

  tick(): void {
    this.perform(this.balancer.tick(this.nowMs));
  }

  info(): FrameOf<ToClientFrame, 'info'>['info'] {
    const effects = this.balancer.onClient('a stranger', { type: 'info-request' }, NOTHING, this.nowMs);
    for (const effect of effects)
      if (effect.type === 'toClient' && effect.frame.type === 'info') return effect.frame.info;
    throw new Error('no answer');
  }

  /** How many clients think that they are on each server. */
  occupancy(): readonly number[] {
    return this.ids.map((id) => [...this.clients.values()].filter(({ server }) => server === id).length);
  }

  /**
   * Asks the balancer which of these attachments are on this server, and who has them; nothing is delivered.
   * @returns undefined when the balancer does not know the server
   */
  held(server: FakeServer, attachments: readonly Attachment[]): ReadonlyMap<Attachment, PeerKey> | undefined {
    const to = [0, ...attachments].map((attachment) => ({ attachment, number: 1 }));
    const effects = this.balancer.onServer(server.peer, { type: 'data', to }, NOTHING, this.nowMs);
    if (effects.length === 0) return undefined; // Whom it knows, it tells that there is no attachment 0.
    const recipients = effects.flatMap((effect) => (effect.type === 'payloadToClients' ? effect.to : []));
    return new Map(recipients.map(({ peer, addressee }) => [addressee.attachment, peer]));
  }

  perform(effects: readonly BalancerEffect[]): void {
    const lost: { side: 'client' | 'server'; peer: PeerKey; reason: 'gone' | 'full' }[] = [];
    const toClient = (peer: PeerKey, frame?: ToClientFrame, payloadBytes = 0) => {
      const client = this.clientOf(peer);
      if (!client?.connected) lost.push({ side: 'client', peer, reason: 'gone' });
      else if (!client.runs) lost.push({ side: 'client', peer, reason: 'full' });
      else if (client.unread) {
        client.unreadBytes += payloadBytes;
        if (frame) client.unread.push(frame);
      } else if (frame) this.onToClient(client, frame);
    };
    const toServer = (peer: PeerKey, frame?: ToServerFrame) => {
      const server = this.serverOf(peer);
      if (!server?.connected) lost.push({ side: 'server', peer, reason: 'gone' });
      else if (frame && server.runs) this.onToServer(server, frame);
      else if (frame) server.unread.push(frame);
    };
    for (const effect of effects) {
      this.effects.push(effect);
      switch (effect.type) {
        case 'log':
          this.logs.push(effect.text);
          break;
        case 'toClient':
          toClient(effect.peer, effect.frame);
          break;
        case 'toServer':
          toServer(effect.peer, effect.frame);
          break;
        case 'payloadToServer':
          toServer(effect.peer);
          break;
        case 'payloadToClients':
          for (const { peer } of effect.to) toClient(peer, undefined, effect.payload.length);
          break;
      }
    }
    for (const { side, peer, reason } of lost)
      this.perform(this.balancer.onUndelivered(side, peer, reason, this.nowMs));
  }

  private onToClient(client: FakeClient, frame: ToClientFrame): void {
    client.told.push(frame);
    if (frame.type === 'attached') {
      client.attachment = frame.attachment;
      client.server = frame.server;
    } else if (frame.type === 'wait' || frame.type === 'unknown') {
      client.attachment = 0;
      client.server = 0;
    } else if (frame.type === 'pong' || frame.type === 'check') {
      client.token = frame.token;
      if (frame.type === 'check') this.ping(client);
    }
  }

  private onToServer(server: FakeServer, frame: ToServerFrame): void {
    server.told.push(frame);
    if (frame.type === 'attach') server.attached.add(frame.attachment);
    else if (frame.type === 'gone') server.attached.delete(frame.attachment);
    else if (frame.type === 'refused') Object.assign(server, { runs: false, connected: false });
    else if (frame.type === 'beat' && frame.instance !== server.balancer) {
      if (server.balancer !== '') server.attached.clear();
      server.balancer = frame.instance;
    }
  }

  private clientOf(peer: PeerKey): FakeClient | undefined {
    for (const client of this.clients.values()) if (client.peer === peer) return client;
    return undefined;
  }

  private serverOf(peer: PeerKey): FakeServer | undefined {
    return this.servers.find((server) => server.peer === peer);
  }

  private newPeer(): PeerKey {
    this.peers += 1;
    return `peer ${this.peers}`;
  }

  private newToken(): Token {
    this.tokens += 1;
    return 1_000_000 + this.tokens;
  }

  private create(): Balancer {
    this.instances += 1;
    const instance = `${String(this.instances).padStart(8, '0')}${(this.instances * 4096).toString(16).padStart(8, '0')}`;
    const { ids: serverIds, limits } = this;
    return new Balancer(
      { cluster: 'test', serverIds, instance, pid: 7, limits, newToken: () => this.newToken() },
      this.nowMs,
    );
  }
}
