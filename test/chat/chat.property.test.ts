/** Random logs, with all that happens to commands on their way: repeats, gaps, reroutes, time. */

import fc from 'fast-check';
import { type Command, countOfAll, type Entry, type SessionId } from '../../src/chat/commands';
import { fold } from '../../src/chat/names';
import { keyFor } from '../people';
import { personCommands } from './person-commands';
import { groupOf, id, LIMITS, World } from './world';

const SESSIONS = [1, 2, 3].map(id);
const ROOMS = ['lobby', 'Lobby', 'garden', '#x', 'no name'];
const NICKS = ['alice', 'Alice', 'bob', 'bob_2', 'a b'];

const session = fc.constantFrom(...SESSIONS);
const room = fc.constantFrom(...ROOMS);
const nick = fc.constantFrom(...NICKS);
const text = fc.oneof(fc.string({ maxLength: 10 }), fc.string({ unit: 'binary', maxLength: 60 }));

const who = fc.oneof(nick, fc.constantFrom(...SESSIONS.map(keyFor)));

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: personCommands(nick, who, room, text) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('say' as const), room, text, action: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('join' as const), room }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('direct' as const), nick, text, action: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('leave' as const), room, text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('topic' as const), room, text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('nick' as const), nick }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('away' as const), text }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), text }) },
);

/**
 * A client hands over commands: new ones, or from `back` before its last one on, or beyond it. Of so many before these
 * it does not know the outcome.
 */
const group = fc.record({
  type: fc.constant('group' as const),
  session,
  back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: -2, max: 8 })),
  unknown: fc.nat(9),
  commands: fc.array(command, { minLength: 1, maxLength: 6 }),
});
const attachment = fc.constantFrom('one', 'two');
/** Some have several sessions. */
const key = fc.constantFrom(...SESSIONS.slice(0, 3).map(keyFor));
const open = fc.record({
  type: fc.constant('open' as const),
  session,
  key,
  nick,
  reclaim: fc.boolean(),
  server: fc.constantFrom(1, 2),
  attachment,
  resume: fc.boolean(),
  position: fc.nat(40),
});
const other: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ type: fc.constant('touch' as const), server: fc.constantFrom(1, 2), sessions: fc.subarray(SESSIONS) }),
  fc.record({ type: fc.constant('detach' as const), session, attachment }),
  fc.record({ type: fc.constant('sweep' as const) }),
  fc.record({ type: fc.constant('birth' as const), id: fc.constant(id(0xddd)) }),
);

type Step = { readonly ms: number } & (
  | { readonly entry: Entry; readonly group?: undefined }
  | {
      readonly group: { session: SessionId; back: number; unknown: number; commands: readonly Command[] };
      readonly entry?: undefined;
    }
);

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -100, max: 4000 })),
    fc.oneof(
      { weight: 6, arbitrary: group.map((made) => ({ group: made })) },
      { weight: 2, arbitrary: open.map((entry) => ({ entry })) },
      { weight: 1, arbitrary: other.map((entry) => ({ entry })) },
    ),
  )
  .map(([ms, what]) => ({ ms, ...what }));
const steps = fc.array(step, { minLength: 5, maxLength: 80, size: 'max' });

/** What a client of this life of a session handed over: the same sequence is always the same command. */
class Clients {
  private readonly sent = new Map<SessionId, Command[]>();

  take({ session: who, back, unknown, commands }: NonNullable<Step['group']>): Entry {
    const sent = this.sent.get(who) ?? [];
    this.sent.set(who, sent);
    const firstSeq = Math.max(1, sent.length + 1 - back);
    const whole = commands.map((made, offset) => sent[firstSeq - 1 + offset] ?? made);
    // One that overtakes says later what comes between.
    if (firstSeq <= sent.length + 1) sent.push(...whole.slice(Math.max(0, sent.length + 1 - firstSeq)));
    return groupOf(who, firstSeq, unknown, whole);
  }

  forget(who: SessionId): void {
    this.sent.delete(who);
  }
}

function play(
  all: readonly Step[],
  look: (world: World, applied: ReturnType<World['apply']>, entry: Entry) => void,
): World {
  const world = new World().governedBy(...SESSIONS.slice(0, 1));
  const clients = new Clients();
  for (const who of SESSIONS) world.open(who, `n${SESSIONS.indexOf(who)}`);
  for (const { ms, entry, group: made } of all) {
    world.timeMs = Math.max(0, world.timeMs + ms);
    const next = made ? clients.take(made) : entry;
    const applied = world.apply(next);
    for (const { session: closed } of applied.closed) clients.forget(closed);
    look(world, applied, next);
  }
  return world;
}

test('positions and the indexes of a room have no gap, and time does not go back', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { history } = play(all, () => {});
      const lines = new Map<string, number>();
      let time = 0;
      history.forEach(({ position, kind, room: of, index, time: at }, before) => {
        expect(position).toBe(before + 1);
        const expected = (lines.get(of) ?? 0) + (['message', 'action', 'audit'].includes(kind) ? 1 : 0);
        expect(index).toBe(expected);
        lines.set(of, index);
        expect(at).toBeGreaterThanOrEqual(time);
        time = at;
      });
    }),
  );
});

