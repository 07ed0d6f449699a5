import { eventsIn, groupsIn, line, requestsIn, Script, SESSION, settledIn } from './script';

describe('posting', () => {
  test('posts of one turn leave in one group, and are acknowledged one by one', () => {
    const script = new Script().online();
    script.look();
    const sent = script.post('a', 'b', 'c').look();
    expect(groupsIn(sent)).toEqual([{ session: SESSION, firstSeq: 1, texts: ['a', 'b', 'c'] }]);
    expect(eventsIn(script.acks(1, 2, 11, 5).look(), 'ack')).toEqual([
      { type: 'ack', id: 'a', seq: 1, position: 11, round: 5, afterMs: 0 },
      { type: 'ack', id: 'b', seq: 2, position: 12, round: 5, afterMs: 0 },
    ]);
    expect(script.session.unconfirmed).toBe(1);
  });

  test('lines that come back, delivered or in a page, are acknowledged by that, once, and before they are shown', () => {
    const script = new Script().online();
    script.look();
    script.post('a', 'b', 'c').look();
    const own = (position: number, seq: number) => line(position, seq, { session: SESSION, seq, round: 5 });
    const another = line(10, 9, { seq: 3 });
    const told = script.deliver(another, own(11, 1), own(12, 2)).look();
    const events = told.flatMap((effect) => (effect.type === 'event' ? [effect.event] : []));
    expect(events.map((event) => [event.type, 'position' in event && event.position])).toEqual([
      ['ack', 11],
      ['ack', 12],
      ['message', 10],
      ['message', 11],
      ['message', 12],
    ]);
    expect(script.session.unconfirmed).toBe(1);
    script.attached(2, 'moved').welcome({ server: 2, lastSeq: 3 }).look();
    const page = script.page({ after: 12, through: 14, live: true, events: [own(13, 3)] }).look();
    expect(eventsIn(page, 'ack')).toEqual([
      { type: 'ack', id: 'c', seq: 3, position: 13, round: 5, resends: 1, afterMs: 0 },
    ]);
    expect(script.session.unconfirmed).toBe(0);
    expect(eventsIn(script.acks(1, 3, 11).look(), 'ack')).toEqual([]);
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

  test('each group says up to where every outcome is known, also when it is sent again', () => {
    const script = new Script().online();
    script.look();
    expect(settledIn(script.post('a', 'b', 'c').look())).toEqual([0]);
    expect(settledIn(script.acks(2, 1, 12).post('d').look())).toEqual([0]);
    expect(settledIn(script.acks(1, 1, 11).post('e').look())).toEqual([2]);
    expect(settledIn(script.acks(3, 2, 13).online().look())).toEqual([4]);
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
      { type: 'ack', id: 'j2', seq: 2, position: 6, round: 1, afterMs: 0 },
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

  test('only lines count as posts, also those that were given up', () => {
    const script = new Script().online().command({ type: 'join', room: 'one' }).post('a', 'b', 'c');
    expect(script.session.unconfirmedLines).toBe(3);
    script.acks(1, 2, 5).says({ type: 'failed', seq: 3, code: 'not-in-room', message: 'no', round: 3 });
    script.did(script.session.close('', script.nowMs));
    expect(script.session.unconfirmedLines).toBe(1);
    script.did(script.session.giveUp(script.nowMs));
    expect(script.session.unconfirmedLines).toBe(1);
  });

  test('each time that posts leave is told, with how often they left before, and their acknowledgement sums it up', () => {
    const script = new Script().online();
    script.look();
    const left = () =>
      eventsIn(script.look(), 'sent').flatMap(({ posts }) => posts.map(({ id, again }) => [id, again]));
    script.post('a', 'b');
    expect(left()).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    script.acks(1, 1, 11).pass(4000);
    expect(left()).toEqual([['b', 1]]);
    script.attached(2, 'moved').welcome({ server: 2, lastSeq: 2 }).post('c');
    expect(left()).toEqual([
      ['b', 2],
      ['c', 0],
    ]);
    const acks = eventsIn(script.acks(2, 2, 12).look(), 'ack');
    expect(acks.map(({ id, resends, afterMs }) => [id, resends, afterMs])).toEqual([
      ['b', 2, 4000],
      ['c', undefined, 0],
    ]);
  });

  test('what was never sent can be taken back, and those after it take its place', () => {
    const script = new Script({ limits: { window: 2 } }).online();
    script
      .post('a', 'b', 'c', 'd')
      .command({ type: 'join', room: 'attic' })
      .command({ type: 'topic', room: 'x', text: 'e' });
    script.ask({ type: 'query', what: 'names', name: 'attic' });
    script.look();
    expect(eventsIn(script.cancel('c').look(), 'cancelled')).toEqual([{ type: 'cancelled', id: 'c' }]);
    expect(script.session.unconfirmedLines).toBe(3);
    expect(groupsIn(script.acks(1, 2, 1).look())).toEqual([{ session: SESSION, firstSeq: 3, texts: ['d', 'join'] }]);
    // The question waits for the last change of who is where, which has one less now.
    expect(requestsIn(script.acks(3, 1, 3).look(), 'query')).toEqual([]);
    expect(requestsIn(script.acks(4, 2, 4).look(), 'query')).toHaveLength(1);
  });

  test('what was sent cannot be taken back, which is said, nor what is not there', () => {
    const script = new Script().online().post('a');
    script.look();
    for (const id of ['a', 'b']) {
      const told = script.cancel(id).look();
      expect(eventsIn(told, 'cancelled')).toEqual([]);
      expect(eventsIn(told, 'error')).toEqual([
        { type: 'error', code: 'was-sent', message: 'what was sent cannot be taken back' },
      ]);
    }
    expect(eventsIn(script.acks(1, 1, 1).look(), 'ack')).toMatchObject([{ id: 'a' }]);
  });
});
