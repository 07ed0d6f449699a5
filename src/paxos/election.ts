/**
 * Who leads: follows the living leader, notices when it is silent, stands for election, and stops leading without a
 * quorum. Owns the role and every election timer; says nothing about values.
 *
 *   follower ── silence ──▶ candidate: pre-vote ── quorum ──▶ candidate: phase 1 ── quorum ──▶ leader
 *       ▲                          │ refused                        │ too slow                    │ no quorum hears it
 *       └──────────────────────────┴────────────────────────────────┴─────────────────────────────┘ or a higher ballot
 *
 * Always holds: a ballot is raised only after a quorum said that it misses a leader too. Nothing here bears on safety but
 * one rule: a leader or candidate that has promised a higher ballot is none any more.
 */
import { type Ballot, compareBallots, NO_BALLOT, type ServerId, sameBallot } from './ballot';
import type { QuestionId } from './effects';
import { Heartbeats } from './heartbeats';
import type { Alive, Heartbeat, PreVote, PreVoteReply, PromiseMessage } from './messages';
import { RETRY_SHARE } from './options';
import type { Parts } from './parts';
import { PhaseOne } from './phase-one';
import { PreVoteRound } from './pre-vote';
import type { Proposer } from './proposer';

export type Role = 'follower' | 'candidate' | 'leader';

export class Election {
  role: Role = 'follower';
  /** The ballot that this server stands for or leads in. */
  ballot: Ballot = NO_BALLOT;
  /** The ballot of the leader that this server follows, its own when it leads; NO_BALLOT: it knows none. */
  leader: Ballot = NO_BALLOT;
  /** Where a candidate is: pre-votes first, then phase 1. */
  private preVotes: PreVoteRound | undefined;
  phaseOne: PhaseOne | undefined;

  private readonly heartbeats: Heartbeats;
  /** The highest counter seen in any ballot. */
  private highestCounter = 0;
  private leaderHeardMs = Number.NEGATIVE_INFINITY;
  private promisedMs = Number.NEGATIVE_INFINITY;
  /** A follower stands for election then; a candidate gives this attempt up. */
  private dueMs = 0;

  constructor(
    private readonly parts: Parts,
    private readonly proposer: Proposer,
  ) {
    this.heartbeats = new Heartbeats(parts);
  }

  /** This server started, or has become a voter. One that is alone need not wait for anybody. */
  start(): void {
    const { nowMs, membership, memory } = this.parts;
    this.promisedMs = nowMs;
    this.setTimer();
    if (membership.majority === 1 && memory.standing === 'voter') this.stand();
  }

  tick(): void {
    const { nowMs, memory } = this.parts;
    if (this.role === 'leader') {
      if (this.heartbeats.quorum) this.heartbeats.tick(this.ballot);
      else this.stepDown();
      return;
    }
    this.preVotes?.tick();
    this.phaseOne?.tick();
    if (nowMs < this.dueMs) return;
    if (memory.standing !== 'voter') this.stepDown();
    else if (this.phaseOne) this.stepDown(RETRY_SHARE);
    else this.stand();
  }

  /** A leader or candidate that promised a higher ballot, holds a value of one, or votes no more, is none any more. */
  settle(): void {
    const { memory } = this.parts;
    const deposed = memory.standing !== 'voter' || compareBallots(memory.promised, this.ballot) > 0;
    if (this.role !== 'follower' && deposed) this.stepDown();
  }

  /**
   * The log goes on from a snapshot, which does not tell in what ballots its rounds were chosen: in a higher one, maybe,
   * than this server leads in. Were it to announce those rounds in its own, followers would commit what it had proposed.
   */
  onInstalled(): void {
    if (this.role !== 'follower') this.stepDown(RETRY_SHARE);
  }

  /** The connection to a peer closed: when it led, there is no need to wait until it is missed. */
  onLinkDown(peer: ServerId): void {
    if (this.role !== 'follower' || this.leader.server !== peer) return;
    const { nowMs, options, limits } = this.parts;
    this.dueMs = Math.min(this.dueMs, nowMs + options.random.next() * limits.heartbeatMs);
  }

