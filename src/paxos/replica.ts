/**
 * The Paxos object: hands every message, proposal and tick to the roles in the right order, and their effects out.
 * Decides nothing itself. See `index.ts` for the map.
 */
import { invariant, unreachable } from '../lib/assert';
import { Acceptor } from './acceptor';
import type { Ballot, Round, ServerId } from './ballot';
import { CatchUp } from './catch-up';
import type { Effect, QuestionId, StoredState } from './effects';
import { Election } from './election';
import { Forwarder } from './forwarder';
import { Learner } from './learner';
import type {
  Accept,
  Accepted,
  AcceptedValue,
  Alive,
  Answer,
  BroadcastMessage,
  CrashVector,
  Forward,
  Heartbeat,
  NotLeader,
  PaxosMessage,
  Prepare,
  PreVoteReply,
  PromiseMessage,
  Question,
  RecoverReply,
  Values,
} from './messages';
import { checkOptions, HINT_WRITE_MS, type ReplicaOptions } from './options';
import { Parts } from './parts';
import { Proposer } from './proposer';
import { Recovery } from './recovery';
import { type ReplicaView, viewOf } from './view';

export type { ReplicaView } from './view';

export class Replica {
  /** The roles and what they share: for `invariants.ts` and tests, which look and do not touch. */
  readonly parts: Parts;
  readonly acceptor: Acceptor;
  readonly proposer: Proposer;
  readonly learner: Learner;
  readonly election: Election;
  readonly recovery: Recovery;
  private readonly catchUp: CatchUp;
  private readonly forwarder: Forwarder;
  /** The leader's ballot that was forwarded to last, and the crash vector that the roles were last told of. */
  private followed: Ballot;
  private knownVector: CrashVector;
  private lastWriteMs = 0;

  /** @throws InvariantError when the options contradict themselves or the stored state is of another cluster's size */
  constructor(options: ReplicaOptions, stored: StoredState | undefined) {
    checkOptions(options);
    this.parts = new Parts(options, stored);
    this.acceptor = new Acceptor(this.parts);
    this.proposer = new Proposer(this.parts, this.acceptor);
    this.learner = new Learner(this.parts);
    this.election = new Election(this.parts, this.proposer);
    this.forwarder = new Forwarder(this.parts);
    this.catchUp = new CatchUp(
      this.parts,
      () => this.learner.chosen,
      () => this.election.leader.server,
    );
    this.recovery = new Recovery(
      this.parts,
      () => this.catchUp.behind,
      () => this.election.start(),
    );
    this.followed = this.election.leader;
    this.knownVector = this.parts.memory.vector;
  }

  /** Once, first: commits what is known to be committed, and asks the first questions. */
  start(nowMs: number): Effect[] {
    this.parts.nowMs = nowMs;
    this.learner.start();
    this.election.start();
    this.recovery.start();
    return this.finish();
  }

  /**
   * A message of a peer, or by `loopback` one of this server's own.
   * @param question set for a Question: the one reply to it carries it
   */
  step(from: ServerId, message: PaxosMessage, nowMs: number, question?: QuestionId): Effect[] {
    this.parts.nowMs = nowMs;
    if (from === this.parts.me && message.type === 'Accepted') this.onAccepted(from, message);
    else if (!this.parts.membership.peers.includes(from)) this.parts.ignore('unknown sender');
    else this.onPeer(from, message, question);
    return this.finish();
  }

  /**
   * Proposes commands: the leader gives them to rounds, a follower forwards them to it.
   *
   * A promise of nothing. Without a leader, or beyond `backlogBytes`, they are dropped here; under way they are lost when
   * the leader changes. Whoever proposes keeps them until they are committed, and proposes them again, in order, on the
   * `leader` effect and after a while; as a command may then be committed twice, they are told apart above. While the
   * leader's ballot stays the same none is lost or overtaken once it is taken in here.
   */
  propose(commands: readonly Uint8Array[], nowMs: number): Effect[] {
    this.parts.nowMs = nowMs;
    if (this.election.role === 'leader') this.proposer.gather(this.parts.me, commands);
    else if (this.election.leader.server !== 0) this.forwarder.gather(commands);
    return this.finish();
  }

  /** How many bytes of commands had better be proposed now: more would only wait. 0 without a leader. */
  get roomBytes(): number {
    const { me, limits } = this.parts;
    const { role, leader } = this.election;
    if (role === 'leader') return Math.max(0, limits.roomBytes - this.proposer.backlogBytes(me));
    return leader.server === 0 ? 0 : Math.max(0, limits.roomBytes - this.forwarder.backlog.bytes);
  }

  /** Time has passed. Called about every 10 ms; nothing depends on the exact period. */
  tick(nowMs: number): Effect[] {
    this.parts.nowMs = nowMs;
    this.recovery.tick();
    this.election.tick();
    if (this.election.role === 'leader') this.proposer.tick();
    this.catchUp.tick();
    if (nowMs - this.lastWriteMs >= HINT_WRITE_MS) this.saveHints();
    return this.finish();
  }

