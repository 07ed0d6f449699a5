/** Whole clusters that cut their logs: who is behind or wiped comes back over a snapshot, and nothing chosen is lost. */
import { type Random, seededRandom } from '../../src/lib/prng';
import { CALM, Cluster, HASTY_LIMITS, type Node } from './harness';

const others = (cluster: Cluster, ...ids: number[]) => cluster.servers.filter((id) => !ids.includes(id));
const viewOf = (node: Node) => node.replica!.view();
const between = (random: Random, low: number, high: number) => low + Math.floor(random.next() * (high - low + 1));

function proposeSome(cluster: Cluster, id: number, count: number): void {
  for (let index = 0; index < count; index += 1) cluster.propose(id);
}

/** In any order. */
function shuffled(random: Random, ids: readonly number[]): number[] {
  const keyed = ids.map((id) => ({ id, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ id }) => id);
}

/** Nothing gets from either side to the other. */
function divide(cluster: Cluster, one: readonly number[], other: readonly number[]): void {
  for (const a of one) {
    for (const b of other) {
      cluster.cut(a, b);
      cluster.cut(b, a);
    }
  }
}

/** Everybody is there again: all have applied the same, and what is proposed now as well. */
function expectWhole(cluster: Cluster): void {
  cluster.heal();
  cluster.faults = CALM;
  for (const id of cluster.servers) {
    cluster.start(id);
    cluster.resume(id);
  }
  const last = cluster.servers.map((id) => cluster.propose(id));
  const done = cluster.runUntil(() => {
    const logs = cluster.servers.map((id) => cluster.values(id).join('\n'));
    const words = new Set(logs[0]?.split(/\s/));
    return last.every((command) => words.has(command)) && logs.every((log) => log === logs[0]);
  });
  if (!done) throw new Error(`seed ${cluster.seed}: ${JSON.stringify(cluster.living.map(viewOf), undefined, 1)}`);
  for (const [round, value] of cluster.chosen) expect(cluster.values(1)[round]).toBe(value);
}

describe('nothing that was chosen is lost', () => {
  /**
   * What it takes to lose a round: the leader and one other chose it while the rest did not hear; the leader cut it off;
   * the other lost its disk; and the leader is gone by the time when the rest asks that one.
   */
  test('when logs are cut, a server is wiped and the leader changes, whatever comes in between', () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seededRandom(seed);
      const cluster = new Cluster(seed % 3 === 0 ? 5 : 3, seed, HASTY_LIMITS).startAll();
      const leader = cluster.elect();
      proposeSome(cluster, leader.id, between(random, 0, 6));
      cluster.run(30);
      const followers = shuffled(random, others(cluster, leader.id));
      const [deaf, hearing] = [followers.slice(0, cluster.f), followers.slice(cluster.f)];
      divide(cluster, [leader.id], deaf);
      if (random.next() < 0.5) divide(cluster, hearing, deaf);
      for (let times = between(random, 1, 5); times > 0; times -= 1) {
        cluster.propose(leader.id);
        cluster.run(between(random, 1, 5));
      }
      cluster.run(5);
      for (const id of [leader.id, ...hearing])
        if (random.next() < 0.8) cluster.cutLog(id, 1, random.next() < 0.7 ? 1 : 0.5);
      cluster.run(5);
      cluster.heal();
      divide(cluster, [leader.id], deaf);
      const [wiped] = hearing as [number];
      cluster.forget(wiped);
      cluster.start(wiped);
      cluster.run(between(random, 2, 60));
      const fate = between(random, 0, 2);
      if (fate === 0) cluster.crash(leader.id);
      else if (fate === 1) cluster.pause(leader.id);
      else cluster.isolate(leader.id);
      for (const id of cluster.servers) cluster.link(id, leader.id, 'down');
      for (const id of others(cluster, leader.id)) proposeSome(cluster, id, 2);
      cluster.run(between(random, 20, 300));
      expectWhole(cluster);
    }
  });

  /**
   * A leader is cut off with a minority, which holds what it proposed; a majority elects another, chooses other values for
   * those rounds and cuts them off. If the old leader led on after it installed their snapshot, it would announce those
   * rounds as committed in its own ballot, and its minority would commit what was never chosen.
   */
  test('when a leader that is cut off installs a snapshot of those that went on without it', () => {
    let installed = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seededRandom(seed);
      const cluster = new Cluster(5, seed).startAll();
      const leader = cluster.elect();
      const [friend, ...most] = shuffled(random, others(cluster, leader.id)) as [number, ...number[]];
      divide(cluster, [leader.id, friend], most);
      proposeSome(cluster, leader.id, between(random, 1, 4));
      for (const id of most) {
        proposeSome(cluster, id, 1);
        cluster.link(id, leader.id, 'down');
      }
      cluster.run(between(random, 60, 250));
      for (const id of most) cluster.cutLog(id);
      const [giver] = shuffled(random, most) as [number];
      const led = viewOf(leader).role === 'leader' && cluster.node(giver).disk.snapshot.length > leader.applied.length;
      cluster.copySnapshot(giver, leader.id, random.next() < 0.8 ? 'install' : 'crash after');
      installed += led ? 1 : 0;
      cluster.run(between(random, 10, 200));
      expectWhole(cluster);
    }
    expect(installed).toBeGreaterThan(10);
  });
});

