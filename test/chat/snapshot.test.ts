import { type Command, type Entry, gathered } from '../../src/chat/commands';
import { type Plain, SnapshotError, type SnapshotWalk } from '../../src/chat/snapshot';
import { ChatState } from '../../src/chat/state';
import { keyFor } from '../people';
import { everything } from './snapshot-log';
import { ALICE, BOB, id, say, verdicts, World } from './world';

const direct = (nick: string): Command => ({ type: 'direct', nick, text: 'psst', action: false });

function chunksOf(walk: SnapshotWalk, items: number): Plain[] {
  const chunks: Plain[] = [];
  for (let chunk = walk.next(items); chunk !== undefined; chunk = walk.next(items)) chunks.push(chunk);
  return chunks;
}

/** A world of one session with much to tell, and one with little. */
function busy(): World {
  const world = World.withTwo({ sessionWindow: 4096 });
  world.does(BOB, say('nowhere', 'x'), direct('alice'), direct('bob'));
  for (let line = 0; line < 4000; line += 1) world.say(ALICE, 'lobby', 'x');
  return world;
}

describe('the walk', () => {
  test('gives the head, then so many at a time, then the end, then nothing', () => {
    const world = World.withTwo();
    for (let number = 1; number <= 3; number += 1) world.open(id(number), `n${number}`);
    world.governedBy(ALICE).does(ALICE, { type: 'rule', ruling: 'mute', who: 'n1', text: '' });
    const walk = world.state.beginSnapshot();
    const chunks = chunksOf(walk, 2) as [number, string, readonly Plain[]][];
    expect(chunks.map(([number, kind]) => [number, kind])).toEqual([
      [0, 'chat'],
      [1, 'rulings'],
      [2, 'claims'],
      [3, 'claims'],
      [4, 'claims'],
      [5, 'sessions'],
      [6, 'sessions'],
      [7, 'sessions'],
      [8, 'rooms'],
      [9, 'end'],
    ]);
    expect([5, 6, 7].map((at) => chunks[at]?.[2].length)).toEqual([2, 2, 1]);
    expect(walk.next(2)).toBeUndefined();
  });

  test('gives fewer at a time of those with much to tell, but one at least', () => {
    const { state } = busy();
    const sessions = chunksOf(state.beginSnapshot(), 100).filter((chunk) => (chunk as Plain[])[1] === 'sessions');
    expect(sessions.map((chunk) => ((chunk as Plain[])[2] as Plain[]).length)).toEqual([1, 1]);
    expect(chunksOf(state.beginSnapshot(), 0)).toHaveLength(
      2 + state.claims.size + state.sessions.size + state.roomsByKey.size,
    );
  });

  test('of nothing gives what restores to nothing', () => {
    const state = new ChatState();
    const restored = ChatState.restore(chunksOf(state.beginSnapshot(), 9));
    expect([restored.birth, restored.digest()]).toEqual(['', state.digest()]);
  });
});

describe('what was restored', () => {
  test('repeats its outcomes word by word', () => {
    const world = busy();
    const repeat = (state: ChatState) => {
      const commands = [direct('x'), direct('x'), direct('x'), direct('x')];
      const { outcomes } = state.apply(world.round, {
        time: world.timeMs,
        entries: [{ type: 'group', session: BOB, firstSeq: 1, settled: 0, commands: gathered(commands) }],
      });
      return outcomes;
    };
    const restored = ChatState.restore(chunksOf(world.state.beginSnapshot(), 9));
    const outcomes = repeat(restored);
    expect(outcomes).toEqual(repeat(world.state));
    expect(outcomes.map(({ refusal }) => refusal?.code)).toEqual([undefined, 'not-in-room', undefined]);
  });

  test('a refusal quotes whole characters only, so that it is stored as it was told', () => {
    const world = World.withTwo();
    const { outcomes } = world.does(
      ALICE,
      direct(`x${'\u{1f600}'.repeat(80)}`),
      say(`y${'\u{1f600}'.repeat(80)}`, 'z'),
    );
    const messages = outcomes.map(({ refusal }) => refusal?.message ?? '');
    expect(messages.map((message) => Buffer.from(message).toString())).toEqual(messages);
    expect(messages[0]).toContain(`x${'\u{1f600}'.repeat(63)}`);
    expect(messages[0]).not.toContain('\u{1f600}'.repeat(64));
  });

  test('has the members in the order of joining, which is not that of opening', () => {
    const world = World.withTwo();
    world.does(ALICE, { type: 'leave', room: 'lobby', text: '' }, { type: 'join', room: 'lobby' });
    const restored = ChatState.restore(chunksOf(world.state.beginSnapshot(), 9));
    expect(restored.names('lobby').map(({ name }) => name)).toEqual(['bob', 'alice']);
  });

  test('knows the conversations of each, once, also the one with oneself', () => {
    const world = World.withTwo();
    world.does(ALICE, direct('bob'), direct('alice'), direct('bob'));
    const keys = [`@${ALICE}${BOB}`, `@${ALICE}${ALICE}`];
    const restored = ChatState.restore(chunksOf(world.state.beginSnapshot(), 9));
    for (const state of [world.state, restored]) {
      expect([state.conversations(ALICE), state.conversations(BOB)]).toEqual([keys, [keys[0]]]);
      expect(state.conversations(id(7))).toEqual([]);
    }
  });

  test('shares nothing with what it came from', () => {
    const world = World.withTwo();
    const before = everything(world.state);
    const restored = ChatState.restore(chunksOf(world.state.beginSnapshot(), 9));
    const entries: Entry[] = [
      { type: 'group', session: ALICE, firstSeq: 2, settled: 0, commands: gathered([say('lobby', 'x')]) },
    ];
    restored.apply(world.round, { time: 0, entries });
    expect(everything(world.state)).toEqual(before);
  });
});

