import { eventsIn, framesIn, groupsIn, line, ownJoin, requestsIn, Script, SESSION, statesIn } from './script';

describe('finding a server', () => {
  test('says hello, opens where it is attached, reads to the end, and is online', () => {
    const script = new Script();
    expect(framesIn(script.look())).toEqual(['hello']);
    const [open] = requestsIn(script.attached(2).look(), 'open');
    expect(open).toMatchObject({ nick: 'alice', resume: false, position: 0, birth: '' });
    const welcomed = script.welcome({ server: 2, position: 7 }).look();
    expect(eventsIn(welcomed, 'welcome')).toEqual([
      { type: 'welcome', session: SESSION, server: 2, nick: 'alice', position: 7 },
    ]);
    expect(requestsIn(welcomed, 'read')).toEqual([{ type: 'read', after: 7 }]);
    expect(statesIn(script.page({ after: 7, through: 9, live: false }).look())).toEqual([]);
    expect(statesIn(script.page({ after: 9, through: 9, live: true }).look())).toEqual(['online 2']);
  });

  test('waits, and tells why', () => {
    const script = new Script();
    script.look();
    const waiting = script.frame({ type: 'wait', reason: 'starting', connected: 2, needed: 3 }).look();
    expect(eventsIn(waiting, 'status')).toEqual([
      { type: 'status', state: 'waiting', server: 0, reason: '2 of 3 servers connected' },
    ]);
    expect(
      eventsIn(script.frame({ type: 'wait', reason: 'starting', connected: 2, needed: 3 }).look(), 'status'),
    ).toEqual([]);
    expect(statesIn(script.frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 }).look())).toEqual([
      'no-majority 0',
    ]);
  });

  test('a waiting client keeps saying that it is there', () => {
    const script = new Script().frame({ type: 'wait', reason: 'starting', connected: 2, needed: 3 });
    script.look();
    expect(framesIn(script.pass(3000).look())).toEqual(['ping', 'ping', 'ping']);
  });

  test('a balancer that falls silent is looked for again, ever more rarely', () => {
    const script = new Script().socket('up').online();
    script.look();
    const lost = script.pass(5000, true).look();
    expect(statesIn(lost)).toEqual(['connecting 0']);
    expect(framesIn(lost).filter((type) => type === 'hello')).toHaveLength(1);
    const hellos = framesIn(script.pass(120_000, true).look());
    expect(new Set(hellos)).toEqual(new Set(['hello']));
    expect(hellos.length).toBeGreaterThan(3);
    expect(hellos.length).toBeLessThan(8);
  });

  test('says hello once after its connection came back, not into a connection that is down', () => {
    const script = new Script().socket('up').online();
    script.look();
    const down = script.socket('down').pass(20_000, true).look();
    expect(framesIn(down)).toEqual([]);
    expect(statesIn(down)[0]).toBe('connecting 0');
    expect(framesIn(script.socket('up').look())).toEqual(['hello']);
  });

  test('a hint about the connection that never comes does not keep it away', () => {
    const script = new Script();
    script.look();
    expect(framesIn(script.pass(120_000, true).look())).toContain('hello');
  });

  test('`unknown` makes it say hello again, once', () => {
    const script = new Script().online();
    script.look();
    expect(framesIn(script.frame({ type: 'unknown' }).look())).toEqual(['hello']);
    expect(framesIn(script.frame({ type: 'unknown' }).look())).toEqual([]);
  });

  test('an attachment that is told twice is opened once', () => {
    const script = new Script().attached(1);
    script.look();
    const frame = { type: 'attached', attachment: 1, server: 1, reason: 'new', cluster: 'test' } as const;
    expect(script.frame(frame).look()).toEqual([]);
  });

  test('an open without an answer is sent again', () => {
    const script = new Script().attached(1);
    script.look();
    expect(requestsIn(script.pass(4000).look(), 'open')).toHaveLength(1);
  });

  test('what is said on an earlier attachment is not heard', () => {
    const script = new Script().online();
    script.attached(2, 'moved');
    script.look();
    const stale = { type: 'deliver', events: [line(1, 1)] } as const;
    expect(script.did(script.session.onFrame({ type: 'data', attachment: 1, number: 2 }, stale, 0)).look()).toEqual([]);
  });

  test('a refusal by the balancer ends it', () => {
    const effects = new Script().frame({ type: 'refused', reason: 'this is cluster b, not a' }).look();
    expect(eventsIn(effects, 'error')).toEqual([
      { type: 'error', code: 'refused', message: 'this is cluster b, not a' },
    ]);
    expect(eventsIn(effects, 'ended')).toEqual([{ type: 'ended', status: 1 }]);
  });

  test('a nick that is taken ends it with status 1, and what was to be posted is not confirmed', () => {
    const script = new Script().post('never sent').attached(1);
    script.look();
    const effects = script.says({ type: 'refused', code: 'nick-in-use', message: 'alice is here already' }).look();
    expect(eventsIn(effects, 'error').map(({ code, id }) => [code, id])).toEqual([
      ['nick-in-use', undefined],
      ['unconfirmed', 'never sent'],
    ]);
    expect(eventsIn(effects, 'ended')).toEqual([{ type: 'ended', status: 1 }]);
    expect(script.session.ended).toBe(true);
    expect(eventsIn(script.post('late').look(), 'error')).toMatchObject([{ code: 'ended', id: 'late' }]);
  });
});

