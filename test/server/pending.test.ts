import { Pace } from '../../src/server/pace';
import { Pending, type PendingLimits } from '../../src/server/pending';

const LIMITS = {
  pendingCommands: 10,
  pendingBytes: 100,
  pendingBytesOfAll: 150,
  slowedBytes: 20,
  slowedBytesOfAll: 30,
};

function unlimited(): Pace {
  return new Pace(
    { postsPerSecond: 1, postBurst: 1 },
    () => true,
    () => {},
  );
}

function bytes(text: string, length = 1): Uint8Array {
  return Uint8Array.from(Buffer.from(text.padEnd(length)));
}

/** What is proposed now that there is room for so much. */
function taken(pending: Pending, mostBytes = 1000, nowMs = 0): readonly string[] {
  return pending.take(mostBytes, nowMs).map((group) => Buffer.from(group).toString().trim());
}

test('keeps groups until the log has them', () => {
  const pending = new Pending(LIMITS, unlimited());
  expect(pending.add('a', 0, 1, 2, bytes('one'), 0)).toBe(true);
  expect(pending.add('a', 0, 3, 1, bytes('two'), 0)).toBe(true);
  expect(taken(pending)).toEqual(['one', 'two']);
  expect(taken(pending)).toEqual([]);
  pending.settle('a', 2, 5);
  pending.allAgain();
  expect(taken(pending)).toEqual(['two']);
  pending.settle('a', 3, 5);
  pending.allAgain();
  expect(taken(pending)).toEqual([]);
});

test('a group that waits already is not proposed again', () => {
  const pending = new Pending(LIMITS, unlimited());
  pending.add('a', 0, 1, 3, bytes('one'), 0);
  expect(pending.add('a', 0, 1, 3, bytes('one'), 0)).toBe(false);
  expect(pending.add('a', 0, 2, 1, bytes('part'), 0)).toBe(false);
  expect(taken(pending)).toEqual(['one']);
});

test('a group whose predecessor was lost on its way is not taken: it comes again after that one', () => {
  const pending = new Pending(LIMITS, unlimited());
  expect(pending.add('a', 4, 6, 1, bytes('late'), 0)).toBe(false);
  expect(pending.add('a', 4, 5, 1, bytes('next'), 0)).toBe(true);
  expect(pending.add('a', 4, 7, 1, bytes('late'), 0)).toBe(false);
  expect(pending.add('a', 4, 6, 2, bytes('both'), 0)).toBe(true);
  expect(taken(pending)).toEqual(['next', 'both']);
});

test('what was overtaken is proposed again once for all that was under way', () => {
  const pending = new Pending(LIMITS, unlimited());
  pending.add('a', 0, 1, 1, bytes('one'), 0);
  pending.add('a', 0, 2, 1, bytes('two'), 0);
  const after = (expectedSeq: number, beforeMs: number, nowMs: number) => {
    pending.overtaken('a', expectedSeq, beforeMs, nowMs);
    return taken(pending);
  };
  expect(taken(pending)).toEqual(['one', 'two']);
  expect(after(1, -100, 0)).toEqual(['one', 'two']);
  expect(after(1, -90, 10)).toEqual([]);
  expect(after(1, 10, 110)).toEqual(['one', 'two']);
  pending.overtaken('b', 1, 1000, 1100);
  expect(taken(pending)).toEqual([]);
});

test('what the log cannot take without the client is given up', () => {
  const pending = new Pending(LIMITS, unlimited());
  pending.add('a', 4, 5, 1, bytes('five'), 0);
  pending.overtaken('a', 3, 0, 100);
  pending.allAgain();
  expect(taken(pending)).toEqual([]);
});

test('is bounded, of one session and of all', () => {
  const pending = new Pending(LIMITS, unlimited());
  expect(pending.add('a', 0, 1, 11, bytes('many'), 0)).toBe(false);
  expect(pending.add('a', 0, 1, 1, bytes('long', 101), 0)).toBe(false);
  expect(pending.add('a', 0, 1, 1, bytes('a', 90), 0)).toBe(true);
  expect(pending.add('a', 0, 2, 1, bytes('a', 20), 0)).toBe(false);
  expect(pending.add('b', 0, 1, 1, bytes('b', 70), 0)).toBe(false);
  expect(pending.add('b', 0, 1, 1, bytes('b', 60), 0)).toBe(true);
  pending.forget('a');
  expect(pending.add('c', 0, 1, 1, bytes('c', 90), 0)).toBe(true);
  pending.settle('b', 1, 0);
  expect(pending.add('c', 0, 2, 1, bytes('c', 10), 0)).toBe(true);
});

test('as much is proposed as there is room for, a group of each session in turn', () => {
  const pending = new Pending(LIMITS, unlimited());
  for (let seq = 1; seq <= 4; seq += 1) pending.add('a', 0, seq, 1, bytes(`a${seq}`, 20), 0);
  for (let seq = 1; seq <= 2; seq += 1) pending.add('b', 0, seq, 1, bytes(`b${seq}`, 20), 0);
  expect(taken(pending, 21)).toEqual(['a1', 'b1']);
  expect(taken(pending, 1)).toEqual(['a2']);
  // What is committed was perhaps proposed elsewhere: it has no turn any more.
  pending.settle('a', 3, 0);
  expect(taken(pending)).toEqual(['b2', 'a4']);
});

