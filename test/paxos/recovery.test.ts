import type { CrashVector, RecoverReply, Standing } from '../../src/paxos/messages';
import { accepted, askedOf, Bench, ballot, bytes, ofType, sent } from './bench';
import { Cluster } from './harness';

const told = (incarnation: number, vector: CrashVector, more: Partial<RecoverReply> = {}): RecoverReply => ({
  type: 'RecoverReply',
  incarnation,
  known: 0,
  standing: 'voter',
  promised: ballot(0, 0),
  from: 0,
  accepted: [],
  next: -1,
  first: 0,
  committed: 0,
  vector,
  ...more,
});
const recover = (incarnation: number, from = 0) => ({ type: 'Recover', incarnation, from }) as const;
const stateOf = (bench: Bench) => ofType(bench.done, 'persist').findLast(({ write }) => write.state)?.write.state;

/** A server that is recovering as incarnation 2, and has asked. */
function recovering(servers = 3): Bench {
  const vector = [2, ...Array.from({ length: servers - 1 }, () => 1)];
  return new Bench({ servers, state: { standing: 'recovering', incarnation: 2, vector } });
}

describe('a server with nothing stored', () => {
  test('asks all peers whether they know it, and does not vote meanwhile', () => {
    const bench = new Bench({ empty: true });
    expect(bench.replica.view().standing).toBe('new');
    expect(askedOf(bench.flush(), 'Recover')).toEqual([2, 3]);
    expect(sent(bench.done, 'Recover')[0]).toEqual(recover(0));
    bench.step(2, { type: 'Accept', ballot: ballot(1, 2), round: 0, value: bytes('a'), committed: 0 });
    expect(sent([...bench.flush(), ...bench.wait(2000), ...bench.flush()], 'Accepted')).toEqual([]);
    expect(sent(bench.done, 'PreVote')).toEqual([]);
  });

  test('asks again of who did not answer', () => {
    const bench = new Bench({ empty: true });
    bench.step(2, told(0, [0, 0, 0], { standing: 'new' }));
    bench.flush();
    bench.wait(160);
    expect(askedOf(bench.flush(), 'Recover')).toContain(3);
  });

  test('unknown to all, it starts afresh: it is noted by all, durably, before it votes', () => {
    const bench = new Bench({ empty: true });
    bench.step(2, told(0, [0, 1, 0], { standing: 'new' }));
    expect(stateOf(bench)).toBeUndefined();
    bench.step(3, told(0, [0, 1, 1], { standing: 'new' }));
    expect(stateOf(bench)).toMatchObject({ standing: 'new', incarnation: 1, vector: [1, 0, 0] });
    expect(sent(bench.flush(), 'Recover')).toContainEqual(recover(1));
    bench.step(2, told(1, [1, 1, 1], { standing: 'new' }));
    expect(bench.replica.view().standing).toBe('new');
    bench.step(3, told(1, [1, 1, 1], { standing: 'new' }));
    expect(bench.replica.view().standing).toBe('voter');
    expect(stateOf(bench)).toMatchObject({ standing: 'voter', incarnation: 1 });
  });

  test('an answer that does not show that it was noted does not count', () => {
    const bench = new Bench({ state: { standing: 'new' } });
    bench.flush();
    bench.step(2, told(1, [1, 1, 1]));
    bench.step(3, told(1, [0, 1, 1]));
    expect(bench.replica.view().standing).toBe('new');
    bench.step(3, told(1, [1, 1, 1]));
    expect(bench.replica.view().standing).toBe('voter');
  });

  test('unknown to most is not unknown: only when all peers say so it is a first start', () => {
    const bench = new Bench({ servers: 5, empty: true });
    for (const peer of [2, 3, 4]) bench.step(peer, told(0, [0, 1, 1, 1, 1], { standing: 'voter' }));
    expect(stateOf(bench)).toBeUndefined();
    bench.step(5, told(0, [3, 1, 1, 1, 1], { known: 3 }));
    expect(stateOf(bench)).toMatchObject({ standing: 'recovering', incarnation: 4 });
  });

  test('known to any, it takes the next incarnation once f+1 voters answered, and recovers', () => {
    const bench = new Bench({ servers: 5, empty: true });
    bench.step(2, told(0, [1, 1, 1, 1, 1], { known: 1 }));
    bench.step(3, told(0, [1, 1, 1, 1, 1], { known: 1, standing: 'recovering' }));
    bench.step(4, told(0, [4, 1, 1, 1, 1], { known: 4 }));
    expect(stateOf(bench)).toBeUndefined();
    bench.step(5, told(0, [1, 1, 1, 1, 1], { known: 1 }));
    expect(stateOf(bench)).toMatchObject({ standing: 'recovering', incarnation: 5 });
    expect(sent(bench.flush(), 'Recover').filter(({ incarnation }) => incarnation === 5)).toHaveLength(4);
  });

  test('keeps no crash vector and counts no votes, for it could not tell which are worth nothing', () => {
    const bench = new Bench({ empty: true });
    bench.vote(2, ballot(1, 2), 0, 0, [1, 1, 1]);
    expect(bench.replica.learner.counting).toBe(0);
    bench.ask(3, recover(1));
    expect(sent(bench.flush(), 'RecoverReply').at(-1)?.vector).toEqual([0, 0, 0]);
  });

  test('after a crash before it took an incarnation it is as new as before', () => {
    const bench = new Bench({ state: { standing: 'new', incarnation: 0, vector: [0, 1, 1] } });
    expect(sent(bench.flush(), 'Recover')[0]).toEqual(recover(0));
  });
});

