import type { DurableWrite } from '../../src/paxos/effects';
import { accepted, Bench, ballot, bytes, ofType, sent } from './bench';

const accept = (inBallot: { counter: number; server: number }, round: number, text: string, committed = 0) =>
  ({ type: 'Accept', ballot: inBallot, round, value: bytes(text), committed }) as const;
const prepare = (inBallot: { counter: number; server: number }, from = 0) =>
  ({ type: 'Prepare', ballot: inBallot, from }) as const;

const writesOf = (bench: Bench): DurableWrite[] => ofType(bench.done, 'persist').map(({ write }) => write);

describe('the acceptor', () => {
  test('promises only once the promise is durable', () => {
    const bench = new Bench();
    expect(bench.ask(2, prepare(ballot(1, 2)))).toBeUndefined();
    expect(writesOf(bench).at(-1)?.state?.promised).toEqual(ballot(1, 2));
    const [promise] = sent(bench.flush(), 'Promise');
    expect(promise).toMatchObject({ granted: true, ballot: ballot(1, 2), from: 0, next: -1, accepted: [] });
  });

  test('votes only once the value is durable, to every peer and to itself', () => {
    const bench = new Bench();
    const effects = bench.step(2, accept(ballot(1, 2), 0, 'a'));
    expect(sent(effects, 'Accepted')).toEqual([]);
    expect(writesOf(bench).at(-1)?.accepted).toEqual([accepted(0, ballot(1, 2), 'a')]);
    const later = bench.flush();
    expect(sent(later, 'Accepted')).toMatchObject([
      { ballot: ballot(1, 2), rounds: [{ from: 0, to: 0 }], vector: [1, 1, 1] },
    ]);
    expect(ofType(later, 'loopback')).toHaveLength(1);
  });

  test('repeats the vote for a repeated Accept after all earlier writes, and writes nothing again', () => {
    const bench = new Bench();
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    const again = bench.step(2, accept(ballot(1, 2), 0, 'a'));
    expect(sent(again, 'Accepted')).toEqual([]);
    expect(ofType(again, 'persist').map(({ write }) => write)).toEqual([{}]);
    expect(sent(bench.flush(), 'Accepted')).toHaveLength(2);
  });

  test('refuses a ballot below its promise, in both phases, and says what it promised', () => {
    const bench = new Bench();
    bench.ask(3, prepare(ballot(2, 3)));
    bench.flush();
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.replica.acceptor.accept(accepted(0, ballot(1, 2), 'a'));
    expect(bench.replica.parts.memory.log.get(0)).toBeUndefined();
    bench.ask(2, prepare(ballot(1, 2)));
    const [refusal] = sent(bench.flush(), 'Promise');
    expect(refusal).toMatchObject({ granted: false, ballot: ballot(1, 2), promised: ballot(2, 3), accepted: [] });
    expect(sent(bench.done, 'Accepted')).toEqual([]);
  });

  test('a refusal too waits for earlier writes: it reveals the promise', () => {
    const bench = new Bench();
    bench.ask(3, prepare(ballot(2, 3)));
    expect(bench.ask(2, prepare(ballot(1, 2)))).toBeUndefined();
    expect(sent(bench.flush(), 'Promise').map(({ granted }) => granted)).toEqual([true, false]);
  });

  test('accepting in a ballot promises it', () => {
    const bench = new Bench();
    bench.step(3, accept(ballot(4, 3), 0, 'a'));
    expect(writesOf(bench).at(-1)?.state?.promised).toEqual(ballot(4, 3));
    bench.ask(2, prepare(ballot(3, 2)));
    expect(sent(bench.flush(), 'Promise')).toMatchObject([{ granted: false }]);
  });

  test('tells all that it accepted from a round on, holes left out, in pages', () => {
    const held = [0, 1, 3, 4, 5, 6, 9].map((round) => accepted(round, ballot(1, 2), `v${round}`));
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 2 }, accepted: held });
    bench.ask(3, prepare(ballot(2, 3), 1));
    const [page] = sent(bench.flush(), 'Promise');
    expect(page?.accepted.map(({ round }) => round)).toEqual([1, 3, 4, 5]);
    expect(page?.next).toBe(6);
    bench.ask(3, prepare(ballot(2, 3), 6));
    const [rest] = sent(bench.flush(), 'Promise');
    expect(rest?.accepted.map(({ round }) => round)).toEqual([6, 9]);
    expect(rest?.next).toBe(-1);
  });

  test('a value that is larger than a page is a page of its own', () => {
    const large = 'x'.repeat(1000);
    const held = [0, 1].map((round) => accepted(round, ballot(1, 2), large));
    const bench = new Bench({ state: { promised: ballot(1, 2) }, accepted: held });
    bench.ask(3, prepare(ballot(2, 3)));
    expect(sent(bench.flush(), 'Promise')).toMatchObject([{ accepted: [{ round: 0 }], next: 1 }]);
  });

  test.each(['new', 'recovering'] as const)('neither promises, nor votes, nor pre-votes while %s', (standing) => {
    const bench = new Bench({ state: { standing } });
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.ask(2, prepare(ballot(1, 2)));
    const effects = bench.flush();
    expect(sent(bench.done, 'Accepted')).toEqual([]);
    expect(sent(effects, 'Promise')).toMatchObject([{ granted: false }]);
    expect(bench.ask(3, { type: 'PreVote', ballot: ballot(5, 3), committed: 0 })).toMatchObject({ granted: false });
    expect(bench.replica.parts.memory.log.get(0)).toBeUndefined();
  });

  test('takes no notice of rounds absurdly far ahead', () => {
    const bench = new Bench();
    bench.step(2, accept(ballot(1, 2), 10_000_000, 'a'));
    expect(bench.ignored('too far ahead')).toBe(1);
    expect(bench.replica.parts.memory.log.end).toBe(0);
  });

  test('votes again, in a higher ballot, for a round that is committed here', () => {
    const held = [accepted(0, ballot(1, 2), 'a')];
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 1 }, accepted: held });
    bench.step(3, accept(ballot(2, 3), 0, 'a'));
    expect(sent(bench.flush(), 'Accepted')).toMatchObject([{ ballot: ballot(2, 3) }]);
  });

  test('a different value for a committed round is a broken agreement, and stops the server', () => {
    const held = [accepted(0, ballot(1, 2), 'a')];
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 1 }, accepted: held });
    expect(() => bench.step(3, accept(ballot(2, 3), 0, 'b'))).toThrow(/two values/);
  });

  test('an Accept counts only from the server whose ballot it is', () => {
    const bench = new Bench();
    bench.step(3, accept(ballot(1, 2), 0, 'a'));
    expect(bench.replica.view().leader).toBe(0);
    expect(bench.replica.parts.memory.log.get(0)).toBeUndefined();
  });

  test('a message of nobody in the cluster is dropped', () => {
    const bench = new Bench();
    expect(bench.step(9, accept(ballot(1, 9), 0, 'a'))).toEqual([]);
    expect(bench.ignored('unknown sender')).toBe(1);
  });
});
