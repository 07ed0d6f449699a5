/** What a client was told against what the servers have. */
import { digestAfterLine, digestText, emptyRoomDigest, type RoomDigest } from '../../src/chat/room-digest';
import { Comparison, type DigestQuestion } from '../../src/client/comparison';
import type { MessageEvent } from '../../src/client/events';
import { digestLine } from '../../src/client/plain';
import { eventsIn, line as lineOf, requestsIn, Script } from './script';

const NONE = emptyRoomDigest('lobby', 'b');

function line(index: number, text = `line ${index}`, room = 'lobby'): MessageEvent {
  const rest = { round: 1, nick: 'bob', time: 1, session: 's', seq: 1 };
  return { type: 'message', room, index, position: 10 * index, text, ...rest };
}

function digestOf(...lines: readonly MessageEvent[]): string {
  const all = lines.map((one) => ({ ...one, kind: 'message' as const }));
  return digestText(all.reduce<RoomDigest>(digestAfterLine, NONE));
}

function following() {
  const asked: DigestQuestion[] = [];
  const comparison = new Comparison((question) => asked.push(question));
  return { asked, comparison };
}

test('the digest before the first line is asked for, then that of the last one, one at a time', () => {
  const { asked, comparison } = following();
  comparison.onLine(line(2));
  comparison.onLine(line(3));
  comparison.onLive(0);
  expect(asked).toEqual([{ type: 'digest', room: 'lobby', index: 0, position: 19 }]);
  expect(comparison.onDigest(1, 1, digestOf(line(1)))).toEqual({ isOurs: true });
  expect(asked[1]).toEqual({ type: 'digest', room: 'lobby', index: 3, position: 0 });
  comparison.onLine(line(4));
  expect(comparison.onDigest(2, 3, digestOf(line(1), line(2), line(3)))).toEqual({ isOurs: true });
  comparison.tick(200_000);
  expect(asked[2]).toEqual({ type: 'digest', room: 'lobby', index: 4, position: 0 });
});

test('a room whose first line comes later is compared soon, not only with the others', () => {
  const { asked, comparison } = following();
  comparison.onLive(0);
  expect(asked).toEqual([]);
  comparison.onLine(line(2));
  comparison.tick(1);
  expect(asked).toEqual([{ type: 'digest', room: 'lobby', index: 0, position: 19 }]);
  comparison.onDigest(1, 1, digestOf(line(1)));
  expect(comparison.digestAt('lobby', 2)).toBe(digestOf(line(1), line(2)));
  comparison.onDigest(2, 2, digestOf(line(1), line(2)));
  comparison.tick(2);
  expect(asked).toHaveLength(2);
});

test('another line than the server has is told, once', () => {
  const { asked, comparison } = following();
  comparison.onLine(line(1, 'never said'));
  comparison.onLive(0);
  comparison.onDigest(1, 0, digestText(NONE));
  const [ours, theirs] = [digestOf(line(1, 'never said')), digestOf(line(1))];
  expect(comparison.onDigest(2, 1, theirs)).toEqual({
    isOurs: true,
    difference: { room: 'lobby', index: 1, ours, theirs },
  });
  // What comes after it does not make it right, nor hide it.
  comparison.onLine(line(2));
  comparison.onLive(1);
  expect(asked[2]).toEqual({ type: 'digest', room: 'lobby', index: 2, position: 0 });
  expect(comparison.onDigest(3, 2, digestOf(line(1), line(2)))).toEqual({ isOurs: true });
  expect(comparison.digestAt('lobby', 2)).toBe(digestOf(line(1, 'never said'), line(2)));
});

test('the digest of what was told is known through the last line', () => {
  const { comparison } = following();
  comparison.onLine(line(1));
  expect(comparison.digestAt('lobby', 1)).toBeUndefined();
  comparison.onLive(0);
  comparison.onDigest(1, 0, digestText(NONE));
  expect(comparison.digestAt('lobby', 1)).toBe(digestOf(line(1)));
  comparison.onLine(line(2));
  expect(comparison.digestAt('lobby', 1)).toBeUndefined();
  expect(comparison.digestAt('lobby', 2)).toBe(digestOf(line(1), line(2)));
});