describe('a recovering server', () => {
  test('asks at which incarnation it is, from its committed prefix on, when it starts again', () => {
    const bench = recovering();
    expect(sent(bench.flush(), 'Recover')).toEqual([recover(2), recover(2)]);
  });

  test('votes once f+1 voters told all, and not before', () => {
    const bench = recovering(5);
    const vector = [2, 1, 1, 1, 1];
    bench.step(2, told(2, vector));
    bench.step(3, told(2, vector, { standing: 'recovering' }));
    bench.step(4, told(2, vector));
    expect(bench.replica.view().standing).toBe('recovering');
    bench.step(5, told(2, vector));
    expect(bench.replica.view().standing).toBe('voter');
  });

  test('takes over the highest promise and, for each round, the value of the highest ballot, in the same write', () => {
    const bench = recovering();
    const vector = [2, 1, 1];
    const low = [accepted(0, ballot(1, 2), 'low'), accepted(1, ballot(3, 3), 'high')];
    const high = [accepted(0, ballot(2, 3), 'high'), accepted(1, ballot(1, 2), 'low')];
    bench.step(2, told(2, vector, { promised: ballot(7, 3), accepted: low }));
    bench.step(3, told(2, vector, { promised: ballot(4, 2), accepted: high }));
    const write = ofType(bench.done, 'persist').at(-1)?.write;
    expect(write?.state).toMatchObject({ standing: 'voter', incarnation: 2, promised: ballot(7, 3) });
    expect(write?.accepted).toEqual([high[0], low[1]]);
    bench.step(2, { type: 'Accept', ballot: ballot(6, 2), round: 2, value: bytes('late'), committed: 0 });
    expect(sent(bench.flush(), 'Accepted')).toEqual([]);
  });

  test('reads every page, and counts an answer only when its last page came', () => {
    const bench = recovering();
    const vector = [2, 1, 1];
    bench.step(3, told(2, vector));
    bench.step(2, told(2, vector, { accepted: [accepted(0, ballot(1, 2), 'a')], next: 4 }));
    expect(bench.replica.view().standing).toBe('recovering');
    expect(sent(bench.flush(), 'Recover')).toContainEqual(recover(2, 4));
    bench.step(2, told(2, vector, { accepted: [accepted(4, ballot(1, 2), 'e')], from: 4 }));
    expect(bench.replica.view().standing).toBe('voter');
    expect(bench.replica.parts.memory.log.get(4)?.value).toEqual(bytes('e'));
  });

  test('a peer that votes only now has told nothing before', () => {
    const bench = recovering();
    bench.step(3, told(2, [2, 1, 1]));
    bench.step(2, told(2, [2, 1, 1], { standing: 'recovering' }));
    bench.wait(160);
    bench.step(2, told(2, [2, 1, 1], { accepted: [accepted(0, ballot(1, 2), 'a')], next: 4 }));
    expect(bench.replica.view().standing).toBe('recovering');
  });

  test('an answer to another incarnation, or another page, does not count', () => {
    const bench = recovering();
    bench.step(2, told(1, [2, 1, 1]));
    bench.step(3, told(2, [2, 1, 1]));
    bench.step(2, told(2, [2, 1, 1], { from: 4 }));
    expect(bench.replica.view().standing).toBe('recovering');
  });

  test('an answer of an incarnation that is over is thrown away, also after it counted', () => {
    for (const order of ['before', 'after']) {
      const bench = recovering(5);
      const old = () => bench.step(2, told(2, [2, 1, 1, 1, 1]));
      if (order === 'before') old();
      bench.step(3, told(2, [2, 2, 1, 1, 1]));
      if (order === 'after') old();
      bench.step(4, told(2, [2, 2, 1, 1, 1]));
      expect(bench.replica.view().standing).toBe('recovering');
      bench.step(2, told(2, [2, 2, 1, 1, 1]));
      expect(bench.replica.view().standing).toBe('voter');
    }
  });

  test('whose own incarnation was taken by a life in between takes it over, and asks all anew', () => {
    const bench = recovering();
    bench.flush();
    bench.step(2, told(2, [2, 1, 1]));
    bench.step(3, told(2, [3, 1, 1]));
    expect(bench.replica.view().standing).toBe('recovering');
    expect(stateOf(bench)).toMatchObject({ standing: 'recovering', incarnation: 3 });
    expect(sent(bench.flush(), 'Recover').filter(({ incarnation }) => incarnation === 3)).toHaveLength(2);
  });

  test('far behind, it waits with the next page until catch-up has brought what is committed', () => {
    const bench = recovering();
    bench.flush();
    const page = [accepted(0, ballot(1, 2), 'a')];
    bench.step(2, told(2, [2, 1, 1], { accepted: page, next: 4, committed: 100 }));
    expect(sent(bench.flush(), 'Recover')).toEqual([]);
    expect(askedOf(bench.wait(80), 'RequestValue')).toEqual([2]);
  });

  test('learns what is committed, and answers others, all the while', () => {
    const bench = recovering();
    bench.step(2, { type: 'Values', from: 0, values: [accepted(0, ballot(1, 2), 'a')], committed: 1, first: 0 });
    expect(bench.committed).toEqual(['a']);
    expect(bench.ask(3, { type: 'RequestValue', from: 0 })).toMatchObject({ values: [{ round: 0 }] });
  });
});

