/**
 * A cluster of replicas in one process, on virtual time: a network that loses, delays, repeats and reorders, disks that
 * finish later and lose what they had not finished, servers that crash, forget, pause and are cut off one way. A run is
 * its seed. Every step is checked: agreement, order, durability before speech, and the replica's own invariants.
 */
import { invariant } from '../../src/lib/assert';
import { type Random, seededRandom } from '../../src/lib/prng';
import { type Ballot, compareBallots, NO_BALLOT, showBallot } from '../../src/paxos/ballot';
import type { Effect, QuestionId } from '../../src/paxos/effects';
import { checkReplica } from '../../src/paxos/invariants';
import type {
  Accept,
  Accepted,
  AcceptedValue,
  PaxosMessage,
  PromiseMessage,
  RecoverReply,
} from '../../src/paxos/messages';
import type { PaxosLimits } from '../../src/paxos/options';
import { Replica } from '../../src/paxos/replica';
import { Disk } from './disk';
import { describe, short, textOf } from './trace';

export const TEST_LIMITS: PaxosLimits = {
  heartbeatMs: 50,
  electionTimeoutMs: 400,
  retransmitMs: 100,
  questionTimeoutMs: 150,
  windowRounds: 8,
  pipelineRounds: 2,
  batchBytes: 64,
  pageBytes: 256,
  pageRounds: 4,
  roomBytes: 256,
  backlogBytes: 65_536,
};

export interface Faults {
  readonly loss: number;
  readonly repeat: number;
  /** A message takes at least `fastMs`, and at random up to `slowMs`. */
  readonly fastMs: number;
  readonly slowMs: number;
  readonly diskMs: number;
}

export const CALM: Faults = { loss: 0, repeat: 0, fastMs: 1, slowMs: 1, diskMs: 1 };

interface Job {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Whether the process ends before it installs the snapshot that it has, or before it has written that down. */
export type CopyFate = 'install' | 'crash before' | 'crash after';

/** Everything happens sooner and more often: many elections in little time. */
export const HASTY_LIMITS: PaxosLimits = {
  ...TEST_LIMITS,
  heartbeatMs: 10,
  electionTimeoutMs: 60,
  retransmitMs: 20,
  questionTimeoutMs: 25,
};

export class Node {
  replica: Replica | undefined;
  disk = new Disk();
  /** Grows with each start: what was sent to an earlier process never arrives. */
  life = 0;
  paused = false;
  readonly inbox: (() => void)[] = [];
  /** What this process applied, in order; what its snapshot stood for first. */
  applied: AcceptedValue[] = [];
  /** The round of the next commit: below what is applied, when the log reaches back behind the snapshot. */
  next = 0;
  /** What its clients want committed and have not seen committed. */
  pending: string[] = [];
  halted = '';
  leaders: Ballot[] = [];
  /** It lost its memory, and does not vote again yet. */
  forgot = false;
  /** The highest ballot that this disk's owner was heard to promise. */
  promisedAloud: Ballot = NO_BALLOT;
  /** In which ballot it was heard to vote last, by round. */
  votedAloud = new Map<number, Ballot>();

  constructor(readonly id: number) {}
}

export type Trace = (line: string) => void;

export class Cluster {
  readonly nodes = new Map<number, Node>();
  nowMs = 0;
  faults: Faults = CALM;
  trace: Trace = () => {};
  /** Effects and messages, for tests that look closer. */
  onEffect: (node: Node, effect: Effect) => void = () => {};
  /** Whether a server that is behind gets the snapshot that it needs. */
  transfers = true;
  /** Return false to lose a message. */
  filter: (from: number, to: number, message: PaxosMessage) => boolean = () => true;
  /** The one value of each round, from whoever committed it first. */
  readonly chosen = new Map<number, string>();
  /** What was proposed, by round and ballot: never two values. */
  private readonly proposed = new Map<string, string>();
  /** Who voted, by round and ballot. Only until somebody forgets: after that a vote may be worth nothing. */
  private readonly votes = new Map<string, Set<number>>();
  private everForgot = false;
  readonly random: Random;
  readonly servers: readonly number[];
  private readonly cuts = new Set<string>();
  private jobs: Job[] = [];
  private order = 0;
  private questions = 0;
  private readonly askers = new Map<QuestionId, { asker: number; life: number }>();
  private commands = 0;

