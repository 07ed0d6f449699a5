/** Whole clusters in particular kinds of trouble. */

import { checkReplica } from '../../src/paxos/invariants';
import { Bench, ballot } from './bench';
import { CALM, Cluster, TEST_LIMITS } from './harness';

const others = (cluster: Cluster, id: number) => cluster.servers.filter((other) => other !== id);

/** Commands of one server in the order in which they were first committed. */
function orderOf(cluster: Cluster, id: number, prefix: string): string[] {
  const seen = new Set<string>();
  for (const value of cluster.values(id))
    for (const word of value.split(' ')) if (word.startsWith(prefix)) seen.add(word);
  return [...seen];
}

describe('a cluster', () => {
  test('whose PUB/SUB loses every second message converges all the same', () => {
    const cluster = new Cluster(3, 5).startAll();
    cluster.elect();
    let number = 0;
    cluster.filter = (_from, _to, message) => {
      const published = ['Accept', 'Accepted', 'Heartbeat', 'Alive'].includes(message.type);
      number += published ? 1 : 0;
      return !published || cluster.random.next() < 0.5;
    };
    const wanted = Array.from({ length: 60 }, (_, index) => cluster.propose((index % 3) + 1));
    const done = cluster.runUntil(() =>
      cluster.servers.every((id) => {
        const words = new Set(cluster.values(id).flatMap((value) => value.split(' ')));
        return wanted.every((command) => words.has(command));
      }),
    );
    expect(done).toBe(true);
    expect(number).toBeGreaterThan(100);
  });

  test('goes on soon after its leader died, with everything that was committed', () => {
    const cluster = new Cluster(5, 2).startAll();
    const leader = cluster.elect();
    for (let index = 0; index < 20; index += 1) cluster.propose(leader.id);
    cluster.run(20);
    const before = [...cluster.chosen];
    cluster.crash(leader.id);
    const [next] = others(cluster, leader.id);
    const command = cluster.propose(next!);
    expect(
      cluster.runUntil(() => cluster.values(next!).some((value) => value.split(' ').includes(command)), 2000),
    ).toBe(true);
    for (const [round, value] of before) expect(cluster.values(next!)[round]).toBe(value);
  });

  test('that is told of a closed connection goes on much sooner than an election timeout', () => {
    const cluster = new Cluster(3, 2).startAll();
    const leader = cluster.elect();
    cluster.crash(leader.id);
    for (const id of others(cluster, leader.id)) cluster.link(id, leader.id, 'down');
    const lead = () => cluster.living.some(({ replica }) => replica?.view().role === 'leader');
    expect(cluster.runUntil(lead, TEST_LIMITS.heartbeatMs + 50)).toBe(true);
  });

  test('without a majority commits nothing, says so, and goes on by itself with what it had', () => {
    const cluster = new Cluster(3, 4).startAll();
    const leader = cluster.elect();
    const [one, two] = others(cluster, leader.id);
    cluster.crash(one!);
    cluster.crash(two!);
    cluster.run(1000);
    cluster.propose(leader.id, 'waits');
    cluster.run(3000);
    expect(leader.applied).toEqual([]);
    expect(leader.replica?.view()).toMatchObject({ majority: false, leader: 0 });
    cluster.start(one!);
    expect(cluster.runUntil(() => cluster.values(leader.id).includes('waits'), 3000)).toBe(true);
  });

  test('keeps its leader when a server comes back that was cut off for long', () => {
    const cluster = new Cluster(3, 8).startAll();
    const leader = cluster.elect();
    const [away] = others(cluster, leader.id);
    cluster.isolate(away!);
    cluster.run(5000);
    const before = leader.leaders.length;
    const { ballot: led } = leader.replica!.view();
    cluster.heal();
    cluster.run(3000);
    expect(leader.leaders.length).toBe(before);
    expect(cluster.node(away!).replica?.view().ballot).toEqual(led);
  });

  test('keeps its leader when a server was paused and wakes', () => {
    const cluster = new Cluster(3, 8).startAll();
    const leader = cluster.elect();
    const [asleep] = others(cluster, leader.id);
    cluster.pause(asleep!);
    cluster.run(5000);
    cluster.resume(asleep!);
    cluster.run(3000);
    expect(leader.replica?.view().role).toBe('leader');
    expect(leader.leaders).toHaveLength(1);
  });

  test('keeps its leader when one server hears nothing of it, and serves that one nevertheless', () => {
    const cluster = new Cluster(3, 3).startAll();
    const leader = cluster.elect();
    const [deaf] = others(cluster, leader.id);
    cluster.filter = (from, to, message) =>
      !(from === leader.id && to === deaf && ['Accept', 'Accepted', 'Heartbeat'].includes(message.type));
    cluster.run(2000);
    const command = cluster.propose(deaf!);
    expect(cluster.runUntil(() => cluster.values(deaf!).includes(command), 4000)).toBe(true);
    expect(leader.replica?.view().role).toBe('leader');
    expect(leader.leaders).toHaveLength(1);
  });

  test('elects another leader when the present one can speak but not hear', () => {
    const cluster = new Cluster(3, 3).startAll();
    const leader = cluster.elect();
    for (const id of others(cluster, leader.id)) cluster.cut(id, leader.id);
    const [next] = others(cluster, leader.id);
    const command = cluster.propose(next!);
    expect(cluster.runUntil(() => cluster.values(next!).includes(command), 5000)).toBe(true);
    expect(leader.replica?.view().majority).toBe(false);
  });

  test('does not wedge on a promise that was given to a candidate that died', () => {
    const cluster = new Cluster(3, 6).startAll();
    const leader = cluster.elect();
    const [one, two] = others(cluster, leader.id);
    const high = ballot(leader.replica!.view().ballot.counter + 3, two!);
    cluster.deliver(two!, one!, { type: 'Prepare', ballot: high, from: 0 }, 1_000_000);
    cluster.crash(two!);
    const command = cluster.propose(leader.id);
    expect(cluster.runUntil(() => cluster.values(one!).includes(command), 5000)).toBe(true);
    expect(cluster.leader()?.replica?.view().ballot.counter).toBeGreaterThan(high.counter);
  });

  test('neither loses nor reorders what a follower forwards while the leader stays, whatever the network does', () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const cluster = new Cluster(3, seed).startAll();
      const leader = cluster.elect();
      const [follower] = others(cluster, leader.id);
      // Votes and heartbeats get through, so that the leader stays; the questions have a hard time.
      cluster.faults = { ...CALM, slowMs: 40 };
      cluster.filter = (_from, _to, { type }) =>
        !(type === 'Forward' || type === 'Taken') || cluster.random.next() < 0.6;
      const node = cluster.node(follower!);
      const wanted: string[] = [];
      for (let index = 0; index < 40; index += 1) {
        wanted.push(`f${index}`);
        cluster.propose(follower!, `f${index}`);
        node.pending = [];
        cluster.run(15);
      }
      const settled = () => orderOf(cluster, follower!, 'f').length === wanted.length;
      expect(cluster.runUntil(settled, 20_000)).toBe(true);
      expect(orderOf(cluster, follower!, 'f')).toEqual(wanted);
      expect(leader.leaders).toHaveLength(1);
    }
  });

  test('restarted as a whole has everything that was committed, and goes on', () => {
    const cluster = new Cluster(5, 9).startAll();
    const leader = cluster.elect();
    for (let index = 0; index < 40; index += 1) cluster.propose(leader.id);
    cluster.run(300);
    const before = cluster.values(leader.id);
    for (const id of cluster.servers) cluster.crash(id);
    for (const id of cluster.servers) cluster.start(id);
    cluster.elect();
    const command = cluster.propose(1);
    expect(cluster.runUntil(() => cluster.values(1).includes(command), 3000)).toBe(true);
    expect(cluster.values(1).slice(0, before.length)).toEqual(before);
  });

  test('a candidate far behind is not elected before one that is not', () => {
    const cluster = new Cluster(3, 11).startAll();
    const leader = cluster.elect();
    const [behind, ahead] = others(cluster, leader.id);
    cluster.crash(behind!);
    for (let index = 0; index < 30; index += 1) {
      cluster.propose(leader.id);
      cluster.run(10);
    }
    cluster.crash(leader.id);
    cluster.start(behind!);
    for (const id of [behind!, ahead!]) cluster.link(id, leader.id, 'down');
    cluster.runUntil(() => cluster.leader() !== undefined, 5000);
    expect(cluster.node(behind!).applied.length).toBeGreaterThanOrEqual(30 - TEST_LIMITS.windowRounds);
  });
});

describe('the checks themselves', () => {
  test('notice a replica that is not sound', () => {
    const broken = (change: (bench: Bench) => void) => () => {
      const bench = new Bench();
      bench.lead();
      change(bench);
      checkReplica(bench.replica);
    };
    expect(broken(() => {})).not.toThrow();
    expect(broken(({ replica }) => Object.assign(replica.parts.memory.log, { firstRound: 9 }))).toThrow(/cut below 9/);
    expect(broken(({ replica }) => replica.parts.memory.promise(ballot(9, 2)))).toThrow(/promised another ballot/);
    expect(broken(({ replica }) => replica.parts.memory.become('recovering', 2))).toThrow(/recovering, yet leader/);
    expect(broken(({ replica }) => replica.parts.memory.raise(0, 5))).toThrow(/its vector says 5/);
    expect(broken(({ replica }) => (replica.election.ballot = ballot(1, 2)))).toThrow(/not its own/);
    expect(broken(({ replica }) => (replica.election.role = 'follower'))).toThrow(/ballot of its own/);
    expect(
      broken(({ replica }) =>
        replica.parts.memory.log.set({ round: 0, ballot: ballot(8, 2), value: Buffer.from('a') }),
      ),
    ).toThrow(/only 1.1 is promised/);
  });
});