describe('is refused, with the reason', () => {
  const whole = chunksOf(busy().state.beginSnapshot(), 1);
  const field = (at: readonly number[], value: unknown) => (chunks: unknown[]) => {
    let list = chunks;
    for (const index of at.slice(0, -1)) {
      list[index] = [...(list[index] as unknown[])];
      list = list[index] as unknown[];
    }
    list[at.at(-1) as number] = value;
  };

  const COUNTS = 'there are 0 rulings, 2 claims, ';
  const REST = ', 3 rooms and markers of 0 persons';
  test.each<[string, (chunks: unknown[]) => void, string]>([
    ['nothing at all', (chunks) => chunks.splice(0), 'chunk 0 is missing: there is no end'],
    ['no end', (chunks) => chunks.pop(), 'chunk 8 is missing: there is no end'],
    ['no beginning', (chunks) => chunks.shift(), 'chunk 0 is missing: there is chunk 1'],
    ['a chunk too few', (chunks) => chunks.splice(2, 1), 'chunk 2 is missing: there is chunk 3'],
    ['a chunk twice', (chunks) => chunks.splice(2, 0, chunks[1]), 'chunk 2 is missing: there is chunk 1'],
    ['the head twice', (chunks) => chunks.splice(1, 0, [1, ...(chunks[0] as []).slice(1)]), 'chunk 1 is of kind chat'],
    ['more after the end', (chunks) => chunks.push([9, 'end']), 'chunk 9 comes after the end'],
    ['another version', field([0, 2], 3), 'version 3 of the snapshot is not known, only 6'],
    ['fewer than it says', field([0, 11], 3), `${COUNTS}2 sessions${REST}, not ${COUNTS.slice(10)}3 sessions${REST}`],
    ['a kind that is none', field([1, 1], 'people'), 'chunk 1 is of kind people'],
    ['no chunk', field([3], 'text'), 'chunk 3 is no list'],
    ['no number', field([1, 0], 'one'), 'number of chunk 1 is no whole number'],
    ['a field too many', field([0, 14], 0), 'chunk 0 has more fields than it should'],
    ['a field too few', field([0, 12], undefined), 'number of rooms of chunk 0 is no whole number'],
    ['a limit too few', field([0, 7], [1, 2]), 'limits of chunk 0 is no list of 14 each'],
    ['a negative number', field([0, 4], -1), 'position of chunk 0 is no whole number'],
    ['a number that is no whole one', field([3, 2, 0, 8], 1.5), 'last sequence of a session is no whole number'],
    ['a text that is none', field([3, 2, 0, 2], 7), 'nick of a session is no text'],
    ['a flag that is none', field([3, 2, 0, 6], 1), 'online of a session is no yes or no'],
    ['half a membership', field([3, 2, 0, 10], ['lobby']), 'rooms of a session is no list of 2 each'],
    ['a membership of a wrong kind', field([3, 2, 0, 10], [1, 2]), 'room of rooms of a session is no text'],
    ['a room that is nowhere', field([3, 2, 0, 10], ['attic', 1]), `session ${ALICE} is in a room that is not there`],
    ['an outcome too few', field([3, 2, 0, 8], 4002), `the outcomes of session ${ALICE} do not reach its last command`],
    [
      'a hole in the outcomes',
      field([4, 2, 0, 13, 0], 2),
      `the outcomes of session ${BOB} do not reach its last command`,
    ],
    ['no floor', field([5, 2, 0, 8], []), 'floor of a room is no list of 4'],
    ['a session twice', field([4, 2, 0, 0], ALICE), 'a session is there twice'],
    ['a nick twice', field([4, 2, 0, 2], 'ALICE'), 'two sessions have one nick'],
    ['a room twice', field([6, 2, 0, 0], 'lobby'), 'a room is there twice'],
    ['a nick claimed twice', field([2, 2, 0, 0], 'alice'), 'a nick is claimed twice'],
    ['a mode that is none', field([0, 8, 0], 'ajar'), 'mode of people of chunk 0 is no one of open, listed'],
    ['operators that are none', field([0, 8, 1], 'alice'), 'operators of people of chunk 0 is no list'],
    ['a session of nobody', field([3, 2, 0, 1], 7), 'key of a session is no text'],
    ['a pause that is none', field([5, 2, 0, 12], -1), 'pause of a room is no whole number'],
    ['a party that is none', field([5, 2, 0, 10], [7]), 'key of parties of a room is no text'],
    ['half a speaker', field([5, 2, 0, 13], ['x']), 'spoke of a room is no list of 2 each'],
    ['a digest that is none', field([5, 2, 0, 14], 'x'), 'the digest of a room is x'],
    ['a session of the future', field([3, 2, 0, 3], 99_999), `session ${ALICE} is ahead of the whole`],
    ['a room of the future', field([5, 2, 0, 4], 99_999), 'room lobby is ahead of the whole'],
  ])('%s', (_, spoil, reason) => {
    const chunks: unknown[] = [...whole];
    expect(chunks).toHaveLength(9);
    spoil(chunks);
    expect(() => ChatState.restore(chunks)).toThrow(new SnapshotError(reason));
  });
});

