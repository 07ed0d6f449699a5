/** Servers on a virtual network, clock and disks, all in one process: messages may be lost, servers killed and wiped. */

import { type Command, gathered } from '../../src/chat/commands';
import type { ChatLimits } from '../../src/chat/limits';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import { seededRandom } from '../../src/lib/prng';
import { ServerCore } from '../../src/server/core';
import type { ServerEffect } from '../../src/server/effects';
import type { ServerLimits } from '../../src/server/limits';
import type { ServerCoreOptions } from '../../src/server/options';
import { loadStored } from '../../src/server/stored';
import { MemoryStorage } from '../../src/storage/memory';
import type { ServerMessage } from '../../src/wire/client';
import { encodeGroup } from '../../src/wire/codec-batch';
import { createPeerCodec } from '../../src/wire/codec-peer';
import type { PeerEnvelope } from '../../src/wire/peer';
import { NONCE_BYTES } from '../../src/wire/proof';
import { openRequest, sessionId } from '../people';
import { FAST, say } from './harness';

const LIMITS = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
const TICK_MS = 10;
const NONCE = new Uint8Array(NONCE_BYTES).fill(7);

type PeerMessage = PeerEnvelope['message'];

interface Node {
  readonly core: ServerCore;
  readonly storage: MemoryStorage;
}

export interface VirtualOptions {
  readonly limits: Partial<ServerLimits>;
  /** What the configuration of a server says of the chat. */
  readonly chat?: (server: number) => Partial<ChatLimits>;
  /** Whether a message between servers is lost. */
  readonly loses?: (from: number, to: number, message: PeerMessage) => boolean;
  /** How long each reading of a store takes, milliseconds. */
  readonly readMs?: number;
}

export class VirtualCluster {
  nowMs = 1000;
  readonly ids = [1, 2, 3] as const;
  private readonly nodes = new Map<number, Node>();
  private readonly storages = new Map<number, MemoryStorage>();
  private readonly codec = createPeerCodec('test');
  private agenda: (() => Promise<void>)[] = [];
  private later: { readonly atMs: number; readonly task: () => Promise<void> }[] = [];
  private questions = 0;
  private readonly asked = new Map<number, number>();
  private lives = 0;
  readonly told: { readonly server: number; readonly message: ServerMessage }[] = [];
  /** Messages between servers, by type. */
  readonly sent = new Map<string, number>();
  /** Readings of each server's store. */
  readonly reads = new Map<number, number>();

  constructor(private readonly options: VirtualOptions) {}

  /** A cluster that has a leader, and its birth. */
  static async start(options: VirtualOptions): Promise<VirtualCluster> {
    const cluster = new VirtualCluster(options);
    for (const id of cluster.ids) await cluster.startServer(id);
    await cluster.until('a birth', () => cluster.ids.every((id) => cluster.core(id).birth !== ''));
    return cluster;
  }

  core(id: number): ServerCore {
    const node = this.nodes.get(id);
    if (!node) throw new Error(`server ${id} does not run`);
    return node.core;
  }

  storage(id: number): MemoryStorage {
    return this.storages.get(id) as MemoryStorage;
  }

  leader(): number {
    return this.ids.find((id) => this.nodes.has(id) && this.core(id).status().state === 'leader') ?? 0;
  }

