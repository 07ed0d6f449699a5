/** A chat that things are said to in order, each in a round of its own, and what came of it. */
import {
  type Command,
  type Entry,
  type Group,
  gathered,
  type PersonKey,
  type SessionId,
} from '../../src/chat/commands';
import { eventsOf } from '../../src/chat/event-runs';
import type { Applied, ChatEvent, Outcome } from '../../src/chat/events';
import type { ChatLimits } from '../../src/chat/limits';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { ChatState } from '../../src/chat/state';
import { keyFor } from '../people';

export const LIMITS: ChatLimits = {
  textBytes: 100,
  topicBytes: 40,
  nameChars: 12,
  roomsPerSession: 3,
  rooms: 20,
  sessions: 6,
  sessionsPerKey: 3,
  nicksPerKey: 3,
  nicks: 8,
  nickTtlMs: 60_000,
  rulings: 4,
  sessionWindow: 16,
  offlineAfterMs: 1000,
  sessionTtlMs: 10_000,
};

/** The id of the session of that number. */
export function id(number: number): SessionId {
  return number.toString(16).padStart(16, '0');
}

export const ALICE = id(0xa);
export const BOB = id(0xb);

interface OpenFields {
  readonly key?: PersonKey;
  readonly resume?: boolean;
  readonly reclaim?: boolean;
  readonly attachment?: string;
  readonly position?: number;
}

/** What came of a batch, event by event. */
export interface Done extends Omit<Applied, 'runs'> {
  readonly events: readonly ChatEvent[];
  /** For whom each of them is. */
  readonly audiences: readonly (readonly SessionId[])[];
}

export function doneBy({ round, time, runs, audiences, outcomes, gaps, opened, closed }: Applied): Done {
  const each = runs.flatMap(({ texts }, at) => new Array(texts.count).fill(audiences[at]));
  return { round, time, events: eventsOf(runs), audiences: each, outcomes, gaps, opened, closed };
}

export class World {
  readonly state: ChatState;
  round = 0;
  timeMs = 0;
  readonly history: ChatEvent[] = [];
  /** For whom each event of the history is. */
  readonly audiences: (readonly SessionId[])[] = [];
  private readonly lastSeqs = new Map<SessionId, number>();

  constructor(limits: Partial<ChatLimits> = {}) {
    this.state = new ChatState();
    this.apply({ type: 'birth', id: id(0xfff) }, { type: 'limits', limits: { ...LIMITS, ...limits } });
  }

  /** Alice and Bob, both in the lobby. */
  static withTwo(limits: Partial<ChatLimits> = {}): World {
    const world = new World(limits);
    world.open(ALICE, 'alice');
    world.open(BOB, 'bob');
    world.join(ALICE, 'lobby');
    world.join(BOB, 'lobby');
    return world;
  }

  apply(...entries: readonly Entry[]): Done {
    const applied = this.state.apply(this.round, { time: this.timeMs, entries });
    this.round += 1;
    const done = doneBy(applied);
    this.history.push(...done.events);
    this.audiences.push(...done.audiences);
    return done;
  }

  open(session: SessionId, nick: string, more: OpenFields = {}) {
    const { key = keyFor(session), resume = false, reclaim = false, attachment = `${session}-1`, position = 0 } = more;
    return this.apply({ type: 'open', session, key, nick, reclaim, server: 1, attachment, resume, position });
  }

  /** The persons of these sessions keep order. */
  governedBy(...operators: readonly SessionId[]): this {
    const rules = { ...OPEN_TO_ALL, operators: operators.map(keyFor) };
    this.apply({ type: 'access', rules });
    return this;
  }

  /** The next command of the session. */
  does(session: SessionId, ...commands: readonly Command[]): Done {
    const firstSeq = (this.lastSeqs.get(session) ?? 0) + 1;
    this.lastSeqs.set(session, firstSeq + commands.length - 1);
    return this.apply({ type: 'group', session, firstSeq, settled: 0, commands: gathered(commands) });
  }

  join(session: SessionId, room: string): Done {
    return this.does(session, { type: 'join', room });
  }

  say(session: SessionId, room: string, text: string): Done {
    return this.does(session, say(room, text));
  }

  detach(session: SessionId, attachment = `${session}-1`): Done {
    return this.apply({ type: 'detach', session, attachment });
  }

  /** Lets the log's time pass, and judges who is gone. */
  sweep(afterMs: number): Done {
    this.timeMs += afterMs;
    return this.apply({ type: 'sweep' });
  }
}

/** What a client hands over that does not know the outcome of its last `unknown` commands before. */
export function groupOf(session: SessionId, firstSeq: number, unknown: number, commands: readonly Command[]): Group {
  const settled = Math.max(0, firstSeq - 1 - unknown);
  return { type: 'group', session, firstSeq, settled, commands: gathered(commands) };
}

export function say(room: string, text: string): Command {
  return { type: 'say', room, text, action: false };
}

/** What became of the commands, in short: ok or the code of the refusal, for each. */
export function verdicts({ outcomes }: Pick<Done, 'outcomes'>): readonly string[] {
  return outcomes.flatMap(({ count, refusal }: Outcome) => Array.from({ length: count }, () => refusal?.code ?? 'ok'));
}

/** What happened, in short. */
export function told({ events }: Pick<Done, 'events'>): readonly string[] {
  return events.map(({ kind, room, nick, text }) => `${kind} ${room} ${nick}${text && `: ${text}`}`);
}
