import { runOf } from '../../src/chat/event-runs';
import { decodeGroup } from '../../src/wire/codec-batch';
import { salt } from '../people';
import {
  eventsIn,
  framesIn,
  groupsIn,
  line,
  NEXT_SESSION,
  ownJoin,
  requestsIn,
  Script,
  SESSION,
  statesIn,
} from './script';

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
      { type: 'status', state: 'waiting', server: 0, reason: '2 of 3 servers connected', connected: 2 },
    ]);
    expect(
      eventsIn(script.frame({ type: 'wait', reason: 'starting', connected: 2, needed: 3 }).look(), 'status'),
    ).toEqual([]);
    expect(statesIn(script.frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 }).look())).toEqual([
      'no-majority 0',
    ]);
  });

  test.each([
    ['starting', 3, 3, '3 of 3 servers connected, which get ready'],
    ['no-majority', 1, 2, '1 of 3 servers connected, 2 needed; what you post waits'],
    ['no-majority', 3, 2, '3 of 3 servers connected, no leader yet; what you post waits'],
    ['no-server', 2, 4, 'no server can take clients yet (2 of 7 servers connected, 4 needed)'],
  ] as const)('%s: %i there, %i needed', (reason, connected, needed, expected) => {
    const script = new Script();
    script.look();
    const told = script.frame({ type: 'wait', reason, connected, needed }).look();
    expect(eventsIn(told, 'status')).toMatchObject([{ reason: expected, connected }]);
  });

  test('without an answer it says where it looks for one', () => {
    const script = new Script();
    script.look();
    expect(eventsIn(script.pass(6000, true).look(), 'status')).toMatchObject([
      { state: 'connecting', reason: 'nothing answers at tcp://127.0.0.1:7300: is the cluster running?' },
    ]);
  });

  test('a waiting client keeps saying that it is there', () => {
    const script = new Script().frame({ type: 'wait', reason: 'starting', connected: 2, needed: 3 });
    script.look();
    expect(framesIn(script.pass(3000).look())).toEqual(['ping', 'ping', 'ping']);
  });

  test('what the balancer wants back comes at once, and in the pings after it', () => {
    const script = new Script().online();
    script.look();
    const pings = () => script.look().flatMap((effect) => (effect.type === 'send' ? [effect.frame] : []));
    expect(script.pass(1000) && pings()).toEqual([{ type: 'ping', attachment: 1, token: 0 }]);
    script.frame({ type: 'pong', token: 7 });
    expect(pings()).toEqual([]);
    script.frame({ type: 'check', token: 8 });
    expect(pings()).toEqual([{ type: 'ping', attachment: 1, token: 8 }]);
    script.pass(900);
    expect(pings()).toEqual([]);
    script.pass(100, true);
    expect(pings()).toEqual([{ type: 'ping', attachment: 1, token: 8 }]);
  });

  test('that it is too fast is told', () => {
    const script = new Script().online();
    script.look();
    const told = script.frame({ type: 'throttled', framesPerSec: 9 }).look();
    expect(eventsIn(told, 'error')).toEqual([
      { type: 'error', code: 'too-fast', message: 'more than 9 frames a second: some of them were dropped' },
    ]);
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
    const frame = {
      type: 'attached',
      attachment: 1,
      server: 1,
      reason: 'new',
      unservedMs: 0,
      cluster: 'test',
    } as const;
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
    const stale = { type: 'deliver', runs: [runOf(line(1, 1))] } as const;
    expect(script.did(script.session.onFrame({ type: 'data', attachment: 1, number: 2 }, stale, 0)).look()).toEqual([]);
  });

  test('a refusal by the balancer ends it', () => {
    const effects = new Script().frame({ type: 'refused', reason: 'this is cluster b, not a' }).look();
    expect(eventsIn(effects, 'error')).toEqual([
      { type: 'error', code: 'refused', message: 'this is cluster b, not a' },
    ]);
    expect(eventsIn(effects, 'ended')).toEqual([{ type: 'ended', status: 1 }]);
  });

  test('a nick that nobody chose and somebody has gives way to the next one', () => {
    const script = new Script({ spareNicks: ['alice-2', 'alice-3'] }).attached(1);
    for (const nick of ['alice', 'alice-2', 'alice-3']) {
      const effects = script.look();
      expect(eventsIn(effects, 'error')).toEqual([]);
      expect(requestsIn(effects, 'open')).toMatchObject([{ nick, resume: false }]);
      script.refused('nick-in-use');
    }
    const effects = script.look();
    expect(eventsIn(effects, 'error')).toMatchObject([
      { message: 'it is nick-in-use; choose another with --nick, or take your own with --reclaim' },
    ]);
    expect(eventsIn(effects, 'ended')).toEqual([{ type: 'ended', status: 1 }]);
  });

  test('what was asked twice for a nick and refused twice costs one nick', () => {
    const script = new Script({ spareNicks: ['alice-2'] }).attached(1);
    script.refused('nick-in-use');
    const effects = script.refused('nick-in-use', SESSION, 'alice').look();
    expect(eventsIn(effects, 'error')).toEqual([]);
    expect(requestsIn(effects, 'open').map(({ nick }) => nick)).toEqual(['alice', 'alice-2']);
    expect(eventsIn(script.welcome({ nick: 'alice-2' }).look(), 'welcome')).toMatchObject([{ nick: 'alice-2' }]);
  });

  test('a nick that is taken ends it with status 1, and what was to be posted is not confirmed', () => {
    const script = new Script().post('never sent').attached(1);
    script.look();
    const effects = script.refused('nick-in-use').look();
    expect(eventsIn(effects, 'error').map(({ code, id }) => [code, id])).toEqual([
      ['nick-in-use', undefined],
      ['unconfirmed', 'never sent'],
    ]);
    expect(eventsIn(effects, 'ended')).toEqual([{ type: 'ended', status: 1 }]);
    expect(script.session.ended).toBe(true);
    expect(eventsIn(script.post('late').look(), 'error')).toMatchObject([{ code: 'ended', id: 'late' }]);
  });
});