test.each([
  [undefined, ''],
  ['5728cb353ac456c7', '; the same here and at the server'],
  ['0000111122223333', '; at the server, but 0000 1111 2222 3333 here'],
])('a digest is shown with what was told here: %s', (ours, words) => {
  const digest = { type: 'digest', room: 'lobby', index: 2, position: 4, digest: '5728cb353ac456c7' } as const;
  const text = digestLine(ours === undefined ? digest : { ...digest, ours });
  expect(text).toBe(`5728 cb35 3ac4 56c7 #lobby through line 2, position 4${words}`);
});

test('after a gap it begins anew, and a question without an answer is asked again later', () => {
  const { asked, comparison } = following();
  comparison.onLine(line(1));
  comparison.onLine(line(5));
  comparison.onLive(0);
  expect(asked).toEqual([{ type: 'digest', room: 'lobby', index: 0, position: 49 }]);
  expect(comparison.onNoAnswer(1)).toBe(true);
  expect(comparison.isAsking).toBe(false);
  comparison.onLive(1);
  expect(asked).toHaveLength(2);
  expect(comparison.onNoAnswer(7)).toBe(false);
  expect(comparison.onDigest(7, 1, '')).toEqual({ isOurs: false });
});

test('what was told of another log is compared with nothing', () => {
  const { asked, comparison } = following();
  comparison.onLine(line(1, 'never said'));
  comparison.onLive(0);
  comparison.onDigest(1, 0, digestText(NONE));
  comparison.restart();
  expect(comparison.onDigest(2, 1, digestOf(line(1)))).toEqual({ isOurs: true });
  comparison.onLive(1);
  expect(asked).toHaveLength(2);
});

test.each([
  [{}, 1],
  [{ trusting: true } as const, 0],
])('a session compares, unless it trusts: %j', (options, questions) => {
  const script = new Script(options).online();
  script.deliver(lineOf(1, 1), lineOf(2, 2)).attached(2, 'moved').welcome({ server: 2 });
  script.page({ after: 2, through: 2, live: true });
  expect(requestsIn(script.look(), 'digest')).toHaveLength(questions);
});

test('the digest that somebody asks for comes with that of what was told here, where that is known', () => {
  const script = new Script().online().deliver(lineOf(1, 1), lineOf(2, 2)).pass(1000);
  const answer = (index: number, digest: string) => {
    const [asked] = requestsIn(script.look(), 'digest').slice(-1);
    script.says({ type: 'digest', id: asked?.id ?? 0, index, position: index, digest });
  };
  answer(0, digestText(NONE));
  const ours = digestText([lineOf(1, 1), lineOf(2, 2)].reduce<RoomDigest>(digestAfterLine, NONE));
  answer(2, ours);
  for (const [index, known] of [
    [2, { ours }],
    [1, {}],
  ] as const) {
    script.look();
    script.did(script.session.ask({ type: 'digest', room: 'lobby', index, position: 0 }, script.nowMs));
    answer(index, 'f'.repeat(16));
    const digest = { type: 'digest', room: 'lobby', index, position: index, digest: 'f'.repeat(16) };
    expect(eventsIn(script.look(), 'digest')).toEqual([{ ...digest, ...known }]);
  }
});

test('conversations are not compared: a nick may be another session’s by now', () => {
  const { asked, comparison } = following();
  for (const index of [1, 2]) comparison.onLine(line(index, 'psst', '@bob'));
  comparison.onLive(0);
  expect(asked).toEqual([]);
});

test('a digest of other lines than those before the first one says nothing', () => {
  const { asked, comparison } = following();
  comparison.onLine(line(5));
  comparison.onLive(0);
  expect(comparison.onDigest(1, 3, digestOf(line(1)))).toEqual({ isOurs: true });
  expect(comparison.digestAt('lobby', 5)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('so does one that comes from the log before', () => {
  const { comparison } = following();
  comparison.onLine(line(1));
  comparison.onLive(0);
  comparison.onDigest(1, 0, digestText(NONE));
  comparison.restart();
  comparison.onLine(line(1, 'of another log'));
  expect(comparison.onDigest(2, 1, digestOf(line(1, 'of another log')))).toEqual({ isOurs: true });
});

test('lines that wait for an answer are bounded: the later ones stay', () => {
  const { asked, comparison } = following();
  for (let index = 2; index <= 1026; index += 1) comparison.onLine(line(index));
  comparison.onLive(0);
  expect(asked).toEqual([{ type: 'digest', room: 'lobby', index: 0, position: 5139 }]);
});
