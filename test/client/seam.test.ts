/** What a session says of itself when it goes on after a loss: computed from what really came and was sent. */
import { runOf } from '../../src/chat/event-runs';
import { MAX_PAGE_LINES, MAX_QUESTIONS } from '../../src/client/limits';
import { missingText, seamText } from '../../src/client/plain';
import type { WireEvent } from '../../src/wire/client';
import type { AttachReason } from '../../src/wire/frames';
import { eventsIn, LIMITS, line, NEXT_SESSION, ownJoin, requestsIn, Script, SESSION } from './script';

/** In the lobby, up to line 3. */
function chatting(): Script {
  const script = new Script().online();
  script.deliver(ownJoin(1, 0), line(2, 1), line(3, 2), line(4, 3));
  script.look();
  return script;
}

function seams(script: Script): readonly object[] {
  return eventsIn(script.look(), 'seam').map(({ type, ...rest }) => rest);
}

const own = (position: number, index: number, seq: number) => line(position, index, { session: SESSION, seq });

test('another server goes on: nothing is lost, and it took from the last sign of the lost one', () => {
  const script = chatting().post('a', 'b');
  script.nowMs += 1000;
  script.frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 });
  script.nowMs += 300;
  script.attached(3, 'lost', 120).welcome({ server: 3 });
  expect(seams(script)).toEqual([]);
  script.page({ after: 4, through: 6, live: true, events: [own(5, 4, 1), own(6, 5, 2)] });
  const [seam] = eventsIn(script.look(), 'seam');
  expect(seam).toMatchObject({ reason: 'lost', from: 1, to: 3, afterMs: 420, lost: 0, resent: 2, doubled: 0 });
  expect(seam && seamText(seam)).toBe('server 1 lost, now on server 3 after 0.42 s; 0 lost, 2 sent again, 0 doubled');
});

test('what the lost one said to this client after the balancer heard it last is a sign of it', () => {
  const script = chatting();
  script.nowMs += 900;
  script.deliver(line(5, 4));
  script.nowMs += 100;
  script.attached(2, 'lost', 250);
  script.nowMs += 30;
  script.welcome({ server: 2 }).page({ after: 5, through: 5, live: true });
  expect(seams(script)).toMatchObject([{ reason: 'lost', afterMs: 130 }]);
});

describe('only a server that is gone is called lost', () => {
  /** The seam after this reason, a tenth of a second after the last word of server 1. */
  function seamAfter(why: AttachReason, unservedMs: number, to = 2): string {
    const script = chatting();
    script.nowMs += 100;
    script.attached(to, why, unservedMs).welcome({ server: to }).page({ after: 4, through: 4, live: true });
    return eventsIn(script.look(), 'seam').map(seamText).join();
  }
  const NOTHING = '0 lost, 0 sent again, 0 doubled';

  test.each([
    ['left', 0, 2, 'server 1 was stopped, now on server 2 after 0.00 s'],
    ['cannot-serve', 2100, 2, 'server 1 could not serve, now on server 2 after 2.10 s'],
    ['lagged', 0, 1, 'this client read too slowly, back on server 1 after 0.10 s'],
    ['moved', 0, 2, 'taken from server 1, now on server 2 after 0.00 s'],
    ['balancer-restarted', 0, 1, 'the connection to the balancer was lost, back on server 1 after 0.00 s'],
  ] as const)('%s', (why, unservedMs, to, words) => {
    expect(seamAfter(why, unservedMs, to)).toBe(`${words}; ${NOTHING}`);
  });
});

