import { accepted, askedOf, Bench, ballot, ofType, sent } from './bench';

const heartbeat = (committed: number) => ({ type: 'Heartbeat', ballot: ballot(1, 2), committed, beat: 1 }) as const;
const values = (from: number, count: number, committed: number) =>
  ({
    type: 'Values',
    from,
    values: Array.from({ length: count }, (_, index) => accepted(from + index, ballot(1, 2), `v${from + index}`)),
    committed,
    first: 0,
  }) as const;

describe('catch-up', () => {
  test('asks the leader for what is committed there and did not come within a short moment', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(3));
    expect(sent(bench.wait(30), 'RequestValue')).toEqual([]);
    const effects = bench.wait(50);
    expect(askedOf(effects, 'RequestValue')).toEqual([2]);
    expect(sent(effects, 'RequestValue')).toEqual([{ type: 'RequestValue', from: 0 }]);
    expect(ofType(effects, 'persist')).toEqual([]);
  });

  test('does not ask while what is missing keeps coming', () => {
    const bench = new Bench();
    for (let round = 0; round < 30; round += 1) {
      bench.step(2, { type: 'Accept', ballot: ballot(1, 2), round, value: Buffer.from('a'), committed: round });
      bench.step(2, heartbeat(round + 1));
      bench.step(2, heartbeat(round + 2));
      expect(sent(bench.wait(30), 'RequestValue')).toEqual([]);
    }
  });

  test('goes on page by page without waiting', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(9));
    bench.wait(80);
    expect(sent(bench.step(2, values(0, 4, 9)), 'RequestValue')).toEqual([{ type: 'RequestValue', from: 4 }]);
    expect(sent(bench.step(2, values(4, 4, 9)), 'RequestValue')).toEqual([{ type: 'RequestValue', from: 8 }]);
    expect(sent(bench.step(2, values(8, 1, 9)), 'RequestValue')).toEqual([]);
    expect(bench.committed).toHaveLength(9);
    expect(bench.replica.view().behind).toBe(0);
  });

  test('turns to the next peer when the leader does not answer', () => {
    const bench = new Bench({ servers: 5 });
    bench.step(2, heartbeat(3));
    for (const peer of [3, 4, 5])
      bench.step(peer, { type: 'Alive', ballot: ballot(1, 2), committed: 3, beat: 1, clients: 0 });
    const order = askedOf(bench.wait(1200), 'RequestValue');
    expect(order.slice(0, 4)).toEqual([2, 3, 4, 5]);
  });

  test('one question is out at a time, and a late answer is welcome for its values', () => {
    const bench = new Bench();
    bench.step(2, heartbeat(3));
    expect(sent(bench.wait(140), 'RequestValue')).toHaveLength(1);
    bench.step(3, values(0, 2, 3));
    expect(bench.committed).toEqual(['v0', 'v1']);
  });

  test('answers with what it committed itself, in pages, and nothing that it merely accepted', () => {
    const held = Array.from({ length: 7 }, (_, round) => accepted(round, ballot(1, 2), `v${round}`));
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 6 }, accepted: held });
    const first = bench.ask(3, { type: 'RequestValue', from: 1 });
    expect(first).toMatchObject({ type: 'Values', from: 1, committed: 6 });
    expect(first).toMatchObject({ values: [{ round: 1 }, { round: 2 }, { round: 3 }, { round: 4 }] });
    expect(bench.ask(3, { type: 'RequestValue', from: 5 })).toMatchObject({ values: [held[5]] });
    expect(bench.ask(3, { type: 'RequestValue', from: 99 })).toMatchObject({ values: [], committed: 6 });
  });

  test('checks with a peer whose connection came up: what was published before is lost', () => {
    const bench = new Bench();
    expect(askedOf(bench.link(3, 'up'), 'RequestValue')).toEqual([3]);
  });

  test('a server that may not vote learns the same way', () => {
    const bench = new Bench({ state: { standing: 'recovering' } });
    bench.step(2, heartbeat(2));
    expect(askedOf(bench.wait(80), 'RequestValue')).toEqual([2]);
    bench.step(2, values(0, 2, 2));
    expect(bench.committed).toEqual(['v0', 'v1']);
  });
});
