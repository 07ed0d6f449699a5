/**
 * Who leads: follows the living leader, notices when it is silent, stands for election, and stops leading without a
 * quorum. Owns the role and every election timer; says nothing about values.
 *
 *   follower ─ silence ─▶ candidate: PreVote ─ quorum ─▶ candidate: Prepare (phase-one.ts) ─ quorum ─▶ leader
 *       ▲                     │ refused: again after a random wait          │ too slow                 │
 *       └─────────────────────┴─────────────────────────────────────────────┴── a higher ballot, or no quorum hears it
 *
 * Always holds: a ballot is raised only after a quorum said that it misses a leader too (pre-vote: Ongaro, Consensus:
 * Bridging Theory and Practice, 2014, 9.6), so a server that was paused or cut off deposes nobody by coming back.
 * Nothing here bears on safety but one rule: a leader or candidate that promised a higher ballot is none any more.
 */
import { type Ballot, compareBallots, NO_BALLOT, type ServerId, sameBallot } from './ballot';
import type { QuestionId } from './effects';
import type { Alive, Heartbeat, PreVote, PreVoteReply, PromiseMessage } from './messages';
import { RETRY_SHARE } from './options';
import type { Parts } from './parts';
import { PhaseOne } from './phase-one';
import type { Proposer } from './proposer';

export type Role = 'follower' | 'candidate' | 'leader';

/** Who would vote for this candidate, and who not. */
interface PreVotes {
  readonly granted: Set<ServerId>;
  readonly refused: Set<ServerId>;
  readonly askedMs: Map<ServerId, number>;
}

export class Election {
  role: Role = 'follower';
  /** The ballot that this server stands for or leads in. */
  ballot: Ballot = NO_BALLOT;
  /** The ballot of the leader that this server follows, its own when it leads; NO_BALLOT: it knows none. */
  leader: Ballot = NO_BALLOT;
  /** The attempt that a candidate is at: pre-votes first, then phase 1. */
  private preVotes: PreVotes | undefined;
  phaseOne: PhaseOne | undefined;

  /** The highest counter seen in any ballot. */
  private highestCounter = 0;
  private leaderHeardMs = Number.NEGATIVE_INFINITY;
  private promisedMs = Number.NEGATIVE_INFINITY;
  /** A follower stands for election then; a candidate gives this attempt up. */
  private dueMs = 0;

  private beat = 0;
  private beatDueMs = 0;
  /** When the latest heartbeats were sent, by their number. */
  private readonly beatsSent = new Map<number, number>();

  constructor(
    private readonly parts: Parts,
    private readonly proposer: Proposer,
  ) {}

  /** This server started, or has become a voter. One that is alone need not wait for anybody. */
  start(): void {
    const { nowMs, membership, memory } = this.parts;
    this.promisedMs = nowMs;
    this.setTimer(1);
    if (membership.majority === 1 && memory.standing === 'voter') this.stand();
  }

  tick(): void {
    const { nowMs, memory } = this.parts;
    if (this.role === 'leader') return this.tickLeader();
    if (this.preVotes) this.tickPreVotes(this.preVotes);
    this.phaseOne?.tick();
    if (nowMs < this.dueMs) return;
    if (memory.standing !== 'voter') {
      this.loseLeader();
      this.setTimer(1);
    } else if (this.phaseOne) {
      this.stepDown();
      this.setTimer(RETRY_SHARE);
    } else {
      this.stand();
    }
  }

  /** A leader or candidate that promised a higher ballot, or holds a value of one, is none any more. */
  settle(): void {
    if (this.role === 'follower' || compareBallots(this.parts.memory.promised, this.ballot) <= 0) return;
    this.stepDown();
    this.setTimer(1);
  }

  /** The connection to a peer closed: when it led, there is no need to wait until it is missed. */
  onLinkDown(peer: ServerId): void {
    if (this.role !== 'follower' || this.leader.server !== peer) return;
    const { nowMs, options, limits } = this.parts;
    this.dueMs = Math.min(this.dueMs, nowMs + options.random.next() * limits.heartbeatMs);
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
    if (sameBallot(ballot, this.ballot)) this.answered(from, sentMs);
    if (compareBallots(ballot, this.ballot) <= 0) return;
    this.stepDown();
    this.setTimer(1);
  }

  /** This server has promised a ballot: its candidate gets the time that a leader gets before it is missed. */
  onPromised(ballot: Ballot): void {
    this.note(ballot);
    if (sameBallot(ballot, this.leader)) return;
    this.stepDown();
    this.promisedMs = this.parts.nowMs;
    this.setTimer(1);
  }