describe('the connection to the balancer', () => {
  /** The seam when it goes on 50 ms after what happened. */
  function seamOn(script: Script): readonly object[] {
    script.nowMs += 50;
    script.attached(1, 'new').welcome().page({ after: 4, through: 4, live: true });
    return eventsIn(script.look(), 'seam').map(({ reason, from, to, afterMs }) => ({ reason, from, to, afterMs }));
  }

  test('it closes: gone since then', () => {
    const script = chatting();
    script.nowMs += 300;
    expect(seamOn(script.socket('down').socket('up'))).toEqual([{ reason: 'connection', from: 1, to: 1, afterMs: 50 }]);
  });

  test('a post had no answer when it closed: gone since it was sent', () => {
    const script = chatting();
    script.nowMs += 300;
    script.post('a');
    script.nowMs += 200;
    script.socket('down').socket('up');
    script.nowMs += 50;
    script
      .attached(1, 'new')
      .welcome()
      .page({ after: 4, through: 5, live: true, events: [own(5, 4, 1)] });
    expect(seams(script)).toMatchObject([{ reason: 'connection', afterMs: 250, resent: 1, lost: 0 }]);
  });

  test.each(['socket', 'tick'])(
    'it went while this process was stopped: gone since then, as far as is known (%s)',
    (first) => {
      const script = chatting();
      script.pass(500);
      script.nowMs += 10_000;
      if (first === 'tick') script.pass(100, true);
      script.socket('down').socket('up');
      const [seam] = seamOn(script) as readonly { readonly afterMs: number }[];
      expect(seam).toMatchObject({ reason: 'connection', from: 1, to: 1 });
      expect(seam?.afterMs).toBeGreaterThan(10_000);
    },
  );

  test('stopped, and the balancer is there when it goes on: that is none', () => {
    const script = chatting().pass(500);
    script.nowMs += 3000;
    script.frame({ type: 'pong', token: 0 });
    script.nowMs += 100;
    expect(seamOn(script.socket('down').socket('up'))).toEqual([{ reason: 'connection', from: 1, to: 1, afterMs: 50 }]);
  });

  test('it falls silent: gone since what was asked first without an answer', () => {
    const script = chatting();
    script.pass(2000).look();
    // The ping at 2 s was answered, that at 3 s was not.
    script.pass(LIMITS.silenceMs, true);
    expect(script.nowMs).toBe(6000);
    expect(seamOn(script)).toEqual([{ reason: 'connection', from: 1, to: 1, afterMs: 3050 }]);
  });
});

describe('there is no server, and then the connection to the balancer is gone, too', () => {
  /** 300 ms after the server went. */
  function waiting(): Script {
    const script = chatting();
    script.frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 });
    script.nowMs += 300;
    return script;
  }
  const { silenceMs } = LIMITS;

  test.each([
    ['it closes', (script: Script) => script.socket('down').socket('up'), 300],
    ['it falls silent', (script: Script) => script.pass(silenceMs, true), 300 + silenceMs],
  ] as const)('%s: nobody can say what became of the server', (_, breaks, afterMs) => {
    for (const why of ['moved', 'new'] as const) {
      const script = breaks(waiting()).attached(3, why).welcome({ server: 3 });
      script.page({ after: 4, through: 4, live: true });
      expect(seams(script)).toMatchObject([{ reason: 'connection', from: 1, to: 3, afterMs }]);
    }
  });

  test('unless the balancer knows it after all', () => {
    const script = waiting().pass(silenceMs, true).attached(3, 'lost', 120).welcome({ server: 3 });
    script.page({ after: 4, through: 4, live: true });
    expect(seams(script)).toMatchObject([{ reason: 'lost', from: 1, to: 3, afterMs: 300 + silenceMs }]);
  });
});

test('it is told once all that was under way has an outcome, and once', () => {
  const script = chatting().post('a', 'b', 'c').acks(1, 1, 5);
  script.attached(2, 'moved').welcome({ server: 2 }).post('d');
  script.page({ after: 4, through: 5, live: true, events: [own(5, 4, 1)] }).acks(2, 1, 6);
  expect(seams(script)).toEqual([]);
  script.acks(3, 1, 7);
  expect(seams(script)).toMatchObject([{ from: 1, to: 2, afterMs: 0, lost: 0, resent: 2, doubled: 0 }]);
  script.acks(4, 1, 8);
  expect(seams(script)).toEqual([]);
});

test('a second loss before the first one is over is the same seam, and has its reason', () => {
  const script = chatting().post('a');
  script.attached(2, 'lost').welcome({ server: 2 });
  script.nowMs += 300;
  script.attached(3, 'left').welcome({ server: 3 }).page({ after: 4, through: 4, live: true }).acks(1, 1, 5);
  expect(seams(script)).toEqual([{ reason: 'lost', from: 1, to: 3, afterMs: 300, lost: 0, resent: 1, doubled: 0 }]);
});

