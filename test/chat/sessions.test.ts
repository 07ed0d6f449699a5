import { gathered } from '../../src/chat/commands';
import { keyFor } from '../people';
import { ALICE, BOB, id, LIMITS, say, told, verdicts, World } from './world';

describe('opening a session', () => {
  test('makes it, with the nick as it was written', () => {
    const world = new World();
    expect(world.open(ALICE, 'Alice').opened).toEqual([
      { session: ALICE, server: 1, attachment: `${ALICE}-1`, position: 0 },
    ]);
    expect(world.state.session(ALICE)).toEqual({
      id: ALICE,
      nick: 'Alice',
      attachment: `${ALICE}-1`,
      lastSeq: 0,
      rooms: [],
    });
  });

  test('once more, by a client that was not told of it, begins where it began', () => {
    const world = new World();
    world.open(BOB, 'bob');
    world.join(BOB, 'lobby');
    world.open(ALICE, 'alice');
    world.say(BOB, 'lobby', 'who is there?');
    expect(world.open(ALICE, 'alice').opened).toMatchObject([{ position: 1 }]);
    expect(world.open(ALICE, 'alice', { resume: true }).opened).toMatchObject([{ position: 2 }]);
  });

  test('counts for nothing before the log has its birth', () => {
    const world = new World();
    world.state.birth = '';
    expect(world.open(ALICE, 'alice').opened).toEqual([]);
    expect(world.state.session(ALICE)).toBeUndefined();
  });

  test('the first birth is the birth', () => {
    const world = new World();
    world.apply({ type: 'birth', id: id(0x123) });
    expect(world.state.birth).toBe(id(0xfff));
  });

  test.each([
    ['a nick that somebody here has', 'ALICE', 'nick-in-use'],
    ['a nick that is none', 'a b', 'bad-nick'],
    ['an empty nick', '', 'bad-nick'],
  ])('is refused with %s', (_, nick, code) => {
    const world = World.withTwo();
    expect(world.open(id(1), nick).opened[0]?.refusal?.code).toBe(code);
    expect(world.state.session(id(1))).toBeUndefined();
  });

  test('is refused when the cluster is full', () => {
    const world = new World();
    for (let number = 1; number <= LIMITS.sessions; number += 1) world.open(id(number), `n${number}`);
    expect(world.open(id(99), 'late').opened[0]?.refusal?.code).toBe('too-many-sessions');
    expect(world.open(id(1), 'n1', { resume: true }).opened[0]?.refusal).toBeUndefined();
  });

  test('of one that is gone is refused to whoever was here before', () => {
    const world = new World();
    expect(world.open(ALICE, 'alice', { resume: true }).opened[0]?.refusal?.code).toBe('session-gone');
  });

  test('takes the nick of a session of the same person that is offline, which is called otherwise from then on', () => {
    const world = World.withTwo();
    world.detach(BOB);
    expect(told(world.open(id(1), 'BOB', { key: keyFor(BOB) }))).toEqual(['nick lobby bob: bob_2']);
    expect(world.state.session(id(1))?.nick).toBe('BOB');
    expect(world.state.session(BOB)?.nick).toBe('bob_2');
  });

  test('the new name of who lost a nick is free, and short enough', () => {
    const world = new World();
    world.open(ALICE, 'abcdefghijkl');
    world.open(BOB, 'abcdefghij_2', { key: keyFor(ALICE) });
    world.join(ALICE, 'lobby');
    world.detach(ALICE);
    world.open(id(1), 'abcdefghijkl', { key: keyFor(ALICE) });
    expect(world.state.session(ALICE)?.nick).toBe('abcdefghij_3');
  });

  test('anew attaches it elsewhere, brings it back online, and keeps all of it', () => {
    const world = World.withTwo();
    world.say(ALICE, 'lobby', 'one');
    world.detach(ALICE);
    expect(told(world.open(ALICE, 'whatever', { resume: true, attachment: 'other' }))).toEqual(['online lobby alice']);
    expect(world.state.session(ALICE)).toMatchObject({
      attachment: 'other',
      lastSeq: 2,
      rooms: ['lobby'],
      nick: 'alice',
    });
  });

  test('forgets where it was before the position that it has seen', () => {
    const world = World.withTwo();
    const leave = (room: string) => ({ type: 'leave', room, text: '' }) as const;
    world.does(ALICE, leave('lobby'), { type: 'join', room: 'garden' }, leave('garden'));
    const past = () => world.state.sessions.get(ALICE)?.past.map(({ room, to }) => [room, to]);
    expect(past()).toEqual([
      ['lobby', 3],
      ['garden', 5],
    ]);
    world.open(ALICE, 'alice', { resume: true, position: 2 });
    expect(past()).toHaveLength(2);
    world.open(ALICE, 'alice', { resume: true, position: 4 });
    expect(past()).toEqual([['garden', 5]]);
  });

  test('the detaching of an attachment that is over changes nothing', () => {
    const world = World.withTwo();
    world.open(ALICE, 'alice', { resume: true, attachment: 'other' });
    expect(told(world.detach(ALICE))).toEqual([]);
    expect(told(world.detach(ALICE, 'other'))).toEqual(['offline lobby alice']);
    expect(told(world.detach(ALICE, 'other'))).toEqual([]);
  });
});

