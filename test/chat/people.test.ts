/** Whose a nick is, who is let in, and what operators may do. */
import type { Command, OperatorCommand, RulingKind } from '../../src/chat/commands';
import { nicksOf, rulingsOf } from '../../src/chat/listings';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { ChatState } from '../../src/chat/state';
import { keyFor } from '../people';
import { ALICE, BOB, id, say, told, verdicts, World } from './world';

const CAROL = id(0xc);
const AUDIT = '!audit';

const rule = (ruling: RulingKind, who: string, text = ''): Command => ({ type: 'rule', ruling, who, text });
const pardon = (ruling: RulingKind, who: string): Command => ({ type: 'pardon', ruling, who, text: '' });

/** Why an open was refused; '' when it was not. */
function refused(world: World, ...open: Parameters<World['open']>): string {
  return world.open(...open).opened[0]?.refusal?.code ?? '';
}

/** Alice keeps order; she and Bob are in the lobby. */
function governed(limits = {}): World {
  return World.withTwo(limits).governedBy(ALICE);
}

/** What operators did, as they can read it. */
function audited(world: World): readonly string[] {
  return world.history.filter(({ kind }) => kind === 'audit').map(({ nick, text }) => `${nick} ${text}`);
}

describe('a nick', () => {
  test('is the person\u2019s who took it first, online or not, and also when all sessions are gone', () => {
    const world = World.withTwo();
    expect(refused(world, CAROL, 'BOB')).toBe('nick-in-use');
    world.detach(BOB);
    expect(refused(world, CAROL, 'bob')).toBe('nick-in-use');
    world.does(BOB, { type: 'close', text: '' });
    expect(refused(world, CAROL, 'bob')).toBe('nick-in-use');
    expect(refused(world, id(1), 'bob', { key: keyFor(BOB) })).toBe('');
  });

  test('that looks like somebody else\u2019s is refused, with the reason', () => {
    const world = new World();
    world.open(ALICE, 'alice');
    const { refusal } = world.open(BOB, 'a1ice').opened[0] ?? {};
    expect(refusal).toEqual({
      nick: 'a1ice',
      code: 'nick-in-use',
      message: 'a1ice looks like alice, which belongs to somebody else',
    });
    expect(refused(world, BOB, 'a1ice', { key: keyFor(ALICE) })).toBe('');
  });

  test('of another session of the same person is given up when it is reclaimed, else only when that is offline', () => {
    const world = World.withTwo();
    const own = { key: keyFor(BOB) };
    expect(refused(world, CAROL, 'bob', own)).toBe('nick-in-use');
    expect(told(world.open(CAROL, 'bob', { ...own, reclaim: true }))).toEqual(['nick lobby bob: bob_2']);
    expect(world.state.whois('bob')?.find(({ name }) => name === 'session')?.text).toBe(CAROL);
    // It is nobody's own: who was called so for want of another name is found by it all the same.
    expect(world.state.claims.of('bob_2')).toBeUndefined();
  });

  test('of somebody else cannot be reclaimed', () => {
    const world = World.withTwo();
    expect(refused(world, CAROL, 'bob', { reclaim: true })).toBe('nick-in-use');
  });

  test('can be released by its owner only, who is called otherwise from then on', () => {
    const world = World.withTwo();
    expect(verdicts(world.does(ALICE, { type: 'release', nick: 'bob' }))).toEqual(['not-your-nick']);
    expect(told(world.does(BOB, { type: 'release', nick: 'Bob' }))).toEqual(['nick lobby bob: bob_2']);
    expect(refused(world, CAROL, 'bob')).toBe('');
  });

  test('can be handed over to a nick or a key, whose it is once that person takes it', () => {
    const world = World.withTwo();
    expect(verdicts(world.does(BOB, { type: 'give', nick: 'bob', to: 'nobody' }))).toEqual(['no-such-person']);
    expect(verdicts(world.does(ALICE, { type: 'give', nick: 'bob', to: 'alice' }))).toEqual(['not-your-nick']);
    expect(verdicts(world.does(BOB, { type: 'give', nick: 'bob', to: 'alice' }))).toEqual(['ok']);
    // Until then it is his, and what is said of him is about him.
    expect(world.state.claims.of('bob')?.key).toBe(keyFor(BOB));
    expect(refused(world, CAROL, 'bob')).toBe('nick-in-use');
    world.does(BOB, { type: 'nick', nick: 'robert' });
    expect(told(world.does(ALICE, { type: 'nick', nick: 'bob' }))).toEqual(['nick lobby alice: bob']);
    expect(world.state.claims.of('bob')?.key).toBe(keyFor(ALICE));
    expect(verdicts(world.does(BOB, { type: 'nick', nick: 'bob' }))).toEqual(['nick-in-use']);
    world.does(BOB, { type: 'give', nick: 'robert', to: keyFor(CAROL) });
    expect(refused(world, CAROL, 'robert')).toBe('nick-in-use');
    world.detach(BOB);
    expect(told(world.open(CAROL, 'robert'))).toEqual(['nick lobby robert: robert_2']);
  });

  test('is not handed over while one that looks like it is not', () => {
    const world = World.withTwo();
    world.does(BOB, { type: 'nick', nick: 'b0b' });
    expect(verdicts(world.does(BOB, { type: 'give', nick: 'bob', to: 'alice' }))).toEqual(['nick-in-use']);
    world.does(BOB, { type: 'release', nick: 'b0b' });
    expect(verdicts(world.does(BOB, { type: 'give', nick: 'bob', to: 'alice' }))).toEqual(['ok']);
  });

  test('that looks like a key is none', () => {
    const world = new World({ nameChars: 64 });
    expect(refused(world, ALICE, keyFor(BOB))).toBe('bad-nick');
  });

  test('one person has so many only, and the cluster', () => {
    const world = new World({ sessions: 100, nicks: 4 });
    world.open(ALICE, 'a');
    for (const nick of ['b', 'c']) world.does(ALICE, { type: 'nick', nick });
    expect(verdicts(world.does(ALICE, { type: 'nick', nick: 'd' }))).toEqual(['too-many-nicks']);
    expect(verdicts(world.does(ALICE, { type: 'nick', nick: 'b' }))).toEqual(['ok']);
    expect([refused(world, BOB, 'e'), refused(world, CAROL, 'f')]).toEqual(['', 'too-many-nicks']);
    world.does(ALICE, { type: 'release', nick: 'a' });
    expect(refused(world, CAROL, 'f')).toBe('');
  });

  test('that nobody was called for too long is free again: ten times as long as it was used, a day at least', () => {
    const day = 24 * 3600 * 1000;
    const world = World.withTwo({ nickTtlMs: 100 * day, offlineAfterMs: 1e12, sessionTtlMs: 1e12 });
    const known = () => ['alice', 'bob', 'robert'].filter((nick) => world.state.claims.of(nick)).join(' ');
    world.sweep(2 * day);
    world.does(BOB, { type: 'nick', nick: 'robert' });
    world.does(BOB, { type: 'nick', nick: 'rob' });
    expect(known()).toBe('alice bob robert');
    world.sweep(day);
    expect(known()).toBe('alice bob robert');
    expect(world.state.sweepDue(world.timeMs)).toBe(false);
    expect(world.state.sweepDue(world.timeMs + 1)).toBe(true);
    world.sweep(1);
    expect(known()).toBe('alice bob');
    world.does(ALICE, { type: 'close', text: '' });
    world.sweep(19 * day);
    expect(known()).toBe('alice');
    expect(refused(world, CAROL, 'bob')).toBe('');
    // In use for three days.
    world.sweep(11 * day - 2);
    expect(known()).toBe('alice bob');
    world.sweep(20);
    expect(known()).toBe('bob');
  });
});

