import { accepted, Bench, ballot, sent } from './bench';

const acceptsOf = (effects: Parameters<typeof sent>[0]) =>
  sent(effects, 'Accept').map(({ round, value }) => `${round}:${Buffer.from(value).toString() || 'nop'}`);

describe('phase 1', () => {
  test('asks from the committed prefix on', () => {
    const held = ['a', 'b'].map((text, round) => accepted(round, ballot(1, 2), text));
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 2 }, accepted: held });
    bench.becomeCandidate();
    expect(sent(bench.done, 'Prepare')[0]).toEqual({ type: 'Prepare', ballot: ballot(2, 1), from: 2 });
  });

  test('adopts for each round the value of the highest ballot, whoever reports it and in whatever order', () => {
    const low = accepted(0, ballot(1, 3), 'low');
    const high = accepted(0, ballot(2, 2), 'high');
    for (const [first, second, own] of [
      [low, high, undefined],
      [high, low, undefined],
      [low, low, high],
      [high, high, low],
    ]) {
      const bench = new Bench({ servers: 5, state: { promised: ballot(2, 2) }, accepted: own ? [own] : [] });
      const asked = bench.becomeCandidate();
      bench.promise(2, asked, [first!]);
      const effects = bench.promise(3, asked, [second!]);
      expect(acceptsOf(effects)).toEqual(['0:high']);
    }
  });

  test('leads only with a quorum, itself one of it', () => {
    for (const [servers, needed] of [
      [3, 1],
      [5, 2],
      [7, 3],
    ] as const) {
      const bench = new Bench({ servers });
      const own = bench.becomeCandidate();
      for (let peer = 2; peer < 2 + needed - 1; peer += 1) bench.promise(peer, own);
      bench.promise(2, own);
      expect(bench.replica.view().role).toBe(needed === 1 ? 'leader' : 'candidate');
      bench.promise(2 + needed - 1, own);
      expect(bench.replica.view().role).toBe('leader');
    }
  });

  test('a promise counts once its last page came, and every page is asked for', () => {
    const bench = new Bench();
    const own = bench.becomeCandidate();
    bench.promise(2, own, [accepted(0, ballot(0, 2), 'a')], { next: 4 });
    expect(bench.replica.view().role).toBe('candidate');
    expect(sent(bench.flush(), 'Prepare')).toEqual([{ type: 'Prepare', ballot: own, from: 4 }]);
    const effects = bench.promise(2, own, [accepted(4, ballot(0, 2), 'e')], { from: 4 });
    expect(bench.replica.view().role).toBe('leader');
    expect(acceptsOf(effects)).toEqual(['0:a', '1:nop', '2:nop', '3:nop', '4:e']);
  });

  test('a page that comes twice, or late, is no page', () => {
    const bench = new Bench();
    const own = bench.becomeCandidate();
    bench.promise(2, own, [], { next: 4 });
    bench.promise(2, own, [], { next: -1 });
    bench.promise(2, own, [], { from: 2, next: -1 });
    expect(bench.replica.view().role).toBe('candidate');
  });

  test('an unanswered page is asked for again', () => {
    const bench = new Bench();
    const own = bench.becomeCandidate();
    bench.promise(2, own, [], { next: 4 });
    bench.flush();
    bench.wait(160);
    expect(sent(bench.flush(), 'Prepare')).toEqual(
      expect.arrayContaining([
        { type: 'Prepare', ballot: own, from: 0 },
        { type: 'Prepare', ballot: own, from: 4 },
      ]),
    );
  });

  test('a late promise of an earlier ballot does not count for this one', () => {
    const bench = new Bench();
    const first = bench.becomeCandidate();
    bench.wait(1100);
    const second = bench.becomeCandidate();
    expect(second.counter).toBeGreaterThan(first.counter);
    bench.promise(2, first);
    bench.promise(3, first);
    expect(bench.replica.view().role).toBe('candidate');
    bench.promise(2, second);
    expect(bench.replica.view()).toMatchObject({ role: 'leader', ballot: second });
  });

  test('a promise of an incarnation that is over is thrown away, also after it counted, and asked for anew', () => {
    const bench = new Bench({ servers: 5 });
    const own = bench.becomeCandidate();
    bench.promise(2, own, [], { vector: [1, 1, 1, 1, 1] });
    bench.promise(3, own, [], { vector: [1, 2, 1, 1, 1] });
    expect(bench.replica.view().role).toBe('candidate');
    bench.promise(2, own, [], { vector: [1, 1, 1, 1, 1] });
    expect(bench.replica.view().role).toBe('candidate');
    expect(bench.ignored('stale incarnation')).toBe(1);
    bench.wait(10);
    expect(sent(bench.flush(), 'Prepare')).toContainEqual({ type: 'Prepare', ballot: own, from: 0 });
    bench.promise(2, own, [], { vector: [1, 2, 1, 1, 1] });
    expect(bench.replica.view().role).toBe('leader');
  });

  test('pages of two incarnations of one server do not make a promise', () => {
    const bench = new Bench();
    const own = bench.becomeCandidate();
    bench.promise(2, own, [], { next: 4, vector: [1, 1, 1] });
    bench.promise(2, own, [], { from: 4, vector: [1, 2, 1] });
    expect(bench.replica.view().role).toBe('candidate');
  });

  test('a promise that reports rounds absurdly far ahead does not count', () => {
    const bench = new Bench();
    const own = bench.becomeCandidate();
    bench.promise(2, own, [accepted(10_000_000, ballot(0, 2), 'a')]);
    expect(bench.replica.view().role).toBe('candidate');
  });
});
