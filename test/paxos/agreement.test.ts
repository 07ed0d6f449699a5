/**
 * Whatever is lost, late, repeated, crashed, forgotten, paused or cut off: the harness checks after each step that no two
 * servers commit different values, that logs have no hole, and that nobody speaks before it is durable. What is checked
 * here comes after it: once the faults stop, everything committed is everywhere, and the cluster goes on.
 *
 * SYNOD_RUNS and SYNOD_SEED look further; a failure prints the seed and the shortest schedule that shows it.
 */
import * as fc from 'fast-check';
import { act, actions, faults } from './faults';
import { CALM, Cluster, HASTY_LIMITS } from './harness';

const numRuns = Number(process.env.SYNOD_RUNS ?? 40);
const seed = Number(process.env.SYNOD_SEED ?? 20_261);

describe.each([1, 3, 5, 7])('%i servers', (count) => {
  test('agree, whatever happens, and go on after it', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), faults, actions, (seedOfRun, trouble, schedule) => {
        const cluster = new Cluster(count, seedOfRun, HASTY_LIMITS).startAll();
        if (seedOfRun % 2 === 0) cluster.elect();
        cluster.faults = trouble;
        for (const action of schedule) {
          act(cluster, action);
          cluster.run(7);
        }
        recoverAll(cluster);
        expectGoesOn(cluster);
      }),
      { numRuns, seed, endOnFailure: process.env.SYNOD_SHRINK === '0' },
    );
  });
});

function recoverAll(cluster: Cluster): void {
  cluster.heal();
  cluster.faults = CALM;
  for (const id of cluster.servers) {
    cluster.start(id);
    cluster.resume(id);
    for (const other of cluster.servers) if (other !== id) cluster.link(id, other, 'up');
  }
}

function expectGoesOn(cluster: Cluster): void {
  const before = [...cluster.chosen];
  const wanted = cluster.servers.map((id) => cluster.propose(id));
  const logs = () => cluster.servers.map((id) => cluster.values(id));
  const done = cluster.runUntil(() => {
    const [first, ...others] = logs();
    const committed = new Set(first?.flatMap((value) => value.split(' ')));
    const all = wanted.every((command) => committed.has(command));
    return all && others.every((log) => log.length === first?.length);
  });
  const view = cluster.servers.map((id) => cluster.node(id).replica?.view());
  if (!done) throw new Error(`the cluster does not go on: ${JSON.stringify(view, undefined, 1)}`);
  for (const [round, value] of before) expect(cluster.values(1)[round]).toBe(value);
  for (const id of cluster.servers) expect(cluster.node(id).pending).toEqual([]);
  for (const id of cluster.servers) expect(cluster.node(id).halted).toBe('');
}