describe('a session', () => {
  test('is resumed by the person whose it is, and nobody else', () => {
    const world = World.withTwo();
    expect(refused(world, BOB, 'bob', { key: keyFor(ALICE), resume: true })).toBe('session-gone');
    expect(refused(world, BOB, 'bob', { key: keyFor(ALICE) })).toBe('session-gone');
    expect(world.state.session(BOB)?.attachment).toBe(`${BOB}-1`);
    expect(refused(world, BOB, 'bob', { resume: true })).toBe('');
  });

  test('one person has so many only, online, unless the configuration sets no limit', () => {
    const world = new World({ sessions: 100, nicksPerKey: 100, nicks: 100 });
    const key = keyFor(ALICE);
    for (const number of [1, 2, 3]) expect(refused(world, id(number), `n${number}`, { key })).toBe('');
    expect(refused(world, id(4), 'n4', { key })).toBe('too-many-sessions');
    // Those that are away give way, the one that has been away for the longest time first.
    world.timeMs += 10;
    world.detach(id(3));
    world.timeMs += 10;
    world.detach(id(2));
    const applied = world.open(id(4), 'n4', { key });
    expect(applied.closed.map(({ session }) => session)).toEqual([id(3)]);
    expect(world.state.sessionsOf(key)).toHaveLength(3);
    world.apply({ type: 'access', rules: { ...OPEN_TO_ALL, unlimited: [key] } });
    expect(refused(world, id(5), 'n5', { key })).toBe('');
    expect(world.state.sessionsOf(key)).toHaveLength(4);
  });

  test('that has the id of one of somebody else’s, long ago, reads nothing that was said to that one', () => {
    const world = World.withTwo();
    world.does(ALICE, { type: 'direct', nick: 'bob', text: 'a secret', action: false });
    const room = world.history.at(-1)?.room ?? '';
    expect([world.state.canRead(BOB, room), world.state.readable(BOB, 0).length]).toEqual([true, 2]);
    world.does(BOB, { type: 'close', text: '' });
    expect(world.state.canRead(BOB, room)).toBe(false);
    world.open(BOB, 'mallory', { key: keyFor(CAROL) });
    const { position } = world.state;
    expect([world.state.canRead(BOB, room), world.state.readable(BOB, 0)]).toEqual([false, []]);
    expect(world.state.wasMember(BOB, room, position)).toBe(false);
    const direct: Command = { type: 'direct', nick: 'mallory', text: 'x', action: false };
    expect(verdicts(world.does(ALICE, direct))).toEqual(['no-such-nick']);
  });

  test('that is not there reads nothing', () => {
    const world = World.withTwo();
    expect([world.state.canRead(BOB, 'lobby'), world.state.canRead(CAROL, 'lobby')]).toEqual([true, false]);
  });
});