test('a second loss, once all is read but before all has an outcome, waits for what was said meanwhile', () => {
  const script = chatting().post('a');
  script.attached(2, 'lost').welcome({ server: 2 }).page({ after: 4, through: 4, live: true });
  script.post('b');
  expect(seams(script)).toEqual([]);
  script.nowMs += 300;
  script.attached(3, 'lost').acks(1, 2, 5);
  expect(seams(script)).toEqual([]);
  script.welcome({ server: 3, lastSeq: 2 }).page({ after: 4, through: 4, live: true });
  expect(seams(script)).toEqual([]);
  script.acks(1, 1, 5);
  expect(seams(script)).toEqual([]);
  script.acks(2, 1, 6);
  expect(seams(script)).toMatchObject([{ reason: 'lost', from: 1, to: 3, afterMs: 300, lost: 0, resent: 2 }]);
});

describe('a page leaves lines out', () => {
  /** Line 4 and lines 6 and 7 did not come; the history was asked for them. */
  function gaps(): { readonly script: Script; readonly answer: (at: number, events: readonly WireEvent[]) => void } {
    const script = chatting().attached(2, 'moved').welcome({ server: 2 });
    script.page({ after: 4, through: 9, live: true, events: [line(8, 5), line(9, 8)] });
    const asked = requestsIn(script.look(), 'history');
    expect(asked).toMatchObject([
      { room: 'lobby', before: 5, limit: 1 },
      { room: 'lobby', before: 8, limit: 2 },
    ]);
    const answer = (at: number, events: readonly WireEvent[]) => {
      script.says({
        type: 'history',
        id: asked[at]?.id ?? 0,
        room: 'lobby',
        runs: events.map(runOf),
        more: false,
      });
    };
    return { script, answer };
  }

  test('which the log has: an alarm, and they are counted as lost', () => {
    const { script, answer } = gaps();
    answer(0, [line(5, 4)]);
    const [alarm] = eventsIn(script.look(), 'discontinuity');
    expect(alarm).toEqual({ type: 'discontinuity', room: 'lobby', after: 3, before: 5, missing: 1 });
    expect(alarm && missingText(alarm)).toBe(
      '1 line of #lobby did not come between its lines 3 and 5, and the log has it',
    );
    answer(1, [line(6, 6), line(7, 7)]);
    const effects = script.look();
    expect(eventsIn(effects, 'discontinuity')).toMatchObject([{ after: 5, before: 8, missing: 2 }]);
    expect(eventsIn(effects, 'seam')).toMatchObject([{ lost: 3 }]);
  });

  test('which the room has let go of meanwhile: none of them is lost', () => {
    const { script, answer } = gaps();
    answer(0, [line(4, 3)]);
    answer(1, [line(7, 7)]);
    const effects = script.look();
    // One of the two is still there, and should have come.
    expect(eventsIn(effects, 'discontinuity')).toMatchObject([{ after: 5, before: 8, missing: 1 }]);
    expect(eventsIn(effects, 'seam')).toMatchObject([{ lost: 1 }]);
  });

  test('of a room that cannot be read any more: nobody can tell, and nobody waits', () => {
    const { script } = gaps();
    for (const { id } of [1, 2].map((id) => ({ id }))) {
      script.says({ type: 'error', id, seq: 0, code: 'no-such-room', message: 'there is no room lobby' });
    }
    expect(seams(script)).toMatchObject([{ lost: 0 }]);
  });

  test('when the session is gone nobody asks any more', () => {
    const { script, answer } = gaps();
    script.refused('session-gone').look();
    answer(0, [line(5, 4)]);
    const effects = script.welcome({ session: NEXT_SESSION, position: 9 }).acks(1, 1, 10).look();
    expect(eventsIn(effects, 'history')).toEqual([]);
    expect(requestsIn(effects, 'history')).toEqual([]);
  });
});

test('of more missing lines than a page has, those before the page that is there were not told either', () => {
  const lines = MAX_PAGE_LINES + 50;
  const script = chatting().deliver(line(2000, 4 + lines));
  const [asked] = requestsIn(script.look(), 'history');
  expect(asked).toMatchObject({ before: 4 + lines, limit: MAX_PAGE_LINES });
  const page = Array.from({ length: MAX_PAGE_LINES }, (_, at) => runOf(line(54 + at, 54 + at)));
  script.says({ type: 'history', id: asked?.id ?? 0, room: 'lobby', runs: page, more: true });
  expect(eventsIn(script.look(), 'discontinuity')).toMatchObject([{ after: 3, missing: lines }]);
});

