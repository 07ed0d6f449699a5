/**
 * A server without its sockets, disk and clock: the Paxos object, the chat state machine that it feeds, and the
 * clients that it serves. Everything that happens comes in by a method; everything that is to be done goes out as
 * effects, in order. The same object runs in `process.ts` and, on a virtual network, in tests.
 *
 *   peer message ─▶ Replica ─ commit ─▶ Applier ─▶ ChatState, History ─▶ acknowledgements, deliveries ─▶ clients
 *   client request ─▶ ClientDesk ─ propose ─▶ Replica
 *                              └─── read ───▶ the store ─ records ─▶ Reads ─▶ pages ─▶ clients
 */

import type { ChatLimits } from '../chat/limits';
import { ChatState } from '../chat/state';
import { History } from '../history/history';
import { unreachable } from '../lib/assert';
import type { Clock } from '../lib/clock';
import { EXIT } from '../lib/exit';
import type { Random } from '../lib/prng';
import { type Ballot, showBallot } from '../paxos/ballot';
import type { QuestionId, StoredState } from '../paxos/effects';
import type { PaxosMessage } from '../paxos/messages';
import type { PaxosLimits } from '../paxos/options';
import { Replica } from '../paxos/replica';
import type { StoredRecord } from '../storage/storage';
import type { ClientRequest } from '../wire/client';
import { encodeBatch } from '../wire/codec-batch';
import type { Attachment, ToServerFrame } from '../wire/frames';
import type { ServerStatus } from '../wire/peer';
import { Applier } from './applier';
import { AttachedClients } from './attached';
import { ClientDesk } from './desk';
import { Duties } from './duties';
import type { Consequence, ServerEffect } from './effects';
import type { ServerLimits } from './limits';
import { Pending } from './pending';
import { Reads } from './reads';

export interface ServerCoreOptions {
  readonly id: number;
  readonly cluster: string;
  /** All servers of the cluster, ascending. */
  readonly servers: readonly number[];
  /** Random for each process: 16 hexadecimal digits. */
  readonly instance: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: { readonly paxos: PaxosLimits; readonly chat: ChatLimits; readonly server: ServerLimits };
}

export class ServerCore {
  private readonly replica: Replica;
  private readonly chat: ChatState;
  private readonly clients = new AttachedClients();
  private readonly pending: Pending;
  private readonly history: History;
  private readonly reads: Reads;
  private readonly applier: Applier;
  private readonly desk: ClientDesk;
  private readonly duties: Duties;
  private readonly startedAtMs: number;
  private out: ServerEffect[] = [];
  private agenda: Consequence[] = [];
  private draining = false;
  private retryDueMs = 0;
  private historyDueMs = 0;
  /** The births that peers claimed and that are not this log's, by peer. */
  private readonly otherBirths = new Map<number, string>();

  constructor(
    private readonly options: ServerCoreOptions,
    stored: StoredState | undefined,
    /** How far the history in the store reaches. */
    historyThrough = 0,
  ) {
    const { limits, clock } = options;
    this.startedAtMs = clock.monotonicMs();
    this.pending = new Pending(limits.server.pendingCommands);
    this.chat = new ChatState(limits.chat);
    this.history = new History({ chars: limits.server.recentChars }, historyThrough, 0);
    this.replica = new Replica(
      {
        me: options.id,
        servers: options.servers,
        random: options.random,
        limits: limits.paxos,
        assemble: (commands) => encodeBatch(clock.wallMs(), commands),
        clients: () => this.clients.size,
      },
      stored,
    );
    const send = (effect: ServerEffect) => this.out.push(effect);
    this.reads = new Reads(send);
    const propose = (commands: readonly Uint8Array[]) => this.propose(commands);
    const parts = {
      options,
      chat: this.chat,
      history: this.history,
      reads: this.reads,
      clients: this.clients,
      pending: this.pending,
      send,
      propose,
      view: () => this.replica.view(),
    };
    this.applier = new Applier(parts);
    this.desk = new ClientDesk(parts);
    this.duties = new Duties(parts);
  }

  /** Once, before anything else: replays what is known to be committed, and asks the first questions. */
  start(): readonly ServerEffect[] {
    this.carry(this.replica.start(this.nowMs()));
    return this.take();
  }

  /** A message of a peer of this cluster. `question` is set when it came on REQ/REP and wants one answer. */
  onPeer(from: number, birth: string, message: PaxosMessage, question?: QuestionId): readonly ServerEffect[] {
    if (this.isOfAnotherBirth(from, birth)) return this.take();
    this.carry(this.replica.step(from, message, this.nowMs(), question));
    return this.take();
  }

  /** The transport's hint that the connection to a peer opened or closed. */
  onLink(peer: number, state: 'up' | 'down'): readonly ServerEffect[] {
    this.carry(this.replica.onLink(peer, state, this.nowMs()));
    return this.take();
  }

  /** A write is durable: what waited for it is done now. */
  onDurable(then: readonly Consequence[]): readonly ServerEffect[] {
    this.carry(then);
    return this.take();
  }

  /** Records that a `read` effect asked for. */
  onRecords(id: number, records: readonly StoredRecord[]): readonly ServerEffect[] {
    this.reads.onRecords(id, records);
    return this.take();
  }

  /** The connection to the balancer is there again. */
  onBalancerBack(): readonly ServerEffect[] {
    this.duties.onBalancerBack();
    return this.take();
  }