  constructor(
    count: number,
    readonly seed = 1,
    readonly limits: PaxosLimits = TEST_LIMITS,
  ) {
    this.random = seededRandom(seed);
    this.servers = Array.from({ length: count }, (_, index) => index + 1);
    for (const id of this.servers) this.nodes.set(id, new Node(id));
  }

  node(id: number): Node {
    const node = this.nodes.get(id);
    invariant(node, `no server ${id}`);
    return node;
  }

  get living(): Node[] {
    return [...this.nodes.values()].filter(({ replica }) => replica);
  }

  get f(): number {
    return (this.servers.length - 1) / 2;
  }

  // ---- what a test does to the cluster ---------------------------------------------------------------------------

  startAll(): this {
    for (const id of this.servers) this.start(id);
    return this;
  }

  start(id: number): void {
    const node = this.node(id);
    if (node.replica) return;
    node.life += 1;
    node.applied = [...node.disk.snapshot];
    node.next = node.disk.first;
    node.halted = '';
    node.paused = false;
    node.inbox.length = 0;
    node.replica = new Replica(
      {
        me: id,
        servers: this.servers,
        random: seededRandom(this.seed * 1000 + id * 100 + node.life),
        limits: this.limits,
        assemble: (commands) => Buffer.from(commands.map((command) => Buffer.from(command).toString()).join(' ')),
        clients: () => node.pending.length,
      },
      node.disk.load(),
    );
    this.carry(node, node.replica.start(this.nowMs));
    this.install(node);
    this.tickLater(node, node.life);
  }

  /** The process ends: what was not durable is gone. */
  crash(id: number): void {
    const node = this.node(id);
    node.replica = undefined;
    node.disk.under.length = 0;
    node.disk.busy = false;
    node.pending = [];
  }

  /** The process ends, and its disk is lost with it. */
  forget(id: number): void {
    this.crash(id);
    this.node(id).disk = new Disk();
    this.node(id).forgot = true;
    this.node(id).promisedAloud = NO_BALLOT;
    this.node(id).votedAloud.clear();
    this.everForgot = true;
  }

  /** Takes a snapshot of some of what is applied, and cuts the log somewhere below, at these shares of each. */
  cutLog(id: number, snapshotShare = 1, cutShare = 1): void {
    const node = this.node(id);
    if (!node.replica) return;
    const { length } = node.disk.snapshot;
    const round = length + Math.floor((node.applied.length - length) * snapshotShare);
    node.disk.snapshot = node.applied.slice(0, round);
    const { first } = node.replica.view();
    this.trace(`${id} cuts its log below ${first + Math.floor((round - first) * cutShare)}`);
    this.carry(node, node.replica.cut(first + Math.floor((round - first) * cutShare), this.nowMs));
  }

  /** A peer's snapshot comes to this server whole, and is durable at once. */
  copySnapshot(from: number, to: number, fate: CopyFate = 'install'): void {
    const node = this.node(to);
    const { snapshot } = this.node(from).disk;
    if (!node.replica || snapshot.length <= node.disk.snapshot.length || node.disk.incarnation === 0) return;
    for (const { round, value } of snapshot) this.choose(round, textOf(value), `server ${to} installs`);
    node.disk.snapshot = snapshot;
    this.trace(`${to} has the snapshot of ${from} at ${snapshot.length}`);
    if (fate !== 'crash before') this.install(node);
    if (fate !== 'install') this.crash(to);
  }

  /** The snapshot on its disk may be beyond what its log has committed. */
  private install(node: Node): void {
    const { replica, disk } = node;
    const round = disk.snapshot.length;
    if (!replica || round === 0) return;
    const news = round > replica.view().committed;
    if (news) {
      node.next = round;
      node.applied = [...disk.snapshot];
      this.onApplied(node);
    }
    const effects = replica.install(round, this.nowMs);
    if (news) invariant(replica.view().first === round, `server ${node.id} did not install ${round}`);
    this.carry(node, effects);
  }

  pause(id: number): void {
    this.node(id).paused = true;
  }

  resume(id: number): void {
    const node = this.node(id);
    node.paused = false;
    for (const run of node.inbox.splice(0)) run();
  }

  /** Nothing gets from one to the other; the way back stays open. */
  cut(from: number, to: number): void {
    this.cuts.add(`${from}>${to}`);
  }

  isolate(id: number): void {
    for (const other of this.servers) {
      this.cut(id, other);
      this.cut(other, id);
    }
  }

  heal(): void {
    this.cuts.clear();
  }