describe('a recovering server whose peers have cut their logs', () => {
  const vector = [2, 1, 1, 1, 1];
  const standing = (bench: Bench) => bench.replica.view().standing;
  const values = (from: number, to: number) => ({
    type: 'Values' as const,
    from,
    values: Array.from({ length: to - from }, (_, index) => accepted(from + index, ballot(1, 2), `v${from + index}`)),
    committed: 9,
    first: 0,
  });
  /** Two of three needed have told all from round 4 on: what server 3 accepted there is not chosen for all one knows. */
  const toldFromFour = () => {
    const bench = recovering(5);
    bench.step(2, told(2, vector, { first: 4, next: 4, committed: 9 }));
    bench.wait(160);
    bench.step(2, told(2, vector, { first: 4, from: 4, committed: 9 }));
    bench.step(3, told(2, vector, { first: 3, next: 3, committed: 9 }));
    bench.wait(160);
    const open = [accepted(9, ballot(7, 3), 'open')];
    bench.step(3, told(2, vector, { first: 3, from: 3, accepted: open, committed: 9 }));
    bench.step(4, told(2, vector, { accepted: open, committed: 9 }));
    return bench;
  };

  test('does not vote before it has committed what they did not tell, by rounds', () => {
    const bench = toldFromFour();
    bench.wait(400);
    expect(standing(bench)).toBe('recovering');
    bench.step(4, values(0, 3));
    bench.wait(20);
    expect(standing(bench)).toBe('recovering');
    bench.step(4, values(3, 4));
    bench.wait(20);
    expect(standing(bench)).toBe('voter');
    expect(bench.replica.parts.memory.log.get(9)).toEqual(accepted(9, ballot(7, 3), 'open'));
    expect(bench.replica.parts.memory.promised).toEqual(ballot(7, 3));
  });

  test('nor before a snapshot of it is installed, and keeps what they told above that', () => {
    const bench = toldFromFour();
    bench.install(3);
    bench.wait(20);
    expect(standing(bench)).toBe('recovering');
    bench.install(8);
    bench.wait(20);
    expect(standing(bench)).toBe('voter');
    expect(bench.replica.view()).toMatchObject({ first: 8, committed: 8 });
    expect(bench.replica.parts.memory.log.get(9)).toEqual(accepted(9, ballot(7, 3), 'open'));
  });

  test('counts those who told enough, whatever the others have cut', () => {
    const bench = recovering(5);
    bench.step(2, told(2, vector, { first: 4, next: 4 }));
    bench.wait(160);
    bench.step(2, told(2, vector, { first: 4, from: 4 }));
    bench.step(3, told(2, vector));
    bench.step(4, told(2, vector));
    expect(standing(bench)).toBe('recovering');
    bench.step(5, told(2, vector));
    expect(standing(bench)).toBe('voter');
  });

  test('has not been told what a peer cut off between two of its pages', () => {
    const bench = recovering();
    const page = [accepted(0, ballot(1, 2), 'a')];
    bench.step(2, told(2, [2, 1, 1], { accepted: page, next: 1 }));
    bench.step(2, told(2, [2, 1, 1], { from: 1, first: 5, next: 5 }));
    bench.step(2, told(2, [2, 1, 1], { from: 5, first: 5 }));
    bench.step(3, told(2, [2, 1, 1]));
    expect(standing(bench)).toBe('recovering');
    bench.install(5);
    bench.wait(10);
    expect(standing(bench)).toBe('voter');
  });

  test('so far that it takes no notice of those rounds: asks where it is itself, until it has come near', () => {
    const bench = recovering();
    bench.flush();
    const far = { first: 1_000_000, next: 1_000_000, committed: 1_000_010 };
    bench.step(2, told(2, [2, 1, 1], far));
    bench.step(3, told(2, [2, 1, 1], far));
    bench.wait(160);
    expect(sent(bench.flush(), 'Recover')).toEqual([recover(2), recover(2)]);
    bench.install(1_000_000);
    bench.wait(160);
    expect(sent(bench.flush(), 'Recover')).toEqual([recover(2, 1_000_000), recover(2, 1_000_000)]);
  });
});