describe('posting', () => {
  test('posts of one turn leave in one group, and are acknowledged one by one', () => {
    const script = new Script().online();
    script.look();
    const sent = script.post('a', 'b', 'c').look();
    expect(groupsIn(sent)).toEqual([{ session: SESSION, firstSeq: 1, texts: ['a', 'b', 'c'] }]);
    expect(eventsIn(script.acks(1, 2, 11, 5).look(), 'ack')).toEqual([
      { type: 'ack', id: 'a', seq: 1, position: 11, round: 5 },
      { type: 'ack', id: 'b', seq: 2, position: 12, round: 5 },
    ]);
    expect(script.session.unconfirmed).toBe(1);
  });

  test('an acknowledgement that comes again, or for what was never sent, is ignored', () => {
    const script = new Script().online().post('a');
    script.acks(1, 1, 11);
    script.look();
    expect(script.acks(1, 1, 11).look()).toEqual([]);
    expect(eventsIn(script.acks(2, 1_000_000_000, 12).look(), 'ack')).toEqual([]);
    script.post('b');
    expect(script.session.unconfirmed).toBe(1);
  });

  test('a group has no more commands and bytes than it may', () => {
    const script = new Script().online();
    script.look();
    const many = script.post('1', '2', '3', '4', '5').look();
    expect(groupsIn(many).map(({ texts }) => texts)).toEqual([['1', '2', '3', '4'], ['5']]);
    script.acks(1, 5, 1).look();
    const wide = script.post('x'.repeat(499), 'y'.repeat(499), 'z'.repeat(400)).look();
    expect(groupsIn(wide).map(({ texts }) => texts.map((text) => text.length))).toEqual([[499], [499, 400]]);
  });

  test('no more than the window is on its way; acknowledgements make room', () => {
    const script = new Script().online();
    script.look();
    const texts = Array.from({ length: 12 }, (_, number) => `${number + 1}`);
    expect(groupsIn(script.post(...texts).look()).flatMap((group) => group.texts)).toEqual(texts.slice(0, 8));
    expect(groupsIn(script.acks(1, 2, 1).look())).toEqual([{ session: SESSION, firstSeq: 9, texts: ['9', '10'] }]);
    // The window reaches from the oldest without an outcome: a later one does not make room.
    expect(groupsIn(script.acks(4, 1, 4).look())).toEqual([]);
    expect(groupsIn(script.acks(3, 1, 3).look()).flatMap((group) => group.texts)).toEqual(['11', '12']);
  });

  test('more than may wait is refused, and nothing else is', () => {
    const script = new Script();
    const texts = Array.from({ length: 21 }, (_, number) => `${number + 1}`);
    expect(eventsIn(script.post(...texts).look(), 'error')).toMatchObject([{ code: 'queue-full', id: '21' }]);
    expect(script.session.unconfirmed).toBe(20);
  });

  test.each([
    ['text-too-long', { type: 'say', room: 'lobby', text: 'ü'.repeat(251), action: false }],
    ['bad-text', { type: 'say', room: 'lobby', text: 'half \ud83d', action: false }],
    ['bad-room', { type: 'join', room: 'r'.repeat(257) }],
    ['bad-room', { type: 'say', room: '\udc00', text: 'x', action: false }],
    ['bad-nick', { type: 'direct', nick: 'n'.repeat(257), text: 'x', action: false }],
  ] as const)('what cannot be put on the wire is refused here: %s', (code, command) => {
    const script = new Script().online();
    script.look();
    expect(eventsIn(script.command(command, 'bad').post('good').look(), 'error')).toMatchObject([{ code, id: 'bad' }]);
    expect(groupsIn(script.flush().look())).toEqual([]);
    expect(script.session.unconfirmed).toBe(1);
  });

  test('a refusal by the log is an error with the id, and those after it go on', () => {
    const script = new Script().online().post('a', 'b');
    script.look();
    const failed = script.says({ type: 'failed', seq: 1, code: 'not-in-room', message: 'no', round: 3 }).look();
    expect(eventsIn(failed, 'error')).toEqual([{ type: 'error', code: 'not-in-room', message: 'no', id: 'a' }]);
    expect(eventsIn(script.acks(2, 1, 8).look(), 'ack')).toMatchObject([{ id: 'b', seq: 2 }]);
  });

  test('commands that are no lines are acknowledged when they were given an id', () => {
    const script = new Script().online();
    script.command({ type: 'join', room: 'one' }).command({ type: 'join', room: 'two' }, 'j2').flush();
    script.look();
    expect(eventsIn(script.acks(1, 2, 5).look(), 'ack')).toEqual([
      { type: 'ack', id: 'j2', seq: 2, position: 6, round: 1 },
    ]);
  });

  test('what nothing is heard of is sent again from the oldest on, ever more rarely', () => {
    const script = new Script().online().post('a', 'b', 'c');
    script.acks(1, 1, 1);
    script.look();
    expect(groupsIn(script.pass(2900).look())).toEqual([]);
    expect(groupsIn(script.pass(1000).look())).toEqual([{ session: SESSION, firstSeq: 2, texts: ['b', 'c'] }]);
    const later = groupsIn(script.pass(120_000).look());
    expect(later.length).toBeGreaterThan(3);
    expect(later.length).toBeLessThan(8);
  });

  test('while acknowledgements come, nothing is sent again', () => {
    const script = new Script({ limits: { window: 100, queue: 100 } }).online();
    script.post(...Array.from({ length: 20 }, (_, number) => `${number}`));
    script.look();
    for (let seq = 1; seq <= 20; seq += 1) script.pass(1000).acks(seq, 1, seq);
    expect(groupsIn(script.look())).toEqual([]);
  });
});