  /** The leader that this server follows said that it does not lead. */
  onNotLeader(from: ServerId, leader: Ballot): void {
    this.note(leader);
    if (this.role === 'follower' && this.leader.server === from && leader.server !== from) this.loseLeader();
  }

  /** What to answer to a heartbeat; undefined: nothing. */
  answerTo({ ballot, beat }: Heartbeat, followed: boolean): Alive | undefined {
    const { memory, options } = this.parts;
    if (!followed && !this.isStuck) return undefined;
    const voter = memory.standing === 'voter';
    const alive = { type: 'Alive', committed: memory.committed, beat, clients: options.clients() } as const;
    // A server that cannot vote is alive, but no leader may count it.
    return { ...alive, ballot: voter ? (followed ? ballot : memory.promised) : NO_BALLOT };
  }

  /** Whether a leader was heard within an election timeout, or, leading, a quorum was. */
  get majority(): boolean {
    if (this.role === 'leader') return this.hasQuorum;
    return this.leader.server !== 0 && this.parts.nowMs - this.leaderHeardMs < this.parts.limits.electionTimeoutMs;
  }

  /** Promised to a candidate that did not make it, above a leader that it therefore cannot follow: that one has to know. */
  private get isStuck(): boolean {
    const { memory, nowMs, limits } = this.parts;
    return (
      memory.standing === 'voter' && this.leader.server === 0 && nowMs - this.promisedMs >= limits.electionTimeoutMs
    );
  }

  private follow(ballot: Ballot): void {
    if (sameBallot(ballot, this.leader)) return;
    this.stepDown(ballot);
  }

  private heardLeader(): void {
    this.leaderHeardMs = this.parts.nowMs;
    this.setTimer(1);
  }

  // ---- pre-vote ----------------------------------------------------------------------------------------------------

  /** Stands for election: asks, without raising any ballot, who would vote for it. */
  private stand(): void {
    const { memory, me, membership } = this.parts;
    this.stepDown();
    this.role = 'candidate';
    this.note(memory.promised);
    this.ballot = { counter: this.highestCounter + 1, server: me };
    this.preVotes = { granted: new Set([me]), refused: new Set(), askedMs: new Map() };
    this.setTimer(1);
    for (const peer of membership.peers) this.askPreVote(this.preVotes, peer);
    this.countPreVotes(this.preVotes);
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
    const attempt = this.preVotes;
    if (!attempt || !sameBallot(ballot, this.ballot)) return this.parts.ignore('late answer');
    if (granted) attempt.granted.add(from);
    else if (this.mayFollow(from, leader)) return this.followByHearsay(from, leader);
    else if (compareBallots(promised, ballot) >= 0) return this.stand();
    else attempt.refused.add(from);
    this.countPreVotes(attempt);
  }

  private wouldVote(from: ServerId, ballot: Ballot, committed: number): boolean {
    const { memory, limits, nowMs, peers } = this.parts;
    if (memory.standing !== 'voter' || compareBallots(ballot, memory.promised) <= 0) return false;
    if (memory.committed > committed + limits.windowRounds) return false;
    if (this.role === 'leader') return !this.hasQuorum;
    const { server } = this.leader;
    // Whom the leader itself asks knows that it does not lead any more.
    if (server === 0 || server === from || !peers.get(server).linked) return true;
    return nowMs - this.leaderHeardMs >= limits.electionTimeoutMs;
  }

  private countPreVotes({ granted, refused }: PreVotes): void {
    const { membership } = this.parts;
    if (granted.size >= membership.majority) this.prepare();
    else if (membership.servers.length - refused.size < membership.majority) {
      this.stepDown();
      this.setTimer(RETRY_SHARE);
    }
  }

  private mayFollow(from: ServerId, leader: Ballot): boolean {
    const { memory, peers, membership } = this.parts;
    if (!membership.peers.includes(leader.server) || compareBallots(leader, memory.promised) < 0) return false;
    return leader.server === from || peers.get(leader.server).linked;
  }

  /** The one who refused has a leader: this server does not hear it, but can catch up and forward to it. */
  private followByHearsay(from: ServerId, leader: Ballot): void {
    this.follow(leader);
    if (leader.server === from) this.heardLeader();
    else this.setTimer(RETRY_SHARE);
  }

  private tickPreVotes(attempt: PreVotes): void {
    const { nowMs, limits } = this.parts;
    for (const [peer, askedMs] of attempt.askedMs) {
      const answered = attempt.granted.has(peer) || attempt.refused.has(peer);
      if (!answered && nowMs - askedMs >= limits.questionTimeoutMs) this.askPreVote(attempt, peer);
    }
  }

