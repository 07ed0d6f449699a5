/**
 * A server without its sockets, disk and clock: the Paxos object, the chat state machine that it feeds, and the
 * clients that it serves. Everything that happens comes in by a method; everything that is to be done goes out as
 * effects, in order. The same object runs in `process.ts` and, on a virtual network, in tests.
 *
 *   peer message ─▶ Replica ─ commit ─▶ Applier ─▶ ChatState, History ─▶ acknowledgements, deliveries ─▶ clients
 *   client request ─▶ ClientDesk ─ propose ─▶ Replica
 *                              └─── read ───▶ the store ─ records ─▶ Reads ─▶ pages ─▶ clients
 */

import { ChatState } from '../chat/state';
import { History } from '../history/history';
import { unreachable } from '../lib/assert';
import { EXIT } from '../lib/exit';
import { type Ballot, showBallot } from '../paxos/ballot';
import type { QuestionId } from '../paxos/effects';
import type { PaxosMessage } from '../paxos/messages';
import { Replica } from '../paxos/replica';
import type { StoredRecord } from '../storage/storage';
import type { ClientRequest } from '../wire/client';
import { encodeBatch } from '../wire/codec-batch';
import type { Attachment, ToServerFrame } from '../wire/frames';
import type { RestoreMessage, ServerStatus } from '../wire/peer';
import { Applier } from './applier';
import { AttachedClients } from './attached';
import { OtherBirths } from './births';
import { ClientDesk } from './desk';
import { Duties } from './duties';
import type { Consequence, ServerEffect } from './effects';
import { Giver } from './giver';
import { ownState } from './glance';
import type { ServerCoreOptions } from './options';
import { Pace } from './pace';
import type { ServerParts } from './parts';
import { Pending } from './pending';
import { Pruner } from './pruner';
import { Reads } from './reads';
import { type Restored, Restoring } from './restoring';
import { RoundFacts } from './round-facts';
import { Snapshots } from './snapshots';
import type { StoredServer } from './stored';
import { Turns } from './turns';

export class ServerCore {
  private readonly replica: Replica;
  private readonly parts: ServerParts;
  private readonly clients = new AttachedClients();
  private readonly pending: Pending;
  private readonly reads: Reads;
  private readonly snapshots: Snapshots;
  private readonly giver: Giver;
  private readonly pruner: Pruner;
  private readonly restoring: Restoring;
  private readonly applier: Applier;
  private readonly desk: ClientDesk;
  private readonly duties: Duties;
  private readonly births: OtherBirths;
  private out: ServerEffect[] = [];
  private agenda: Consequence[] = [];
  private draining = false;
  private retryDueMs = 0;
  private historyDueMs = 0;

  constructor(
    private readonly options: ServerCoreOptions,
    private readonly stored: StoredServer,
  ) {
    const { limits, clock } = options;
    this.pending = new Pending(limits.server, this.newPace());
    this.replica = new Replica(
      {
        me: options.id,
        servers: options.servers,
        random: options.random,
        limits: limits.paxos,
        assemble: (commands) => encodeBatch(clock.wallMs(), commands),
        clients: () => this.clients.size,
      },
      stored.log,
    );
    const send = (effect: ServerEffect) => this.out.push(effect);
    this.births = new OtherBirths(options.servers.length, send);
    this.reads = new Reads(send, limits.server);
    const chat = stored.restored?.chat ?? new ChatState();
    this.parts = {
      options,
      chat,
      history: new History({ bytes: limits.server.recentBytes }, stored.historyThrough, chat.position),
      reads: this.reads,
      turns: new Turns(limits.server),
      clients: this.clients,
      pending: this.pending,
      facts: new RoundFacts(options.id, options.servers),
      startedAtMs: clock.monotonicMs(),
      send,
      persist: (write, then) => send({ type: 'persist', write, then }),
      writeHistory: () => this.flushHistory(),
      propose: (commands) => this.propose(commands),
      view: () => this.replica.view(),
      state: () => ownState(this.replica.view(), this.restoring.permille, this.duties.serving()),
      ballotOf: (round) => this.replica.committedValues(round, 1).find((held) => held.round === round)?.ballot,
    };
    this.snapshots = new Snapshots(this.parts, stored.snapshots);
    this.applier = new Applier(this.parts, this.snapshots, stored.restored?.info.round ?? 0);
    this.desk = new ClientDesk(this.parts);
    this.duties = new Duties(this.parts);
    this.pruner = new Pruner(this.parts);
    this.giver = new Giver(this.parts, this.snapshots);
    this.restoring = new Restoring(this.parts, this.snapshots);
  }

  /** Once, before anything else: replays what is known to be committed, and asks the first questions. */
  start(): readonly ServerEffect[] {
    this.carry(this.replica.start(this.nowMs()));
    // It was stopped after the snapshot had come from a peer, and before it went on from it.
    const { restored } = this.stored;
    if (restored) this.carry(this.replica.install(restored.info.round, this.nowMs()));
    this.parts.facts.begin(this.replica.view().committed);
    return this.take();
  }