test("each command counts once in a session's life, in order, and has one outcome for ever", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const outcomes = new Map<string, string>();
      const last = new Map<SessionId, number>();
      play(all, (world, applied, entry) => {
        const forget = (closed: SessionId) => {
          last.delete(closed);
          for (const key of outcomes.keys()) if (key.startsWith(closed)) outcomes.delete(key);
        };
        if (entry.type !== 'group') {
          for (const { session: closed } of applied.closed) forget(closed);
          return;
        }
        const { session: who, firstSeq, commands } = entry;
        const before = last.get(who) ?? 0;
        const total = countOfAll(commands);
        const known = world.state.session(who);
        for (const { session: of, firstSeq: first, count, firstPosition, round, refusal } of applied.outcomes) {
          expect(of).toBe(who);
          if (refusal?.code === 'session-gone') continue;
          for (let seq = first; seq < first + count; seq += 1) {
            const verdict = `${firstPosition + seq - first} ${round} ${refusal?.code ?? 'ok'}`;
            // What was applied before has its first outcome again.
            if (seq <= before) expect(outcomes.get(`${who} ${seq}`)).toBe(verdict);
            outcomes.set(`${who} ${seq}`, verdict);
          }
        }
        const seqs = applied.events.filter(({ seq }) => seq > 0).map(({ seq }) => seq);
        expect(seqs.every((seq) => seq > before)).toBe(true);
        expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
        if (applied.gaps.length > 0) expect([applied.events, applied.outcomes]).toEqual([[], []]);
        // Operators end the sessions of others.
        for (const { session: closed } of applied.closed) forget(closed);
        if (applied.closed.some(({ session }) => session === who)) return;
        if (known && applied.gaps.length === 0) {
          expect(known.lastSeq).toBe(Math.max(before, firstSeq + total - 1));
          last.set(who, known.lastSeq);
        }
      });
    }),
  );
});

test('outcomes are kept for what no client says that it knows, as far as the window reaches, and for nothing else', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const settled = new Map<SessionId, number>();
      play(all, ({ state }, applied, entry) => {
        for (const { session: closed } of applied.closed) settled.delete(closed);
        const known = state.sessions.get(entry.type === 'group' ? entry.session : '');
        if (!known || entry.type !== 'group' || applied.gaps.length > 0) return;
        const { id: who, lastSeq, outcomes } = known;
        settled.set(who, Math.max(settled.get(who) ?? 0, entry.settled));
        const dropped = Math.max(settled.get(who) ?? 0, lastSeq - LIMITS.sessionWindow);
        expect(outcomes.droppedThrough).toBe(Math.max(0, dropped));
        const seqs = outcomes
          .of(1, lastSeq)
          .flatMap(({ firstSeq, count }) => Array.from({ length: count }, (_, at) => firstSeq + at));
        expect(seqs).toEqual(
          Array.from({ length: lastSeq - outcomes.droppedThrough }, (_, at) => outcomes.droppedThrough + 1 + at),
        );
      });
    }),
  );
});

test('nobody has the nick of somebody else, and each nick finds its session', () => {
  fc.assert(
    fc.property(steps, (all) => {
      play(all, ({ state }) => {
        const nicks = [...state.sessions.values()].map((one) => fold(one.nick));
        expect(new Set(nicks).size).toBe(nicks.length);
        expect([...state.nicks].map(([name, who]) => [name, fold(state.session(who)?.nick ?? '')])).toEqual(
          [...state.nicks.keys()].map((name) => [name, name]),
        );
        expect(state.nicks.size).toBe(state.sessions.size);
      });
    }),
  );
});

test('rooms and sessions agree on who is where', () => {
  fc.assert(
    fc.property(steps, (all) => {
      play(all, ({ state }) => {
        for (const { key, members } of state.roomsByKey.values()) {
          expect(new Set(members).size).toBe(members.length);
          for (const who of members) expect(state.sessions.get(who)?.rooms.has(key)).toBe(true);
        }
        for (const { id: who, rooms } of state.sessions.values()) {
          for (const key of rooms.keys()) expect(state.roomsByKey.get(key)?.members).toContain(who);
        }
      });
    }),
  );
});

test('whoever resumes is told what it would have been told', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const seenThrough = new Map<SessionId, number>();
      const { state, history, audiences } = play(all, ({ state: now }, applied, entry) => {
        for (const { session: closed } of applied.closed) seenThrough.set(closed, now.position);
        // What it says it has seen, it does not ask for again.
        if (entry.type === 'open') {
          seenThrough.set(entry.session, Math.max(entry.position, seenThrough.get(entry.session) ?? 0));
        }
      });
      history.forEach(({ room: of, position }, at) => {
        for (const who of SESSIONS) {
          if (!state.sessions.has(who) || position <= (seenThrough.get(who) ?? 0)) continue;
          expect([position, who, state.wasMember(who, of, position)]).toEqual([
            position,
            who,
            (audiences[at] ?? []).includes(who),
          ]);
        }
      });
    }),
  );
});

test('two servers with the same log are the same, and one with another log is not', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const one = play(all, () => {});
      const two = play(all, () => {});
      expect(two.state.digest()).toBe(one.state.digest());
      expect(two.history).toEqual(one.history);
      const { position } = two.state;
      // Whatever operators have decided.
      two.governedBy(id(9)).open(id(9), 'stranger');
      two.join(id(9), 'hall');
      expect(two.state.position).toBeGreaterThan(position);
      expect(two.state.digest()).not.toBe(one.state.digest());
    }),
  );
});
