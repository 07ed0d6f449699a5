/**
 * What a seed stands for: how large the cluster is, what its clients do, and which faults come when. Each seed turns some
 * kinds of faults on and others off ("swarm testing": Groce, Zhang, Eide, Chen, Regehr, ISSTA 2012), for a fault that
 * happens all the time hides what only shows without it.
 */
import { type Random, randomInt, seededRandom } from '../../src/lib/prng';

export const FAULT_KINDS = [
  'loss',
  'delay',
  'repeat',
  'reorder',
  'publish-runs',
  'question-runs',
  'partition',
  'reset',
  'crash',
  'crash-in-sync',
  'crash-all',
  'wipe',
  'damage',
  'disk-error',
  'slow-disk',
  'pause',
  'clock',
  'balancer',
  'client-crash',
  'client-slow',
  'ghost',
] as const;

/** What is so for a whole run: answers that pass for later ones, a server that stays deaf at the end, no disks. */
export const CONDITIONS = ['stale-answers', 'deaf', 'memory'] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
export type Condition = (typeof CONDITIONS)[number];

/** One fault. What it does exactly follows from its numbers, so that it is the same whatever else happens. */
export interface Fault {
  readonly kind: FaultKind;
  readonly atMs: number;
  /** How long it lasts, or until whoever it hit is back. */
  readonly forMs: number;
  /** In [0, 1), each for one purpose: whether it seeks the leader, whom it hits, whom else, in which way, how hard. */
  readonly aim: number;
  readonly who: number;
  readonly whom: number;
  readonly how: number;
  readonly much: number;
}

export interface Plan {
  readonly seed: number;
  readonly servers: number;
  readonly clients: number;
  readonly storage: 'disk' | 'memory';
  /** How long faults come and clients post, milliseconds. */
  readonly durationMs: number;
  /** People go on talking until so much has happened. */
  readonly leastEvents: number;
  /** Between two posts of a client, on average. */
  readonly postEveryMs: number;
  /** Bytes of values, and rounds, after which a snapshot is taken. */
  readonly snapshotBytes: number;
  readonly snapshotRounds: number;
  readonly faults: readonly Fault[];
  /** Whether a question that was given up leaves its answer to the next one, as a REQ does that only is relaxed. */
  readonly staleAnswers: boolean;
  /** One server that hears nobody stays so when all else is mended: the others have to go on without it. */
  readonly deaf: boolean;
}

export interface PlanOptions {
  readonly servers?: number;
  /** Only these. */
  readonly kinds?: readonly (FaultKind | Condition)[];
}

/** Sizes as they are drawn: most clusters have three servers. */
const SIZES = [1, 3, 3, 3, 3, 3, 5, 5, 5, 7];
const MOST_FAULTS = 40;
/** Without these nothing that needs a leader's death or a lost message ever shows. */
const SHARE_ON = 0.45;
const CONDITION_SHARES: Readonly<Record<Condition, number>> = { 'stale-answers': 0.5, deaf: 0.3, memory: 0.15 };

const LASTS_MS = { least: 8000, most: 20_000 };
const LEAST_EVENTS = 5000;
/** A busy cluster has as many faults in a shorter time: what happens in a run is to be about the same in all. */
const SHORTEST_MS = 3000;

export function planOf(seed: number, options: PlanOptions = {}): Plan {
  const random = streamOf(seed, 1);
  const servers = pick(random, SIZES);
  const on = new Set<FaultKind | Condition>(FAULT_KINDS.filter(() => random.next() < SHARE_ON));
  for (const condition of CONDITIONS) if (random.next() < CONDITION_SHARES[condition]) on.add(condition);
  const wanted = options.kinds ? new Set(options.kinds) : on;
  const longestMs = randomInt(random, LASTS_MS.least, LASTS_MS.most);
  const size = {
    servers: options.servers ?? servers,
    clients: randomInt(random, 2, 6),
    postEveryMs: pick(random, [60, 150, 400, 1000]),
  };
  const durationMs = Math.min(longestMs, lastingMs(size));
  const plan: Omit<Plan, 'faults'> = {
    ...size,
    seed,
    storage: wanted.has('memory') ? 'memory' : 'disk',
    durationMs,
    leastEvents: LEAST_EVENTS,
    snapshotBytes: pick(random, [1500, 6000, 30_000, 1_000_000]),
    snapshotRounds: pick(random, [10, 40, 200, 16_384]),
    staleAnswers: wanted.has('stale-answers'),
    deaf: wanted.has('deaf'),
  };
  const kinds = FAULT_KINDS.filter((kind) => wanted.has(kind));
  const count = kinds.length === 0 ? 0 : randomInt(random, 3, MOST_FAULTS);
  const faults = Array.from({ length: count }, () => faultOf(random, kinds, durationMs));
  return { ...plan, faults: faults.sort((a, b) => a.atMs - b.atMs) };
}

/** A source of chance of its own for each purpose: what one of them is asked for changes nothing of the others. */
export function streamOf(seed: number, purpose: number): Random {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(purpose, 0x85ebca77));
  for (let count = 0; count < 4; count += 1) random.next();
  return random;
}

/** For how long a cluster of that size may run until so much has happened: measured, and roughly. Milliseconds. */
function lastingMs({ servers, clients, postEveryMs }: Pick<Plan, 'servers' | 'clients' | 'postEveryMs'>): number {
  const eventsAMs = servers ** 2 * (0.03 + (1.8 * clients) / postEveryMs);
  return Math.max(SHORTEST_MS, LEAST_EVENTS / eventsAMs);
}

function faultOf(random: Random, kinds: readonly FaultKind[], durationMs: number): Fault {
  return {
    kind: pick(random, kinds),
    atMs: randomInt(random, 0, durationMs),
    forMs: pick(random, [50, 300, 900, 2500, 6000]) * (0.5 + random.next()),
    aim: random.next(),
    who: random.next(),
    whom: random.next(),
    how: random.next(),
    much: random.next(),
  };
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[randomInt(random, 0, items.length)] as Item;
}
