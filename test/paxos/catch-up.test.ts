import { accepted, askedOf, Bench, ballot, ofType, sent } from './bench';

const heartbeat = (committed: number) =>
  ({ type: 'Heartbeat', ballot: ballot(1, 2), committed, beat: 1, clients: 0 }) as const;
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

describe('a peer that has cut off what is missing', () => {
  const cutOff = (from: number, first: number) => ({ type: 'Values', from, values: [], committed: 30, first }) as const;
  const behind = (effects: Parameters<typeof ofType>[0]) =>
    ofType(effects, 'behind').map(({ peer, first }) => `${peer} from ${first}`);
  /** Has asked the leader for round 0. */
  const asking = (state = {}) => {
    const bench = new Bench({ servers: 5, state });
    bench.step(2, heartbeat(30));
    for (const peer of [3, 4, 5])
      bench.step(peer, { type: 'Alive', ballot: ballot(1, 2), committed: 30, beat: 1, clients: 0 });
    bench.wait(80);
    return bench;
  };
  /** Lets it ask until it asks this peer, and that one answer. */
  const answers = (bench: Bench, peer: number, answer: Parameters<typeof bench.step>[1]) => {
    for (let tries = 0; tries < 200; tries += 1) {
      if (askedOf(bench.wait(10), 'RequestValue').includes(peer)) return bench.step(peer, answer);
    }
    throw new Error(`server ${peer} is not asked`);
  };

  test('is told of, and the others are asked one after the other whether they still have it', () => {
    const bench = asking();
    expect(behind(bench.step(2, cutOff(0, 20)))).toEqual(['2 from 20']);
    expect(askedOf(bench.wait(700), 'RequestValue').slice(0, 3)).toEqual([3, 4, 5]);
    expect(bench.replica.view().behind).toBe(30);
  });

  test('is told of once, until another one says so too', () => {
    const bench = asking();
    bench.step(2, cutOff(0, 20));
    for (let times = 0; times < 3; times += 1) expect(behind(answers(bench, 2, cutOff(0, 20)))).toEqual([]);
    expect(behind(answers(bench, 4, cutOff(0, 25)))).toEqual(['4 from 25']);
    expect(behind(answers(bench, 4, cutOff(0, 25)))).toEqual([]);
    expect(behind(answers(bench, 2, cutOff(0, 20)))).toEqual(['2 from 20']);
  });

  test('is told of again when this server got further, and is behind nevertheless', () => {
    const bench = asking();
    bench.step(2, cutOff(0, 20));
    answers(bench, 3, values(0, 2, 30));
    expect(behind(answers(bench, 2, cutOff(2, 20)))).toEqual(['2 from 20']);
  });

  test('is told of no more often than a question may take', () => {
    const bench = asking();
    bench.step(2, cutOff(0, 20));
    bench.link(3, 'up');
    expect(behind(bench.step(3, cutOff(0, 20)))).toEqual([]);
    bench.wait(150);
    expect(behind(answers(bench, 3, cutOff(0, 20)))).toEqual(['3 from 20']);
  });

  test('is not told of when the rounds came meanwhile', () => {
    const bench = asking();
    bench.step(3, values(0, 4, 30));
    expect(behind(bench.step(2, cutOff(0, 4)))).toEqual([]);
    expect(behind(answers(bench, 2, cutOff(4, 5)))).toEqual(['2 from 5']);
  });

  test('is not told of to a server that is new: it may write nothing down yet, and is told once it may', () => {
    const bench = asking({ standing: 'new' });
    expect(behind(bench.step(2, cutOff(0, 20)))).toEqual([]);
    const other = asking({ standing: 'recovering' });
    expect(behind(other.step(2, cutOff(0, 20)))).toEqual(['2 from 20']);
  });

  test('asked before a snapshot was installed, does not keep the rounds after it from being asked for', () => {
    const bench = asking();
    bench.step(2, cutOff(0, 20));
    bench.wait(60);
    expect(sent(bench.install(20), 'RequestValue')).toEqual([{ type: 'RequestValue', from: 20 }]);
    expect(askedOf(bench.step(2, values(20, 4, 30)), 'RequestValue')).toEqual([2]);
    expect(bench.replica.view()).toMatchObject({ first: 20, committed: 24, behind: 6 });
  });
});