test('a cluster that is full of others lets operators in, who can make room', () => {
  const world = new World({ sessions: 2, nicks: 2 }).governedBy(CAROL);
  expect([refused(world, ALICE, 'a'), refused(world, BOB, 'b'), refused(world, id(1), 'd')]).toEqual([
    '',
    '',
    'too-many-sessions',
  ]);
  expect(refused(world, CAROL, 'carol')).toBe('');
  world.does(CAROL, { type: 'access', mode: 'listed' });
  expect([...world.state.sessions.keys()]).toEqual([CAROL]);
});

describe('who is let in', () => {
  test('where it is by a list: those on it, operators and the unlimited', () => {
    const world = new World();
    const [operators, listed, unlimited] = [[keyFor(ALICE)], [keyFor(BOB)], [keyFor(id(1))]];
    world.apply({ type: 'access', rules: { mode: 'listed', operators, listed, unlimited } });
    const who = [ALICE, BOB, id(1), CAROL];
    expect(who.map((session, at) => refused(world, session, `n${at}`))).toEqual(['', '', '', 'not-listed']);
    world.does(ALICE, rule('admit', keyFor(CAROL)));
    expect(refused(world, CAROL, 'carol')).toBe('');
    const expelled = world.does(ALICE, rule('expel', 'n1', 'away with you'));
    expect(expelled.closed.map(({ session, refusal }) => [session, refusal.code])).toEqual([[BOB, 'not-listed']]);
    expect(refused(world, BOB, 'bob')).toBe('not-listed');
    // The later word counts.
    world.does(ALICE, rule('admit', keyFor(BOB)));
    expect(refused(world, BOB, 'bob')).toBe('');
    world.does(ALICE, rule('expel', keyFor(BOB)));
    expect(refused(world, BOB, 'bob')).toBe('not-listed');
  });

  test('an operator changes it, until the configuration says something else', () => {
    const world = governed();
    const listed = world.does(ALICE, { type: 'access', mode: 'listed' });
    expect(listed.closed.map(({ session }) => session)).toEqual([BOB]);
    world.governedBy(ALICE);
    expect(refused(world, CAROL, 'carol')).toBe('not-listed');
    const rules = { ...OPEN_TO_ALL, operators: [keyFor(ALICE)] };
    world.apply({ type: 'access', rules: { ...rules, mode: 'listed' } }, { type: 'access', rules });
    expect(refused(world, CAROL, 'carol')).toBe('');
  });

  test('who is banned is not, is told why, and all sessions end', () => {
    const world = governed();
    world.open(CAROL, 'carol', { key: keyFor(BOB) });
    const applied = world.does(ALICE, rule('ban', 'bob', 'spam'));
    expect(told(applied)).toEqual([
      'quit lobby bob: was banned by alice: spam',
      `audit ${AUDIT} alice: banned bob (${keyFor(BOB)}): spam, by ${keyFor(ALICE)}`,
    ]);
    // Who is banned has no nicks to keep from others, and none of them hears of the others' end.
    expect(applied.audiences[0]).toEqual([ALICE]);
    expect(world.state.claims.of('bob')).toBeUndefined();
    const refusal = { code: 'banned', message: 'you are banned by alice: spam' };
    expect(applied.closed).toEqual([BOB, CAROL].map((session) => ({ session, refusal })));
    expect(world.open(BOB, 'bob').opened[0]?.refusal).toEqual({ ...refusal, nick: 'bob' });
    const key = keyFor(BOB);
    expect(verdicts(world.does(ALICE, pardon('ban', key), pardon('ban', key)))).toEqual(['ok', 'no-such-person']);
    expect(refused(world, BOB, 'bob')).toBe('');
  });
});

