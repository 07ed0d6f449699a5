import { accepted, Bench, ballot, bytes, ofType, sent } from './bench';

const accept = (inBallot: { counter: number; server: number }, round: number, text: string, committed = 0) =>
  ({ type: 'Accept', ballot: inBallot, round, value: bytes(text), committed }) as const;
const heartbeat = (inBallot: { counter: number; server: number }, committed: number) =>
  ({ type: 'Heartbeat', ballot: inBallot, committed, beat: 1, clients: 0 }) as const;

describe('the learner', () => {
  test('commits when a quorum voted in one ballot, a follower in the same step as the leader', () => {
    const bench = new Bench();
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.vote(2, ballot(1, 2), 0);
    expect(bench.committed).toEqual([]);
    const commits = ofType(bench.flush(), 'commit');
    expect(commits).toEqual([{ type: 'commit', ...accepted(0, ballot(1, 2), 'a') }]);
  });

  test('votes in different ballots make no quorum', () => {
    const bench = new Bench({ servers: 5 });
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.flush();
    bench.vote(2, ballot(1, 2), 0);
    bench.vote(3, ballot(2, 3), 0);
    bench.vote(4, ballot(2, 3), 0);
    expect(bench.committed).toEqual([]);
  });

  test('one server that says it twice is one vote', () => {
    const bench = new Bench({ servers: 5 });
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.flush();
    bench.vote(2, ballot(1, 2), 0);
    bench.vote(2, ballot(1, 2), 0);
    expect(bench.committed).toEqual([]);
    bench.vote(3, ballot(1, 2), 0);
    expect(bench.committed).toEqual(['a']);
  });

  test('a quorum is more than half of the servers', () => {
    for (const [servers, needed] of [
      [3, 2],
      [5, 3],
      [7, 4],
    ] as const) {
      const bench = new Bench({ servers });
      bench.step(2, accept(ballot(1, 2), 0, 'a'));
      bench.flush();
      for (let votes = 2; votes < needed; votes += 1) bench.vote(votes, ballot(1, 2), 0);
      expect(bench.committed).toEqual([]);
      bench.vote(needed, ballot(1, 2), 0);
      expect(bench.committed).toEqual(['a']);
    }
  });

  test('a quorum without the value, or with the value of another ballot, commits nothing, and the value is asked for', () => {
    const old = [accepted(0, ballot(1, 2), 'old')];
    for (const held of [[], old]) {
      const bench = new Bench({ servers: 5, state: { promised: ballot(1, 2) }, accepted: held });
      for (const voter of [3, 4, 5]) bench.vote(voter, ballot(2, 3), 0);
      expect(bench.committed).toEqual([]);
      expect(bench.replica.view().behind).toBe(1);
      expect(sent(bench.wait(80), 'RequestValue')).toEqual([{ type: 'RequestValue', from: 0 }]);
    }
  });

  test('commits in order, each round once, never with a hole', () => {
    const bench = new Bench();
    const first = ballot(1, 2);
    for (const round of [2, 0, 1]) {
      bench.step(2, accept(first, round, `v${round}`));
      bench.vote(2, first, round);
      bench.vote(2, first, round);
    }
    bench.flush();
    expect(ofType(bench.done, 'commit').map(({ round }) => round)).toEqual([0, 1, 2]);
  });

  test('told by the leader what is committed, commits a value accepted in its ballot', () => {
    const bench = new Bench();
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.step(2, heartbeat(ballot(1, 2), 1));
    expect(bench.committed).toEqual(['a']);
  });

  test('told by the leader what is committed, asks for a value accepted in another ballot', () => {
    const held = [accepted(0, ballot(1, 2), 'not chosen')];
    const bench = new Bench({ state: { promised: ballot(1, 2) }, accepted: held });
    bench.step(3, heartbeat(ballot(2, 3), 1));
    expect(bench.committed).toEqual([]);
    expect(sent(bench.wait(80), 'RequestValue')).toHaveLength(1);
    const chosen = accepted(0, ballot(2, 3), 'chosen');
    bench.step(3, { type: 'Values', from: 0, values: [chosen], committed: 1, first: 0 });
    expect(bench.committed).toEqual(['chosen']);
  });

  test('what a peer committed is held durably, in the higher of the ballots, with the committed prefix', () => {
    const held = [accepted(0, ballot(3, 2), 'a')];
    const bench = new Bench({ state: { promised: ballot(3, 2) }, accepted: held });
    const values = [accepted(0, ballot(1, 3), 'a'), accepted(1, ballot(2, 3), 'b')];
    const effects = bench.step(3, { type: 'Values', from: 0, values, committed: 2, first: 0 });
    expect(ofType(effects, 'commit').map(({ round }) => round)).toEqual([0, 1]);
    const [write] = ofType(effects, 'persist').map((effect) => effect.write);
    expect(write?.accepted).toEqual([values[1]]);
    expect(write?.state?.committed).toBe(2);
    expect(bench.replica.parts.memory.log.get(0)?.ballot).toEqual(ballot(3, 2));
  });

  test('values that leave a gap are not taken', () => {
    const bench = new Bench();
    const values = [accepted(1, ballot(1, 3), 'b')];
    bench.step(3, { type: 'Values', from: 0, values, committed: 2, first: 0 });
    bench.step(3, { type: 'Values', from: 1, values, committed: 2, first: 0 });
    expect(bench.committed).toEqual([]);
  });

  test('a value that contradicts what is committed stops the server', () => {
    const held = [accepted(0, ballot(1, 2), 'a')];
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 1 }, accepted: held });
    const values = [accepted(0, ballot(2, 3), 'other')];
    expect(() => bench.step(3, { type: 'Values', from: 0, values, committed: 1, first: 0 })).toThrow(/two values/);
  });

  test('a vote of an incarnation that is over is thrown away, whether it comes late or was counted before', () => {
    for (const order of ['counted before', 'late']) {
      const bench = new Bench({ servers: 5 });
      bench.step(2, accept(ballot(1, 2), 0, 'a'));
      bench.flush();
      if (order === 'counted before') bench.vote(4, ballot(1, 2), 0);
      bench.vote(3, ballot(1, 2), 0, 0, [1, 1, 1, 2, 1]);
      if (order === 'late') bench.vote(4, ballot(1, 2), 0, 0, [1, 1, 1, 1, 1]);
      expect(bench.committed).toEqual([]);
      bench.vote(4, ballot(1, 2), 0, 0, [1, 1, 1, 2, 1]);
      expect(bench.committed).toEqual(['a']);
    }
  });

  test('a leader that learns of a value of a higher ballot announces nothing of it in its own', () => {
    const bench = new Bench({ me: 1 });
    const own = bench.lead();
    bench.propose('mine');
    bench.flush();
    const values = [accepted(0, ballot(2, 3), 'chosen')];
    const effects = bench.step(3, { type: 'Values', from: 0, values, committed: 1, first: 0 });
    expect(bench.replica.view().role).toBe('follower');
    const later = [...effects, ...bench.wait(100)];
    expect(sent(later, 'Heartbeat')).toEqual([]);
    expect(sent(later, 'Accept')).toEqual([]);
    expect(own).toEqual(ballot(1, 1));
  });

  test('tallies are bounded, however large a range a peer claims', () => {
    const bench = new Bench();
    bench.vote(2, ballot(1, 2), 0, Number.MAX_SAFE_INTEGER);
    expect(bench.replica.learner.counting).toBeLessThanOrEqual(65_536);
  });

  test('at the start hands out what is known to be committed, once, and nothing above', () => {
    const held = ['a', 'b', 'c'].map((text, round) => accepted(round, ballot(1, 2), text));
    const bench = new Bench({ state: { promised: ballot(1, 2), committed: 2 }, accepted: held });
    expect(ofType(bench.done, 'commit').map(({ value }) => Buffer.from(value).toString())).toEqual(['a', 'b']);
  });

  test('writes the committed prefix as a hint within about a second when nothing else is written', () => {
    const bench = new Bench();
    bench.step(2, accept(ballot(1, 2), 0, 'a'));
    bench.flush();
    bench.vote(2, ballot(1, 2), 0);
    const writes = ofType(bench.wait(1100), 'persist').map(({ write }) => write);
    expect(writes.at(-1)?.state?.committed).toBe(1);
    expect(ofType(bench.wait(1500), 'persist').filter(({ write }) => write.state)).toEqual([]);
  });
});
