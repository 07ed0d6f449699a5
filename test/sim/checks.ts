/**
 * What must hold of the servers after every event, against one log that all of them have to agree on, and one state
 * machine that applies it. (What clients see is checked in history.ts.)
 */
import { eventsOf } from '../../src/chat/event-runs';
import { ChatState } from '../../src/chat/state';
import { type Ballot, compareBallots, showBallot } from '../../src/paxos/ballot';
import { checkReplica } from '../../src/paxos/invariants';
import type { Replica } from '../../src/paxos/replica';
import type { Applier } from '../../src/server/applier';
import type { ServerCore } from '../../src/server/core';
import type { ServerParts } from '../../src/server/parts';
import { decodeBatch } from '../../src/wire/codec-batch';
import type { PeerEnvelope } from '../../src/wire/peer';
import { checkBounds } from './bounds';
import type { VirtualDisk } from './disk';
import type { Posted } from './history';
import type { Rulings } from './member';
import { Repeats } from './repeats';
import { Violation } from './trace';

/** A server's core, looked into: nobody but the checks does that. */
export interface Opened {
  readonly replica: Replica;
  readonly applier: Applier;
  readonly parts: ServerParts;
  readonly restoring: { readonly active: boolean };
  readonly reads: { readonly running: number; readonly waiting: readonly unknown[] };
}

/** The same of what is around it. */
export interface OpenedShell {
  readonly core: ServerCore;
  readonly commit: { readonly bytes: number; readonly largest: number; readonly failed: boolean };
}

/** One life of a server. */
export interface Watched {
  readonly id: number;
  readonly core: ServerCore;
  readonly shell: OpenedShell;
  /** Undefined: its storage is its memory. */
  readonly disk: VirtualDisk | undefined;
}

interface Seen {
  committed: number;
  applied: number;
  events: number;
}

/** What else is looked at now and then, in events of a server. */
const NOW_AND_THEN = 16;

export class Checks {
  /** The value of each round: the first that any server took for committed. */
  readonly chosen: Uint8Array[] = [];
  private readonly reference = new ChatState();
  /** Digests of the state after so many rounds. */
  private readonly digests: string[] = [];
  /** Every line of the log, by its position. */
  private readonly lines = new Map<number, string>();
  private readonly seen = new Map<ServerCore, Seen>();
  /** Of each server in each of its incarnations the highest ballot that it told anybody to have promised. */
  private readonly promised = new Map<string, Ballot>();
  /** Who told anybody to have promised a ballot, by ballot; and the ballots that somebody led in. */
  private readonly promisers = new Map<string, Set<number>>();
  private readonly led = new Set<string>();
  private readonly repeats = new Repeats();
  /** What operators did, as the record has it. */
  private ruled = 0;
  private wholeDigest = '';
  private wholeAt = -1;
  made = 0;

  /** @param servers how many there are */
  constructor(private readonly servers: number) {
    this.digests.push(this.reference.digest());
  }

  /** How many lines were said in a room. */
  linesOf(room: string): number {
    return this.reference.roomsByKey.get(room)?.lines ?? 0;
  }

  /** After anything happened on a server. */
  after(server: Watched): void {
    const opened = server.core as unknown as Opened;
    const { replica, applier } = opened;
    const seen = this.seenOf(server.core);
    seen.events += 1;
    if (replica.parts.memory.committed !== seen.committed) this.onCommitted(server, replica, seen);
    if (applier.applied !== seen.applied) this.onApplied(server, opened, seen);
    if (replica.election.role === 'leader') this.onLeads(server, replica.election.ballot);
    if (seen.events % NOW_AND_THEN === 0) this.look(server, opened);
  }