  /**
   * Drops the log below a round that is committed: a snapshot of everything below is durable here. What was promised
   * stays promised. @throws InvariantError when it is not committed
   */
  cut(below: Round, nowMs: number): Effect[] {
    this.parts.nowMs = nowMs;
    this.parts.memory.cut(below);
    return this.finish();
  }

  /**
   * A peer's snapshot of everything below a round is durable here, and applied: the log goes on from there. Rounds of
   * which there were no commits do not get any. Ignored when this server has come so far by itself.
   */
  install(round: Round, nowMs: number): Effect[] {
    this.parts.nowMs = nowMs;
    if (round > this.parts.memory.committed) {
      this.parts.memory.restart(round);
      this.election.onInstalled();
      this.learner.onInstalled();
      this.catchUp.onInstalled();
    }
    return this.finish();
  }

  /** The transport's hint that the connection to a peer opened or closed. */
  onLink(id: ServerId, state: 'up' | 'down', nowMs: number): Effect[] {
    this.parts.nowMs = nowMs;
    if (!this.parts.membership.peers.includes(id)) return [];
    this.parts.peers.get(id).linked = state === 'up';
    if (state === 'down') this.election.onLinkDown(id);
    else {
      this.recovery.onSign(id);
      this.catchUp.check(id);
    }
    return this.finish();
  }

  /** The replica at a glance. */
  view(): ReplicaView {
    return viewOf(this.parts, this.election, this.catchUp.behind);
  }

  /** Reads at most `limit` committed values from a round on, for tools and tests. */
  committedValues(from: Round, limit: number): AcceptedValue[] {
    const { log } = this.parts.memory;
    const values: AcceptedValue[] = [];
    for (let round = Math.max(from, log.first); round < log.committed && values.length < limit; round += 1) {
      const entry = log.get(round);
      invariant(entry, `round ${round} is committed and its value is not here`);
      values.push(entry);
    }
    return values;
  }

  // ---- messages ----------------------------------------------------------------------------------------------------

  private onPeer(from: ServerId, message: PaxosMessage, question: QuestionId | undefined): void {
    this.parts.peers.get(from).lastHeardMs = this.parts.nowMs;
    if (isBroadcast(message)) this.onBroadcast(from, message);
    else if (!isQuestion(message)) this.onAnswer(from, message);
    else if (question === undefined) this.parts.ignore('no question');
    else this.onQuestion(from, message, question);
  }

  private onBroadcast(from: ServerId, message: BroadcastMessage): void {
    switch (message.type) {
      case 'Accept':
        return this.onAccept(from, message);
      case 'Accepted':
        return this.onAccepted(from, message);
      case 'Heartbeat':
        return this.onHeartbeat(from, message);
      case 'Alive':
        return this.onAlive(from, message);
      default:
        return unreachable(message);
    }
  }

  /** Every question gets exactly one answer. */
  private onQuestion(from: ServerId, message: Question, question: QuestionId): void {
    switch (message.type) {
      case 'PreVote':
        this.heardCommitted(from, message.committed);
        return this.election.onPreVote(from, message, question);
      case 'Prepare':
        return this.onPrepare(from, message, question);
      case 'RequestValue':
        return this.catchUp.onRequest(from, message, question);
      case 'Forward':
        return this.onForward(from, message, question);
      case 'Recover':
        this.recovery.onRecover(from, message, question);
        return this.tellIncarnations();
      default:
        return unreachable(message);
    }
  }

  private onAnswer(from: ServerId, message: Answer): void {
    switch (message.type) {
      case 'PreVoteReply':
        return this.onPreVoteReply(from, message);
      case 'Promise':
        return this.onPromise(from, message);
      case 'Values':
        return this.onValues(from, message);
      case 'Taken':
        return this.forwarder.onTaken(from, message.serial);
      case 'NotLeader':
        return this.onNotLeader(from, message);
      case 'RecoverReply':
        return this.onRecoverReply(from, message);
      default:
        return unreachable(message);
    }
  }

  /** Phase 2a: the leader is heard, its value accepted and voted for, and what it knows to be chosen committed. */
  private onAccept(from: ServerId, { ballot, round, value, committed }: Accept): void {
    this.heardCommitted(from, committed);
    if (this.election.onLeaderSign(from, ballot)) this.acceptor.accept({ round, ballot, value });
    this.learner.onLeaderCommitted(ballot, committed);
  }

  /** Phase 2b: a vote, of a peer or this server's own. */
  private onAccepted(from: ServerId, message: Accepted): void {
    this.merge(message.vector);
    if (from !== this.parts.me) this.election.onVote(from, message.ballot, this.newestSentMs(message));
    this.learner.onAccepted(from, message);
  }