describe('operators', () => {
  const commands: readonly OperatorCommand[] = [
    { type: 'kick', room: 'lobby', who: 'alice', text: '' },
    { type: 'rule', ruling: 'ban', who: 'alice', text: '' },
    { type: 'pardon', ruling: 'ban', who: 'alice', text: '' },
    { type: 'shut', room: 'lobby', text: '' },
    { type: 'reopen', room: 'lobby', text: '' },
    { type: 'slow', room: 'lobby', pauseMs: 1000 },
    { type: 'access', mode: 'listed' },
    { type: 'strip', nick: 'alice', text: '' },
  ];

  test.each(commands)('only may $type', (command) => {
    const world = governed();
    const before = [world.state.people.image(), [...world.state.claims], world.state.roomsByKey.get('lobby')];
    const plain = structuredClone(before);
    const applied = world.does(BOB, command);
    expect([verdicts(applied), applied.events]).toEqual([['not-operator'], []]);
    const after = [world.state.people.image(), [...world.state.claims], world.state.roomsByKey.get('lobby')];
    expect(structuredClone(after)).toEqual(plain);
  });

  test('are safe from each other', () => {
    const world = governed();
    for (const ruling of ['ban', 'mute', 'expel'] as const) {
      expect(verdicts(world.does(ALICE, rule(ruling, 'alice')))).toEqual(['is-operator']);
    }
  });

  test('take somebody out of a room, who may come back', () => {
    const world = governed();
    const applied = world.does(ALICE, { type: 'kick', room: '#Lobby', who: 'BOB', text: 'cool down' });
    expect(told(applied).slice(0, 1)).toEqual(['kick lobby bob: alice: cool down']);
    expect(applied.audiences[0]).toEqual([ALICE, BOB]);
    expect(verdicts(world.say(BOB, 'lobby', 'hey'))).toEqual(['not-in-room']);
    expect(verdicts(world.join(BOB, 'lobby'))).toEqual(['ok']);
    const nobody: Command = { type: 'kick', room: 'lobby', who: 'carol', text: '' };
    const nowhere: Command = { type: 'kick', room: 'attic', who: 'bob', text: '' };
    expect(verdicts(world.does(ALICE, nobody, nowhere))).toEqual(['no-such-person', 'bad-room']);
  });

  test('outlive what others decided of them before', () => {
    const world = governed();
    world.does(ALICE, rule('ban', 'bob'), rule('mute', keyFor(BOB)));
    expect(refused(world, BOB, 'bob')).toBe('banned');
    world.governedBy(BOB);
    expect(refused(world, BOB, 'bob')).toBe('');
  });

  test('take a nick away from whoever has it', () => {
    const world = governed();
    expect(told(world.does(ALICE, { type: 'strip', nick: 'BOB', text: 'not yours' }))).toEqual([
      'nick lobby bob: bob_2',
      `audit ${AUDIT} alice: took the nick bob from ${keyFor(BOB)}: not yours, by ${keyFor(ALICE)}`,
    ]);
    expect(verdicts(world.does(ALICE, { type: 'strip', nick: 'bob', text: '' }))).toEqual(['no-such-person']);
    expect(refused(world, CAROL, 'bob')).toBe('');
  });

  test('mute a person, who can say nothing anywhere, and hears that', () => {
    const world = governed();
    expect(told(world.does(ALICE, rule('mute', 'bob', 'enough'))).slice(0, 1)).toEqual([
      'mute lobby bob: alice: enough',
    ]);
    const topic: Command = { type: 'topic', room: 'lobby', text: 'x' };
    const direct: Command = { type: 'direct', nick: 'alice', text: 'x', action: false };
    const others: readonly Command[] = [
      { type: 'away', text: 'x' },
      { type: 'nick', nick: 'x' },
      { type: 'retain', room: 'lobby', ageMs: 1, count: 1, bytes: 1 },
    ];
    for (const command of [say('lobby', 'x'), topic, direct, ...others]) {
      expect(verdicts(world.does(BOB, command))).toEqual(['muted']);
    }
    expect(told(world.does(BOB, { type: 'leave', room: 'lobby', text: 'x' }))).toEqual(['leave lobby bob']);
    expect(verdicts(world.join(BOB, 'lobby'))).toEqual(['ok']);
    expect(told(world.does(ALICE, pardon('mute', 'bob'))).slice(0, 1)).toEqual(['unmute lobby bob: alice']);
    expect(verdicts(world.say(BOB, 'lobby', 'x'))).toEqual(['ok']);
  });

  test('close a room: nobody is in it, and nobody comes in until it is open again', () => {
    const world = governed();
    const applied = world.does(ALICE, { type: 'shut', room: 'lobby', text: 'off topic' });
    expect(told(applied)[0]).toBe('shut lobby alice: off topic');
    expect(applied.audiences[0]).toEqual([ALICE, BOB]);
    expect(verdicts(world.say(BOB, 'lobby', 'x'))).toEqual(['not-in-room']);
    expect(verdicts(world.join(BOB, 'lobby'))).toEqual(['room-shut']);
    // What was said before can be read.
    expect(world.state.readable(BOB, 0).map(({ room }) => room)).toEqual(['lobby']);
    world.does(ALICE, { type: 'reopen', room: 'lobby', text: '' });
    expect(verdicts(world.join(BOB, 'lobby'))).toEqual(['ok']);
  });

  test('slow a room down: each person says one thing in so long, operators as much as they like', () => {
    const world = governed();
    world.open(CAROL, 'carol', { key: keyFor(BOB) });
    world.join(CAROL, 'lobby');
    const applied = world.does(ALICE, { type: 'slow', room: 'lobby', pauseMs: 10_000 });
    expect(told(applied)[0]).toBe('slow lobby alice: once in 10 s');
    expect(verdicts(world.does(ALICE, say('lobby', 'x'), say('lobby', 'y')))).toEqual(['ok', 'ok']);
    expect(verdicts(world.does(BOB, say('lobby', 'x'), say('lobby', 'y')))).toEqual(['ok', 'slow-mode']);
    world.timeMs += 4000;
    const early = world.does(CAROL, say('lobby', 'x'));
    expect(early.outcomes[0]?.refusal?.message).toBe('#lobby is slow: one post in 10 s; 6 s to go');
    world.timeMs += 6000;
    expect(verdicts(world.does(CAROL, say('lobby', 'x')))).toEqual(['ok']);
    expect(world.state.roomsByKey.get('lobby')?.spoke).toEqual([{ key: keyFor(BOB), time: 10_000 }]);
    // Nor otherwise.
    const topic: Command = { type: 'topic', room: 'lobby', text: 'x' };
    const away: Command = { type: 'away', text: 'x' };
    expect(verdicts(world.does(CAROL, topic, away))).toEqual(['slow-mode', 'slow-mode']);
    expect(told(world.does(CAROL, { type: 'close', text: 'x' }))).toEqual(['quit lobby carol']);
    world.does(ALICE, { type: 'slow', room: 'lobby', pauseMs: 0 });
    expect(verdicts(world.does(BOB, say('lobby', 'x'), say('lobby', 'y')))).toEqual(['ok', 'ok']);
  });

  test('make so many rulings only', () => {
    const world = governed({ rulings: 2 });
    world.does(ALICE, rule('ban', keyFor(id(1))), rule('mute', keyFor(id(1))));
    const more = world.does(ALICE, rule('ban', keyFor(id(2))), rule('ban', keyFor(id(1)), 'for another reason'));
    expect(verdicts(more)).toEqual(['too-many-rulings', 'ok']);
    // One that takes the place of another one is not one more.
    world.does(ALICE, pardon('mute', keyFor(id(1))), rule('admit', keyFor(id(1))));
    expect(verdicts(world.does(ALICE, rule('expel', keyFor(id(1)))))).toEqual(['ok']);
  });

  test('find what all of them did in a room that nobody else can read, in order, counted', () => {
    const world = governed();
    world.does(ALICE, { type: 'slow', room: 'lobby', pauseMs: 1000 }, rule('mute', 'bob'), rule('mute', 'nobody'));
    const by = `by ${keyFor(ALICE)}`;
    expect(audited(world)).toEqual([
      `configuration access open; operators ${keyFor(ALICE)}; 0 listed, 0 unlimited`,
      `alice posts in #lobby: once in 1 s, ${by}`,
      `alice muted bob (${keyFor(BOB)}), ${by}`,
    ]);
    expect(world.history.filter(({ kind }) => kind === 'audit').map(({ index }) => index)).toEqual([1, 2, 3]);
    const { state } = world;
    expect([state.resolveRoom(ALICE, AUDIT), state.canRead(ALICE, AUDIT), state.canRead(BOB, AUDIT)]).toEqual([
      AUDIT,
      true,
      false,
    ]);
    expect(state.rooms().map(({ name }) => name)).toEqual(['lobby']);
    expect(verdicts(world.join(BOB, AUDIT))).toEqual(['bad-room']);
  });
});

