/** What a configuration file may say, and what the program makes of it. */
import { z } from 'zod';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, type Limits, type Timeouts } from './limits';

/** Cluster sizes: 2f+1 for f = 0, 1, 2, 3. */
export const CLUSTER_SIZES: readonly number[] = [1, 3, 5, 7];

const ADDRESS = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[^\s:/[\]]+):([1-9]\d{0,4})$/;

const address = z.string().refine(
  (text) => {
    const match = ADDRESS.exec(text);
    return match !== null && Number(match[2]) <= 65_535;
  },
  { error: 'an address like tcp://127.0.0.1:7101' },
);

const clusterName = z.string().regex(/^[\w.-]{1,64}$/, { error: '1 to 64 letters, digits, "-", "_" or "."' });

const wholeNumber = (least: number, most: number) =>
  z
    .number()
    .int()
    .min(least)
    .max(most, { error: `a whole number from ${least} to ${most}` });

const milliseconds = (fallback: number) =>
  z
    .int({ error: 'a whole number of milliseconds from 5 to 600000' })
    .min(5, { error: 'a whole number of milliseconds from 5 to 600000' })
    .max(600_000, { error: 'a whole number of milliseconds from 5 to 600000' })
    .default(fallback);

const bounded = (least: number, most: number, fallback: number) => {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(fallback);
};

const server = z.strictObject({
  id: wholeNumber(1, 65_535),
  pub: address,
  rep: address,
  dataDir: z.string().min(1, { error: 'a folder, relative to this file' }),
});

const timeouts = z.strictObject({
  heartbeatMs: milliseconds(DEFAULT_TIMEOUTS.heartbeatMs),
  electionTimeoutMs: milliseconds(DEFAULT_TIMEOUTS.electionTimeoutMs),
  retransmitMs: milliseconds(DEFAULT_TIMEOUTS.retransmitMs),
  questionTimeoutMs: milliseconds(DEFAULT_TIMEOUTS.questionTimeoutMs),
  deadAfterMs: milliseconds(DEFAULT_TIMEOUTS.deadAfterMs),
});

const limits = z.strictObject({
  textBytes: bounded(64, 65_536, DEFAULT_LIMITS.textBytes),
  windowRounds: bounded(1, 1024, DEFAULT_LIMITS.windowRounds),
  batchBytes: bounded(8192, 4_194_304, DEFAULT_LIMITS.batchBytes),
  clients: bounded(1, 200_000, DEFAULT_LIMITS.clients),
  roomsPerSession: bounded(1, 4096, DEFAULT_LIMITS.roomsPerSession),
});

/** The file as it is written. */
export const clusterSchema = z.strictObject({
  cluster: clusterName,
  servers: z.array(server).refine((servers) => CLUSTER_SIZES.includes(servers.length), {
    error: `${CLUSTER_SIZES.join(', ')} servers`,
  }),
  balancer: z.strictObject({ clients: address, servers: address }),
  storage: z.enum(['disk', 'memory'], { error: '"disk" or "memory"' }).default('disk'),
  timeouts: timeouts.prefault({}),
  limits: limits.prefault({}),
});

/** What a configuration file says, with everything that it left out. */
export type ClusterFile = z.output<typeof clusterSchema>;

export interface ServerConfig {
  readonly id: number;
  /** Where it publishes to its peers. */
  readonly pub: string;
  /** Where it answers its peers' questions. */
  readonly rep: string;
  /** Absolute. */
  readonly dataDir: string;
}

/** A checked configuration, as the program uses it. */
export interface ClusterConfig {
  /** The file that it was read from. */
  readonly file: string;
  readonly cluster: string;
  /** Ascending by id. */
  readonly servers: readonly ServerConfig[];
  readonly balancer: { readonly clients: string; readonly servers: string };
  readonly storage: 'disk' | 'memory';
  readonly timeouts: Timeouts;
  readonly limits: Limits;
}
