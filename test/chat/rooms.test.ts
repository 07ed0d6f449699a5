import type { Command } from '../../src/chat/commands';
import { keyFor } from '../people';
import { ALICE, BOB, id, LIMITS, say, told, verdicts, World } from './world';

const action = (room: string, text: string): Command => ({ type: 'say', room, text, action: true });
const direct = (nick: string, text: string): Command => ({ type: 'direct', nick, text, action: false });
const leave = (room: string, text = ''): Command => ({ type: 'leave', room, text });
const topic = (room: string, text: string): Command => ({ type: 'topic', room, text });

describe('a room', () => {
  test('is made by whoever joins first, and called as that one wrote it', () => {
    const world = World.withTwo();
    expect(told(world.join(ALICE, '#Garden'))).toEqual(['join garden alice']);
    expect(told(world.join(BOB, 'GARDEN'))).toEqual(['join garden bob']);
    expect(world.state.rooms().map(({ name, count }) => [name, count])).toEqual([
      ['lobby', 2],
      ['Garden', 2],
    ]);
  });

  test('counts its lines without a gap, and nothing else', () => {
    const world = World.withTwo();
    world.join(ALICE, 'garden');
    world.does(
      ALICE,
      say('lobby', 'a'),
      say('garden', 'b'),
      action('lobby', 'waves'),
      topic('lobby', 't'),
      say('lobby', 'c'),
    );
    const lines = world.history.filter(({ room }) => room === 'lobby').map(({ kind, index }) => [kind, index]);
    expect(lines).toEqual([
      ['join', 0],
      ['join', 0],
      ['message', 1],
      ['action', 2],
      ['topic', 2],
      ['message', 3],
    ]);
  });

  test('joined twice is joined once', () => {
    const world = World.withTwo();
    const again = world.join(ALICE, 'LOBBY');
    expect([verdicts(again), again.events]).toEqual([['ok'], []]);
  });

  test('keeps its lines and its topic when it is empty', () => {
    const world = World.withTwo();
    world.does(ALICE, topic('lobby', 'tea'), say('lobby', 'a'), leave('lobby'));
    world.does(BOB, leave('lobby', 'bye'));
    expect(world.state.rooms('LOBBY')).toEqual(world.state.rooms());
    expect(world.state.rooms('other')).toEqual([]);
    expect(world.state.rooms()).toEqual([{ name: 'lobby', text: 'tea', count: 0 }]);
    world.join(ALICE, 'lobby');
    expect(world.say(ALICE, 'lobby', 'b').events[0]?.index).toBe(2);
  });

  test.each([
    ['saying', say('garden', 'x'), 'not-in-room'],
    ['a topic', topic('garden', 'x'), 'not-in-room'],
    ['leaving', leave('garden'), 'not-in-room'],
    ['a room that cannot be', { type: 'join', room: '@bob' }, 'bad-room'],
    ['a room without a name', { type: 'join', room: '#' }, 'bad-room'],
    ['a text that is too long', say('lobby', 'x'.repeat(LIMITS.textBytes + 1)), 'text-too-long'],
    ['a text that is too long in UTF-8', say('lobby', `${'ü'.repeat(LIMITS.textBytes / 2)}x`), 'text-too-long'],
    ['an empty text', say('lobby', ' \n'), 'bad-text'],
    ['a control character', say('lobby', 'a\u001b[2J'), 'bad-text'],
    ['a topic that is too long', topic('lobby', 'x'.repeat(LIMITS.topicBytes + 1)), 'text-too-long'],
    ['a reason that is too long', leave('lobby', 'x'.repeat(LIMITS.topicBytes + 1)), 'text-too-long'],
    ['an away text that is too long', { type: 'away', text: 'x'.repeat(LIMITS.topicBytes + 1) }, 'text-too-long'],
    ['a nick that somebody has', { type: 'nick', nick: 'BOB' }, 'nick-in-use'],
    ['a nick that is none', { type: 'nick', nick: '' }, 'bad-nick'],
    ['a message to nobody', direct('carol', 'x'), 'no-such-nick'],
  ] as const)('%s is refused, and changes nothing but the sequence', (_, command, code) => {
    const world = World.withTwo();
    const { position } = world.state;
    const applied = world.does(ALICE, command);
    expect([verdicts(applied), applied.events, world.state.position]).toEqual([[code], [], position]);
    expect(world.state.session(ALICE)?.lastSeq).toBe(2);
    expect(verdicts(world.say(ALICE, 'lobby', 'next'))).toEqual(['ok']);
  });

  test('texts may be as long as they may be, with line breaks and tabs', () => {
    const world = World.withTwo();
    const text = `a\n\t${'ü'.repeat((LIMITS.textBytes - 4) / 2)}b`;
    expect(verdicts(world.say(ALICE, 'lobby', text))).toEqual(['ok']);
  });

  test('a session is in so many at most', () => {
    const world = World.withTwo();
    const rooms = ['a', 'b', 'c'].map((room): Command => ({ type: 'join', room }));
    expect(verdicts(world.does(ALICE, ...rooms))).toEqual(['ok', 'ok', 'too-many-rooms']);
  });

  test('there are so many in all, conversations among them, also when nobody is in them any more', () => {
    const world = World.withTwo({ rooms: 3 });
    world.does(ALICE, { type: 'join', room: 'garden' }, leave('garden'));
    expect(verdicts(world.does(ALICE, direct('bob', 'hi')))).toEqual(['ok']);
    expect(verdicts(world.does(ALICE, direct('alice', 'note'), { type: 'join', room: 'cellar' }))).toEqual([
      'too-many-rooms',
      'too-many-rooms',
    ]);
    expect(verdicts(world.does(ALICE, direct('bob', 'again'), { type: 'join', room: 'garden' }))).toEqual(['ok', 'ok']);
  });

  test('two ways to write one name are one room', () => {
    const world = World.withTwo();
    world.join(ALICE, 'Cafe\u0301');
    expect(verdicts(world.join(BOB, 'caf\u00e9'))).toEqual(['ok']);
    expect(world.state.names('caf\u00e9')).toHaveLength(2);
  });
});