  link(id: number, peer: number, state: 'up' | 'down'): void {
    const node = this.node(id);
    if (node.replica) this.carry(node, node.replica.onLink(peer, state, this.nowMs));
  }

  /** A client of this server wants a command committed. */
  propose(id: number, command = this.nextCommand()): string {
    const node = this.node(id);
    node.pending.push(command);
    if (node.replica) this.carry(node, node.replica.propose([Buffer.from(command)], this.nowMs));
    return command;
  }

  private nextCommand(): string {
    this.commands += 1;
    return `c${this.commands}`;
  }

  run(forMs: number): this {
    const untilMs = this.nowMs + forMs;
    for (;;) {
      const job = this.jobs[0];
      if (!job || job.atMs > untilMs) break;
      this.popJob();
      this.nowMs = job.atMs;
      job.run();
    }
    this.nowMs = untilMs;
    return this;
  }

  /** Runs until it holds. @returns whether it came to hold in time */
  runUntil(holds: () => boolean, atMostMs = 20_000): boolean {
    for (let ms = 0; ms < atMostMs; ms += 10) {
      if (holds()) return true;
      this.run(10);
    }
    return holds();
  }

  leader(): Node | undefined {
    const leaders = this.living.filter(({ replica, paused }) => !paused && replica?.view().role === 'leader');
    return leaders.sort((a, b) => compareBallots(b.replica!.view().ballot, a.replica!.view().ballot))[0];
  }

  /** Runs until one leads and all that live follow it. */
  elect(): Node {
    const done = this.runUntil(() => {
      const leader = this.leader();
      return leader !== undefined && this.living.every(({ replica }) => replica!.view().leader === leader.id);
    });
    invariant(done, 'no leader was elected');
    return this.leader()!;
  }

  values(id: number): string[] {
    return this.node(id).applied.map(({ value }) => textOf(value));
  }

  /** Hands a message to a server as if it came from a peer. @returns the effects, which are carried out as well */
  deliver(from: number, to: number, message: PaxosMessage, question?: QuestionId): Effect[] {
    const node = this.node(to);
    invariant(node.replica, `server ${to} is down`);
    const effects = node.replica.step(from, message, this.nowMs, question);
    this.carry(node, effects);
    return effects;
  }

  // ---- effects -----------------------------------------------------------------------------------------------------

  private carry(node: Node, effects: readonly Effect[]): void {
    for (const effect of effects) this.carryOne(node, effect);
    if (!node.replica) return;
    checkReplica(node.replica);
    if (node.replica.view().standing === 'voter') node.forgot = false;
  }

  private carryOne(node: Node, effect: Effect): void {
    this.onEffect(node, effect);
    switch (effect.type) {
      case 'persist':
        node.disk.under.push(effect);
        return this.write(node, node.life);
      case 'broadcast':
        this.checkSpeech(node, effect.message);
        for (const to of this.servers) if (to !== node.id) this.send(node.id, to, effect.message);
        return;
      case 'loopback':
        if (node.replica) this.carry(node, node.replica.step(node.id, effect.message, this.nowMs));
        return;
      case 'ask': {
        this.questions += 1;
        this.askers.set(this.questions, { asker: node.id, life: node.life });
        this.checkSpeech(node, effect.message);
        return this.send(node.id, effect.to, effect.message, this.questions);
      }
      case 'reply': {
        const asker = this.askers.get(effect.question);
        this.checkSpeech(node, effect.message, effect.to);
        if (asker?.life === this.node(effect.to).life) this.send(node.id, effect.to, effect.message);
        return;
      }
      case 'commit':
        return this.commit(node, effect);
      case 'behind':
        return this.onBehind(node, effect);
      case 'leader':
        return this.onLeader(node, effect.ballot);
      case 'halt':
        node.halted = effect.reason;
        return this.trace(`${node.id} halts: ${effect.reason}`);
    }
  }

  private commit(node: Node, { round, ballot, value }: AcceptedValue): void {
    invariant(round === node.next, `server ${node.id} commits ${round}, not ${node.next}`);
    node.next += 1;
    const text = textOf(value);
    this.choose(round, text, `server ${node.id} commits`);
    if (round < node.applied.length) return;
    node.applied.push({ round, ballot, value });
    this.onApplied(node, 1);
    this.trace(`${node.id} commits ${round} '${short(text)}' of ${showBallot(ballot)}`);
  }

