import fc from 'fast-check';
import type { Outcome } from '../../src/chat/events';
import { OutcomeList } from '../../src/chat/outcomes';
import { ALICE } from './world';

function outcome(seq: number, more: Partial<Outcome> = {}): Outcome {
  return { session: ALICE, firstSeq: seq, count: 1, round: seq, firstPosition: 10 * seq, ...more };
}

function seqsOf(list: Iterable<Outcome>): readonly number[] {
  return [...list].flatMap(({ firstSeq, count }) => Array.from({ length: count }, (_, at) => firstSeq + at));
}

test('what follows in the same round is one run; a refusal stands alone', () => {
  const list = new OutcomeList();
  const refusal = { code: 'not-in-room', message: '' } as const;
  for (const seq of [1, 2, 3, 4]) {
    list.add(outcome(seq, { round: 7, firstPosition: 10 + seq, ...(seq === 3 && { refusal }) }));
  }
  expect([...list].map(({ firstSeq, count }) => [firstSeq, count])).toEqual([
    [1, 2],
    [3, 1],
    [4, 1],
  ]);
});

test('a run that is dropped in part gives the rest', () => {
  const list = new OutcomeList([outcome(1, { count: 5 })]);
  list.drop(3);
  expect(list.of(1, 9)).toEqual([outcome(4, { count: 2, round: 1, firstPosition: 13 })]);
});

test('only the next outcome can be recorded', () => {
  expect(() => new OutcomeList([outcome(1)]).add(outcome(3))).toThrow('not the next one');
});

const steps = fc.array(fc.oneof(fc.record({ drop: fc.nat(60) }), fc.record({ first: fc.nat(60), count: fc.nat(9) })), {
  maxLength: 60,
  size: 'max',
});

test('gives what was recorded and not dropped, like a list that is looked through', () => {
  fc.assert(
    fc.property(steps, fc.infiniteStream(fc.boolean()), (all, newRounds) => {
      const list = new OutcomeList();
      const model = new Map<number, Outcome>();
      let dropped = 0;
      let round = 0;
      let seq = 0;
      for (const step of all) {
        seq += 1;
        if (newRounds.next().value) round += 1;
        const next = outcome(seq, { round, firstPosition: seq });
        list.add(next);
        model.set(seq, next);
        if ('drop' in step) {
          dropped = Math.max(dropped, Math.min(step.drop, seq));
          list.drop(Math.min(step.drop, seq));
        } else {
          const asked = Array.from({ length: step.count }, (_, at) => step.first + at);
          const expected = asked.filter((each) => each > dropped && model.has(each));
          const found = list.of(step.first, step.count);
          expect(seqsOf(found)).toEqual(expected);
          for (const { firstSeq, firstPosition, round: then } of found) {
            expect([firstPosition, then]).toEqual([model.get(firstSeq)?.firstPosition, model.get(firstSeq)?.round]);
          }
        }
        expect(list.size).toBe([...list].length);
        expect(seqsOf(new OutcomeList(list, list.droppedThrough).of(1, 99))).toEqual(seqsOf(list.of(1, 99)));
      }
    }),
  );
});

test('dropping costs the same however many are kept', () => {
  const list = new OutcomeList();
  for (let seq = 1; seq <= 100_000; seq += 1) {
    list.add(outcome(seq));
    list.drop(seq - 4096);
  }
  expect(list.size).toBe(4096);
  // What is dropped is let go too, not only passed over.
  expect((list as unknown as { runs: unknown[] }).runs.length).toBeLessThan(1.5 * 4096);
});