describe('who is asked by a server without its memory', () => {
  test('tells what it knew of it, and nothing more, before that one has an incarnation', () => {
    const held = [accepted(0, ballot(1, 2), 'a')];
    const bench = new Bench({ state: { promised: ballot(1, 2), vector: [1, 1, 4] }, accepted: held });
    expect(bench.ask(3, recover(0))).toBeUndefined();
    expect(sent(bench.flush(), 'RecoverReply')).toMatchObject([
      { incarnation: 0, known: 4, accepted: [], standing: 'voter' },
    ]);
    expect(bench.replica.parts.memory.vector).toEqual([1, 1, 4]);
  });

  test('notes its incarnation durably before it answers, and tells its promise and what it accepted', () => {
    const held = [0, 1, 2, 3, 4].map((round) => accepted(round, ballot(1, 2), 'a'));
    const bench = new Bench({ state: { promised: ballot(3, 2) }, accepted: held });
    expect(bench.ask(3, recover(2, 1))).toBeUndefined();
    expect(stateOf(bench)?.vector).toEqual([1, 1, 2]);
    const [reply] = sent(bench.flush(), 'RecoverReply');
    expect(reply).toMatchObject({
      incarnation: 2,
      known: 1,
      promised: ballot(3, 2),
      from: 1,
      next: -1,
      vector: [1, 1, 2],
    });
    expect(reply?.accepted.map(({ round }) => round)).toEqual([1, 2, 3, 4]);
  });

  test('says where its log starts to who asks from below, and tells what it accepted from there on', () => {
    const held = [3, 4, 5].map((round) => accepted(round, ballot(1, 2), 'a'));
    const bench = new Bench({ state: { promised: ballot(3, 2), committed: 5 }, first: 3, accepted: held });
    bench.ask(3, recover(2));
    expect(sent(bench.flush(), 'RecoverReply')).toMatchObject([{ from: 0, accepted: [], next: 3, first: 3 }]);
    bench.ask(3, recover(2, 3));
    expect(sent(bench.flush(), 'RecoverReply')).toMatchObject([{ from: 3, accepted: held, next: -1, first: 3 }]);
  });

  test('its later votes and promises say so', () => {
    const bench = new Bench();
    bench.ask(3, recover(2));
    bench.step(2, { type: 'Accept', ballot: ballot(1, 2), round: 0, value: bytes('a'), committed: 0 });
    bench.ask(2, { type: 'Prepare', ballot: ballot(2, 2), from: 0 });
    const effects = bench.flush();
    expect(sent(effects, 'Accepted')[0]?.vector).toEqual([1, 1, 2]);
    expect(sent(effects, 'Promise')[0]?.vector).toEqual([1, 1, 2]);
  });

  test('does not vouch for an incarnation as long as it has none itself', () => {
    const bench = new Bench({ empty: true });
    bench.ask(3, recover(1));
    expect(sent(bench.flush(), 'RecoverReply')).toMatchObject([{ vector: [0, 0, 0] }]);
  });

  test.each<Standing>(['new', 'recovering'])('answers while %s, and tells nothing that it accepted', (standing) => {
    const held = [accepted(0, ballot(1, 2), 'a')];
    const bench = new Bench({ state: { standing, promised: ballot(1, 2) }, accepted: held });
    bench.ask(3, recover(2));
    expect(sent(bench.flush(), 'RecoverReply')).toMatchObject([{ standing, accepted: [], vector: [1, 1, 2] }]);
  });

  test('asks back at once when it waits for the one who asks, but not so often that two keep each other busy', () => {
    const bench = recovering();
    bench.nowMs += 60;
    bench.ask(3, recover(0));
    expect(askedOf(bench.flush(), 'Recover').filter((peer) => peer === 3)).toHaveLength(2);
    bench.ask(3, recover(0));
    expect(askedOf(bench.flush(), 'Recover')).toEqual([]);
  });

  test('asks a peer that it waits for when the connection comes up', () => {
    const bench = recovering();
    bench.flush();
    bench.nowMs += 60;
    bench.link(2, 'up');
    expect(askedOf(bench.flush(), 'Recover')).toEqual([2]);
  });
});

