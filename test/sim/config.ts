/** The configuration of a virtual cluster: most of what is bounded has a small bound, so that it is reached. */

import { OPEN_TO_ALL } from '../../src/chat/people';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, type Limits, limitsOf } from '../../src/config/limits';
import type { ClusterConfig } from '../../src/config/schema';
import { personKey } from '../people';
import type { Plan } from './plan';

export function configOf(plan: Plan): ClusterConfig {
  return {
    file: 'sim',
    cluster: 'sim',
    servers: Array.from({ length: plan.servers }, (_, at) => ({
      id: at + 1,
      pub: `pub-${at + 1}`,
      rep: `rep-${at + 1}`,
      dataDir: '',
    })),
    balancer: { clients: 'clients', servers: 'servers' },
    storage: plan.storage,
    keys: '',
    // The first to come keep order.
    access: { ...OPEN_TO_ALL, operators: [1, 2].map(personKey) },
    timeouts: DEFAULT_TIMEOUTS,
    limits: limits(plan),
  };
}

function limits({ snapshotBytes, snapshotRounds }: Plan): Limits {
  const { paxos, server, client, balancer, ...others } = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
  return {
    ...others,
    // What comes in pages comes in several.
    paxos: { ...paxos, pageBytes: 4000, pageRounds: 16, batchBytes: 16_384, roomBytes: 16_384, backlogBytes: 250_000 },
    server: {
      ...server,
      snapshotBytes,
      snapshotRounds,
      // A part of a snapshot in each tick: much happens before it is there.
      snapshotStepMs: 0,
      // Memory does not hide what is on disk.
      recentBytes: 8000,
      pageEvents: 20,
      pageBytes: 2500,
      historyWriteBytes: 2000,
      partBytes: 2000,
      gatheredBytes: 3000,
      // Some things do not find room.
      postsPerSecond: 60,
      postBurst: 20,
      opensPerSecond: 500,
      pendingCommands: 64,
      pendingBytes: 16_000,
      pendingBytesOfAll: 20_000,
      readings: 6,
      readingsAtOnce: 2,
      questionsOfClient: 3,
      answerBytesPerSec: 4_000_000,
      answerBytesAtOnce: 200_000,
      waitingBytes: 300_000,
    },
    // Who sleeps has too much waiting.
    balancer: { ...balancer, clientQueueBytes: 12_000, allQueuesBytes: 40_000, checkBytes: 2000 },
    client: { ...client, window: 32, windowBytes: 12_000, groupCommands: 16, groupBytes: 6000 },
  };
}
