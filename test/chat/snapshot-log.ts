/** Random logs for snapshots: everything that can be in one, few names, so that much happens to the same things. */

import fc from 'fast-check';
import { type Batch, type Command, type Entry, gathered, type SessionId } from '../../src/chat/commands';
import type { Applied } from '../../src/chat/events';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { ChatState } from '../../src/chat/state';
import { keyFor } from '../people';
import { personCommands } from './person-commands';
import { groupOf, id, LIMITS } from './world';

const SESSIONS = [1, 2, 3, 4].map(id);
const session = fc.constantFrom(...SESSIONS);
const room = fc.constantFrom('lobby', 'Lobby', 'garden', 'attic', 'cellar');
const nick = fc.constantFrom('ann', 'Ann', 'bob', 'cy', 'nobody');
const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 12 }));
const amount = fc.constantFrom(0, 0, 1, 5, 40);

const who = fc.oneof(nick, fc.constantFrom(...SESSIONS.map(keyFor)));

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: personCommands(nick, who, room, text) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('say' as const), room, text, action: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('join' as const), room }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('read' as const),
      room: fc.oneof(
        room,
        nick.map((called) => `@${called}`),
      ),
      index: fc.nat(4),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('direct' as const), nick, text, action: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('leave' as const), room, text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('topic' as const), room, text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('nick' as const), nick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('away' as const), text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), text }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('retain' as const),
      room,
      ageMs: amount.map((some) => some * 100),
      count: amount,
      bytes: amount.map((some) => some * 40),
    }),
  },
);

/**
 * What a server hands to the log: of a group, how far it starts behind what the session has, and of how many before it
 * the client does not know the outcome.
 */
type Made =
  | Entry
  | { readonly type: 'does'; session: SessionId; back: number; unknown: number; commands: readonly Command[] };

const attachment = fc.constantFrom('one', 'two');
/** Some have several sessions. */
const key = fc.constantFrom(...SESSIONS.slice(0, 3).map(keyFor));
const made: fc.Arbitrary<Made> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('does' as const),
      session,
      back: fc.constantFrom(-1, 0, 0, 0, 0, 1, 3),
      unknown: fc.constantFrom(0, 2, 99),
      commands: fc.array(command, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('open' as const),
      session,
      key,
      nick,
      reclaim: fc.boolean(),
      server: fc.constantFrom(1, 2),
      attachment,
      resume: fc.boolean(),
      position: fc.nat(40),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('touch' as const),
      server: fc.constantFrom(1, 2),
      sessions: fc.subarray(SESSIONS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('detach' as const), session, attachment }) },
  { weight: 2, arbitrary: fc.constant({ type: 'sweep' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(12, 100)
      .map((textBytes) => ({ type: 'limits' as const, limits: { ...LIMITS, textBytes } })),
  },
);

export type Round = { readonly ms: number; readonly entries: readonly Made[] };

export const logs: fc.Arbitrary<readonly Round[]> = fc.array(
  fc.record({ ms: fc.constantFrom(0, 1, 30, 600, 3000), entries: fc.array(made, { minLength: 1, maxLength: 3 }) }),
  { minLength: 10, maxLength: 60, size: 'max' },
);

/** A state with a birth, and Ann and Bob in the lobby, through ordinary rounds: the first of what `play` gives. */
export function beginning(): readonly Batch[] {
  const open = (number: number, called: string): Entry => {
    return {
      type: 'open',
      session: id(number),
      key: keyFor(id(number)),
      nick: called,
      reclaim: false,
      server: 1,
      attachment: 'one',
      resume: false,
      position: 0,
    };
  };
  const join: readonly Command[] = [{ type: 'join', room: 'lobby' }];
  const entries: readonly Entry[] = [
    { type: 'birth', id: id(0xfff) },
    { type: 'limits', limits: LIMITS },
    { type: 'access', rules: { ...OPEN_TO_ALL, operators: [keyFor(id(1))] } },
    open(1, 'ann'),
    open(2, 'bob'),
    { type: 'group', session: id(1), firstSeq: 1, settled: 0, commands: gathered(join) },
    { type: 'group', session: id(2), firstSeq: 1, settled: 0, commands: gathered(join) },
  ];
  return [{ time: 0, entries }];
}

/** The batches of a log: what it says of sequences goes by the state that they make. */
export function batchesOf(log: readonly Round[]): readonly Batch[] {
  const state = new ChatState();
  const batches: Batch[] = [...beginning()];
  state.apply(0, batches[0] as Batch);
  let time = 0;
  for (const { ms, entries } of log) {
    time += ms;
    const batch = { time, entries: entries.map((one) => (one.type === 'does' ? nextOf(state, one) : one)) };
    state.apply(batches.length, batch);
    batches.push(batch);
  }
  return batches;
}

function nextOf(state: ChatState, { session: who, back, unknown, commands }: Extract<Made, { type: 'does' }>): Entry {
  const next = (state.session(who)?.lastSeq ?? 0) + 1;
  const firstSeq = Math.max(1, next - back);
  return groupOf(who, firstSeq, unknown, commands);
}

/** What came of a round, without the machinery. */
export function told({ round, time, runs, audiences, outcomes, gaps, opened, closed }: Applied): Applied {
  return { round, time, runs, audiences, outcomes, gaps, opened, closed };
}

/** All that a state is: without what counts on this server alone, and the order of the nicks, which nobody sees. */
export function everything(state: ChatState) {
  const { birth, position, time, chain, limits, sessions, nicks, roomsByKey, markers } = state;
  return {
    chain,
    head: { birth, position, time, limits },
    sessions: [...sessions.values()].map((session) => ({
      ...session,
      edition: 0,
      rooms: [...session.rooms],
      outcomes: [...session.outcomes],
      droppedThrough: session.outcomes.droppedThrough,
    })),
    nicks: [...nicks].sort(),
    rooms: [...roomsByKey.values()].map((room) => ({ ...room, edition: 0 })),
    markers: [...markers],
    conversations: SESSIONS.map((who) => [...state.conversations(who)]),
  };
}
