/** What a session says of itself when it goes on after a loss: computed from what really came and was sent. */
import { runOf } from '../../src/chat/event-runs';
import type { WireEvent } from '../../src/wire/client';
import { eventsIn, line, NEXT_SESSION, ownJoin, requestsIn, Script, SESSION } from './script';

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

test('another server goes on: nothing is lost', () => {
  const script = chatting().post('a', 'b');
  script.nowMs += 1000;
  script.frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 });
  script.nowMs += 420;
  script.attached(3, 'moved').welcome({ server: 3 });
  expect(seams(script)).toEqual([]);
  script.page({ after: 4, through: 6, live: true, events: [own(5, 4, 1), own(6, 5, 2)] });
  expect(seams(script)).toEqual([{ from: 1, to: 3, afterMs: 420, lost: 0, resent: 2, doubled: 0 }]);
});

test('it is told once all that was under way has an outcome, and once', () => {
  const script = chatting().post('a', 'b', 'c').acks(1, 1, 5);
  script.attached(2, 'moved').welcome({ server: 2 }).post('d');
  script.page({ after: 4, through: 5, live: true, events: [own(5, 4, 1)] }).acks(2, 1, 6);
  expect(seams(script)).toEqual([]);
  script.acks(3, 1, 7);
  expect(seams(script)).toEqual([{ from: 1, to: 2, afterMs: 0, lost: 0, resent: 2, doubled: 0 }]);
  script.acks(4, 1, 8);
  expect(seams(script)).toEqual([]);
});

test('a second loss before the first one is over is the same seam', () => {
  const script = chatting().post('a');
  script.attached(2, 'moved').welcome({ server: 2 });
  script.nowMs += 300;
  script.attached(3, 'moved').welcome({ server: 3 }).page({ after: 4, through: 4, live: true }).acks(1, 1, 5);
  expect(seams(script)).toEqual([{ from: 1, to: 3, afterMs: 300, lost: 0, resent: 1, doubled: 0 }]);
});

test('the same server may be back', () => {
  const script = chatting().socket('down');
  script.nowMs += 50;
  script.socket('up').attached(1, 'new').welcome().page({ after: 4, through: 4, live: true });
  expect(seams(script)).toEqual([{ from: 1, to: 1, afterMs: 50, lost: 0, resent: 0, doubled: 0 }]);
});

test('a line that is missing is counted', () => {
  const script = chatting().attached(2, 'moved').welcome({ server: 2 });
  script.page({ after: 4, through: 9, live: true, events: [line(8, 5), line(9, 8)] });
  expect(seams(script)).toMatchObject([{ lost: 3 }]);
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
    expect(seams(script)).toEqual([{ from: 1, to: 2, afterMs: 0, lost: 0, resent: 0, doubled: 0 }]);
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
