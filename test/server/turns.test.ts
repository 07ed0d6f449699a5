/** One question of each session at a time, so many that wait, and so much that is answered in a second. */
import { Turns } from '../../src/server/turns';

const LIMITS = { questionsOfClient: 4, answerBytesPerSec: 1_000_000, answerBytesAtOnce: 500_000 };

function setUp() {
  const turns = new Turns(LIMITS);
  turns.tick(0);
  const started: string[] = [];
  const done = new Map<string, (bytes: number) => void>();
  const ask = (session: string, name: string) =>
    turns.ask(session, (then) => {
      started.push(name);
      done.set(name, then);
    });
  const end = (name: string, bytes = 0) => done.get(name)?.(bytes);
  return { turns, started, ask, end };
}

test('the questions of a session are answered one after the other, those of another beside them', () => {
  const { started, ask, end } = setUp();
  for (const name of ['a1', 'a2', 'a3']) ask('a', name);
  ask('b', 'b1');
  expect(started).toEqual(['a1', 'b1']);
  end('a1');
  expect(started).toEqual(['a1', 'b1', 'a2']);
});

test('one too many of a session is refused, until another one has its answer', () => {
  const { ask, end } = setUp();
  expect([1, 2, 3, 4, 5].map((number) => ask('a', `a${number}`))).toEqual([true, true, true, true, false]);
  expect(ask('b', 'b1')).toBe(true);
  end('a1');
  expect(ask('a', 'a6')).toBe(true);
  expect(ask('a', 'a7')).toBe(false);
});

test('who had much waits for more, and nobody else does', () => {
  const { turns, started, ask, end } = setUp();
  for (const name of ['a1', 'a2', 'a3']) ask('a', name);
  end('a1', 400_000);
  end('a2', 400_000);
  expect(started).toEqual(['a1', 'a2']);
  ask('b', 'b1');
  expect(started).toEqual(['a1', 'a2', 'b1']);
  turns.tick(200);
  expect(started).toHaveLength(3);
  turns.tick(500);
  expect(started).toEqual(['a1', 'a2', 'b1', 'a3']);
});

test('over a long time nobody has more than so much a second', () => {
  const { turns } = setUp();
  let answered = 0;
  for (let ms = 0; ms <= 10_000; ms += 10) {
    turns.tick(ms);
    for (let question = 0; question < 10; question += 1) {
      turns.ask('a', (done) => {
        answered += 1;
        done(100_000);
      });
    }
  }
  expect(answered * (100_000 + 16_384)).toBeGreaterThan(9 * LIMITS.answerBytesPerSec);
  expect(answered * (100_000 + 16_384)).toBeLessThan(11 * LIMITS.answerBytesPerSec);
});

test('who asks no more is forgotten', () => {
  const { turns, ask, end } = setUp();
  ask('a', 'a1');
  turns.tick(10_000);
  end('a1', 900_000);
  const { lines } = turns as unknown as { lines: ReadonlyMap<string, unknown> };
  turns.tick(10_100);
  expect(lines.size).toBe(1);
  turns.tick(20_000);
  expect(lines.size).toBe(0);
});