describe('commands of a session', () => {
  test('count once, however often they come, with the outcome that they had', () => {
    const world = World.withTwo();
    const group = {
      type: 'group',
      session: ALICE,
      firstSeq: 2,
      settled: 0,
      commands: gathered([say('lobby', 'a'), say('garden', 'b')]),
    } as const;
    const first = world.apply(group);
    expect(verdicts(first)).toEqual(['ok', 'not-in-room']);
    world.say(BOB, 'lobby', 'between');
    const again = world.apply(group);
    expect(again.events).toEqual([]);
    expect(again.outcomes).toEqual(first.outcomes);
  });

  test('that came in part before: the rest is taken', () => {
    const world = World.withTwo();
    world.say(ALICE, 'lobby', 'a');
    const group = {
      type: 'group',
      session: ALICE,
      firstSeq: 2,
      settled: 0,
      commands: gathered([say('lobby', 'a'), say('lobby', 'b')]),
    } as const;
    expect(told(world.apply(group))).toEqual(['message lobby alice: b']);
  });

  test('that overtook others are not taken', () => {
    const world = World.withTwo();
    const early = world.apply({
      type: 'group',
      session: ALICE,
      firstSeq: 3,
      settled: 0,
      commands: gathered([say('lobby', 'early')]),
    });
    expect(early.gaps).toEqual([{ session: ALICE, expectedSeq: 2 }]);
    expect([early.events, early.outcomes]).toEqual([[], []]);
    expect(world.state.session(ALICE)?.lastSeq).toBe(1);
  });

  test('in a row are one outcome, refusals are one each', () => {
    const world = World.withTwo();
    const applied = world.does(
      ALICE,
      say('lobby', 'a'),
      say('lobby', 'b'),
      say('x', 'c'),
      say('x', 'd'),
      say('lobby', 'e'),
    );
    expect(applied.outcomes.map(({ firstSeq, count, refusal }) => [firstSeq, count, refusal?.code])).toEqual([
      [2, 2, undefined],
      [4, 1, 'not-in-room'],
      [5, 1, 'not-in-room'],
      [6, 1, undefined],
    ]);
  });

  test('of a session that nobody knows are refused one by one', () => {
    const world = new World();
    expect(verdicts(world.does(ALICE, say('lobby', 'a'), say('lobby', 'b')))).toEqual(['session-gone', 'session-gone']);
  });

  test('outcomes are known for as many as a client may repeat', () => {
    const world = World.withTwo();
    for (let count = 0; count < 3 * LIMITS.sessionWindow; count += 1) world.say(ALICE, 'lobby', `${count}`);
    const { lastSeq } = world.state.session(ALICE) ?? { lastSeq: 0 };
    const firstSeq = lastSeq - LIMITS.sessionWindow + 1;
    const commands = Array.from({ length: LIMITS.sessionWindow }, () => say('lobby', 'again'));
    const again = world.apply({ type: 'group', session: ALICE, firstSeq, settled: 0, commands: gathered(commands) });
    expect(verdicts(again)).toHaveLength(LIMITS.sessionWindow);
    expect(again.outcomes[0]?.firstSeq).toBe(firstSeq);
    expect(world.state.sessions.get(ALICE)?.outcomes.size).toBe(LIMITS.sessionWindow);
  });

  test('an outcome that the client knows is not kept, and a repeat of its command has none', () => {
    const world = World.withTwo();
    for (const text of ['a', 'b', 'c']) world.say(ALICE, 'lobby', text);
    const repeat = {
      type: 'group',
      session: ALICE,
      firstSeq: 1,
      commands: gathered(new Array(4).fill(say('lobby', 'x'))),
    } as const;
    expect(verdicts(world.apply({ ...repeat, settled: 0 }))).toHaveLength(4);
    world.apply({ type: 'group', session: ALICE, firstSeq: 5, settled: 3, commands: gathered([say('lobby', 'd')]) });
    expect(world.state.sessions.get(ALICE)?.outcomes.size).toBe(2);
    const again = world.apply({ ...repeat, settled: 0 });
    expect([again.events, again.outcomes.map(({ firstSeq, count }) => [firstSeq, count])]).toEqual([[], [[4, 1]]]);
  });

  test('what a client says that it knows before it can, it knows when it has it', () => {
    const world = World.withTwo();
    const group = {
      type: 'group',
      session: ALICE,
      firstSeq: 2,
      settled: 99,
      commands: gathered([say('lobby', 'a')]),
    } as const;
    expect(verdicts(world.apply(group))).toEqual(['ok']);
    expect(world.state.sessions.get(ALICE)?.outcomes.droppedThrough).toBe(2);
    expect(verdicts(world.say(BOB, 'lobby', 'b'))).toEqual(['ok']);
    expect(told(world.does(ALICE, say('lobby', 'a'), say('lobby', 'c')))).toEqual(['message lobby alice: c']);
  });

  test('a group that is not taken settles nothing', () => {
    const world = World.withTwo();
    world.apply({
      type: 'group',
      session: ALICE,
      firstSeq: 9,
      settled: 8,
      commands: gathered([say('lobby', 'early')]),
    });
    expect(world.state.sessions.get(ALICE)?.outcomes.droppedThrough).toBe(0);
  });

  test('that brought about nothing are not counted as if they had', () => {
    const world = World.withTwo();
    const join = { type: 'join', room: 'lobby' } as const;
    const commands = [say('lobby', 'a'), join, say('lobby', 'b')];
    const first = world.does(ALICE, ...commands);
    const positions = first.outcomes.map(({ firstSeq, count, firstPosition }) => [firstSeq, count, firstPosition]);
    expect(positions).toEqual([
      [2, 1, 3],
      [3, 2, 3],
    ]);
    const again = world.apply({ type: 'group', session: ALICE, firstSeq: 2, settled: 0, commands: gathered(commands) });
    expect(again.outcomes).toEqual(first.outcomes);
  });

  test('behind the one that ends the session are refused', () => {
    const world = World.withTwo();
    const applied = world.does(ALICE, { type: 'close', text: 'bye' }, say('lobby', 'late'));
    expect(told(applied)).toEqual(['quit lobby alice: bye']);
    expect(verdicts(applied)).toEqual(['ok', 'session-gone']);
    expect(applied.closed.map(({ session }) => session)).toEqual([ALICE]);
    expect(world.state.names('lobby').map(({ name }) => name)).toEqual(['bob']);
    expect(world.open(id(1), 'alice', { key: keyFor(ALICE) }).opened[0]?.refusal).toBeUndefined();
  });
});