describe('what concerns somebody everywhere is told in each of the rooms, in the order of joining', () => {
  test.each([
    [{ type: 'nick', nick: 'Al' }, 'nick', ': Al'],
    [{ type: 'away', text: 'lunch' }, 'away', ': lunch'],
    [{ type: 'close', text: 'bye' }, 'quit', ': bye'],
  ] as const)('%j', (command, kind, text) => {
    const world = World.withTwo();
    world.join(ALICE, 'garden');
    expect(told(world.does(ALICE, command))).toEqual([`${kind} lobby alice${text}`, `${kind} garden alice${text}`]);
  });

  test('back again, once', () => {
    const world = World.withTwo();
    world.does(ALICE, { type: 'away', text: 'lunch' });
    expect(world.state.names('lobby')[0]).toEqual({ name: 'alice', text: 'lunch', count: 0 });
    expect(told(world.does(ALICE, { type: 'away', text: '' }))).toEqual(['back lobby alice']);
    expect(told(world.does(ALICE, { type: 'away', text: '' }))).toEqual([]);
  });

  test("one's own nick in other letters is no conflict", () => {
    const world = World.withTwo();
    expect(told(world.does(ALICE, { type: 'nick', nick: 'ALICE' }))).toEqual(['nick lobby alice: ALICE']);
    expect(told(world.does(ALICE, { type: 'nick', nick: 'ALICE' }))).toEqual([]);
    expect(world.open(id(1), 'alice').opened[0]?.refusal?.code).toBe('nick-in-use');
  });

  test('the nick of another session of the same person that is offline can be had', () => {
    const world = new World();
    world.open(ALICE, 'alice');
    world.open(BOB, 'bob', { key: keyFor(ALICE) });
    world.join(ALICE, 'lobby');
    world.join(BOB, 'lobby');
    world.detach(BOB);
    expect(told(world.does(ALICE, { type: 'nick', nick: 'bob' }))).toEqual([
      'nick lobby bob: bob_2',
      'nick lobby alice: bob',
    ]);
    expect(world.state.session(BOB)?.nick).toBe('bob_2');
  });

  test("a nick that was not used for a while is still its person's, until it is released", () => {
    const world = World.withTwo();
    world.does(ALICE, { type: 'nick', nick: 'al' });
    expect(verdicts(world.does(BOB, { type: 'nick', nick: 'alice' }))).toEqual(['nick-in-use']);
    world.does(ALICE, { type: 'release', nick: 'alice' });
    expect(verdicts(world.does(BOB, { type: 'nick', nick: 'alice' }))).toEqual(['ok']);
  });
});

