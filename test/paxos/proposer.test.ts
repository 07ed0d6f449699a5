import { accepted, Bench, ballot, ofType, sent } from './bench';

const acceptsOf = (effects: Parameters<typeof sent>[0]) =>
  sent(effects, 'Accept').map(({ round, value }) => `${round}:${Buffer.from(value).toString() || 'nop'}`);

describe('the proposer', () => {
  test('an idle leader proposes at once: the Accept leaves before the disk, its own vote after', () => {
    const bench = new Bench();
    const own = bench.lead();
    const effects = bench.propose('a');
    expect(effects.map(({ type }) => type)).toEqual(['broadcast', 'persist']);
    expect(acceptsOf(effects)).toEqual(['0:a']);
    bench.vote(2, own, 0);
    expect(bench.committed).toEqual([]);
    const later = bench.flush();
    expect(sent(later, 'Accepted')).toMatchObject([{ ballot: own, rounds: [{ from: 0, to: 0 }] }]);
    expect(bench.committed).toEqual(['a']);
  });

  test('commands gather while the pipeline is full, and leave together when a round is committed', () => {
    const bench = new Bench();
    const own = bench.lead();
    expect(
      acceptsOf([...bench.propose('a'), ...bench.propose('b'), ...bench.propose('c'), ...bench.propose('d')]),
    ).toEqual(['0:a', '1:b']);
    bench.flush();
    expect(acceptsOf(bench.vote(2, own, 0))).toEqual(['2:c d']);
  });

  test('a full batch waits for the window only, and is cut at its size', () => {
    const bench = new Bench({ limits: { batchBytes: 8, windowRounds: 4 } });
    bench.lead();
    bench.propose('a');
    bench.propose('b');
    expect(acceptsOf(bench.propose('1234', '5678', '9'))).toEqual(['2:1234 5678']);
    expect(acceptsOf(bench.propose('abcdefgh', 'ijkl'))).toEqual(['3:9']);
    expect(acceptsOf(bench.propose('more, and more than enough'))).toEqual([]);
    expect(bench.replica.proposer.inFlight).toBe(4);
  });

  test('never has more rounds in flight than the window', () => {
    const bench = new Bench({ limits: { batchBytes: 1 } });
    bench.lead();
    const rounds = acceptsOf(bench.propose(...Array.from({ length: 50 }, (_, index) => `c${index}`)));
    expect(rounds).toHaveLength(8);
  });

  test('rounds that become durable together are acknowledged together', () => {
    const bench = new Bench({ limits: { batchBytes: 1 } });
    bench.lead();
    bench.propose('a', 'b', 'c');
    expect(sent(bench.flush(), 'Accepted')).toMatchObject([{ rounds: [{ from: 0, to: 2 }] }]);
  });

  test('repeats an Accept that no quorum answered, and only that', () => {
    const bench = new Bench();
    const own = bench.lead();
    bench.propose('a');
    bench.propose('b');
    bench.flush();
    bench.vote(2, own, 0);
    expect(acceptsOf(bench.wait(90))).toEqual([]);
    expect(acceptsOf(bench.wait(20))).toEqual(['1:b']);
  });

  test('waits longer each time, and where rounds take longer: what is slow is not lost', () => {
    const bench = new Bench();
    const own = bench.lead();
    bench.propose('a');
    bench.flush();
    expect(acceptsOf(bench.wait(110))).toEqual(['0:a']);
    expect(acceptsOf(bench.wait(280))).toEqual([]);
    bench.vote(2, own, 0);
    for (let round = 1; round < 40; round += 1) {
      bench.propose('b');
      bench.wait(90);
      bench.flush();
      bench.vote(2, own, round);
    }
    bench.propose('c');
    expect(acceptsOf(bench.wait(160))).toEqual([]);
    expect(acceptsOf(bench.wait(30))).toEqual(['40:c']);
  });

  test('however much was lost, repeats within a few election timeouts', () => {
    const bench = new Bench();
    const own = bench.lead();
    /** So long that somebody answers its heartbeats, and nothing that it proposes. */
    const acceptsIn = (ms: number) => {
      const effects = bench.wait(ms);
      for (const { beat } of sent(effects, 'Heartbeat')) {
        bench.step(2, { type: 'Alive', ballot: own, committed: 0, beat, clients: 0 });
      }
      return acceptsOf(effects);
    };
    // Each is lost until its first repeat: how long that took says how long the next one is waited for.
    for (let round = 0; round < 10; round += 1) {
      bench.propose('a');
      bench.flush();
      for (let waited = 0; acceptsIn(50).length === 0; waited += 50) expect(waited).toBeLessThan(2000);
      bench.vote(2, own, round);
    }
  });

  test('what is proposed beyond the backlog is dropped', () => {
    const bench = new Bench({ limits: { backlogBytes: 1000, batchBytes: 1000 } });
    bench.lead();
    bench.propose('a');
    bench.propose('b');
    bench.propose('x'.repeat(500));
    bench.propose('y'.repeat(500));
    expect(bench.replica.proposer.backlogBytes(1)).toBe(500);
    expect(bench.ignored('backlog full')).toBe(1);
  });

  test('many tiny commands are bounded too', () => {
    const bench = new Bench({ limits: { backlogBytes: 1000, batchBytes: 1000 } });
    bench.lead();
    bench.propose('a');
    bench.propose('b');
    for (let index = 0; index < 100; index += 1) bench.propose('z');
    expect(bench.replica.proposer.backlogBytes(1)).toBeLessThan(20);
  });

  test('proposes what phase 1 found in its rounds, Nops in the holes, and only then anything new', () => {
    const bench = new Bench({ limits: { windowRounds: 4, pipelineRounds: 2 } });
    const own = bench.becomeCandidate();
    const before = bench.done.length;
    bench.promise(2, own, [accepted(1, ballot(0, 2), 'b'), accepted(6, ballot(0, 2), 'g')]);
    bench.propose('new');
    expect(acceptsOf(bench.done.slice(before))).toEqual(['0:nop', '1:b', '2:nop', '3:nop']);
    bench.flush();
    const after = bench.done.length;
    for (let round = 0; round < 7; round += 1) {
      bench.vote(2, own, round);
      bench.flush();
    }
    expect(acceptsOf(bench.done.slice(after))).toEqual(['4:nop', '5:nop', '6:g', '7:new']);
  });

  test('a follower proposes nothing, and without a leader nothing is kept', () => {
    const bench = new Bench();
    expect(bench.propose('a')).toEqual([]);
    expect(bench.replica.proposer.backlogBytes(1)).toBe(0);
  });

  test('drops what had gathered when it stops leading', () => {
    const bench = new Bench();
    bench.lead();
    for (const command of ['a', 'b', 'c']) bench.propose(command);
    const effects = bench.step(2, { type: 'Heartbeat', ballot: ballot(5, 2), committed: 0, beat: 1, clients: 0 });
    expect(ofType(effects, 'leader')).toEqual([{ type: 'leader', ballot: ballot(5, 2) }]);
    expect(bench.replica.view()).toMatchObject({ role: 'follower', leader: 2 });
    expect(bench.replica.proposer.backlogBytes(1)).toBe(0);
  });
});
