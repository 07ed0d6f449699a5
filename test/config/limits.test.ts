/** Whatever a configuration may set, the limits that follow from it go together. */
import fc from 'fast-check';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, defaultLimits, limitsOf, QUEUES_BYTES } from '../../src/config/limits';
import { brokenRelations } from '../../src/config/relations';
import { clusterSchema } from '../../src/config/schema';

const settings = {
  heartbeatMs: fc.integer({ min: 5, max: 2000 }),
  electionTimeoutMs: fc.integer({ min: 5, max: 600_000 }),
  retransmitMs: fc.integer({ min: 5, max: 600_000 }),
  questionTimeoutMs: fc.integer({ min: 5, max: 600_000 }),
  deadAfterMs: fc.integer({ min: 5, max: 600_000 }),
};
const limits = {
  textBytes: fc.integer({ min: 64, max: 65_536 }),
  windowRounds: fc.integer({ min: 1, max: 1024 }),
  batchBytes: fc.integer({ min: 8192, max: 4_194_304 }),
  clients: fc.integer({ min: 1, max: 200_000 }),
  roomsPerSession: fc.integer({ min: 1, max: 4096 }),
  sessionsPerKey: fc.integer({ min: 1, max: 200_000 }),
  nicksPerKey: fc.integer({ min: 1, max: 200_000 }),
  nameChars: fc.integer({ min: 16, max: 128 }),
  postsPerSecond: fc.integer({ min: 1, max: 1_000_000 }),
  postBurst: fc.integer({ min: 1, max: 1_000_000 }),
  opensPerSecond: fc.integer({ min: 100, max: 10_000 }),
  clientQueueBytes: fc.integer({ min: 2_097_152, max: 67_108_864 }),
  framesPerSecond: fc.integer({ min: 1000, max: 1_000_000 }),
  handshakeMs: fc.integer({ min: 500, max: 60_000 }),
  snapshotBytes: fc.integer({ min: 65_536, max: 1_073_741_824 }),
};
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
  const most = {
    textBytes: 65_536,
    windowRounds: 1024,
    batchBytes: 4_194_304,
    clients: 200_000,
    roomsPerSession: 4096,
    sessionsPerKey: 200_000,
    nicksPerKey: 200_000,
    nameChars: 128,
    postsPerSecond: 1_000_000,
    postBurst: 1_000_000,
    opensPerSecond: 10_000,
    clientQueueBytes: 67_108_864,
    framesPerSecond: 1_000_000,
    handshakeMs: 60_000,
    snapshotBytes: 1_073_741_824,
  };
  expect(brokenRelations({ servers: [], balancer, timeouts: least, limits: most })).toEqual([]);
  expect(limitsOf(least, most).server.beatMs).toBeLessThanOrEqual(least.deadAfterMs / 2);
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