  /** A server's word to its peers: it keeps its promises, and says nothing that is not durable. */
  said(server: Watched, { message }: PeerEnvelope): void {
    if (message.type === 'Accepted') {
      this.made += 1;
      const { ballot, rounds } = message;
      this.keepsPromise(server, ballot, 'accepts');
      // A vote is a promise as well.
      this.promised.set(this.lifeOf(server), ballot);
      for (const { from, to } of rounds) {
        for (let round = from; round <= to; round += 1) this.isDurable(server, round, ballot);
      }
    } else if (message.type === 'Promise' && message.granted) {
      this.made += 1;
      this.keepsPromise(server, message.ballot, 'promises');
      this.promised.set(this.lifeOf(server), message.ballot);
      this.promisersOf(showBallot(message.ballot)).add(server.id);
      const durable = server.disk?.state?.state.promised;
      if (server.disk && (!durable || compareBallots(durable, message.ballot) < 0)) {
        throw new Violation(
          'durable first',
          `server ${server.id} promises ${showBallot(message.ballot)} before its disk`,
        );
      }
    }
  }

  /** All of them hold the same, all of what was ever committed, and applied it with the same result. */
  equal(servers: readonly Watched[]): boolean {
    return servers.every(({ core }) => {
      const { replica, applier, parts } = core as unknown as Opened;
      const { committed, standing } = replica.parts.memory;
      const isAll = committed === this.chosen.length && applier.applied === committed;
      return isAll && standing === 'voter' && parts.chat.digest() === this.reference.digest();
    });
  }

  /** What operators did is in their record: what they know of, and no more than they tried. */
  writtenDown(rulings: readonly Rulings[]): void {
    this.made += 1;
    const written = this.ruled;
    const sum = (count: (one: Rulings) => number) => rulings.reduce((total, one) => total + count(one), 0);
    const [least, most] = [sum(({ acked }) => acked), sum(({ tried, refused }) => tried - refused)];
    if (written >= least && written <= most) return;
    throw new Violation('written down', `${written} rulings are in the record, not ${least} to ${most}`);
  }

  /** Each acknowledged post is in the log, where it was said to be, once; and no post is there twice. */
  committedOnce(posts: readonly Posted[]): void {
    const found = new Set<string>();
    for (const text of this.lines.values()) {
      if (found.has(text)) throw new Violation('exactly once', `${text} was committed twice`);
      found.add(text);
    }
    for (const { text, acked } of posts) {
      this.made += 1;
      if (!acked || this.lines.get(acked.position) === text) continue;
      throw new Violation('exactly once', `${text} was acknowledged at ${acked.position}, where it is not`);
    }
  }

  /** At the end: nothing is left that was not looked at. */
  atEnd(servers: readonly Watched[]): void {
    for (const server of servers) {
      this.look(server, server.core as unknown as Opened);
      if (server.disk?.wrong) throw new Violation('damage', `server ${server.id} goes on though ${server.disk.wrong}`);
    }
  }

  isVoter({ core }: Watched): boolean {
    return (core as unknown as Opened).replica.parts.memory.standing === 'voter';
  }

  /** Whether it would still vote after a crash; one without a disk, whether it votes now. */
  votesDurably(server: Watched): boolean {
    if (!this.isVoter(server)) return false;
    return !server.disk || server.disk.state?.state.standing === 'voter';
  }

  /** It gets a snapshot and a history from its peers. */
  isRestoring({ core }: Watched): boolean {
    return (core as unknown as Opened).restoring.active;
  }

  isLeader({ core }: Watched): boolean {
    return (core as unknown as Opened).replica.election.role === 'leader';
  }

  private seenOf(core: ServerCore): Seen {
    let seen = this.seen.get(core);
    if (!seen) {
      seen = { committed: 0, applied: 0, events: 0 };
      this.seen.set(core, seen);
    }
    return seen;
  }

  /** One value for each round for ever, and no hole. */
  private onCommitted({ id }: Watched, replica: Replica, seen: Seen): void {
    const { log } = replica.parts.memory;
    if (log.committed < seen.committed) {
      throw new Violation('committed stays', `server ${id} went back from round ${seen.committed} to ${log.committed}`);
    }
    for (let round = Math.max(seen.committed, log.first); round < log.committed; round += 1) {
      const value = log.get(round)?.value;
      if (!value) throw new Violation('no hole', `server ${id} has nothing in the committed round ${round}`);
      this.made += 1;
      const known = this.chosen[round];
      if (!known) this.choose(id, round, value);
      else if (Buffer.compare(known, value) !== 0) {
        throw new Violation('one value', `server ${id} has another value in the committed round ${round}`);
      }
    }
    seen.committed = log.committed;
  }

