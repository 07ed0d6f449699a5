import { runOf } from '../../src/chat/event-runs';
import { eventsIn, line, ownJoin, requestsIn, Script, SESSION } from './script';

describe('reading', () => {
  test('an event that was seen is not shown again', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), line(2, 1));
    script.look();
    const shown = script.deliver(line(2, 1), line(3, 2)).look();
    expect(eventsIn(shown, 'message').map(({ index }) => index)).toEqual([2]);
  });

  test('something did not come: reads from the last position, and shows nothing until that is there', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), line(2, 1));
    script.look();
    const gap = script.loses().deliver(line(4, 3)).look();
    expect(requestsIn(gap, 'read')).toEqual([{ type: 'read', after: 2 }]);
    expect(eventsIn(gap, 'message')).toEqual([]);
    expect(eventsIn(script.deliver(line(5, 4)).look(), 'message')).toEqual([]);
    const events = [line(3, 2), line(4, 3), line(5, 4)];
    const filled = script.page({ after: 2, through: 5, live: true, events }).deliver(line(6, 5)).look();
    expect(eventsIn(filled, 'message').map(({ index }) => index)).toEqual([2, 3, 4, 5]);
  });

  test('a line of one room is missed before a line of another one is shown', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), ownJoin(2, 0, 'attic'));
    script.look();
    const gap = script
      .loses()
      .deliver(line(4, 1, { room: 'attic' }))
      .look();
    expect(eventsIn(gap, 'message')).toEqual([]);
    expect(requestsIn(gap, 'read')).toEqual([{ type: 'read', after: 2 }]);
  });

  test('a sign of life shows that the last line was lost', () => {
    const script = new Script().online();
    script.look();
    expect(requestsIn(script.says({ type: 'alive' }).look(), 'read')).toEqual([]);
    expect(requestsIn(script.loses().says({ type: 'alive' }).look(), 'read')).toEqual([{ type: 'read', after: 0 }]);
  });

  test('a page with everything that was missed needs no other one', () => {
    const script = new Script().online();
    script.look();
    script.loses().page({ after: 0, through: 1, live: true, events: [ownJoin(1, 0)] });
    script.look();
    expect(eventsIn(script.deliver(line(2, 1)).look(), 'message')).toMatchObject([{ index: 1 }]);
  });

  test('a read without an answer is asked again', () => {
    const script = new Script().attached(1).welcome();
    script.look();
    expect(requestsIn(script.pass(4000).look(), 'read')).toEqual([{ type: 'read', after: 0 }]);
  });

  test('an answer to a read that was asked twice, not at the end any more, is read on', () => {
    const script = new Script().online();
    script.look();
    // The server took the second one later, and holds back what happens until its last page is read.
    const page = script.page({ after: 0, through: 500, live: false }).look();
    expect(requestsIn(page, 'read')).toEqual([{ type: 'read', after: 500 }]);
  });

  test('what comes a second time, or late, leads to no other reading', () => {
    const script = new Script().attached(1).welcome();
    script.look();
    const first = script.page({ after: 0, through: 500, live: false }).look();
    expect(requestsIn(first, 'read')).toEqual([{ type: 'read', after: 500 }]);
    expect(requestsIn(script.page({ after: 0, through: 500, live: false }).look(), 'read')).toEqual([]);
    script.page({ after: 500, through: 501, live: true, events: [ownJoin(501, 0)] });
    script.look();
    const again = script.again().deliver(line(502, 1)).look();
    expect(requestsIn(again, 'read')).toEqual([]);
    expect(eventsIn(again, 'message').map(({ index }) => index)).toEqual([1]);
    expect(requestsIn(script.deliver(line(503, 2)).look(), 'read')).toEqual([]);
  });

  test('a page that was overtaken by a delivery does not make it live: that delivery was not taken', () => {
    const script = new Script().attached(1).welcome();
    script.look();
    script.loses().deliver(line(3, 2));
    const late = script.late({ after: 0, through: 2, live: true, events: [ownJoin(1, 0), line(2, 1)] }, 1).look();
    expect(requestsIn(late, 'read')).toEqual([{ type: 'read', after: 2 }]);
    expect(eventsIn(script.deliver(line(4, 3)).look(), 'message')).toEqual([]);
    const events = [line(3, 2), line(4, 3)];
    const rest = script.page({ after: 2, through: 4, live: true, events }).look();
    expect(eventsIn(rest, 'message').map(({ index }) => index)).toEqual([2, 3]);
  });

  test('a page that leaves something out is not taken', () => {
    const script = new Script().online();
    script.look();
    expect(script.page({ after: 5, through: 9, live: true, events: [line(6, 1)] }).look()).toEqual([]);
  });

  test('its own line was acknowledged and never came: reads it', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0)).post('a').acks(1, 1, 2);
    script.look();
    expect(requestsIn(script.pass(4000).look(), 'read')).toEqual([{ type: 'read', after: 1 }]);
    script.page({ after: 1, through: 2, live: true, events: [line(2, 1, { session: SESSION })] });
    script.look();
    expect(requestsIn(script.pass(60_000).look(), 'read')).toEqual([]);
  });
});