describe('the digest tells apart what no event tells apart', () => {
  const alone = () => {
    const world = new World();
    world.open(ALICE, 'alice');
    return world;
  };

  test.each<[string, Entry]>([
    ['a sign of life', { type: 'touch', server: 1, sessions: [ALICE] }],
    ['going offline in no room', { type: 'detach', session: ALICE, attachment: `${ALICE}-1` }],
    ['a nick in no room', does({ type: 'nick', nick: 'al' })],
    ['being away in no room', does({ type: 'away', text: 'lunch' })],
    ['ending in no room', does({ type: 'close', text: '' })],
    ['a refusal', does(say('lobby', 'x'))],
    [
      'another attachment',
      {
        type: 'open',
        session: ALICE,
        key: keyFor(ALICE),
        nick: '',
        reclaim: false,
        server: 2,
        attachment: 'b',
        resume: true,
        position: 0,
      },
    ],
  ])('%s', (_, entry) => {
    const [one, other] = [alone(), alone()];
    expect(one.state.digest()).toBe(other.state.digest());
    one.timeMs = 5;
    other.timeMs = 5;
    expect(one.apply(entry).events).toEqual([]);
    other.apply();
    expect(one.state.digest()).not.toBe(other.state.digest());
  });

  test.each(['nick', 'away'] as const)('one %s and another', (type) => {
    const [one, other] = [alone(), alone()];
    const command = (text: string): Command => (type === 'nick' ? { type, nick: text } : { type, text });
    expect(verdicts(one.does(ALICE, command('a')))).toEqual(verdicts(other.does(ALICE, command('b'))));
    expect(one.state.digest()).not.toBe(other.state.digest());
  });

  function does(command: Command): Entry {
    return { type: 'group', session: ALICE, firstSeq: 1, settled: 0, commands: gathered([command]) };
  }
});

test('nobody but the state machine can write to what there is', () => {
  const { state } = World.withTwo();
  const [session, room] = [state.sessions.get(ALICE), state.roomsByKey.get('lobby')];
  const attempts = () => {
    // @ts-expect-error: read-only
    if (session) session.nick = 'x';
    // @ts-expect-error: read-only
    session?.rooms.clear();
    // @ts-expect-error: read-only
    if (room) room.topic = 'x';
    // @ts-expect-error: read-only
    state.sessions.delete(ALICE);
    // @ts-expect-error: a view is not what `edit` gives
    const edited: ReturnType<typeof state.edit> | undefined = session;
    // @ts-expect-error: a view is not what `editRoom` gives
    const editedRoom: ReturnType<typeof state.editRoom> | undefined = room;
    return [edited, editedRoom];
  };
  expect(attempts).toBeInstanceOf(Function);
});

test('a member that comes and goes while a snapshot is taken is in it as it was', () => {
  const world = World.withTwo();
  const walk = world.state.beginSnapshot();
  world.does(ALICE, { type: 'close', text: '' });
  world.open(ALICE, 'alice');
  const restored = ChatState.restore(chunksOf(walk, 9));
  expect(restored.names('lobby').map(({ name }) => name)).toEqual(['alice', 'bob']);
});
