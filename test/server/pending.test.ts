import { Pending } from '../../src/server/pending';

const LIMITS = { pendingCommands: 10, pendingBytes: 100, pendingBytesOfAll: 150 };

function bytes(text: string, length = 1): Uint8Array {
  return Uint8Array.from(Buffer.from(text.padEnd(length)));
}

function texts(groups: readonly Uint8Array[]): readonly string[] {
  return groups.map((group) => Buffer.from(group).toString().trim());
}

test('keeps groups until the log has them', () => {
  const pending = new Pending(LIMITS);
  expect(pending.add('a', 0, 1, 2, bytes('one'), 0)).toBe(true);
  expect(pending.add('a', 0, 3, 1, bytes('two'), 0)).toBe(true);
  pending.settle('a', 2, 5);
  expect(texts(pending.again('a', 5))).toEqual(['two']);
  pending.settle('a', 3, 5);
  expect(pending.again('a', 5)).toEqual([]);
});

test('a group that waits already is not proposed again', () => {
  const pending = new Pending(LIMITS);
  pending.add('a', 0, 1, 3, bytes('one'), 0);
  expect(pending.add('a', 0, 1, 3, bytes('one'), 0)).toBe(false);
  expect(pending.add('a', 0, 2, 1, bytes('part'), 0)).toBe(false);
});

test('a group whose predecessor was lost on its way is not taken: it comes again after that one', () => {
  const pending = new Pending(LIMITS);
  expect(pending.add('a', 4, 6, 1, bytes('late'), 0)).toBe(false);
  expect(pending.add('a', 4, 5, 1, bytes('next'), 0)).toBe(true);
  expect(pending.add('a', 4, 7, 1, bytes('late'), 0)).toBe(false);
  expect(pending.add('a', 4, 6, 2, bytes('both'), 0)).toBe(true);
  expect(texts(pending.again('a', 0))).toEqual(['next', 'both']);
});

test('what was overtaken is proposed again once for all that was under way', () => {
  const pending = new Pending(LIMITS);
  pending.add('a', 0, 1, 1, bytes('one'), 0);
  pending.add('a', 0, 2, 1, bytes('two'), 0);
  expect(texts(pending.overtaken('a', 1, -100, 0))).toEqual(['one', 'two']);
  expect(pending.overtaken('a', 1, -90, 10)).toEqual([]);
  expect(texts(pending.overtaken('a', 1, 10, 110))).toEqual(['one', 'two']);
  expect(pending.overtaken('b', 1, 1000, 1100)).toEqual([]);
});

test('what the log cannot take without the client is given up', () => {
  const pending = new Pending(LIMITS);
  pending.add('a', 4, 5, 1, bytes('five'), 0);
  expect(pending.overtaken('a', 3, 0, 100)).toEqual([]);
  expect(pending.again('a', 100)).toEqual([]);
});

test('is bounded, of one session and of all', () => {
  const pending = new Pending(LIMITS);
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

test('each session is a list of its own, so that one without room leaves the others theirs', () => {
  const pending = new Pending(LIMITS);
  pending.add('a', 0, 1, 1, bytes('one'), 0);
  pending.add('b', 0, 1, 1, bytes('other'), 50);
  expect(pending.overdue(10, 100).map(texts)).toEqual([['one']]);
  expect(pending.allAgain(100).map(texts)).toEqual([['one'], ['other']]);
});