test('what comes to nothing is proposed again, each time after twice as long', () => {
  const pending = new Pending(LIMITS, unlimited());
  pending.add('a', 0, 1, 1, bytes('one'), 0);
  pending.add('a', 0, 2, 1, bytes('two'), 0);
  pending.overdueAgain(100, 1000);
  expect(taken(pending, 1000, 1000)).toEqual(['one', 'two']);
  const overdue = (nowMs: number) => {
    pending.overdueAgain(100, nowMs);
    return taken(pending, 1000, nowMs);
  };
  expect(overdue(1099)).toEqual([]);
  expect(overdue(1100)).toEqual(['one', 'two']);
  expect(overdue(1299)).toEqual([]);
  expect(overdue(1300)).toEqual(['one', 'two']);
  pending.settle('a', 1, 1400);
  expect(overdue(1499)).toEqual([]);
  expect(overdue(1500)).toEqual(['two']);
});

describe('a session that says more than it may', () => {
  /** Two a second, four at once; `free` is not limited. */
  function paced(limits: Partial<PendingLimits> = { slowedBytes: 1e4, slowedBytesOfAll: 1e4 }) {
    const slowed: string[] = [];
    const pace = new Pace(
      { postsPerSecond: 2, postBurst: 4 },
      (session) => session === 'free',
      (session) => slowed.push(session),
    );
    return { pending: new Pending({ ...LIMITS, pendingCommands: 100, ...limits }, pace), slowed };
  }

  /** All that is proposed at that time, of as many groups as there is room for. */
  function proposed(pending: Pending, nowMs: number): readonly string[] {
    const groups: string[] = [];
    pending.proposeTo(
      { roomBytes: 1000 },
      (some) => groups.push(...some.map((one) => Buffer.from(one).toString())),
      nowMs,
    );
    return groups;
  }

  function say(pending: Pending, session: string, from: number, to: number): void {
    for (let seq = from; seq <= to; seq += 1) pending.add(session, from - 1, seq, 1, bytes(`${session}${seq}`), 0);
  }

  test('waits its turn, in order, and loses nothing; others do not wait for it', () => {
    const { pending, slowed } = paced();
    say(pending, 'a', 1, 7);
    say(pending, 'b', 1, 1);
    say(pending, 'free', 1, 6);
    const first = proposed(pending, 0);
    expect(first.filter((group) => group.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(first.filter((group) => group.startsWith('free'))).toHaveLength(6);
    expect(first).toContain('b1');
    expect(slowed).toEqual(['a']);
    expect([proposed(pending, 499), proposed(pending, 500), proposed(pending, 999)]).toEqual([[], ['a5'], []]);
    expect([proposed(pending, 1000), proposed(pending, 1500), proposed(pending, 9000)]).toEqual([['a6'], ['a7'], []]);
  });

  test('does not pay again for what is proposed again, nor wait with it', () => {
    const { pending } = paced();
    say(pending, 'a', 1, 5);
    proposed(pending, 0);
    pending.allAgain();
    expect(proposed(pending, 1)).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(proposed(pending, 500)).toEqual(['a5']);
  });

  test('is remembered when all of it is in the log, until it has been quiet for long enough', () => {
    const { pending } = paced();
    say(pending, 'a', 1, 4);
    proposed(pending, 0);
    pending.settle('a', 4, 10);
    pending.tidy(10);
    say(pending, 'a', 5, 6);
    expect([proposed(pending, 10), proposed(pending, 500)]).toEqual([[], ['a5']]);
    pending.settle('a', 6, 600);
    pending.tidy(10_000);
    say(pending, 'a', 7, 12);
    expect(proposed(pending, 10_000)).toEqual(['a7', 'a8', 'a9', 'a10']);
  });

  test('a group of more than a burst goes when the burst is there, and is paid for afterwards', () => {
    const { pending } = paced();
    pending.add('a', 0, 1, 10, bytes('ten'), 0);
    pending.add('a', 0, 11, 1, bytes('next'), 0);
    expect(proposed(pending, 0)).toEqual(['ten']);
    expect([proposed(pending, 3499), proposed(pending, 3500)]).toEqual([[], ['next']]);
  });

  test('what the log has already costs nothing: its client asks what came of it', () => {
    const { pending } = paced();
    say(pending, 'a', 1, 4);
    proposed(pending, 0);
    pending.forget('a');
    pending.add('a', 4, 1, 4, bytes('again'), 0);
    expect(proposed(pending, 1)).toEqual(['again']);
  });

  test('takes no room from others while it waits, and not all of what there is for such', () => {
    const { pending } = paced({});
    for (const session of ['a', 'b', 'c']) {
      say(pending, session, 1, 5);
      proposed(pending, 0);
      pending.settle(session, 4, 0);
    }
    // Each waits with one of two bytes that came before that was known.
    const more = (session: string, from: number, length: number) =>
      pending.add(session, from - 1, from, 1, bytes(`${session}${from}`, length), 0);
    expect([more('a', 6, 19), more('a', 6, 18), more('b', 6, 13), more('b', 6, 12)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect([more('c', 6, 1), more('d', 1, 100)]).toEqual([false, true]);
    pending.forget('a');
    expect(more('c', 6, 18)).toBe(true);
  });

  test('who goes while waiting is not waited for', () => {
    const { pending } = paced();
    say(pending, 'a', 1, 6);
    proposed(pending, 0);
    pending.clear();
    expect(proposed(pending, 10_000)).toEqual([]);
  });
});