  /** What is applied need not be proposed any more. */
  private onApplied(node: Node, latest = node.applied.length): void {
    if (node.pending.length === 0) return;
    const done = new Set(node.applied.slice(-latest).flatMap(({ value }) => textOf(value).split(' ')));
    node.pending = node.pending.filter((command) => !done.has(command));
  }

  /** Gets that peer's snapshot, which takes its time. */
  private onBehind(node: Node, { peer, first }: Extract<Effect, { type: 'behind' }>): void {
    this.trace(`${node.id} is behind: the log of ${peer} starts at ${first}`);
    const { life } = node;
    this.later(1 + this.random.next() * 100, () => {
      if (this.transfers && node.life === life && this.node(peer).replica) this.copySnapshot(peer, node.id);
    });
  }

  private choose(round: number, text: string, how: string): void {
    const agreed = this.chosen.get(round) ?? text;
    invariant(agreed === text, `round ${round}: ${agreed}, yet ${how} ${text}`);
    this.chosen.set(round, text);
  }

  private onLeader(node: Node, ballot: Ballot): void {
    node.leaders.push(ballot);
    this.trace(`${node.id} ${ballot.server === 0 ? 'has no leader' : `follows ${showBallot(ballot)}`}`);
    if (ballot.server === 0 || node.pending.length === 0) return;
    const { life } = node;
    this.later(0, () => {
      if (node.life === life) this.proposeAgain(node);
    });
  }

  /** As a server does: whatever is not committed, in order, when the leader changes and after a while. */
  proposeAgain(node: Node): void {
    if (!node.replica || node.pending.length === 0) return;
    this.carry(
      node,
      node.replica.propose(
        node.pending.map((command) => Buffer.from(command)),
        this.nowMs,
      ),
    );
  }

  /** Rule 1: what is said is on disk; and what an onlooker who sees everything can say of it. */
  private checkSpeech(node: Node, message: PaxosMessage, to = 0): void {
    switch (message.type) {
      case 'Accept':
        return this.checkAccept(message);
      case 'Accepted':
        return this.checkVote(node, message);
      case 'Promise':
        return this.checkPromise(node, message);
      case 'Prepare': {
        const kept = compareBallots(node.disk.promised, message.ballot) >= 0;
        return invariant(kept, `server ${node.id} asks for ${showBallot(message.ballot)}, its own promise not durable`);
      }
      case 'Recover': {
        const kept = node.disk.incarnation >= message.incarnation;
        return invariant(kept, `server ${node.id} told of incarnation ${message.incarnation} before it was durable`);
      }
      case 'RecoverReply': {
        this.checkTold(node, message);
        const position = this.servers.indexOf(to);
        const kept = node.disk.vectorOf(position) >= (message.vector[position] ?? 0);
        return invariant(kept, `server ${node.id} told of having noted ${to} before that was durable`);
      }
    }
  }

  /** A ballot proposes one value for a round, and the chosen one if one was chosen below. */
  private checkAccept({ ballot, round, value }: Accept): void {
    const key = `${round} ${showBallot(ballot)}`;
    const text = textOf(value);
    const before = this.proposed.get(key) ?? text;
    // Nobody hears a server that is alone: it leads before its promise is durable, and may lead in that ballot again.
    const alone = this.servers.length === 1;
    invariant(
      alone || before === text,
      `ballot ${showBallot(ballot)} proposes ${before} and ${text} for round ${round}`,
    );
    this.proposed.set(key, text);
  }

  private checkVote(node: Node, { ballot, rounds }: Accepted): void {
    const { id, disk, promisedAloud } = node;
    const shown = showBallot(ballot);
    invariant(disk.incarnation > 0, `server ${id} voted before its incarnation was durable`);
    invariant(compareBallots(ballot, promisedAloud) >= 0, `server ${id} voted in ${shown} below its promise`);
    for (const { from, to } of rounds) {
      for (let round = from; round <= to; round += 1) {
        invariant(disk.keeps(round, ballot), `server ${id} voted in round ${round} before that was durable`);
        node.votedAloud.set(round, ballot);
        this.countVote(id, `${round} ${shown}`, round);
      }
    }
  }

  /** What a quorum voted for is chosen, whether anybody knows it or not. */
  private countVote(voter: number, key: string, round: number): void {
    const voters = this.votes.get(key) ?? new Set();
    this.votes.set(key, voters.add(voter));
    const text = this.proposed.get(key);
    invariant(text !== undefined, `server ${voter} voted for what nobody proposed: ${key}`);
    if (!this.everForgot && voters.size > this.f) this.choose(round, text, 'a quorum accepts');
  }