  /** A message of a peer of this cluster. `question` is set when it came on REQ/REP and wants one answer. */
  onPeer(
    from: number,
    birth: string,
    message: PaxosMessage | RestoreMessage,
    question?: QuestionId,
  ): readonly ServerEffect[] {
    if (this.births.isOther(from, birth, this.birth)) return this.take();
    this.parts.facts.onHeard(from, message, this.nowMs());
    switch (message.type) {
      case 'FetchSnapshot':
        if (question !== undefined) this.giver.onFetchSnapshot(from, message, question);
        break;
      case 'FetchHistory':
        if (question !== undefined) this.giver.onFetchHistory(from, message, question);
        break;
      case 'SnapshotPart':
        this.restoring.onSnapshotPart(from, message);
        break;
      case 'HistoryPart':
        this.restoring.onHistoryPart(from, message);
        break;
      default:
        this.carry(this.replica.step(from, message, this.nowMs(), question));
    }
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
        this.duties.onAttached(frame.attachment);
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
    this.desk.tick();
    this.parts.turns.tick(this.nowMs());
    this.pruner.tick();
    this.restoring.tick();
    if (!this.restoring.active) this.snapshots.step();
    if (this.nowMs() >= this.historyDueMs) this.flushHistory();
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
    return this.parts.chat.birth;
  }

  status(): ServerStatus {
    const view = this.replica.view();
    return {
      id: this.options.id,
      pid: this.options.pid,
      restored: this.restoring.permille ?? 1000,
      state: this.parts.state(),
      ballot: showBallot(view.ballot),
      leader: view.leader,
      committed: view.committed,
      applied: this.applier.applied,
      clients: this.clients.size,
      uptimeMs: Math.round(this.nowMs() - this.parts.startedAtMs),
      birth: this.parts.chat.birth,
      position: this.parts.chat.position,
      digest: this.parts.chat.digest(),
    };
  }

  private newPace(): Pace {
    const isUnlimited = (id: string) => {
      const { sessions, people } = this.parts.chat;
      return people.isUnlimited(sessions.get(id)?.key ?? '');
    };
    return new Pace(this.options.limits.server, isUnlimited, (session) => this.desk.tellSlowed(session));
  }

  private nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  /** What rounds bring about is written here, after the steps that committed them: after the rounds themselves. */
  private take(): readonly ServerEffect[] {
    this.pending.proposeTo(this.replica, this.parts.propose, this.nowMs());
    if (this.parts.history.waiting >= this.options.limits.server.historyWriteBytes) this.flushHistory();
    const effects = this.out;
    this.out = [];
    return effects;
  }

  /** What happened goes into the store some time after its rounds did: until then the log has it. */
  private flushHistory(): void {
    if (this.restoring.active) return;
    this.historyDueMs = this.nowMs() + this.options.limits.server.historyWriteMs;
    const write = this.parts.history.takeWrite();
    if (write) this.parts.persist({ puts: write.puts }, [{ type: 'stored', through: write.through }]);
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
      case 'broadcast':
        this.parts.facts.onSaid(effect.message, this.nowMs());
        this.out.push(effect);
        break;
      case 'persist':
      case 'ask':
      case 'reply':
        this.out.push(effect);
        break;
      case 'loopback':
        this.carry(this.replica.step(this.options.id, effect.message, this.nowMs()));
        break;
      case 'commit':
        this.onCommit(effect);
        break;
      case 'leader':
        this.onLeader(effect.ballot);
        break;
      case 'stored':
        this.parts.history.onStored(effect.through);
        break;
      case 'given':
        this.restoring.onWritten();
        break;
      case 'cut':
        this.carry(this.replica.cut(effect.below, this.nowMs()));
        break;
      case 'behind':
        this.restoring.start(effect.peer);
        break;
      case 'restored':
        this.onRestored(effect.restored);
        break;
      case 'halt':
        this.out.push({ type: 'stop', status: EXIT.reset, reason: effect.reason });
        break;
      default:
        unreachable(effect);
    }
  }

  private onCommit({ round, ballot, value }: Extract<Consequence, { readonly type: 'commit' }>): void {
    this.parts.facts.onCommitted(round, ballot, this.nowMs());
    this.applier.onCommit(round, value);
    this.parts.facts.onDelivered(round, this.nowMs());
  }

  /** Goes on from a snapshot that came from a peer: nobody is served from what was before. */
  private onRestored({ info, chat }: Restored): void {
    const { limits } = this.options;
    this.restoring.end();
    this.snapshots.onReplaced(info);
    // Rounds came meanwhile from somebody who still has them: what is here is further.
    if (this.replica.view().committed >= info.round) return;
    // Their clients are somewhere else, or come again, and send again what has no outcome.
    this.pending.clear();
    for (const attachment of this.clients.attachments()) {
      this.clients.detach(attachment);
      this.out.push({ type: 'toBalancer', frame: { type: 'detach', attachment } });
    }
    this.parts.chat = chat;
    const reached = Math.max(this.parts.history.written, info.position);
    this.parts.history = new History({ bytes: limits.server.recentBytes }, reached, info.position);
    this.applier.applied = info.round;
    this.snapshots.goOnFrom(info);
    this.out.push({ type: 'log', level: 'info', text: `goes on from the snapshot at round ${info.round}` });
    this.carry(this.replica.install(info.round, this.nowMs()));
    this.parts.facts.begin(this.replica.view().committed);
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
}