describe('time', () => {
  test('never goes back', () => {
    const world = World.withTwo();
    world.timeMs = 500;
    world.say(ALICE, 'lobby', 'a');
    world.timeMs = 100;
    expect(world.say(ALICE, 'lobby', 'b').events[0]?.time).toBe(500);
  });

  test('who gives no sign of life is offline after a while, and gone after a long while', () => {
    const world = World.withTwo();
    world.timeMs += 600;
    world.apply({ type: 'touch', server: 1, sessions: [BOB] });
    expect(told(world.sweep(500))).toEqual(['offline lobby alice']);
    expect(told(world.sweep(200))).toEqual([]);
    expect(told(world.sweep(700))).toEqual(['offline lobby bob']);
    const { closed } = world.sweep(LIMITS.sessionTtlMs - 850);
    expect(closed.map(({ session }) => session)).toEqual([ALICE]);
  });

  test('a server vouches for its own sessions only, and whoever gives a sign of life is back', () => {
    const world = World.withTwo();
    world.timeMs += 900;
    world.apply({ type: 'touch', server: 2, sessions: [ALICE] });
    expect(told(world.sweep(200))).toEqual(['offline lobby alice', 'offline lobby bob']);
    expect(told(world.apply({ type: 'touch', server: 2, sessions: [ALICE] }))).toEqual([]);
    expect(told(world.apply({ type: 'touch', server: 1, sessions: [ALICE] }))).toEqual(['online lobby alice']);
    expect(world.state.names('lobby').map(({ text }) => text)).toEqual(['', 'offline']);
    expect(told(world.say(BOB, 'lobby', 'I was here'))).toEqual(['online lobby bob', 'message lobby bob: I was here']);
  });

  test.each([
    [1000, false],
    [1001, true],
  ])('a sweep is due when it would change something: after %d ms %s', (ms, due) => {
    expect(World.withTwo().state.sweepDue(ms)).toBe(due);
  });

  test('what somebody says is a sign of life', () => {
    const world = World.withTwo();
    world.timeMs += 900;
    world.say(ALICE, 'lobby', 'a');
    expect(told(world.sweep(200))).toEqual(['offline lobby bob']);
  });
});