describe('when too many forgot', () => {
  const lost = (standing: Standing = 'recovering') => told(2, [2, 2, 1], { standing });

  test('f+1 servers without their memory halt, once, with a word on what to do', () => {
    const bench = recovering();
    for (let times = 0; times < 4; times += 1) {
      bench.step(2, lost());
      bench.step(3, told(2, [2, 2, 1]));
      bench.wait(160);
    }
    const halts = ofType(bench.done, 'halt');
    expect(halts).toHaveLength(1);
    expect(halts[0]?.reason).toMatch(/servers 1, 2 of 3 lost their memory.*reset/);
    expect(halts[0]?.reason).not.toMatch(/\n/);
  });

  test('one look is not enough: the answers are not of one moment', () => {
    const bench = recovering();
    bench.step(2, lost());
    bench.step(3, told(2, [2, 2, 1]));
    bench.step(2, told(2, [2, 2, 1]));
    expect(ofType(bench.done, 'halt')).toEqual([]);
  });

  test('not before all peers answered, and not for servers that are new', () => {
    const one = recovering();
    for (let times = 0; times < 4; times += 1) one.step(2, lost());
    expect(ofType(one.done, 'halt')).toEqual([]);
    const other = recovering();
    for (let times = 0; times < 4; times += 1) {
      other.step(2, lost('new'));
      other.step(3, told(2, [2, 2, 1], { standing: 'new' }));
    }
    expect(ofType(other.done, 'halt')).toEqual([]);
  });
});

