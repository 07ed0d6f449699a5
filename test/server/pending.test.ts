import { Pending } from '../../src/server/pending';

const LIMITS = { pendingCommands: 10, pendingBytes: 100, pendingBytesOfAll: 150 };

function bytes(text: string, length = 1): Uint8Array {
  return Uint8Array.from(Buffer.from(text.padEnd(length)));
}

/** What is proposed now that there is room for so much. */
function taken(pending: Pending, mostBytes = 1000, nowMs = 0): readonly string[] {
  return pending.take(mostBytes, nowMs).map((group) => Buffer.from(group).toString().trim());
}

test('keeps groups until the log has them', () => {
  const pending = new Pending(LIMITS);
  expect(pending.add('a', 0, 1, 2, bytes('one'))).toBe(true);
  expect(pending.add('a', 0, 3, 1, bytes('two'))).toBe(true);
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
  const pending = new Pending(LIMITS);
  pending.add('a', 0, 1, 3, bytes('one'));
  expect(pending.add('a', 0, 1, 3, bytes('one'))).toBe(false);
  expect(pending.add('a', 0, 2, 1, bytes('part'))).toBe(false);
  expect(taken(pending)).toEqual(['one']);
});

test('a group whose predecessor was lost on its way is not taken: it comes again after that one', () => {
  const pending = new Pending(LIMITS);
  expect(pending.add('a', 4, 6, 1, bytes('late'))).toBe(false);
  expect(pending.add('a', 4, 5, 1, bytes('next'))).toBe(true);
  expect(pending.add('a', 4, 7, 1, bytes('late'))).toBe(false);
  expect(pending.add('a', 4, 6, 2, bytes('both'))).toBe(true);
  expect(taken(pending)).toEqual(['next', 'both']);
});

test('what was overtaken is proposed again once for all that was under way', () => {
  const pending = new Pending(LIMITS);
  pending.add('a', 0, 1, 1, bytes('one'));
  pending.add('a', 0, 2, 1, bytes('two'));
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
  const pending = new Pending(LIMITS);
  pending.add('a', 4, 5, 1, bytes('five'));
  pending.overtaken('a', 3, 0, 100);
  pending.allAgain();
  expect(taken(pending)).toEqual([]);
});

test('is bounded, of one session and of all', () => {
  const pending = new Pending(LIMITS);
  expect(pending.add('a', 0, 1, 11, bytes('many'))).toBe(false);
  expect(pending.add('a', 0, 1, 1, bytes('long', 101))).toBe(false);
  expect(pending.add('a', 0, 1, 1, bytes('a', 90))).toBe(true);
  expect(pending.add('a', 0, 2, 1, bytes('a', 20))).toBe(false);
  expect(pending.add('b', 0, 1, 1, bytes('b', 70))).toBe(false);
  expect(pending.add('b', 0, 1, 1, bytes('b', 60))).toBe(true);
  pending.forget('a');
  expect(pending.add('c', 0, 1, 1, bytes('c', 90))).toBe(true);
  pending.settle('b', 1, 0);
  expect(pending.add('c', 0, 2, 1, bytes('c', 10))).toBe(true);
});

test('as much is proposed as there is room for, a group of each session in turn', () => {
  const pending = new Pending(LIMITS);
  for (let seq = 1; seq <= 4; seq += 1) pending.add('a', 0, seq, 1, bytes(`a${seq}`, 20));
  for (let seq = 1; seq <= 2; seq += 1) pending.add('b', 0, seq, 1, bytes(`b${seq}`, 20));
  expect(taken(pending, 21)).toEqual(['a1', 'b1']);
  expect(taken(pending, 1)).toEqual(['a2']);
  // What is committed was perhaps proposed elsewhere: it has no turn any more.
  pending.settle('a', 3, 0);
  expect(taken(pending)).toEqual(['b2', 'a4']);
});

test('what comes to nothing is proposed again, each time after twice as long', () => {
  const pending = new Pending(LIMITS);
  pending.add('a', 0, 1, 1, bytes('one'));
  pending.add('a', 0, 2, 1, bytes('two'));
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