  private choose(id: number, round: number, value: Uint8Array): void {
    if (round !== this.chosen.length) {
      throw new Violation('no hole', `server ${id} committed round ${round}, nobody ${this.chosen.length}`);
    }
    this.chosen.push(Uint8Array.from(value));
    const batch = value.length > 0 ? decodeBatch(value) : undefined;
    if (batch && 'bad' in batch) throw new Violation('one value', `round ${round} does not decode: ${batch.bad}`);
    if (batch) {
      const { runs, outcomes } = this.reference.apply(round, batch);
      this.made += this.repeats.check(outcomes);
      for (const { kind, position, text, seq } of eventsOf(runs)) {
        if (kind === 'message') this.lines.set(position, text);
        // What the configuration says is no command's doing.
        if (kind === 'audit' && seq > 0) this.ruled += 1;
      }
    }
    this.digests.push(this.reference.digest());
  }

  /** Whoever has applied the same rounds has the same state. */
  private onApplied({ id }: Watched, { applier, parts, replica }: Opened, seen: Seen): void {
    const { applied } = applier;
    this.made += 1;
    if (applied < seen.applied) {
      throw new Violation('applied in order', `server ${id} went back from ${seen.applied} to ${applied}`);
    }
    if (applied > this.chosen.length) {
      throw new Violation(
        'applied in order',
        `server ${id} applied ${applied} rounds, ${this.chosen.length} are chosen`,
      );
    }
    if (applied > replica.parts.memory.committed) {
      throw new Violation(
        'applied in order',
        `server ${id} applied ${applied}, it has ${replica.parts.memory.committed}`,
      );
    }
    if (parts.chat.digest() !== this.digests[applied]) {
      throw new Violation('equal states', `the state of server ${id} is another one after round ${applied}`);
    }
    seen.applied = applied;
  }

  /** Now and then: nothing grows without a bound, the roles fit together, and whoever has all has the same. */
  private look(server: Watched, { replica, applier, parts }: Opened): void {
    checkReplica(replica);
    this.made += 1 + checkBounds(server);
    if (applier.applied === this.chosen.length && parts.chat.fullDigest() !== this.whole) {
      throw new Violation(
        'equal states',
        `the whole state of server ${server.id} is another one at ${applier.applied}`,
      );
    }
  }

  /** Of the state after all rounds. */
  private get whole(): string {
    if (this.wholeAt !== this.chosen.length) this.wholeDigest = this.reference.fullDigest();
    this.wholeAt = this.chosen.length;
    return this.wholeDigest;
  }

  /** Nobody leads that a majority, itself included, has not promised this very ballot to. */
  private onLeads({ id }: Watched, ballot: Ballot): void {
    const name = showBallot(ballot);
    if (this.led.has(name)) return;
    this.led.add(name);
    this.made += 1;
    const promises = this.promisersOf(name).add(id).size;
    if (2 * promises > this.servers) return;
    throw new Violation(
      'promises',
      `server ${id} leads in ${name} with ${promises} promises of ${this.servers} servers`,
    );
  }

  private promisersOf(ballot: string): Set<number> {
    const known = this.promisers.get(ballot) ?? new Set();
    this.promisers.set(ballot, known);
    return known;
  }

  private keepsPromise(server: Watched, ballot: Ballot, does: string): void {
    const promised = this.promised.get(this.lifeOf(server));
    if (promised && compareBallots(ballot, promised) < 0) {
      const [low, high] = [showBallot(ballot), showBallot(promised)];
      throw new Violation('promises', `server ${server.id} ${does} ${low}, it has promised ${high}`);
    }
  }

  private isDurable({ id, disk }: Watched, round: number, ballot: Ballot): void {
    if (!disk || round < (disk.state?.first ?? 0)) return;
    const held = disk.accepted(round);
    if (held && compareBallots(held.ballot, ballot) >= 0) return;
    throw new Violation(
      'durable first',
      `server ${id} accepts round ${round} in ${showBallot(ballot)} before its disk`,
    );
  }

  private lifeOf({ id, core }: Watched): string {
    return `${id}.${(core as unknown as Opened).replica.parts.memory.incarnation}`;
  }
}
