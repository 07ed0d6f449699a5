/** Lines that were sent in a session which is gone: the history of their room says whether they were said. */
import { runOf } from '../../src/chat/event-runs';
import { MAX_DOUBT_PAGES } from '../../src/client/limits';
import type { WireEvent } from '../../src/wire/client';
import { eventsIn, line, NEXT_SESSION, ownJoin, requestsIn, Script, SESSION } from './script';

/** Two lines were sent, everything up to position 5 was seen, and the session is gone. */
function gone(): Script {
  const script = new Script().online();
  script.deliver(ownJoin(1, 0), line(5, 1)).post('a', 'b').attached(2, 'moved').refused('session-gone');
  script.welcome({ position: 30 }).acks(1, 1, 31).look();
  return script;
}

/** What was asked of the lobby, and the answer to it. */
function answer(script: Script, ...events: readonly WireEvent[]) {
  const { id } = question(script);
  return script.says({ type: 'history', id, room: 'lobby', runs: events.map(runOf), more: true }).look();
}

function question(script: Script) {
  const asked = requestsIn(script.pass(60_000).look(), 'history')[0];
  if (!asked) throw new Error('nothing was asked');
  return asked;
}

const said = (position: number, index: number, seq: number) => line(position, index, { session: SESSION, seq });

function told(effects: ReturnType<typeof answer>) {
  const acks = eventsIn(effects, 'ack').map(({ id, position }) => [id, position]);
  return [...acks, ...eventsIn(effects, 'error').map(({ id, code }) => [id, code])];
}

test('what is there was said, what is not there though all since is there was not', () => {
  const script = gone();
  expect(question(script)).toMatchObject({ room: 'lobby', before: 0 });
  const effects = answer(script, line(5, 1), said(7, 2, 1), line(20, 3));
  expect(told(effects)).toEqual([
    ['a', 7],
    ['b', 'not-posted'],
  ]);
  expect(eventsIn(effects, 'history')).toEqual([]);
  expect(script.session.unconfirmed).toBe(0);
});

test('a line of another session with the same sequence is another one', () => {
  const effects = answer(gone(), ownJoin(1, 0), line(8, 1, { session: NEXT_SESSION, seq: 1 }));
  expect(told(effects)).toEqual([
    ['a', 'not-posted'],
    ['b', 'not-posted'],
  ]);
});

test('as long as a page does not reach far enough, the one before it is asked for', () => {
  const script = gone();
  expect(told(answer(script, line(20, 9), said(21, 10, 2)))).toEqual([['b', 21]]);
  expect(question(script)).toMatchObject({ before: 9 });
  expect(told(answer(script, line(6, 2, { kind: 'leave' }), line(7, 3)))).toEqual([]);
  // A leaving has the index of the line before it, which is to be seen too.
  expect(question(script)).toMatchObject({ before: 3 });
  expect(told(answer(script, line(4, 2)))).toEqual([['a', 'not-posted']]);
});

test('the first line of the room is far enough', () => {
  expect(told(answer(gone(), line(6, 1)))).toEqual([
    ['a', 'not-posted'],
    ['b', 'not-posted'],
  ]);
});

test('lines that the room does not keep any more settle nothing', () => {
  const script = gone();
  answer(script, line(20, 9));
  expect(told(answer(script))).toEqual([
    ['a', 'unconfirmed'],
    ['b', 'unconfirmed'],
  ]);
});

test('it does not look for ever', () => {
  const script = gone();
  for (let page = 1; page < MAX_DOUBT_PAGES; page += 1) {
    expect(told(answer(script, line(1000 - page, 1000 - page)))).toEqual([]);
  }
  expect(told(answer(script, line(900, 900)))).toHaveLength(2);
  expect(script.session.unanswered).toBe(0);
});

test('an error settles nothing, and is not told as one', () => {
  const script = gone();
  const { id } = question(script);
  const effects = script.says({ type: 'error', id, seq: 0, code: 'no-such-room', message: 'no' }).look();
  expect(told(effects)).toEqual([
    ['a', 'unconfirmed'],
    ['b', 'unconfirmed'],
  ]);
});

test('a session that is gone again before the answer: it is looked up once more', () => {
  const script = gone();
  script.refused('session-gone').welcome({ position: 40 }).look();
  script.acks(1, 1, 41).look();
  expect(told(answer(script, line(5, 1), said(7, 2, 1), said(8, 3, 2)))).toEqual([
    ['a', 7],
    ['b', 8],
  ]);
});

test('another log knows nothing of it', () => {
  const script = new Script().online();
  script.deliver(ownJoin(1, 0)).post('a').attached(2, 'moved').look();
  const effects = script.refused('other-birth').look();
  expect(told(effects)).toEqual([
    ['a', 'unconfirmed'],
    [undefined, 'other-birth'],
  ]);
  expect(script.session.unconfirmedLines).toBe(0);
});
