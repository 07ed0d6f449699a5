import { runOf } from '../../src/chat/event-runs';
import { eventsIn, line, requestsIn, Script } from './script';

const ASKED = { type: 'search', room: 'lobby', text: 'tea', limit: 3 } as const;

function searching(): Script {
  const script = new Script().online();
  script.look();
  return script.did(
    script.session.ask({ type: 'search', room: 'lobby', text: 'tea', before: 0, limit: 3 }, script.nowMs),
  );
}

test('a search goes on until it has what was asked for, or all is searched', () => {
  const script = searching();
  expect(requestsIn(script.look(), 'search')).toEqual([{ ...ASKED, id: 1, before: 0 }]);
  const second = script.says({ type: 'found', id: 1, runs: [runOf(line(90, 80))], before: 70 }).look();
  expect(eventsIn(second, 'found')).toEqual([]);
  expect(requestsIn(second, 'search')).toEqual([{ ...ASKED, id: 2, before: 70, limit: 2 }]);
  const third = script.says({ type: 'found', id: 2, runs: [], before: 20 }).look();
  expect(requestsIn(third, 'search')).toEqual([{ ...ASKED, id: 3, before: 20, limit: 2 }]);
  const ended = script.says({ type: 'found', id: 3, runs: [runOf(line(8, 7)), runOf(line(9, 8))], before: 7 }).look();
  expect(requestsIn(ended, 'search')).toEqual([]);
  expect(eventsIn(ended, 'found')).toMatchObject([
    { room: 'lobby', text: 'tea', lines: [{ index: 7 }, { index: 8 }, { index: 80 }], before: 7 },
  ]);
  expect(script.session.unanswered).toBe(0);
});

test('its question is asked again after a move, and an answer that comes twice counts once', () => {
  const script = searching().attached(2, 'moved').welcome();
  expect(requestsIn(script.look(), 'search')).toHaveLength(2);
  const answer = { type: 'found', id: 1, runs: [runOf(line(9, 8))], before: 0 } as const;
  expect(eventsIn(script.says(answer).says(answer).look(), 'found')).toHaveLength(1);
});

test('a room that is not there ends it with an error', () => {
  const script = searching();
  script.look();
  const told = script.says({ type: 'error', id: 1, seq: 0, code: 'no-such-room', message: 'there is no room lobby' });
  expect(eventsIn(told.look(), 'error')).toMatchObject([{ code: 'no-such-room' }]);
  expect(script.session.unanswered).toBe(0);
});

test('a text that cannot be put on the wire is refused here', () => {
  const script = new Script().online();
  script.look();
  for (const text of ['x'.repeat(501), 'half a character: \ud800']) {
    const effects = script.session.ask(
      { type: 'search', room: 'lobby', text: text, before: 0, limit: 3 },
      script.nowMs,
    );
    expect(eventsIn(effects, 'error')).toMatchObject([{ code: 'bad-text' }]);
    expect(requestsIn(effects, 'search')).toEqual([]);
  }
});