describe('a cluster', () => {
  test('of servers that start together converges in a few messages', () => {
    for (const count of [3, 5, 7]) {
      const cluster = new Cluster(count).startAll().run(30);
      for (const { replica } of cluster.living) expect(replica?.view().standing).toBe('voter');
    }
  });

  test('of servers that start one after the other starts once all are there', () => {
    const cluster = new Cluster(3);
    cluster.start(1);
    cluster.run(500);
    cluster.start(2);
    cluster.run(500);
    expect(cluster.living.map(({ replica }) => replica?.view().standing)).toEqual(['new', 'new']);
    cluster.start(3);
    expect(
      cluster.runUntil(() => cluster.living.every(({ replica }) => replica?.view().standing === 'voter'), 400),
    ).toBe(true);
  });

  test('takes back a server that lost its disk, which votes again and has everything', () => {
    const cluster = new Cluster(3).startAll();
    const leader = cluster.elect();
    for (let count = 0; count < 30; count += 1) cluster.propose(leader.id);
    cluster.run(200);
    const other = cluster.servers.find((id) => id !== leader.id)!;
    cluster.forget(other);
    cluster.propose(leader.id);
    cluster.start(other);
    cluster.run(1000);
    expect(cluster.node(other).replica?.view().standing).toBe('voter');
    expect(cluster.values(other)).toEqual(cluster.values(leader.id));
    const third = cluster.servers.find((id) => id !== leader.id && id !== other)!;
    cluster.crash(third);
    cluster.propose(leader.id, 'with the one that forgot');
    cluster.run(500);
    expect(cluster.values(other).at(-1)).toBe('with the one that forgot');
  });

  test('one that forgets again and again, also in the middle of coming back, does no harm', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const cluster = new Cluster(3, seed).startAll();
      cluster.elect();
      for (let times = 0; times < 6; times += 1) {
        cluster.forget(2);
        cluster.start(2);
        cluster.propose(1);
        cluster.propose(3);
        cluster.run(cluster.random.next() * 12);
      }
      cluster.run(3000);
      expect(cluster.node(2).replica?.view().standing).toBe('voter');
      expect(cluster.values(2)).toEqual(cluster.values(1));
    }
  });

  test('where f+1 servers forgot stands still, and those say so', () => {
    const cluster = new Cluster(3).startAll();
    cluster.elect();
    cluster.propose(1);
    cluster.run(300);
    cluster.forget(1);
    cluster.forget(2);
    cluster.start(1);
    cluster.start(2);
    cluster.run(3000);
    expect(cluster.node(1).halted).toMatch(/reset/);
    expect(cluster.node(2).halted).toMatch(/reset/);
    expect(cluster.node(3).halted).toBe('');
    expect(cluster.leader()).toBeUndefined();
  });

  test('where one crashed for good in the middle of the first start waits for it', () => {
    const cluster = new Cluster(3).startAll();
    cluster.run(5);
    cluster.forget(2);
    cluster.run(2000);
    cluster.start(2);
    expect(
      cluster.runUntil(() => cluster.living.every(({ replica }) => replica?.view().standing === 'voter'), 1000),
    ).toBe(true);
  });
});

test('a candidate that learns of a later life of its own stands no more', () => {
  const bench = new Bench({ state: { standing: 'voter', incarnation: 1, vector: [1, 1, 1] } });
  const own = bench.becomeCandidate();
  bench.promise(2, own, [], { vector: [2, 1, 1] });
  expect(bench.replica.view()).toMatchObject({ role: 'follower', standing: 'recovering' });
  bench.promise(3, own, [], { vector: [2, 1, 1] });
  bench.flush();
  bench.propose('x');
  expect(bench.replica.view().role).toBe('follower');
  expect(sent(bench.done, 'Accept')).toEqual([]);
});

test('a voter that learns of a later life of its own comes back as one that forgot: that life may have voted', () => {
  const bench = new Bench({ state: { standing: 'voter', incarnation: 1, vector: [1, 1, 1] } });
  bench.flush();
  bench.step(2, { type: 'Accepted', ballot: ballot(5, 2), rounds: [], vector: [2, 1, 1] });
  expect(bench.replica.view().standing).toBe('recovering');
  expect(stateOf(bench)).toMatchObject({ standing: 'recovering', incarnation: 3 });
  expect(sent(bench.flush(), 'Recover')).toContainEqual(recover(3));
  bench.ask(3, { type: 'Prepare', ballot: ballot(4, 3), from: 0 });
  expect(sent(bench.flush(), 'Promise').map(({ granted }) => granted)).toEqual([false]);
});