describe('a conversation', () => {
  test('is the same from both sides, for its two and nobody else', () => {
    const world = World.withTwo();
    world.open(id(1), 'carol');
    const first = world.does(ALICE, direct('BOB', 'hi'));
    world.does(BOB, direct('alice', 'hello'));
    const [room] = first.events.map((event) => event.room);
    expect(world.history.slice(-2).map(({ room: of, index }) => [of, index])).toEqual([
      [room, 1],
      [room, 2],
    ]);
    expect(first.events[0]?.to).toEqual({ session: BOB, nick: 'bob' });
    expect(first.audiences).toEqual([[ALICE, BOB]]);
    expect([ALICE, BOB, id(1)].map((session) => world.state.canRead(session, room as string))).toEqual([
      true,
      true,
      false,
    ]);
    expect([ALICE, BOB, id(1)].map((session) => world.state.wasMember(session, room as string, 3))).toEqual([
      true,
      true,
      false,
    ]);
    expect(world.state.resolveRoom(ALICE, '@bob')).toBe(room);
    expect(world.state.resolveRoom(BOB, '@Alice')).toBe(room);
    expect(world.state.resolveRoom(id(1), '@bob')).toBeUndefined();
    expect(world.state.rooms().map(({ name }) => name)).toEqual(['lobby']);
  });

  test('with oneself, and with somebody who is offline', () => {
    const world = World.withTwo();
    expect(world.does(ALICE, direct('alice', 'note')).audiences).toEqual([[ALICE, ALICE]]);
    world.detach(BOB);
    expect(verdicts(world.does(ALICE, direct('bob', 'later')))).toEqual(['ok']);
  });

  test('follows the session, not the nick', () => {
    const world = World.withTwo();
    const [before] = world.does(ALICE, direct('bob', 'hi')).events;
    world.does(BOB, { type: 'nick', nick: 'rob' });
    expect(world.does(ALICE, direct('rob', 'still you')).events[0]?.room).toBe(before?.room);
    expect(world.state.resolveRoom(ALICE, '@bob')).toBeUndefined();
  });
});

describe('asked', () => {
  test('who is in a room, in the order of joining, with how they are', () => {
    const world = World.withTwo();
    world.detach(ALICE);
    expect(world.state.names('lobby')).toEqual([
      { name: 'alice', text: 'offline', count: 0 },
      { name: 'bob', text: '', count: 0 },
    ]);
    expect(world.state.names('nowhere')).toEqual([]);
  });

  test('who somebody is', () => {
    const world = World.withTwo();
    expect(world.state.whois('BOB')?.map(({ name, text }) => [name, text])).toEqual([
      ['nick', 'bob'],
      ['key', keyFor(BOB)],
      ['operator', 'no'],
      ['session', BOB],
      ['state', 'here'],
      ['server', '1'],
      ['rooms', 'lobby'],
    ]);
    expect(world.state.whois('carol')).toBeUndefined();
  });

  test('what a room is called', () => {
    const world = World.withTwo();
    expect(world.state.resolveRoom(ALICE, '#Lobby')).toBe('lobby');
    expect(world.state.resolveRoom(ALICE, 'nowhere')).toBeUndefined();
    expect(world.state.resolveRoom(ALICE, 'a b')).toBeUndefined();
  });
});
