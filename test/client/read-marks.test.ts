/** How far somebody has read, as a session says it and is told of it. */

import type { SessionEffect } from '../../src/client/effects';
import { MAX_READ_MARKS, READ_MARK_MS, READ_MARKS_AT_ONCE } from '../../src/client/limits';
import { decodeGroup } from '../../src/wire/codec-batch';
import { eventsIn, line, requestsIn, Script } from './script';

/** What was said of it, in order. */
function readIn(effects: readonly SessionEffect[]): readonly string[] {
  return requestsIn(effects, 'submit').flatMap(({ group: bytes }) => {
    const group = decodeGroup(bytes);
    if ('bad' in group) throw new Error(group.bad);
    return group.commands.map((command) =>
      command.type === 'read' ? `${command.room} ${command.index}` : command.type,
    );
  });
}

/** Online, in silence: nothing but this is sent. */
function online(options: ConstructorParameters<typeof Script>[0] = {}): Script {
  const script = new Script(options).online();
  script.look();
  return script;
}

test('is said at once, then now and then, of each room only the newest place, and none twice', () => {
  const script = online({ limits: { resendMs: 600_000 } });
  for (const index of [1, 2]) script.session.markRead('lobby', index);
  expect(readIn(script.pass(100).look())).toEqual(['lobby 2']);
  for (const index of [2, 1, 3]) script.session.markRead('lobby', index);
  script.session.markRead('@bob', 7);
  script.session.markRead('lobby', 4);
  expect(readIn(script.pass(READ_MARK_MS - 100).look())).toEqual([]);
  expect(readIn(script.pass(100).look())).toEqual(['lobby 4', '@bob 7']);
  script.session.markRead('lobby', 4);
  expect(readIn(script.pass(10 * READ_MARK_MS).look())).toEqual([]);
});

test('of all rooms it is said together', () => {
  const script = online();
  const rooms = ['attic', 'cellar', 'garden', 'lobby'];
  for (const room of rooms) script.session.markRead(room, 5);
  expect(readIn(script.pass(100).look())).toEqual(rooms.map((room) => `${room} 5`));
});

test('what has no room now is said later, and only that', () => {
  const script = online({ limits: { queue: 2, resendMs: 600_000 } }).post('a');
  script.look();
  for (const room of ['attic', 'cellar']) script.session.markRead(room, 5);
  expect(readIn(script.pass(100).look())).toEqual(['attic 5']);
  script.acks(1, 2, 1);
  expect(readIn(script.pass(READ_MARK_MS).look())).toEqual(['cellar 5']);
});

test('waits for a server', () => {
  const script = new Script().attached(1);
  script.session.markRead('lobby', 1);
  expect(readIn(script.pass(1000).look())).toEqual([]);
  expect(readIn(script.welcome().pass(100).look())).toEqual(['lobby 1']);
});

test('nothing is told of it, it is no line, and no question waits for it', () => {
  const script = online();
  script.session.markRead('lobby', 1);
  script.pass(100);
  script.look();
  expect([script.session.unconfirmedLines, script.session.unconfirmed]).toEqual([0, 1]);
  expect(requestsIn(script.ask({ type: 'query', what: 'names', name: 'lobby' }).look(), 'query')).toHaveLength(1);
  script.says({ type: 'failed', seq: 1, code: 'not-in-room', message: 'no', round: 1 });
  expect(script.look().filter(({ type }) => type === 'event')).toEqual([]);
  expect(script.session.unconfirmed).toBe(0);
});

test('what is left is said before the session ends', () => {
  const script = online();
  script.session.markRead('lobby', 1);
  script.pass(100).look();
  for (const room of ['attic', 'cellar']) script.session.markRead(room, 1);
  expect(readIn(script.did(script.session.close('', script.nowMs)).look())).toEqual(['attic 1', 'cellar 1', 'close']);
});