describe('the past', () => {
  test('a room that is joined shows its last lines first, and all other rooms wait for them', () => {
    const script = new Script({ history: 2 }).online();
    script.deliver(ownJoin(1, 0, 'quiet'));
    script.look();
    const joined = script.deliver(ownJoin(20, 7), line(21, 1, { room: 'quiet' })).look();
    const [history] = requestsIn(joined, 'history');
    expect(history).toMatchObject({ room: 'lobby', before: 8, limit: 2 });
    expect(eventsIn(joined, 'message')).toEqual([]);
    const answer = { type: 'history', id: history?.id ?? 0, room: 'lobby', more: true } as const;
    const events = [line(9, 6), line(10, 6, { kind: 'join' }), line(12, 7), line(20, 7, { kind: 'join' })];
    const shown = script.says({ ...answer, runs: events.map(runOf) }).look();
    expect(
      shown.map((effect) => effect.type === 'event' && 'position' in effect.event && effect.event.position),
    ).toEqual([9, 12, 20, 21]);
    expect(eventsIn(shown, 'message').map(({ earlier }) => earlier)).toEqual([true, true, undefined]);
  });

  test('history that is asked for comes as it is, and is asked again elsewhere', () => {
    const script = new Script().online();
    script.look();
    const ask = () =>
      script.did(script.session.ask({ type: 'history', room: 'lobby', before: 5, limit: 10 }, script.nowMs)).look();
    expect(requestsIn(ask(), 'history')).toEqual([{ type: 'history', id: 1, room: 'lobby', before: 5, limit: 10 }]);
    script.attached(2, 'moved');
    expect(requestsIn(script.welcome().look(), 'history')).toMatchObject([{ id: 1 }]);
    const answer = { type: 'history', id: 1, room: 'lobby', runs: [runOf(line(3, 4))], more: false } as const;
    expect(eventsIn(script.says(answer).look(), 'history')).toMatchObject([
      { room: 'lobby', more: false, lines: [{ index: 4 }] },
    ]);
    expect(script.says(answer).look()).toEqual([]);
  });

  test('a room whose earlier lines cannot be had is shown without', () => {
    const script = new Script({ history: 5 }).online();
    script.deliver(ownJoin(20, 7));
    script.look();
    const failed = script.says({ type: 'error', id: 1, seq: 0, code: 'no-such-room', message: 'none' }).look();
    expect(eventsIn(failed, 'presence')).toMatchObject([{ event: 'join' }]);
    expect(eventsIn(failed, 'error')).toEqual([]);
  });

  test('a question that fails is told', () => {
    const script = new Script().online();
    script.did(script.session.ask({ type: 'query', what: 'whois', name: 'nobody' }, 0));
    script.look();
    const failed = script.says({ type: 'error', id: 1, seq: 0, code: 'not-found', message: 'there is no nobody' });
    expect(eventsIn(failed.look(), 'error')).toEqual([
      { type: 'error', code: 'not-found', message: 'there is no nobody' },
    ]);
    expect(script.session.unanswered).toBe(0);
  });

  test('a name that is none is not asked for', () => {
    const script = new Script().online();
    script.look();
    const asked = script.did(script.session.ask({ type: 'query', what: 'names', name: 'n'.repeat(300) }, 0)).look();
    expect(eventsIn(asked, 'error')).toMatchObject([{ code: 'not-found' }]);
    expect(requestsIn(asked, 'query')).toEqual([]);
  });
});
