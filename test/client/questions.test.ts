import { eventsIn, groupsIn, ownJoin, requestsIn, Script } from './script';

describe('questions', () => {
  const names = (script: Script) =>
    script.did(script.session.ask({ type: 'query', what: 'names', name: 'garden' }, script.nowMs));

  test('wait until the changes made before them have an outcome', () => {
    const script = new Script().online();
    script.command({ type: 'join', room: 'garden' }).flush();
    script.post('a line');
    expect(requestsIn(names(script).look(), 'query')).toEqual([]);
    expect(requestsIn(script.pass(10_000).look(), 'query')).toEqual([]);
    expect(requestsIn(script.acks(1, 1, 1).look(), 'query')).toEqual([
      { type: 'query', id: 1, what: 'names', name: 'garden' },
    ]);
    expect(requestsIn(script.acks(2, 1, 2).look(), 'query')).toEqual([]);
  });

  test('do not wait for lines', () => {
    const script = new Script().online().post('a line');
    expect(requestsIn(names(script).look(), 'query')).toHaveLength(1);
  });

  test('go on when what they waited for was refused', () => {
    const script = new Script().online();
    script.command({ type: 'nick', nick: 'root' }).flush();
    names(script).look();
    script.says({ type: 'failed', seq: 1, code: 'nick-in-use', message: 'root is here already', round: 1 });
    expect(requestsIn(script.look(), 'query')).toHaveLength(1);
  });

  test('of a session that is gone wait for the rooms of the next one', () => {
    const script = new Script().online();
    script.command({ type: 'join', room: 'garden' }).flush();
    script.acks(1, 1, 1).deliver(ownJoin(1, 0, 'garden'));
    script.command({ type: 'topic', room: 'garden', text: 'roses' }).flush();
    names(script);
    script.refused('session-gone');
    expect(requestsIn(script.welcome().look(), 'query')).toEqual([]);
    const [rejoin] = groupsIn(script.pass(4000).look());
    expect(requestsIn(script.acks(1, rejoin?.texts.length ?? 0, 1).look(), 'query')).toHaveLength(1);
  });

  test('are asked again of another server, and when no answer comes', () => {
    const script = new Script().online();
    expect(requestsIn(names(script).look(), 'query')).toHaveLength(1);
    expect(requestsIn(script.pass(4000).look(), 'query')).toHaveLength(1);
    expect(requestsIn(script.attached(2, 'moved').welcome({ server: 2 }).look(), 'query')).toHaveLength(1);
  });

  test('how the servers are is asked while none can open a session, out of turn, and again; the rest waits', () => {
    const script = new Script().attached(1);
    script.look();
    for (const what of ['rooms', 'nicks', 'rulings', 'markers'] as const) script.ask({ type: 'query', what, name: '' });
    script.ask({ type: 'cluster' });
    const asked = script.look();
    expect([requestsIn(asked, 'query'), requestsIn(asked, 'cluster')]).toMatchObject([[], [{ id: 5 }]]);
    expect(requestsIn(script.pass(4000).look(), 'cluster')).toHaveLength(1);
    expect(requestsIn(script.attached(2, 'lost').look(), 'cluster')).toHaveLength(1);
    const ballot = { counter: 0, server: 0 };
    script.says({ type: 'cluster', id: 5, server: 2, ballot, servers: [] });
    expect(eventsIn(script.look(), 'cluster')).toMatchObject([{ server: 2, leader: 0 }]);
    expect(requestsIn(script.welcome({ server: 2 }).look(), 'query')).toHaveLength(4);
  });

  test('what they were asked with comes back with the answer, and with the error', () => {
    const script = new Script().online();
    const origin = { id: 'q', line: 7 };
    for (const room of ['one', 'two'])
      script.did(script.session.ask({ type: 'history', room: room, before: 0, limit: 5 }, script.nowMs, origin));
    script.did(script.session.ask({ type: 'query', what: 'rooms', name: '' }, script.nowMs, origin));
    script.did(
      script.session.ask({ type: 'search', room: 'one', text: 'tea', before: 0, limit: 3 }, script.nowMs, origin),
    );
    script.look();
    const told = script
      .says({ type: 'history', id: 1, room: 'one', runs: [], more: false })
      .says({ type: 'error', id: 2, seq: 0, code: 'no-such-room', message: 'no' })
      .says({ type: 'answer', id: 3, rows: [] })
      .says({ type: 'found', id: 4, runs: [], before: 0 })
      .look();
    expect(told.flatMap((effect) => (effect.type === 'event' ? [effect.event] : []))).toMatchObject([
      { type: 'history', id: 'q' },
      { type: 'error', id: 'q', line: 7 },
      { type: 'answer', id: 'q' },
      { type: 'found', id: 'q' },
    ]);
  });

  test('are sent a few at a time, in their order, the next one with each answer', () => {
    const script = new Script().online();
    for (let room = 1; room <= 7; room += 1) names(script);
    const ids = () => requestsIn(script.look(), 'query').map(({ id }) => id);
    expect(ids()).toEqual([1, 2, 3, 4]);
    script.says({ type: 'answer', id: 2, rows: [] });
    expect(ids()).toEqual([5]);
    script.says({ type: 'error', id: 1, seq: 0, code: 'not-found', message: 'no' });
    expect(ids()).toEqual([6]);
    script.attached(2, 'moved').welcome({ server: 2 });
    expect(ids()).toEqual([3, 4, 5, 6]);
  });

  test('that the server did not take are asked again, and nobody is told', () => {
    const script = new Script().online();
    names(script).look();
    script.says({ type: 'error', id: 1, seq: 0, code: 'too-many-questions', message: 'no' });
    expect(script.look()).toEqual([]);
    expect(requestsIn(script.pass(4000).look(), 'query')).toHaveLength(1);
  });
});
