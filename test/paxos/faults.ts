/** Random schedules of faults for the property tests, and what carries them out. */
import * as fc from 'fast-check';
import type { Cluster, CopyFate, Faults, Node } from './harness';

export type Action =
  | { readonly kind: 'propose'; readonly who: number; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'crash' | 'restart' | 'forget' | 'pause' | 'resume' | 'isolate'; readonly who: number }
  | { readonly kind: 'cut'; readonly who: number; readonly other: number }
  | { readonly kind: 'link'; readonly who: number; readonly other: number; readonly up: boolean }
  | { readonly kind: 'cutLog'; readonly who: number; readonly snapshotShare: number; readonly cutShare: number }
  | { readonly kind: 'copySnapshot'; readonly who: number; readonly other: number; readonly fate: CopyFate }
  | { readonly kind: 'heal' | 'doubt' }
  | { readonly kind: 'leader'; readonly fate: 'crash' | 'pause' | 'isolate' | 'forget' };

const who = fc.nat(6);
const share = fc.constantFrom(0, 0.5, 0.9, 1, 1);

export const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('propose' as const), who, count: fc.integer({ min: 1, max: 12 }) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(3, 20, 60, 150, 400) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('crash', 'restart', 'restart', 'forget', 'pause', 'resume', 'isolate'),
        who,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), who, other: who }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('cutLog' as const), who, snapshotShare: share, cutShare: share }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('copySnapshot' as const),
        who,
        other: who,
        fate: fc.constantFrom<CopyFate>('install', 'crash before', 'crash after'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), who, other: who, up: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('heal', 'doubt', 'doubt') }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('leader' as const),
        fate: fc.constantFrom('crash', 'pause', 'isolate', 'forget'),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
) as fc.Arbitrary<Action[]>;

export const faults: fc.Arbitrary<Faults> = fc.record({
  loss: fc.constantFrom(0, 0.05, 0.3),
  repeat: fc.constantFrom(0, 0.1),
  fastMs: fc.constant(1),
  slowMs: fc.constantFrom(2, 20, 300),
  diskMs: fc.constantFrom(1, 5, 60),
});

/** Carries an action out. Never lets more than f servers be without their memory: beyond that nothing is promised. */
export function act(cluster: Cluster, action: Action): void {
  switch (action.kind) {
    case 'propose':
      for (let index = 0; index < action.count; index += 1) cluster.propose(pick(cluster, action.who).id);
      return;
    case 'wait':
      cluster.run(action.ms);
      return;
    case 'cut':
      return cluster.cut(pick(cluster, action.who).id, pick(cluster, action.other).id);
    case 'link':
      return cluster.link(pick(cluster, action.who).id, pick(cluster, action.other).id, action.up ? 'up' : 'down');
    case 'cutLog':
      return cluster.cutLog(pick(cluster, action.who).id, action.snapshotShare, action.cutShare);
    case 'copySnapshot':
      return cluster.copySnapshot(pick(cluster, action.who).id, pick(cluster, action.other).id, action.fate);
    case 'heal':
      return cluster.heal();
    case 'doubt':
      return doubtLeader(cluster);
    case 'leader': {
      const leader = cluster.leader();
      if (leader) doTo(cluster, leader, action.fate);
      return;
    }
    default:
      return doTo(cluster, pick(cluster, action.who), action.kind);
  }
}

/** Every connection to the leader seems to close: those that notice stand for election, all at about the same time. */
function doubtLeader(cluster: Cluster): void {
  const leader = cluster.leader();
  if (!leader) return;
  for (const id of cluster.servers) cluster.link(id, leader.id, 'down');
}

type Fate = 'crash' | 'restart' | 'forget' | 'pause' | 'resume' | 'isolate';

function doTo(cluster: Cluster, node: Node, fate: Fate): void {
  switch (fate) {
    case 'crash':
      return cluster.crash(node.id);
    case 'restart':
      return cluster.start(node.id);
    case 'forget': {
      const forgot = [...cluster.nodes.values()].filter((one) => one.forgot && one !== node).length;
      if (forgot < cluster.f) cluster.forget(node.id);
      return cluster.start(node.id);
    }
    case 'pause':
      return cluster.pause(node.id);
    case 'resume':
      return cluster.resume(node.id);
    case 'isolate':
      return cluster.isolate(node.id);
  }
}

function pick(cluster: Cluster, number: number): Node {
  return cluster.node(cluster.servers[number % cluster.servers.length] ?? 1);
}