  private askPreVote(attempt: PreVotes, peer: ServerId): void {
    const { nowMs, outbox, memory } = this.parts;
    attempt.askedMs.set(peer, nowMs);
    outbox.ask(peer, { type: 'PreVote', ballot: this.ballot, committed: memory.committed });
  }

  // ---- phase 1 -----------------------------------------------------------------------------------------------------

  private prepare(): void {
    this.preVotes = undefined;
    this.phaseOne = new PhaseOne(this.parts, this.ballot);
    this.promisedMs = this.parts.nowMs;
    this.setTimer(1);
    if (this.phaseOne.won) this.win(this.phaseOne);
  }

  /** An answer of phase 1. Its crash vector is merged before. */
  onPromise(from: ServerId, promise: PromiseMessage): void {
    this.note(promise.promised);
    if (!this.phaseOne || !sameBallot(promise.ballot, this.ballot)) return this.parts.ignore('late answer');
    if (promise.granted) {
      this.phaseOne.onPromise(from, promise);
      if (this.phaseOne.won) this.win(this.phaseOne);
    } else if (compareBallots(promise.promised, this.ballot) > 0) {
      this.stepDown();
      this.setTimer(RETRY_SHARE);
    }
  }

  private win({ ballot, adopted }: PhaseOne): void {
    const { peers, nowMs } = this.parts;
    this.phaseOne = undefined;
    this.role = 'leader';
    for (const peer of peers.all()) peer.answeredMs = nowMs;
    this.beatsSent.clear();
    this.setLeader(ballot);
    this.proposer.lead(ballot, adopted);
    this.sendHeartbeat();
  }

  // ---- leading -----------------------------------------------------------------------------------------------------

  onAlive(from: ServerId, { ballot, beat }: Alive): void {
    this.note(ballot);
    if (this.role !== 'leader') return;
    if (sameBallot(ballot, this.ballot)) this.answered(from, this.beatsSent.get(beat));
    // Somebody promised, or follows, a higher ballot: pre-vote finds out whether that has a leader; if not, this server
    // leads on above it, and who promised it can vote again.
    else if (compareBallots(ballot, this.ballot) > 0) this.stand();
  }

  /** A peer answered what this leader sent at that time. */
  private answered(from: ServerId, sentMs: number | undefined): void {
    const peer = this.parts.peers.get(from);
    if (sentMs !== undefined) peer.answeredMs = Math.max(peer.answeredMs, sentMs);
  }

  private tickLeader(): void {
    if (!this.hasQuorum) {
      this.stepDown();
      this.setTimer(1);
    } else if (this.parts.nowMs >= this.beatDueMs) {
      this.sendHeartbeat();
    }
  }

  private sendHeartbeat(): void {
    const { nowMs, limits, memory, outbox } = this.parts;
    this.beat += 1;
    this.beatDueMs = nowMs + limits.heartbeatMs;
    this.beatsSent.set(this.beat, nowMs);
    for (const [beat, sentMs] of this.beatsSent) {
      if (nowMs - sentMs <= limits.electionTimeoutMs) break;
      this.beatsSent.delete(beat);
    }
    outbox.broadcast({ type: 'Heartbeat', ballot: this.ballot, committed: memory.committed, beat: this.beat });
  }

  /** Check-quorum: whether a quorum, this server with it, answered something sent within an election timeout. */
  private get hasQuorum(): boolean {
    const { peers, nowMs, limits, membership } = this.parts;
    return peers.answeredSince(nowMs - limits.electionTimeoutMs) + 1 >= membership.majority;
  }

  // ---- changes of role ---------------------------------------------------------------------------------------------

  /** A follower again, of this leader or of none. */
  private stepDown(leader: Ballot = NO_BALLOT): void {
    if (this.role === 'leader') this.proposer.resign();
    this.role = 'follower';
    this.ballot = NO_BALLOT;
    this.preVotes = undefined;
    this.phaseOne = undefined;
    this.setLeader(leader);
  }

  private loseLeader(): void {
    this.setLeader(NO_BALLOT);
  }

  private setLeader(leader: Ballot): void {
    if (sameBallot(leader, this.leader)) return;
    this.leader = leader;
    this.parts.outbox.emit({ type: 'leader', ballot: leader });
  }

  /** Sets the election timer: random in [1, 2) times a share of the election timeout. */
  private setTimer(share: number): void {
    this.dueMs = this.parts.laterMs(this.parts.limits.electionTimeoutMs * share);
  }

  private note(ballot: Ballot): void {
    this.highestCounter = Math.max(this.highestCounter, ballot.counter);
  }
}
