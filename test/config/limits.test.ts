/** Whatever a configuration may set, the limits that follow from it go together. */
import fc from 'fast-check';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMEOUTS,
  defaultLimits,
  type LimitSettings,
  limitsOf,
  QUEUES_BYTES,
} from '../../src/config/limits';
import { brokenRelations } from '../../src/config/relations';
import { clusterSchema } from '../../src/config/schema';

const settings = {
  heartbeatMs: fc.integer({ min: 5, max: 2000 }),
  electionTimeoutMs: fc.integer({ min: 5, max: 600_000 }),
  retransmitMs: fc.integer({ min: 5, max: 600_000 }),
  questionTimeoutMs: fc.integer({ min: 5, max: 600_000 }),
  deadAfterMs: fc.integer({ min: 5, max: 600_000 }),
};
/** The least and the most of each. */
const BOUNDS = {
  textBytes: [64, 65_536],
  windowRounds: [1, 1024],
  batchBytes: [8192, 4_194_304],
  clients: [1, 200_000],
  roomsPerSession: [1, 4096],
  sessionsPerKey: [1, 200_000],
  nicksPerKey: [1, 200_000],
  nameChars: [16, 128],
  postsPerSecond: [1, 1_000_000],
  postBurst: [1, 1_000_000],
  opensPerSecond: [100, 10_000],
  clientQueueBytes: [2_097_152, 67_108_864],
  framesPerSecond: [1000, 1_000_000],
  handshakeMs: [500, 60_000],
  snapshotBytes: [65_536, 1_073_741_824],
} as const satisfies Record<keyof LimitSettings, readonly [number, number]>;
const NAMES = Object.keys(BOUNDS) as (keyof LimitSettings)[];
const limits = mapLimits(([min, max]) => fc.integer({ min, max }));
const balancer = { clients: 'tcp://127.0.0.1:1', servers: 'tcp://127.0.0.1:2' };

test('all that is allowed gives limits that hold, each above 0', () => {
  fc.assert(
    fc.property(fc.record(settings), fc.record(limits), (timeouts, limits) => {
      if (brokenRelations({ servers: [], balancer, timeouts, limits }).length > 0) return;
      for (const part of Object.values(limitsOf(timeouts, limits))) {
        for (const [name, value] of Object.entries<number>(part)) expect([name, value > 0]).toEqual([name, true]);
      }
    }),
  );
});

test('the defaults are allowed, and are those of a client without a configuration', () => {
  expect(brokenRelations({ servers: [], balancer, timeouts: DEFAULT_TIMEOUTS, limits: DEFAULT_LIMITS })).toEqual([]);
  expect(defaultLimits()).toEqual(limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS));
  const { timeouts, limits } = clusterSchema.shape;
  expect([timeouts.parse({}), limits.parse({})]).toEqual([DEFAULT_TIMEOUTS, DEFAULT_LIMITS]);
});

test('the least and the most that may be set hold too', () => {
  const least = { heartbeatMs: 5, electionTimeoutMs: 20, retransmitMs: 5, questionTimeoutMs: 5, deadAfterMs: 400 };
  const most = mapLimits(([, max]) => max);
  expect(brokenRelations({ servers: [], balancer, timeouts: least, limits: most })).toEqual([]);
  expect(limitsOf(least, most).server.beatMs).toBeLessThanOrEqual(least.deadAfterMs / 2);
});

test.each(NAMES)('%s has its bounds, and nothing beyond them is taken', (name) => {
  const { limits } = clusterSchema.shape;
  for (const bound of BOUNDS[name]) expect(limits.parse({ [name]: bound })).toMatchObject({ [name]: bound });
  const [least, most] = BOUNDS[name];
  for (const beyond of [least - 1, most + 1, least + 0.5, String(least)]) {
    expect(limits.safeParse({ [name]: beyond }).success).toBe(false);
  }
});

test('each setting changes something', () => {
  const before = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
  for (const name of NAMES) {
    expect(limitsOf(DEFAULT_TIMEOUTS, { ...DEFAULT_LIMITS, [name]: DEFAULT_LIMITS[name] + 1 })).not.toEqual(before);
  }
});

test('with the defaults, what a server holds in its queues leaves it within its memory', () => {
  const { server } = defaultLimits();
  const readings = server.readingsAtOnce * server.pageBytes;
  expect(server.pendingBytesOfAll + server.waitingBytes + readings).toBeLessThanOrEqual(QUEUES_BYTES);
  // Two stretches, what leads to their blocks, and a part of each that came too late.
  expect(3 * (server.gatheredBytes + server.partBytes)).toBeLessThanOrEqual(server.pendingBytesOfAll);
});

test('limits of our own that do not go together are noticed', () => {
  expect(() => limitsOf(DEFAULT_TIMEOUTS, { ...DEFAULT_LIMITS, batchBytes: 9_000_000 })).toThrow('fit in a message');
  expect(() => limitsOf(DEFAULT_TIMEOUTS, { ...DEFAULT_LIMITS, textBytes: 70_000 })).toThrow('the log takes');
});

function mapLimits<Value>(of: (bounds: readonly [number, number]) => Value): Record<keyof LimitSettings, Value> {
  return Object.fromEntries(NAMES.map((name) => [name, of(BOUNDS[name])])) as Record<keyof LimitSettings, Value>;
}