test('waits while nothing more can be posted', () => {
  const script = online({ limits: { queue: 1, resendMs: 60_000 } }).post('a');
  script.session.markRead('lobby', 1);
  expect(eventsIn(script.pass(READ_MARK_MS).look(), 'error')).toEqual([]);
  expect(readIn(script.acks(1, 1, 1).pass(READ_MARK_MS).look())).toEqual(['lobby 1']);
});

test('is said again in the next session of this log, and not in that of another one', () => {
  for (const [code, expected] of [
    ['session-gone', ['lobby 3']],
    ['other-birth', []],
  ] as const) {
    const script = online();
    script.session.markRead('lobby', 3);
    script.pass(100);
    script.attached(2, 'moved').refused(code);
    script.look();
    const told = script.welcome().page({ after: 0, through: 0, live: true }).pass(READ_MARK_MS).look();
    expect([code, readIn(told)]).toEqual([code, expected]);
    expect(eventsIn(told, 'error')).toEqual([]);
  }
});

test('what had no room among what is under way is said once in the next session', () => {
  const script = online({ limits: { window: 1, resendMs: 60_000 } }).post('a');
  script.session.markRead('lobby', 3);
  script.pass(100);
  script.attached(2, 'moved').refused('session-gone').look();
  script.salts = 2;
  script.welcome().page({ after: 0, through: 0, live: true });
  const told: string[] = [];
  for (let seq = 1; seq <= 5; seq += 1) told.push(...readIn(script.acks(seq, 1, seq).pass(READ_MARK_MS).look()));
  expect(told.filter((what) => what === 'lobby 3')).toHaveLength(1);
});

test('what a process before this one left unsaid is said, and nothing is told of it either', () => {
  const first = online({ outbox: { kept: undefined } });
  first.session.markRead('lobby', 3);
  const kept = first
    .pass(100)
    .look()
    .flatMap((effect) => (effect.type === 'keep' ? [effect.kept] : []));
  const script = new Script({ outbox: { kept: kept.at(-1) } });
  script.salts = 1;
  const sent = script.attached(1).welcome().page({ after: 0, through: 0, live: true }).look();
  expect(readIn(sent)).toEqual(['lobby 3']);
  expect(requestsIn(script.ask({ type: 'query', what: 'names', name: 'lobby' }).look(), 'query')).toHaveLength(1);
  expect(eventsIn(script.acks(1, 1, 0).look(), 'ack')).toEqual([]);
  const gone = new Script({ outbox: { kept: kept.at(-1) } });
  gone.salts = 1;
  const told = gone.attached(1).refused('session-gone').look();
  expect(eventsIn(told, 'error').map(({ code }) => code)).toEqual(['session-gone']);
});

test('how many rooms wait is bounded, and of how many it is said at one time', () => {
  const script = online({ limits: { window: 512, queue: 512, resendMs: 600_000 } });
  for (let room = 0; room <= MAX_READ_MARKS; room += 1) script.session.markRead(`room${room}`, 1);
  const turns = Array(MAX_READ_MARKS / READ_MARKS_AT_ONCE).fill(READ_MARKS_AT_ONCE);
  const said = turns.map(() => readIn(script.pass(READ_MARK_MS).look()));
  expect(said.map(({ length }) => length)).toEqual(turns);
  expect([said.flat()[0], said.flat().at(-1)]).toEqual(['room1 1', `room${MAX_READ_MARKS} 1`]);
});

test('what is known of it comes as an event of its own', () => {
  const script = online();
  const [asked] = requestsIn(script.ask({ type: 'query', what: 'markers', name: '' }).look(), 'query');
  script.deliver(line(1, 1)).look();
  const rows = [
    { name: 'lobby', text: '', count: 4 },
    { name: '@bob', text: '', count: 1 },
  ];
  const told = script.says({ type: 'answer', id: asked?.id ?? 0, rows }).look();
  expect(told.filter(({ type }) => type === 'event')).toEqual([
    {
      type: 'event',
      event: {
        type: 'markers',
        markers: [
          { room: 'lobby', index: 4 },
          { room: '@bob', index: 1 },
        ],
      },
    },
  ]);
});