  private onHeartbeat(from: ServerId, message: Heartbeat): void {
    this.heardCommitted(from, message.committed);
    this.heardServing(from, message.clients, true);
    const followed = this.election.onLeaderSign(from, message.ballot);
    this.learner.onLeaderCommitted(message.ballot, message.committed);
    const alive = this.election.answerTo(message, followed);
    if (alive) this.parts.outbox.broadcast(alive);
  }

  private onAlive(from: ServerId, message: Alive): void {
    this.heardCommitted(from, message.committed);
    this.heardServing(from, message.clients, message.ballot.server !== 0);
    this.election.onAlive(from, message);
  }

  private onPrepare(from: ServerId, message: Prepare, question: QuestionId): void {
    if (this.acceptor.onPrepare(from, message, question)) this.election.onPromised(message.ballot);
  }

  private onPreVoteReply(from: ServerId, message: PreVoteReply): void {
    this.heardCommitted(from, message.committed);
    this.election.onPreVoteReply(from, message);
  }

  private onPromise(from: ServerId, message: PromiseMessage): void {
    this.heardCommitted(from, message.committed);
    this.merge(message.vector);
    this.election.onPromise(from, message);
  }

  private onRecoverReply(from: ServerId, message: RecoverReply): void {
    this.heardCommitted(from, message.committed);
    this.merge(message.vector);
    this.recovery.onReply(from, message);
    this.tellIncarnations();
  }

  private onValues(from: ServerId, message: Values): void {
    this.heardCommitted(from, message.committed);
    const { committed } = this.parts.memory;
    if (message.from <= committed) this.learner.onValues(message.values);
    this.catchUp.onAnswer(from, message, this.parts.memory.committed > committed);
  }

  /** A leader that has no room leaves the commands where they are: it is asked again. */
  private onForward(from: ServerId, { serial, commands }: Forward, question: QuestionId): void {
    const { leader, role } = this.election;
    const taken = role === 'leader' && this.proposer.gather(from, commands);
    this.parts.outbox.reply(from, question, taken ? { type: 'Taken', serial } : { type: 'NotLeader', serial, leader });
  }

  private onNotLeader(from: ServerId, { serial, leader }: NotLeader): void {
    if (!this.forwarder.isAnswer(from, serial)) return this.parts.ignore('late answer');
    this.forwarder.onNoRoom();
    this.election.onNotLeader(from, leader);
  }

  // ---- what several messages have in common ------------------------------------------------------------------------

  private heardCommitted(from: ServerId, committed: Round): void {
    this.parts.peers.get(from).committed = committed;
  }

  private heardServing(from: ServerId, clients: number, voting: boolean): void {
    const peer = this.parts.peers.get(from);
    peer.clients = clients;
    peer.voting = voting;
  }

  /** Takes over the incarnations that a message tells of, before anything in it is counted. */
  private merge(vector: CrashVector): void {
    if (this.parts.memory.merge(vector)) this.tellIncarnations();
  }

  /** What was said by incarnations that are known to be over is thrown away, wherever it was counted. */
  private tellIncarnations(): void {
    const { vector } = this.parts.memory;
    if (vector === this.knownVector) return;
    this.knownVector = vector;
    this.learner.onIncarnations(vector);
    this.election.phaseOne?.onIncarnations(vector);
    this.recovery.onIncarnations();
    // It may have been told of a later life of its own: then what it stands for is over, before anything is counted.
    this.election.settle();
  }

  /** When the newest of the Accepts in flight that these votes answer was sent. */
  private newestSentMs({ rounds }: Accepted): number | undefined {
    const last = rounds.at(-1);
    return last && this.proposer.sentInFlightMs(last.to);
  }

  private saveHints(): void {
    this.lastWriteMs = this.parts.nowMs;
    this.parts.memory.saveHints();
  }

  /** At the end of every call: who has lost the lead stops, what may leave leaves, and all that was wanted is handed out. */
  private finish(): Effect[] {
    const { memory, outbox } = this.parts;
    this.election.settle();
    this.dropForwards();
    const { role, leader } = this.election;
    if (role === 'leader') this.proposer.pump();
    else if (leader.server !== 0) this.forwarder.pump(leader.server);
    this.acceptor.sendVotes();
    return outbox.take(memory);
  }

  /** Under another leader, everything not committed is proposed again: what was on its way to the last is dropped. */
  private dropForwards(): void {
    if (this.followed === this.election.leader) return;
    this.followed = this.election.leader;
    this.forwarder.drop();
  }
}

function isBroadcast(message: PaxosMessage): message is BroadcastMessage {
  const { type } = message;
  return type === 'Accept' || type === 'Accepted' || type === 'Heartbeat' || type === 'Alive';
}

function isQuestion(message: Question | Answer): message is Question {
  const { type } = message;
  return (
    type === 'PreVote' || type === 'Prepare' || type === 'RequestValue' || type === 'Forward' || type === 'Recover'
  );
}