test('a nick finds the person who has it, not one who is called alike', () => {
  const world = governed();
  expect(verdicts(world.does(ALICE, rule('ban', 'b0b')))).toEqual(['no-such-person']);
  world.does(BOB, { type: 'close', text: '' });
  expect(verdicts(world.does(ALICE, rule('ban', 'Bob')))).toEqual(['ok']);
});

test('to end the sessions of thousands, or a room of theirs, takes no longer for each of them', () => {
  const many = { sessions: 5000, nicks: 5000, roomsPerSession: 3 };
  const world = new World(many).governedBy(ALICE);
  world.open(ALICE, 'alice');
  for (let number = 1; number <= 3000; number += 1) {
    world.open(id(number + 100), `n${number}`);
    world.join(id(number + 100), 'lobby');
  }
  const listed = world.does(ALICE, { type: 'access', mode: 'listed' });
  expect(listed.closed).toHaveLength(3000);
  // Nobody is left to be told.
  expect(listed.audiences.every((audience) => audience.length === 0)).toBe(true);
});

test('a snapshot has it all', () => {
  const world = governed();
  world.does(ALICE, rule('ban', keyFor(CAROL), 'why'), rule('admit', keyFor(id(1))), {
    type: 'access',
    mode: 'listed',
  });
  world.does(ALICE, { type: 'shut', room: 'lobby', text: '' }, { type: 'join', room: 'attic' });
  world.does(ALICE, { type: 'slow', room: 'attic', pauseMs: 5000 });
  const walk = world.state.beginSnapshot();
  const chunks: unknown[] = [];
  for (let chunk = walk.next(2); chunk !== undefined; chunk = walk.next(2)) chunks.push(chunk);
  const restored = ChatState.restore(chunks);
  expect(restored.fullDigest()).toBe(world.state.fullDigest());
  expect(restored.people.image()).toEqual(world.state.people.image());
  expect([...restored.claims]).toEqual([...world.state.claims]);
  // And the digest of it all tells when it is not.
  for (const [kind, field] of [
    ['rulings', 4],
    ['claims', 1],
  ] as const) {
    const other = structuredClone(chunks) as [number, string, string[][]][];
    (other.find(([, what]) => what === kind)?.[2][0] as string[])[field] = keyFor(id(7));
    expect(ChatState.restore(other).fullDigest()).not.toBe(world.state.fullDigest());
  }
});

test('one can look up one\u2019s nicks, whose a nick is, and operators what was decided', () => {
  const world = governed();
  world.does(BOB, { type: 'nick', nick: 'robert' });
  world.does(BOB, { type: 'give', nick: 'bob', to: 'alice' });
  const shown = (rows: readonly { name: string; text: string }[] = []) =>
    rows.map(({ name, text }) => `${name} ${text}`);
  expect(shown(nicksOf(world.state, keyFor(BOB)))).toEqual(['robert ', `bob offered to ${keyFor(ALICE)}`]);
  expect(shown(nicksOf(world.state, keyFor(ALICE)))).toEqual(['alice ', 'bob offered to you: /nick takes it']);
  expect(shown(world.state.whois('BOB'))).toEqual(['nick bob', `key ${keyFor(BOB)}`, 'state not here']);
  world.does(ALICE, rule('mute', 'robert', 'why'), { type: 'access', mode: 'listed' });
  expect(shown(rulingsOf(world.state))).toEqual([
    'access listed',
    `operator ${keyFor(ALICE)}`,
    `mute robert (${keyFor(BOB)}), by alice: why`,
  ]);
});