  /** Leading: whether a quorum answered within an election timeout. Else: whether a leader was heard within one. */
  get majority(): boolean {
    if (this.role === 'leader') return this.heartbeats.quorum;
    return this.leader.server !== 0 && this.parts.nowMs - this.leaderHeardMs < this.parts.limits.electionTimeoutMs;
  }

  // ---- following ---------------------------------------------------------------------------------------------------

  /** An Accept or Heartbeat. @returns whether it is of the leader that this server follows, now or since before */
  onLeaderSign(from: ServerId, ballot: Ballot): boolean {
    this.note(ballot);
    const { memory } = this.parts;
    const stale = compareBallots(ballot, memory.promised) < 0 || compareBallots(ballot, this.leader) < 0;
    if (stale || ballot.server !== from) {
      this.parts.ignore('stale ballot');
      return false;
    }
    this.follow(ballot);
    this.heardLeader();
    return true;
  }

  /**
   * Another server voted in this ballot, so it has, or had, a leader.
   * @param sentMs when the Accept that it answers was sent, if that was by this server and is in flight
   */
  onVote(from: ServerId, ballot: Ballot, sentMs: number | undefined): void {
    this.note(ballot);
    if (this.role !== 'leader') return;
    if (sameBallot(ballot, this.ballot)) this.heartbeats.onAnswer(from, sentMs);
    else if (compareBallots(ballot, this.ballot) > 0) this.stepDown();
  }

  /** This server has promised a ballot: its candidate gets the time that a leader gets before it is missed. */
  onPromised(ballot: Ballot): void {
    this.note(ballot);
    if (sameBallot(ballot, this.leader)) return;
    this.stepDown();
    this.promisedMs = this.parts.nowMs;
  }

  /** A server that this one forwarded to says that it does not lead. */
  onNotLeader(from: ServerId, leader: Ballot): void {
    this.note(leader);
    if (this.role === 'follower' && this.leader.server === from && leader.server !== from) this.setLeader(NO_BALLOT);
  }

  /**
   * What to answer to a heartbeat; undefined: nothing.
   * @param followed whether it is of the leader that this server follows
   */
  answerTo({ ballot, beat }: Heartbeat, followed: boolean): Alive | undefined {
    const { memory, options } = this.parts;
    if (!followed && !this.stuck) return undefined;
    const voted = followed ? ballot : memory.promised;
    // A server that cannot vote is alive, but no leader may count it.
    const counted = memory.standing === 'voter' ? voted : NO_BALLOT;
    return { type: 'Alive', ballot: counted, committed: memory.committed, beat, clients: options.clients() };
  }

  /** Promised to a candidate that did not make it, above a leader that it therefore cannot follow: that one has to know. */
  private get stuck(): boolean {
    const { memory, nowMs, limits } = this.parts;
    const candidateHadItsTime = nowMs - this.promisedMs >= limits.electionTimeoutMs;
    return memory.standing === 'voter' && this.leader.server === 0 && candidateHadItsTime;
  }

  private follow(ballot: Ballot): void {
    if (!sameBallot(ballot, this.leader)) this.stepDown(1, ballot);
  }

  private heardLeader(): void {
    this.leaderHeardMs = this.parts.nowMs;
    this.setTimer();
  }

  // ---- standing for election ---------------------------------------------------------------------------------------

  private stand(): void {
    const { memory, me } = this.parts;
    this.stepDown();
    this.role = 'candidate';
    this.note(memory.promised);
    this.ballot = { counter: this.highestCounter + 1, server: me };
    this.preVotes = new PreVoteRound(this.parts, this.ballot);
    if (this.preVotes.won) this.prepare();
  }

  onPreVote(from: ServerId, { ballot, committed }: PreVote, question: QuestionId): void {
    const { memory, outbox } = this.parts;
    const message: PreVoteReply = {
      type: 'PreVoteReply',
      ballot,
      granted: this.wouldVote(from, ballot, committed),
      promised: memory.promised,
      leader: this.leader,
      committed: memory.committed,
    };
    outbox.reply(from, question, message);
  }