  async startServer(id: number): Promise<void> {
    const storage = this.storages.get(id) ?? new MemoryStorage();
    this.storages.set(id, storage);
    this.lives += 1;
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => 1_700_000_000_000 + this.nowMs };
    const options: ServerCoreOptions = {
      id,
      cluster: 'test',
      servers: this.ids,
      instance: this.lives.toString(16).padStart(16, '0'),
      pid: this.lives,
      clock,
      random: seededRandom(this.lives),
      randomBytes: () => NONCE,
      balancerKey: () => '',
      access: OPEN_TO_ALL,
      limits: {
        paxos: LIMITS.paxos,
        chat: { ...LIMITS.chat, ...this.options.chat?.(id) },
        server: { ...LIMITS.server, ...FAST, ...this.options.limits },
      },
    };
    const core = new ServerCore(options, await loadStored(storage));
    this.nodes.set(id, { core, storage });
    this.perform(id, core.start());
    for (const peer of this.ids) {
      if (peer === id || !this.nodes.has(peer)) continue;
      this.perform(id, core.onLink(peer, 'up'));
      this.perform(peer, this.core(peer).onLink(id, 'up'));
    }
    await this.drain();
  }

  /** As `kill -9`: what was not written yet is lost. */
  kill(id: number): void {
    this.nodes.delete(id);
    for (const peer of this.nodes.keys()) this.perform(peer, this.core(peer).onLink(id, 'down'));
  }

  wipe(id: number): void {
    this.storages.delete(id);
  }

  /** Until it is so, with a bound in virtual time. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    for (let passed = 0; !isSo(); passed += TICK_MS) {
      if (passed > 120_000) throw new Error(`never: ${what}; ${this.ids.map((id) => this.shown(id)).join(', ')}`);
      await this.pass(TICK_MS);
    }
  }

  async pass(ms: number): Promise<void> {
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      this.nowMs += TICK_MS;
      this.agenda.push(...this.later.filter(({ atMs }) => atMs <= this.nowMs).map(({ task }) => task));
      this.later = this.later.filter(({ atMs }) => atMs > this.nowMs);
      for (const [id, { core }] of this.nodes) this.perform(id, core.tick());
      await this.drain();
    }
  }

  /** A client of that server says lines, in groups, until all are committed there. */
  async say(server: number, client: number, from: number, count: number): Promise<void> {
    const group = 50;
    for (let seq = from; seq < from + count; seq += group) {
      const commands = Array.from({ length: Math.min(group, from + count - seq) }, (_, at) => say(`line ${seq + at}`));
      const session = sessionId(client);
      const bytes = encodeGroup({ type: 'group', session, firstSeq: seq, settled: 0, commands: gathered(commands) });
      this.perform(server, this.core(server).onClient(client, { type: 'submit', group: bytes }));
      await this.pass(TICK_MS);
    }
  }

  /** A client of that server gives a command. */
  async do(server: number, client: number, firstSeq: number, command: Command): Promise<void> {
    const group = encodeGroup({
      type: 'group',
      session: sessionId(client),
      firstSeq,
      settled: 0,
      commands: gathered([command]),
    });
    this.perform(server, this.core(server).onClient(client, { type: 'submit', group }));
    await this.pass(500);
  }

  /** A client opens its session there, and joins the lobby. */
  attach(server: number, client: number): void {
    this.perform(server, this.core(server).onBalancer({ type: 'attach', attachment: client }));
  }

  async enter(server: number, client: number): Promise<void> {
    const core = this.core(server);
    this.attach(server, client);
    this.perform(server, core.onClient(client, { type: 'greet' }));
    const open = openRequest(client, NONCE, { nick: `nick${client}` });
    this.perform(server, core.onClient(client, open));
    await this.pass(500);
    const session = sessionId(client);
    const group = encodeGroup({
      type: 'group',
      session,
      firstSeq: 1,
      settled: 0,
      commands: gathered([{ type: 'join', room: 'lobby' }]),
    });
    this.perform(server, this.core(server).onClient(client, { type: 'submit', group }));
    await this.pass(500);
  }

  /** Asks a server as a client does, and waits for the answer of that type. */
  async ask<Type extends ServerMessage['type']>(
    server: number,
    client: number,
    request: Parameters<ServerCore['onClient']>[1],
    type: Type,
  ): Promise<Extract<ServerMessage, { readonly type: Type }>> {
    const before = this.told.length;
    this.perform(server, this.core(server).onClient(client, request));
    const isAnswer = (one: { server: number; message: ServerMessage }) =>
      one.server === server && one.message.type === type;
    await this.until(`a ${type}`, () => this.told.slice(before).some(isAnswer));
    return this.told.slice(before).find(isAnswer)?.message as Extract<ServerMessage, { readonly type: Type }>;
  }

  /** All servers have applied the same. */
  equal(): boolean {
    const states = this.ids.map((id) => (this.nodes.has(id) ? this.shown(id) : 'down'));
    return new Set(states.map((state) => state.split(' ').slice(1).join(' '))).size === 1;
  }

  private shown(id: number): string {
    if (!this.nodes.has(id)) return `${id}: down`;
    const { applied, position, digest } = this.core(id).status();
    return `${id}: ${applied} ${position} ${digest}`;
  }

  private after(ms: number, task: () => Promise<void>): void {
    if (ms === 0) this.agenda.push(task);
    else this.later.push({ atMs: this.nowMs + ms, task });
  }

  private async drain(): Promise<void> {
    while (this.agenda.length > 0) {
      const tasks = this.agenda;
      this.agenda = [];
      for (const task of tasks) await task();
    }
  }

  private perform(id: number, effects: readonly ServerEffect[]): void {
    for (const effect of effects) this.performOne(id, effect);
  }

  private performOne(id: number, effect: ServerEffect): void {
    const node = this.nodes.get(id);
    if (!node) return;
    const { core, storage } = node;
    const isAlive = () => this.nodes.get(id)?.core === core;
    switch (effect.type) {
      case 'persist':
        this.agenda.push(async () => {
          if (!isAlive()) return;
          if (Object.keys(effect.write).length > 0) await storage.write([effect.write]);
          this.perform(id, core.onDurable(effect.then));
        });
        break;
      case 'read':
        this.reads.set(id, (this.reads.get(id) ?? 0) + 1);
        this.after(this.options.readMs ?? 0, async () => {
          const records = await storage.scan(effect.range);
          if (isAlive()) this.perform(id, core.onRecords(effect.id, records));
        });
        break;
      case 'broadcast':
        for (const peer of this.ids) if (peer !== id) this.deliver(id, peer, effect.message);
        break;
      case 'ask':
        this.questions += 1;
        this.asked.set(this.questions, id);
        this.deliver(id, effect.to, effect.message, this.questions);
        break;
      case 'reply':
        this.deliver(id, this.asked.get(effect.question) ?? 0, effect.message);
        break;
      case 'toClients':
        for (const _ of effect.to) this.told.push({ server: id, message: effect.message });
        break;
      case 'stop':
        throw new Error(`server ${id} stops: ${effect.reason}`);
      default:
    }
  }

  private deliver(from: number, to: number, message: PeerMessage, question?: number): void {
    this.sent.set(message.type, (this.sent.get(message.type) ?? 0) + 1);
    if (this.options.loses?.(from, to, message)) return;
    // As it travels: nothing is shared between servers.
    const bytes = this.codec.encodePeer({ from, birth: this.core(from).birth, question: 0, message });
    this.agenda.push(async () => {
      const envelope = this.codec.decodePeer(bytes);
      if ('bad' in envelope) throw new Error(envelope.bad);
      const node = this.nodes.get(to);
      const { message: arrived, birth } = envelope;
      if (!node || arrived.type === 'StatusRequest' || arrived.type === 'StatusReply') return;
      this.perform(to, node.core.onPeer(from, birth, arrived, question));
    });
  }
}