describe('resuming', () => {
  test('after a move everything unacknowledged is sent again in order, and reading goes on where it was', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), line(2, 1)).post('a', 'b').post('c');
    script.acks(1, 1, 3);
    script.look();
    const moved = script.attached(3, 'moved').look();
    expect(statesIn(moved)).toEqual(['rerouted 3']);
    expect(requestsIn(moved, 'open')).toMatchObject([{ resume: true, position: 2, birth: 'bbbbbbbbbbbbbbbb' }]);
    // Not a word before the welcome.
    expect(groupsIn(script.post('d').look())).toEqual([]);
    const resumed = script.welcome({ server: 3, lastSeq: 2 }).look();
    expect(groupsIn(resumed)).toEqual([{ session: SESSION, firstSeq: 2, texts: ['b', 'c', 'd'] }]);
    expect(requestsIn(resumed, 'read')).toEqual([{ type: 'read', after: 2 }]);
    expect(statesIn(script.page({ after: 2, through: 2, live: true }).look())).toEqual(['online 3']);
  });

  test('a welcome that comes twice is answered once', () => {
    const script = new Script().attached(1).welcome();
    script.look();
    expect(script.welcome().look()).toEqual([]);
  });

  test('a client that did not read fast enough is told, and reads what it missed', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), line(2, 1));
    script.look();
    expect(eventsIn(script.attached(1, 'lagged').look(), 'status')).toMatchObject([
      { state: 'rerouted', reason: expect.stringContaining('fast enough') },
    ]);
    script.welcome();
    const page = script.page({ after: 2, through: 9, live: true, events: [line(3, 2), line(9, 3)] }).look();
    expect(eventsIn(page, 'message').map(({ index }) => index)).toEqual([2, 3]);
  });

  test('a session that is gone: what was sent is unconfirmed, what was not is posted in a new one, rooms first', () => {
    const script = new Script({ limits: { window: 2 } }).online().command({ type: 'join', room: 'lobby' }).flush();
    script.acks(1, 1, 1).deliver(ownJoin(1, 0));
    script.post('sent 1', 'sent 2', 'waiting').attached(2, 'moved');
    script.look();
    const gone = script.says({ type: 'refused', code: 'session-gone', message: 'the session has ended' }).look();
    expect(eventsIn(gone, 'error').map(({ code, id }) => [code, id])).toEqual([
      ['unconfirmed', 'sent 1'],
      ['unconfirmed', 'sent 2'],
      ['session-gone', undefined],
    ]);
    expect(eventsIn(gone, 'error')[2]?.message).toContain('2 posts could not be confirmed');
    expect(requestsIn(gone, 'open')).toMatchObject([{ resume: false, secret: new Uint8Array(16).fill(2) }]);
    const fresh = script.welcome({ session: 'dddddddddddddddd', position: 30 }).look();
    expect(groupsIn(fresh)).toEqual([{ session: 'dddddddddddddddd', firstSeq: 1, texts: ['join', 'waiting'] }]);
  });

  test('what is late for the session that is gone does not count for the new one', () => {
    const script = new Script().online().post('old');
    const refused = { type: 'refused', code: 'session-gone', message: 'the session has ended' } as const;
    script.says(refused).post('new');
    script.look();
    script.acks(1, 1, 9).says({ type: 'failed', seq: 1, code: 'session-gone', message: '', round: 2 }).says(refused);
    expect(eventsIn(script.look(), 'ack')).toEqual([]);
    expect(script.secrets).toBe(2);
    expect(groupsIn(script.welcome({ session: 'dddddddddddddddd' }).look())).toMatchObject([{ texts: ['new'] }]);
  });

  test('a refused command of a session that is gone starts a new one', () => {
    const script = new Script().online().post('a', 'b');
    script.look();
    const failed = { type: 'failed', code: 'session-gone', message: 'the session has ended', round: 2 } as const;
    const gone = script
      .says({ ...failed, seq: 1 })
      .says({ ...failed, seq: 2 })
      .look();
    expect(eventsIn(gone, 'error').filter(({ code }) => code === 'session-gone')).toHaveLength(1);
    expect(requestsIn(gone, 'open')).toMatchObject([{ resume: false }]);
  });

  test('a room that was joined on the way is joined in the new session', () => {
    const script = new Script().online().command({ type: 'join', room: 'lobby' }).flush();
    script.says({ type: 'refused', code: 'session-gone', message: 'the session has ended' });
    script.look();
    expect(groupsIn(script.welcome().look())).toMatchObject([{ firstSeq: 1, texts: ['join'] }]);
  });

  test('lines said between two sessions are shown, none twice', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), line(2, 1), line(3, 2));
    script.says({ type: 'refused', code: 'session-gone', message: 'the session has ended' });
    script.welcome({ position: 10 }).page({ after: 10, through: 10, live: true });
    script.look();
    const [history] = requestsIn(script.deliver(ownJoin(11, 4)).look(), 'history');
    expect(history).toMatchObject({ room: 'lobby', before: 5, limit: 2 });
    const events = [line(3, 2), line(5, 3), line(8, 4)];
    const shown = script.says({ type: 'history', id: history?.id ?? 0, room: 'lobby', events, more: true }).look();
    expect(eventsIn(shown, 'message').map(({ index }) => index)).toEqual([3, 4]);
    expect(eventsIn(shown, 'history')).toEqual([]);
  });

  test('another birth: says so, and starts afresh', () => {
    const script = new Script().online(50);
    script.deliver(ownJoin(51, 3)).attached(2, 'moved');
    script.look();
    const other = script.says({ type: 'refused', code: 'other-birth', message: 'another log' }).look();
    expect(eventsIn(other, 'error')).toMatchObject([{ code: 'other-birth' }]);
    expect(requestsIn(other, 'open')).toMatchObject([{ resume: false, birth: '' }]);
    const fresh = script.welcome({ position: 4, birth: 'eeeeeeeeeeeeeeee' }).look();
    expect(requestsIn(fresh, 'read')).toEqual([{ type: 'read', after: 4 }]);
    const delivered = script.page({ after: 4, through: 4, live: true }).deliver(ownJoin(5, 0), line(6, 1)).look();
    expect(eventsIn(delivered, 'message')).toMatchObject([{ position: 6, index: 1 }]);
  });
});

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
    const shown = script.says({ ...answer, events }).look();
    expect(
      shown.map((effect) => effect.type === 'event' && 'position' in effect.event && effect.event.position),
    ).toEqual([9, 12, 20, 21]);
    expect(eventsIn(shown, 'message').map(({ earlier }) => earlier)).toEqual([true, true, undefined]);
  });

  test('history that is asked for comes as it is, and is asked again elsewhere', () => {
    const script = new Script().online();
    script.look();
    const ask = () => script.did(script.session.history('lobby', 5, 10, script.nowMs)).look();
    expect(requestsIn(ask(), 'history')).toEqual([{ type: 'history', id: 1, room: 'lobby', before: 5, limit: 10 }]);
    script.attached(2, 'moved');
    expect(requestsIn(script.welcome().look(), 'history')).toMatchObject([{ id: 1 }]);
    const answer = { type: 'history', id: 1, room: 'lobby', events: [line(3, 4)], more: false } as const;
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
    script.did(script.session.query('whois', 'nobody', 0));
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
    const asked = script.did(script.session.query('names', 'n'.repeat(300), 0)).look();
    expect(eventsIn(asked, 'error')).toMatchObject([{ code: 'not-found' }]);
    expect(requestsIn(asked, 'query')).toEqual([]);
  });
});