  onPreVoteReply(from: ServerId, { ballot, granted, promised, leader }: PreVoteReply): void {
    this.note(promised);
    if (!this.preVotes || !sameBallot(ballot, this.ballot)) return this.parts.ignore('late answer');
    if (granted) this.preVotes.onGranted(from);
    else if (this.mayFollow(from, leader)) return this.followByHearsay(from, leader);
    else if (compareBallots(promised, ballot) >= 0) return this.stand();
    else this.preVotes.onRefused(from);
    if (this.preVotes.won) this.prepare();
    else if (this.preVotes.lost) this.stepDown(RETRY_SHARE);
  }

  /** An answer of phase 1. Its crash vector is merged before. */
  onPromise(from: ServerId, promise: PromiseMessage): void {
    this.note(promise.promised);
    if (!this.phaseOne || !sameBallot(promise.ballot, this.ballot)) return this.parts.ignore('late answer');
    if (promise.granted) {
      this.phaseOne.onPromise(from, promise);
      if (this.phaseOne.won) this.win(this.phaseOne);
    } else if (compareBallots(promise.promised, this.ballot) > 0) {
      this.stepDown(RETRY_SHARE);
    }
  }

  private wouldVote(from: ServerId, ballot: Ballot, committed: number): boolean {
    const { memory, limits, nowMs, peers } = this.parts;
    if (memory.standing !== 'voter' || compareBallots(ballot, memory.promised) <= 0) return false;
    if (committed < memory.log.first || memory.committed > committed + limits.windowRounds) return false;
    if (this.role === 'leader') return !this.heartbeats.quorum;
    const { server } = this.leader;
    // Whom the leader itself asks knows that it does not lead any more.
    if (server === 0 || server === from || !peers.get(server).linked) return true;
    return nowMs - this.leaderHeardMs >= limits.electionTimeoutMs;
  }

  private mayFollow(from: ServerId, leader: Ballot): boolean {
    const { memory, peers, membership } = this.parts;
    if (!membership.peers.includes(leader.server) || compareBallots(leader, memory.promised) < 0) return false;
    return leader.server === from || peers.get(leader.server).linked;
  }

  /** The one who refused has a leader: this server does not hear it, but can catch up and forward to it. */
  private followByHearsay(from: ServerId, leader: Ballot): void {
    this.stepDown(RETRY_SHARE, leader);
    if (leader.server === from) this.heardLeader();
  }

  private prepare(): void {
    this.preVotes = undefined;
    this.phaseOne = new PhaseOne(this.parts, this.ballot);
    this.promisedMs = this.parts.nowMs;
    this.setTimer();
    if (this.phaseOne.won) this.win(this.phaseOne);
  }

  private win({ ballot, adopted }: PhaseOne): void {
    this.phaseOne = undefined;
    this.role = 'leader';
    this.setLeader(ballot);
    this.proposer.lead(ballot, adopted);
    this.heartbeats.start(ballot);
  }

  /** An answer to a heartbeat, of this leader or of another. */
  onAlive(from: ServerId, { ballot, beat }: Alive): void {
    this.note(ballot);
    if (this.role !== 'leader') return;
    if (sameBallot(ballot, this.ballot)) this.heartbeats.onAlive(from, beat);
    // Somebody promised, or follows, a higher ballot: pre-vote finds out whether that has a leader. If not, this server
    // leads on above it, and who promised it can vote again.
    else if (compareBallots(ballot, this.ballot) > 0) this.stand();
  }

  // ---- changes of role ---------------------------------------------------------------------------------------------

  /** A follower again, of this leader or of none, that stands for election after this share of the election timeout. */
  private stepDown(share = 1, leader: Ballot = NO_BALLOT): void {
    if (this.role === 'leader') this.proposer.resign();
    this.role = 'follower';
    this.ballot = NO_BALLOT;
    this.preVotes = undefined;
    this.phaseOne = undefined;
    this.setLeader(leader);
    this.setTimer(share);
  }

  private setLeader(leader: Ballot): void {
    if (sameBallot(leader, this.leader)) return;
    this.leader = leader;
    this.parts.outbox.emit({ type: 'leader', ballot: leader });
  }

  /** The time until this server acts: random in [1, 2) times a share of the election timeout. */
  private setTimer(share = 1): void {
    this.dueMs = this.parts.laterMs(this.parts.limits.electionTimeoutMs * share);
  }

  private note(ballot: Ballot): void {
    this.highestCounter = Math.max(this.highestCounter, ballot.counter);
  }
}