  private checkPromise(node: Node, { granted, ballot, from, accepted, next }: PromiseMessage): void {
    if (!granted) return;
    const { id, disk } = node;
    const shown = showBallot(ballot);
    invariant(compareBallots(disk.promised, ballot) >= 0, `server ${id} promised ${shown} before that was durable`);
    if (compareBallots(ballot, node.promisedAloud) > 0) node.promisedAloud = ballot;
    const told = new Map(accepted.map((value) => [value.round, value]));
    for (const { round } of accepted) invariant(disk.keeps(round), `server ${id} told of round ${round} too early`);
    for (const [round, vote] of node.votedAloud) {
      if (round < from || (next >= 0 && round >= next)) continue;
      const known = told.get(round);
      const full = known && compareBallots(known.ballot, vote) >= 0;
      // A vote in this ballot itself came after the promise.
      invariant(full || compareBallots(vote, ballot) >= 0, `server ${id} conceals its vote in round ${round}`);
    }
  }

  /** Who forgot is told of every vote, but for those in rounds that are said to be cut off. */
  private checkTold(
    { id, votedAloud }: Node,
    { incarnation, standing, first, from, next, accepted }: RecoverReply,
  ): void {
    if (incarnation === 0 || standing !== 'voter') return;
    const told = new Map(accepted.map((value) => [value.round, value]));
    for (const [round, vote] of votedAloud) {
      if (round < Math.max(first, from) || (next >= 0 && round >= next)) continue;
      const known = told.get(round);
      invariant(known && compareBallots(known.ballot, vote) >= 0, `server ${id} conceals its vote in round ${round}`);
    }
  }

  // ---- time, network, disk -----------------------------------------------------------------------------------------

  /** One write at a time, of all that gathered meanwhile. */
  private write(node: Node, life: number): void {
    if (node.disk.busy || node.disk.under.length === 0) return;
    node.disk.busy = true;
    const batch = node.disk.under.splice(0);
    const { disk } = node;
    this.later(this.faults.diskMs * (this.faults === CALM ? 1 : 0.5 + this.random.next()), () => {
      if (node.life !== life || !node.replica || node.disk !== disk) return;
      disk.busy = false;
      for (const { write } of batch) disk.apply(write);
      for (const { then } of batch) this.carry(node, then);
      this.write(node, life);
    });
  }

  private send(from: number, to: number, message: PaxosMessage, question?: QuestionId): void {
    const { loss, repeat } = this.faults;
    const copies = loss > 0 && this.random.next() < loss ? 0 : repeat > 0 && this.random.next() < repeat ? 2 : 1;
    if (this.cuts.has(`${from}>${to}`) || !this.filter(from, to, message)) return;
    const { life } = this.node(to);
    for (let copy = 0; copy < copies; copy += 1) {
      const { fastMs, slowMs } = this.faults;
      const delayMs = slowMs === fastMs ? fastMs : fastMs + this.random.next() ** 3 * (slowMs - fastMs);
      this.later(delayMs, () => this.arrive(from, to, life, message, question));
    }
  }

  private arrive(from: number, to: number, life: number, message: PaxosMessage, question?: QuestionId): void {
    const node = this.node(to);
    if (node.life !== life || !node.replica) return;
    const handle = () => {
      if (node.life !== life || !node.replica) return;
      this.trace(`${from}→${to} ${describe(message)}`);
      this.carry(node, node.replica.step(from, message, this.nowMs, question));
    };
    if (node.paused) node.inbox.push(handle);
    else handle();
  }

  private tickLater(node: Node, life: number): void {
    this.later(10, () => {
      if (node.life !== life || !node.replica) return;
      if (!node.paused) {
        this.carry(node, node.replica.tick(this.nowMs));
        if (Math.round(this.nowMs / 10) % 100 === node.id) this.proposeAgain(node);
      }
      this.tickLater(node, life);
    });
  }

  private later(delayMs: number, run: () => void): void {
    this.order += 1;
    const job = { atMs: this.nowMs + delayMs, order: this.order, run };
    let low = 0;
    let high = this.jobs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.jobs[middle]!.atMs <= job.atMs) low = middle + 1;
      else high = middle;
    }
    this.jobs.splice(low, 0, job);
  }

  private popJob(): void {
    this.jobs.shift();
  }
}