describe('majority', () => {
  test('lost and back; what is posted meanwhile is kept', () => {
    const script = new Script().online();
    script.look();
    script.says({ type: 'state', majority: false, reason: 'too few' }).post('a');
    expect(eventsIn(script.look(), 'status')).toEqual([
      { type: 'status', state: 'no-majority', server: 1, reason: 'too few' },
    ]);
    script.says({ type: 'state', majority: true, reason: 'enough' });
    expect(statesIn(script.look())).toEqual(['online 1']);
    expect(eventsIn(script.acks(1, 1, 4).look(), 'ack')).toMatchObject([{ id: 'a' }]);
  });
});

describe('ending', () => {
  test('closes by the log, after everything posted before', () => {
    const script = new Script().online().post('a');
    script.look();
    expect(groupsIn(script.did(script.session.close('bye', 0)).look())).toEqual([
      { session: SESSION, firstSeq: 2, texts: ['bye'] },
    ]);
    expect(eventsIn(script.acks(1, 1, 1).look(), 'ended')).toEqual([]);
    const ended = script.acks(2, 1, 2).look();
    expect(framesIn(ended)).toEqual(['bye']);
    expect(eventsIn(ended, 'ended')).toEqual([{ type: 'ended', status: 0 }]);
    expect(script.pass(10_000).look()).toEqual([]);
  });

  test('the end that was committed and not heard of is the end', () => {
    const script = new Script().online();
    script.did(script.session.close('', 0)).attached(2, 'moved');
    script.look();
    const gone = script.says({ type: 'refused', code: 'session-gone', message: 'the session has ended' }).look();
    expect(eventsIn(gone, 'ended')).toEqual([{ type: 'ended', status: 0 }]);
  });

  test('a reason that is too long does not keep it from ending', () => {
    const script = new Script().online();
    script.look();
    expect(groupsIn(script.did(script.session.close('x'.repeat(501), 0)).look())).toMatchObject([{ texts: [''] }]);
  });

  test('giving up says of each post that it is not confirmed', () => {
    const script = new Script().online().post('a', 'b');
    script.look();
    const effects = script.did(script.session.giveUp(0)).look();
    expect(eventsIn(effects, 'error').map(({ code, id }) => [code, id])).toEqual([
      ['unconfirmed', 'a'],
      ['unconfirmed', 'b'],
    ]);
    expect(eventsIn(effects, 'ended')).toHaveLength(1);
  });
});