describe('a server that is behind where the logs of the others start', () => {
  /** Three servers with long logs that are cut short, and one of them that heard nothing of it. */
  function leftBehind(seed: number): { cluster: Cluster; leader: Node; away: Node; third: Node } {
    const cluster = new Cluster(3, seed).startAll();
    const leader = cluster.elect();
    const [away, third] = others(cluster, leader.id) as [number, number];
    cluster.propose(leader.id);
    cluster.run(100);
    cluster.isolate(away);
    for (let index = 0; index < 40; index += 1) {
      cluster.propose(leader.id);
      cluster.run(10);
    }
    return { cluster, leader, away: cluster.node(away), third: cluster.node(third) };
  }

  test('gets a snapshot, then the rounds after it, while the others go on', () => {
    const { cluster, leader, away } = leftBehind(3);
    for (const { id } of cluster.living) cluster.cutLog(id, 0.8);
    cluster.heal();
    cluster.propose(leader.id);
    expect(cluster.runUntil(() => away.applied.length === leader.applied.length, 2000)).toBe(true);
    expect(viewOf(away).first).toBe(leader.disk.snapshot.length);
    expect(cluster.values(away.id)).toEqual(cluster.values(leader.id));
    expect(leader.leaders).toHaveLength(1);
  });

  test('gets the rounds instead from whoever still has them', () => {
    const { cluster, leader, away } = leftBehind(3);
    cluster.cutLog(leader.id);
    cluster.transfers = false;
    cluster.heal();
    expect(cluster.runUntil(() => away.applied.length === leader.applied.length, 4000)).toBe(true);
    expect(viewOf(away).first).toBe(0);
  });

  test('deposes no leader and wins no election as long as it is', () => {
    const { cluster, leader, away } = leftBehind(5);
    for (const { id } of cluster.living) cluster.cutLog(id);
    cluster.transfers = false;
    cluster.heal();
    cluster.link(away.id, leader.id, 'down');
    cluster.run(5000);
    expect(viewOf(leader).role).toBe('leader');
    expect(leader.leaders).toHaveLength(1);
    cluster.pause(leader.id);
    for (const id of cluster.servers) cluster.link(id, leader.id, 'down');
    const next = () => cluster.leader()?.id;
    expect(cluster.runUntil(() => next() !== undefined, 3000)).toBe(true);
    expect(next()).not.toBe(away.id);
    const command = cluster.propose(away.id);
    const { id } = cluster.leader()!;
    expect(cluster.runUntil(() => cluster.values(id).includes(command), 3000)).toBe(true);
    expect(away.leaders.every(({ server }) => server !== away.id)).toBe(true);
  });

  test('is told of it a few times, not all the time, and takes little notice of what it cannot use', () => {
    const { cluster, away } = leftBehind(7);
    for (const { id } of cluster.living) cluster.cutLog(id);
    cluster.transfers = false;
    let told = 0;
    let asked = 0;
    cluster.onEffect = (node, effect) => {
      if (node !== away) return;
      told += effect.type === 'behind' ? 1 : 0;
      asked += effect.type === 'ask' && effect.message.type === 'RequestValue' ? 1 : 0;
    };
    cluster.heal();
    cluster.run(3000);
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(3000 / cluster.limits.questionTimeoutMs);
    expect(asked).toBeLessThanOrEqual(3000 / cluster.limits.heartbeatMs);
    cluster.transfers = true;
    cluster.propose(away.id);
    expectWhole(cluster);
  });
});

describe('a server that lost its disk, after everybody cut its log', () => {
  test('comes back over a snapshot, votes again, and carries the cluster on', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const cluster = new Cluster(3, seed).startAll();
      const leader = cluster.elect();
      proposeSome(cluster, leader.id, 30);
      cluster.run(300);
      for (const id of cluster.servers) cluster.cutLog(id);
      const [wiped, third] = others(cluster, leader.id) as [number, number];
      cluster.forget(wiped);
      cluster.start(wiped);
      const node = cluster.node(wiped);
      expect(cluster.runUntil(() => viewOf(node).standing === 'voter', 2000)).toBe(true);
      expect(node.applied.length).toBeGreaterThanOrEqual(leader.disk.snapshot.length);
      cluster.crash(third);
      const command = cluster.propose(leader.id);
      expect(cluster.runUntil(() => cluster.values(wiped).includes(command), 2000)).toBe(true);
      expectWhole(cluster);
    }
  });

  test('does not vote as long as it gets no snapshot, however long it takes, and learns what comes', () => {
    const cluster = new Cluster(3, 2).startAll();
    const leader = cluster.elect();
    proposeSome(cluster, leader.id, 30);
    cluster.run(300);
    for (const id of cluster.servers) cluster.cutLog(id);
    cluster.transfers = false;
    const [wiped] = others(cluster, leader.id) as [number];
    cluster.forget(wiped);
    cluster.start(wiped);
    cluster.run(3000);
    expect(viewOf(cluster.node(wiped))).toMatchObject({ standing: 'recovering', committed: 0, role: 'follower' });
    cluster.propose(leader.id, 'meanwhile');
    cluster.run(500);
    cluster.copySnapshot(leader.id, wiped);
    cluster.run(50);
    expect(viewOf(cluster.node(wiped)).standing).toBe('voter');
    expect(cluster.runUntil(() => cluster.values(wiped).includes('meanwhile'), 500)).toBe(true);
  });

  test('and crashes while it installs is none the worse for it', () => {
    for (const fate of ['crash before', 'crash after'] as const) {
      const cluster = new Cluster(3, 4).startAll();
      const leader = cluster.elect();
      proposeSome(cluster, leader.id, 30);
      cluster.run(300);
      for (const id of cluster.servers) cluster.cutLog(id);
      cluster.transfers = false;
      const [wiped] = others(cluster, leader.id) as [number];
      cluster.forget(wiped);
      cluster.start(wiped);
      cluster.run(100);
      cluster.copySnapshot(leader.id, wiped, fate);
      cluster.start(wiped);
      expect(viewOf(cluster.node(wiped)).committed).toBe(leader.disk.snapshot.length);
      expectWhole(cluster);
      expect(viewOf(cluster.node(wiped)).standing).toBe('voter');
    }
  });
});