  /** A routing frame of the balancer, other than `data`. */
  onBalancer(frame: ToServerFrame): readonly ServerEffect[] {
    switch (frame.type) {
      case 'beat':
        this.duties.onBalancerBeat(frame.instance);
        break;
      case 'attach':
        this.clients.attach(frame.attachment);
        break;
      case 'gone':
        this.duties.onGone(frame.attachment);
        break;
      case 'refused':
        this.out.push({
          type: 'stop',
          status: EXIT.refused,
          reason: `the balancer refused this server: ${frame.reason}`,
        });
        break;
      case 'data':
        break;
      default:
        unreachable(frame);
    }
    return this.take();
  }

  /** A client's request, or why it could not be read. */
  onClient(attachment: Attachment, request: ClientRequest | { readonly bad: string }): readonly ServerEffect[] {
    this.desk.onRequest(attachment, request);
    return this.take();
  }

  /** Time has passed. Called about every 10 ms; nothing depends on the exact period. */
  tick(): readonly ServerEffect[] {
    this.carry(this.replica.tick(this.nowMs()));
    this.duties.tick();
    if (this.nowMs() >= this.retryDueMs) this.retry();
    return this.take();
  }

  /** A clean end: tells the balancer to move the clients. */
  leave(): readonly ServerEffect[] {
    this.out.push({ type: 'toBalancer', frame: { type: 'leaving' } });
    return this.take();
  }

  /** The birth id of the log held here; '' while there is none. Goes into every envelope. */
  get birth(): string {
    return this.chat.birth;
  }

  status(): ServerStatus {
    const view = this.replica.view();
    const standing = view.standing === 'voter' ? undefined : view.standing;
    return {
      id: this.options.id,
      pid: this.options.pid,
      state: standing ?? (view.role === 'follower' && !this.duties.serving() ? 'catching-up' : view.role),
      ballot: showBallot(view.ballot),
      leader: view.leader,
      committed: view.committed,
      applied: this.applier.applied,
      clients: this.clients.size,
      uptimeMs: Math.round(this.nowMs() - this.startedAtMs),
      birth: this.chat.birth,
      position: this.chat.position,
      digest: this.chat.digest(),
    };
  }

  private nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  private take(): readonly ServerEffect[] {
    this.writeHistory();
    const effects = this.out;
    this.out = [];
    return effects;
  }

  /** What happened goes into the store some time after its rounds did: until then the log has it. */
  private writeHistory(): void {
    const { historyWriteChars, historyWriteMs } = this.options.limits.server;
    if (this.history.waiting < historyWriteChars && this.nowMs() < this.historyDueMs) return;
    this.historyDueMs = this.nowMs() + historyWriteMs;
    const write = this.history.takeWrite();
    if (!write) return;
    // biome-ignore lint/suspicious/noThenProperty: nobody awaits an effect
    this.out.push({ type: 'persist', write: { puts: write.puts }, then: [{ type: 'stored', through: write.through }] });
  }

  /** A few times in the time after which a command is late. */
  private retry(): void {
    this.retryDueMs = this.nowMs() + this.options.limits.server.retryMs / 4;
    this.desk.retry();
  }

  private propose(commands: readonly Uint8Array[]): void {
    if (commands.length > 0) this.carry(this.replica.propose(commands, this.nowMs()));
  }

  /** Carries Paxos effects out in order, also those that carrying one out brings about. */
  private carry(effects: readonly Consequence[]): void {
    for (const effect of effects) this.agenda.push(effect);
    if (this.draining) return;
    this.draining = true;
    for (let next = 0; next < this.agenda.length; next += 1) this.carryOne(this.agenda[next] as Consequence);
    this.agenda = [];
    this.draining = false;
  }

  private carryOne(effect: Consequence): void {
    switch (effect.type) {
      case 'persist':
      case 'broadcast':
      case 'ask':
      case 'reply':
        this.out.push(effect);
        break;
      case 'loopback':
        this.carry(this.replica.step(this.options.id, effect.message, this.nowMs()));
        break;
      case 'commit':
        this.applier.onCommit(effect.round, effect.value);
        break;
      case 'leader':
        this.onLeader(effect.ballot);
        break;
      case 'stored':
        this.history.onStored(effect.through);
        break;
      case 'behind':
        this.out.push({
          type: 'log',
          level: 'warn',
          text: `the log of server ${effect.peer} starts at ${effect.first}`,
        });
        break;
      case 'halt':
        this.out.push({ type: 'stop', status: EXIT.reset, reason: effect.reason });
        break;
      default:
        unreachable(effect);
    }
  }

  /** Whatever was proposed under another leader may be lost: it is proposed again, each session's in its order. */
  private onLeader(ballot: Ballot): void {
    if (ballot.server === 0) {
      this.out.push({ type: 'log', level: 'info', text: 'no leader' });
      return;
    }
    const who = ballot.server === this.options.id ? 'this server leads' : `server ${ballot.server} leads`;
    this.out.push({ type: 'log', level: 'info', text: `${who}, ballot ${showBallot(ballot)}` });
    this.duties.onLeader(ballot);
    this.desk.proposeAgain();
  }

  /**
   * Whether the sender holds the log of another birth: then nothing it says concerns this log. When so many peers do
   * that they could be a majority without this server, it is this folder that is the wrong one.
   */
  private isOfAnotherBirth(from: number, birth: string): boolean {
    if (birth === '' || this.chat.birth === '' || birth === this.chat.birth) {
      this.otherBirths.delete(from);
      return false;
    }
    this.otherBirths.set(from, birth);
    const agreeing = [...this.otherBirths.values()].filter((other) => other === birth).length;
    if (agreeing > this.options.servers.length / 2) {
      const reason = `the data folder holds the log of birth ${this.chat.birth}, but the cluster's is ${birth}; move the folder away, the server then gets the log from its peers`;
      this.out.push({ type: 'stop', status: EXIT.data, reason });
    }
    return true;
  }
}