test('where nobody can be asked, missing lines are taken for missing', () => {
  const script = chatting();
  for (let asked = 0; asked < MAX_QUESTIONS; asked += 1) {
    script.session.ask({ type: 'query', what: 'rooms', name: '' }, 0);
  }
  const effects = script.deliver(line(9, 6)).look();
  expect(eventsIn(effects, 'discontinuity')).toMatchObject([{ after: 3, before: 6, missing: 2 }]);
});

test('a line that is left out while online is told at once', () => {
  const script = chatting().deliver(line(9, 5));
  const [asked] = requestsIn(script.look(), 'history');
  script.says({ type: 'history', id: asked?.id ?? 0, room: 'lobby', runs: [runOf(line(8, 4))], more: false });
  expect(eventsIn(script.look(), 'discontinuity')).toMatchObject([{ room: 'lobby', after: 3, before: 5, missing: 1 }]);
});

test('an own line that the log has twice is counted', () => {
  const script = chatting().post('a', 'b').attached(2, 'moved').welcome({ server: 2 });
  script.page({ after: 4, through: 7, live: true, events: [own(5, 4, 1), own(6, 5, 2), own(7, 6, 2)] });
  expect(seams(script)).toMatchObject([{ doubled: 1, lost: 0 }]);
});

describe('the session is gone', () => {
  /** Two lines were under way; the next session is live, and what became of them is looked up. */
  function renewed(): { readonly script: Script; readonly asked: number } {
    const script = chatting().post('a', 'b').attached(2, 'moved').refused('session-gone');
    script.welcome({ session: NEXT_SESSION, server: 2, position: 9 }).page({ after: 9, through: 9, live: true });
    script.acks(1, 1, 10).look();
    const [asked] = requestsIn(script.pass(6000).look(), 'history');
    return { script, asked: asked?.id ?? 0 };
  }
  const history = (id: number, events: readonly WireEvent[]) =>
    ({ type: 'history', id, room: 'lobby', runs: events.map(runOf), more: false }) as const;

  test('its seam waits for what the history says: what was said is not lost', () => {
    const { script, asked } = renewed();
    expect(seams(script)).toEqual([]);
    script.says(history(asked, [line(2, 1), line(3, 2), line(4, 3), own(5, 4, 1), own(6, 5, 2)]));
    expect(seams(script)).toMatchObject([{ from: 1, to: 2, afterMs: 0, lost: 0, resent: 0, doubled: 0 }]);
  });

  test('what was not said is lost', () => {
    const { script, asked } = renewed();
    script.says(history(asked, [line(2, 1), line(3, 2), line(4, 3), own(5, 4, 1)]));
    expect(seams(script)).toMatchObject([{ lost: 1 }]);
  });

  test('in a conversation nobody can say any more what became of it', () => {
    const script = chatting();
    script.command({ type: 'direct', nick: 'bob', text: 'psst', action: false }).flush();
    script.attached(2, 'moved').refused('session-gone');
    script.welcome({ session: NEXT_SESSION, server: 2, position: 9 }).page({ after: 9, through: 9, live: true });
    script.acks(1, 1, 10);
    expect(seams(script)).toMatchObject([{ lost: 1 }]);
  });
});

test('the lines before a join are not missing, nor those of a room that was left meanwhile', () => {
  const script = chatting();
  script.deliver(line(5, 4, { kind: 'leave', session: SESSION, text: '' }), ownJoin(9, 20), line(10, 21));
  script.attached(2, 'moved').welcome({ server: 2 }).page({ after: 10, through: 10, live: true });
  expect(seams(script)).toMatchObject([{ lost: 0 }]);
});

test('the first server is no seam', () => {
  expect(seams(new Script().online())).toEqual([]);
});

test('a conversation goes on with whoever has the nick, and misses nothing', () => {
  const script = chatting()
    .deliver(line(5, 1, { room: '@bob' }))
    .attached(2, 'moved')
    .welcome({ server: 2 });
  script.page({ after: 5, through: 9, live: true, events: [line(9, 7, { room: '@bob' })] });
  expect(seams(script)).toMatchObject([{ lost: 0 }]);
});