test('a signature that the server does not take yet is tried again, and told', () => {
  const script = new Script().attached(1);
  script.look();
  const effects = script.refused('bad-proof').look();
  expect(eventsIn(effects, 'ended')).toEqual([]);
  expect(eventsIn(effects, 'status')).toMatchObject([{ reason: expect.stringContaining('it is bad-proof') }]);
  expect(requestsIn(script.pass(6000).look(), 'open')).toMatchObject([{ nick: 'alice' }]);
});

test('another server that takes the session has a majority, until it says otherwise', () => {
  const script = new Script().online().says({ type: 'state', majority: false, reason: '1 of 3 servers' });
  expect(eventsIn(script.look(), 'status').at(-1)).toMatchObject({ state: 'no-majority' });
  script.attached(2, 'moved').welcome({ server: 2 }).page({ after: 0, through: 0, live: true });
  expect(eventsIn(script.look(), 'status').at(-1)).toMatchObject({ state: 'online', server: 2 });
});

test('the next try is told: for the balancer, for a session, for what was posted; nothing else is waited for', () => {
  const next = ({ session, nowMs }: Script) => session.nextTryMs(nowMs);
  const script = new Script();
  expect(next(script)).toBeGreaterThan(1000);
  expect(next(script.attached(1))).toBeGreaterThan(1000);
  expect(next(script.welcome().page({ after: 0, through: 0, live: true }))).toBeUndefined();
  const asked = next(script.post('a')) ?? 0;
  expect(asked).toBeGreaterThan(1000);
  script.nowMs += 500;
  expect(next(script)).toBe(asked - 500);
  expect(next(script.acks(1, 1, 1))).toBeUndefined();
  expect(next(script.post('b').frame({ type: 'wait', reason: 'no-server', connected: 1, needed: 2 }))).toBeUndefined();
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

  test('a session that is gone: what was sent is looked up, what was not is posted in a new one, rooms first', () => {
    const script = new Script({ limits: { window: 3 } }).online().command({ type: 'join', room: 'lobby' }).flush();
    script.acks(1, 1, 1).deliver(ownJoin(1, 0));
    script.command({ type: 'direct', nick: 'bob', text: 'psst', action: false }, 'direct');
    script.post('sent 1', 'sent 2', 'waiting').attached(2, 'moved');
    script.look();
    const gone = script.refused('session-gone').look();
    // A conversation cannot be looked into by another session.
    expect(eventsIn(gone, 'error').map(({ code, id }) => [code, id])).toEqual([
      ['unconfirmed', 'direct'],
      ['session-gone', undefined],
    ]);
    expect(eventsIn(gone, 'error')[1]?.message).toContain('whether 2 of your posts were said is looked up');
    expect(requestsIn(gone, 'open')).toMatchObject([{ resume: false, salt: salt(2) }]);
    const fresh = script.welcome({ position: 30 }).look();
    expect(groupsIn(fresh)).toEqual([{ session: NEXT_SESSION, firstSeq: 1, texts: ['join', 'waiting'] }]);
    expect(script.session.unconfirmedLines).toBe(3);
  });

  test('what is late for the session that is gone does not count for the new one', () => {
    const script = new Script().online().post('old');
    script.refused('session-gone').post('new');
    script.look();
    script.acks(1, 1, 9).says({ type: 'failed', seq: 1, code: 'session-gone', message: '', round: 2 });
    script.refused('session-gone').refused('nick-in-use').welcome({ session: SESSION });
    const late = script.look();
    expect(groupsIn(late)).toEqual([]);
    expect(eventsIn(late, 'ack')).toEqual([]);
    expect(script.session.ended).toBe(false);
    expect(script.salts).toBe(2);
    expect(groupsIn(script.welcome().look())).toMatchObject([{ texts: ['new'] }]);
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
    script.refused('session-gone');
    script.look();
    expect(groupsIn(script.welcome().look())).toMatchObject([{ firstSeq: 1, texts: ['join'] }]);
  });

  test.each([
    ['kick', SESSION, ['attic']],
    ['kick', NEXT_SESSION, ['lobby', 'attic']],
    ['shut', NEXT_SESSION, ['attic']],
  ] as const)('a room that it was taken out of is not joined again: %s', (kind, who, rooms) => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), ownJoin(2, 0, 'attic'), line(3, 0, { kind, session: who, room: 'lobby' }));
    script.refused('session-gone');
    script.look();
    const [{ group } = { group: new Uint8Array() }] = requestsIn(script.welcome().look(), 'submit');
    expect(decodeGroup(group)).toMatchObject({ commands: rooms.map((room) => ({ type: 'join', room })) });
  });

  test('who is banned is told so, and that is the end', () => {
    const script = new Script().online();
    script.look();
    const effects = script.refused('banned').look();
    expect(eventsIn(effects, 'error')).toMatchObject([{ code: 'banned' }]);
    expect(eventsIn(effects, 'ended')).toMatchObject([{ status: 1 }]);
  });

  test('who posts too fast is told so, until nothing waits any more', () => {
    const script = new Script().online().post('a').post('b').flush();
    script.look();
    expect(statesIn(script.says({ type: 'slowed', perSecond: 100 }).look())).toEqual(['slowed 1']);
    expect(statesIn(script.says({ type: 'slowed', perSecond: 100 }).acks(1, 1, 1).look())).toEqual([]);
    expect(statesIn(script.acks(2, 1, 2).look())).toEqual(['online 1']);
  });

  test('lines said between two sessions are shown, none twice', () => {
    const script = new Script().online();
    script.deliver(ownJoin(1, 0), line(2, 1), line(3, 2));
    script.refused('session-gone');
    script.welcome({ position: 10 }).page({ after: 10, through: 10, live: true });
    script.look();
    const [history] = requestsIn(script.deliver(ownJoin(11, 4, 'lobby', NEXT_SESSION)).look(), 'history');
    expect(history).toMatchObject({ room: 'lobby', before: 5, limit: 2 });
    const events = [line(3, 2), line(5, 3), line(8, 4)];
    const shown = script
      .says({ type: 'history', id: history?.id ?? 0, room: 'lobby', runs: events.map(runOf), more: true })
      .look();
    expect(eventsIn(shown, 'message').map(({ index }) => index)).toEqual([3, 4]);
    expect(eventsIn(shown, 'history')).toEqual([]);
  });

  test('another birth: says so, and starts afresh', () => {
    const script = new Script().online(50);
    script.deliver(ownJoin(51, 3)).attached(2, 'moved');
    script.look();
    const other = script.refused('other-birth').look();
    expect(eventsIn(other, 'error')).toMatchObject([{ code: 'other-birth' }]);
    expect(requestsIn(other, 'open')).toMatchObject([{ resume: false, birth: '' }]);
    const fresh = script.welcome({ position: 4, birth: 'eeeeeeeeeeeeeeee' }).look();
    expect(requestsIn(fresh, 'read')).toEqual([{ type: 'read', after: 4 }]);
    const delivered = script
      .page({ after: 4, through: 4, live: true })
      .deliver(ownJoin(5, 0, 'lobby', NEXT_SESSION), line(6, 1))
      .look();
    expect(eventsIn(delivered, 'message')).toMatchObject([{ position: 6, index: 1 }]);
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
    const gone = script.refused('session-gone').look();
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

test('strangers leave nothing behind in it, however many write', () => {
  const script = new Script().online().deliver(ownJoin(1, 0), line(2, 1));
  for (let from = 0; from < 50; from += 1) script.deliver(line(3 + from, 1, { room: `@stranger ${from}` }));
  script.pass(200).look();
  expect(textsIn(script.session).filter((text) => text.startsWith('@stranger'))).toEqual([]);
});

/** All texts that something holds on to, wherever in it. */
function textsIn(root: unknown): readonly string[] {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  for (const next = [root]; next.length > 0; ) {
    const one = next.pop();
    if (typeof one === 'string') texts.push(one);
    if (typeof one !== 'object' || one === null || ArrayBuffer.isView(one) || seen.has(one)) continue;
    seen.add(one);
    next.push(...(one instanceof Map || one instanceof Set ? [...one].flat() : Object.values(one)));
  }
  return texts;
}
