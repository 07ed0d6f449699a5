/** One replica on the bench: messages in by hand, effects out for a look. */
import { seededRandom } from '../../src/lib/prng';
import type { Ballot } from '../../src/paxos/ballot';
import type { Effect, HardState, StoredState } from '../../src/paxos/effects';
import { checkReplica } from '../../src/paxos/invariants';
import type { AcceptedValue, PaxosMessage } from '../../src/paxos/messages';
import type { PaxosLimits } from '../../src/paxos/options';
import type { Ignored } from '../../src/paxos/parts';
import { Replica } from '../../src/paxos/replica';
import { TEST_LIMITS } from './harness';

export function ballot(counter: number, server: number): Ballot {
  return { counter, server };
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

export function accepted(round: number, inBallot: Ballot, text: string): AcceptedValue {
  return { round, ballot: inBallot, value: bytes(text) };
}

export interface BenchOptions {
  readonly servers?: number;
  readonly me?: number;
  readonly state?: Partial<HardState>;
  /** Where the log starts. */
  readonly first?: number;
  readonly accepted?: readonly AcceptedValue[];
  /** Nothing was ever stored. */
  readonly empty?: boolean;
  readonly limits?: Partial<PaxosLimits>;
}

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

export class Bench {
  readonly replica: Replica;
  nowMs = 1000;
  /** All effects so far, those that waited for a write after it. */
  readonly done: Effect[] = [];
  /** Writes that are under way: `flush` makes them durable. */
  private writing: Extract<Effect, { type: 'persist' }>[] = [];
  private questions = 0;

  constructor({
    servers = 3,
    me = 1,
    state = {},
    first = 0,
    accepted = [],
    empty = false,
    limits = {},
  }: BenchOptions = {}) {
    const ids = Array.from({ length: servers }, (_, index) => index + 1);
    const stored: StoredState = {
      state: {
        promised: ballot(0, 0),
        committed: 0,
        incarnation: 1,
        standing: 'voter',
        vector: ids.map(() => 1),
        ...state,
      },
      first,
      accepted,
    };
    this.replica = new Replica(
      {
        me,
        servers: ids,
        random: seededRandom(7),
        limits: { ...TEST_LIMITS, ...limits },
        assemble: (commands) => bytes(commands.map((command) => Buffer.from(command).toString()).join(' ')),
        clients: () => 3,
      },
      empty ? undefined : stored,
    );
    this.carry(this.replica.start(this.nowMs));
  }

  /** A message arrives. @returns what is done about it at once; writes stay under way */
  step(from: number, message: PaxosMessage): Effect[] {
    return this.carry(this.replica.step(from, message, this.nowMs));
  }

  /** A question arrives. @returns its answer, if that left at once */
  ask(from: number, message: PaxosMessage): PaxosMessage | undefined {
    this.questions += 1;
    const effects = this.carry(this.replica.step(from, message, this.nowMs, this.questions));
    return effects.find((effect) => effect.type === 'reply')?.message;
  }

  propose(...commands: string[]): Effect[] {
    return this.carry(this.replica.propose(commands.map(bytes), this.nowMs));
  }

  cut(below: number): Effect[] {
    return this.carry(this.replica.cut(below, this.nowMs));
  }

  install(round: number): Effect[] {
    return this.carry(this.replica.install(round, this.nowMs));
  }

  link(peer: number, state: 'up' | 'down'): Effect[] {
    return this.carry(this.replica.onLink(peer, state, this.nowMs));
  }

  /** Time passes, in ticks of 10 ms. */
  wait(ms: number): Effect[] {
    const before = this.done.length;
    for (let passed = 0; passed < ms; passed += 10) {
      this.nowMs += 10;
      this.carry(this.replica.tick(this.nowMs));
    }
    return this.done.slice(before);
  }

  /** One tick after a long time without any, as after a pause. */
  jump(ms: number): Effect[] {
    this.nowMs += ms;
    return this.carry(this.replica.tick(this.nowMs));
  }

  /** All writes become durable. @returns what waited for them */
  flush(): Effect[] {
    const before = this.done.length;
    while (this.writing.length > 0) {
      const writes = this.writing;
      this.writing = [];
      for (const { then } of writes) this.carry(then);
    }
    return this.done.slice(before);
  }

  get unwritten(): number {
    return this.writing.length;
  }

  /** Takes the lead in ballot 1.me, with empty promises of just enough peers. */
  lead(counter = 1): Ballot {
    const own = ballot(counter, this.replica.parts.me);
    this.becomeCandidate();
    this.promiseAll(own);
    return own;
  }

  /** Waits until it stands, grants its pre-votes, and makes its own promise durable. */
  becomeCandidate(): Ballot {
    const asked = this.waitFor('PreVote');
    for (const peer of this.peers) {
      this.step(peer, {
        type: 'PreVoteReply',
        ballot: asked.ballot,
        granted: true,
        promised: ballot(0, 0),
        leader: ballot(0, 0),
        committed: 0,
      });
    }
    this.flush();
    return asked.ballot;
  }

  promiseAll(own: Ballot, values: readonly AcceptedValue[] = []): void {
    for (const peer of this.peers) this.promise(peer, own, values);
    this.flush();
  }

  promise(
    peer: number,
    own: Ballot,
    values: readonly AcceptedValue[] = [],
    more: Partial<Of<'Promise'>> = {},
  ): Effect[] {
    return this.step(peer, {
      type: 'Promise',
      ballot: own,
      granted: true,
      promised: own,
      from: this.replica.view().committed,
      accepted: values,
      next: -1,
      committed: 0,
      vector: this.replica.parts.memory.vector,
      ...more,
    });
  }

  vote(peer: number, inBallot: Ballot, from: number, to = from, vector = this.replica.parts.memory.vector): Effect[] {
    return this.step(peer, { type: 'Accepted', ballot: inBallot, rounds: [{ from, to }], vector });
  }

  waitFor<T extends PaxosMessage['type']>(type: T): Of<T> {
    for (let tries = 0; tries < 300; tries += 1) {
      const found = sent(this.wait(10), type)[0];
      if (found) return found;
    }
    throw new Error(`no ${type} was sent`);
  }

  get peers(): readonly number[] {
    return this.replica.parts.membership.peers;
  }

  get committed(): string[] {
    return this.replica.committedValues(0, 1000).map(({ value }) => Buffer.from(value).toString() || 'nop');
  }

  ignored(why: Ignored): number {
    return this.replica.parts.ignored.get(why) ?? 0;
  }

  private carry(effects: readonly Effect[]): Effect[] {
    const before = this.done.length;
    for (const effect of effects) {
      this.done.push(effect);
      if (effect.type === 'persist') this.writing.push(effect);
      if (effect.type === 'loopback') this.carry(this.replica.step(this.replica.parts.me, effect.message, this.nowMs));
    }
    checkReplica(this.replica);
    return this.done.slice(before);
  }
}

/** The messages of one type among effects that left, to whomever. What still waits for a write has not left. */
export function sent<T extends PaxosMessage['type']>(effects: readonly Effect[], type: T): Of<T>[] {
  const found: Of<T>[] = [];
  for (const effect of effects) {
    if (effect.type !== 'broadcast' && effect.type !== 'ask' && effect.type !== 'reply') continue;
    if (effect.message.type === type) found.push(effect.message as Of<T>);
  }
  return found;
}

export function askedOf(effects: readonly Effect[], type: PaxosMessage['type']): number[] {
  return effects.flatMap((effect) => (effect.type === 'ask' && effect.message.type === type ? [effect.to] : []));
}

export function ofType<T extends Effect['type']>(effects: readonly Effect[], type: T): Extract<Effect, { type: T }>[] {
  return effects.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
}
