/** What a configuration file may say, and what the program makes of it. */
import { z } from 'zod';
import type { AccessRules } from '../chat/commands';
import { isKeyText } from '../lib/signer';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, type Limits, type Timeouts } from './limits';

/** Cluster sizes: 2f+1 for f = 0, 1, 2, 3. */
export const CLUSTER_SIZES: readonly number[] = [1, 3, 5, 7];

const MAX_ID = 65_535;
const MAX_PORT = 65_535;
/** A name, an IPv4 address or an IPv6 one in brackets; peers connect to it, so no `*`. */
const ADDRESS = /^tcp:\/\/(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+):([1-9]\d{0,4})$/;

/** What stands behind "allowed:" when it is not. */
const AN_ADDRESS = { error: 'an address like tcp://127.0.0.1:7101' };
const A_NAME = { error: 'a name of 1 to 64 letters, digits, "-", "_" or "."' };
const A_FOLDER = { error: 'a folder, relative to this file or absolute' };

/** Whether something can be connected to there, as far as one can see. */
export function isAddress(text: string): boolean {
  return Number(ADDRESS.exec(text)?.[1]) <= MAX_PORT;
}

const address = z.string(AN_ADDRESS).refine(isAddress, AN_ADDRESS);

const wholeNumber = (least: number, most: number, unit = '') => {
  const error = `a whole number${unit} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const milliseconds = (fallback: number) => wholeNumber(5, 600_000, ' of milliseconds').default(fallback);

const folder = z
  .string(A_FOLDER)
  .min(1, A_FOLDER)
  .refine((text) => !text.includes('\0'), A_FOLDER);

const A_KEY = { error: "a person's key, 43 characters as synod identity prints it" };
const MOST_KEYS = 1000;
const KEYS = { error: `a list of at most ${MOST_KEYS} keys of people` };
const keys = z.array(z.string(A_KEY).refine(isKeyText, A_KEY), KEYS).max(MOST_KEYS, KEYS).default([]);

/** Who may do more than others. */
const people = z.strictObject({ operators: keys, listed: keys, unlimited: keys }, { error: 'an object' });

const server = z.strictObject(
  {
    id: wholeNumber(1, MAX_ID),
    pub: address,
    rep: address,
    dataDir: folder,
  },
  { error: 'an object with id, pub, rep and dataDir' },
);

const balancer = z.strictObject(
  { clients: address, servers: address },
  { error: 'an object with the addresses clients and servers' },
);

const timeouts = z.strictObject(
  {
    heartbeatMs: milliseconds(DEFAULT_TIMEOUTS.heartbeatMs),
    electionTimeoutMs: milliseconds(DEFAULT_TIMEOUTS.electionTimeoutMs),
    retransmitMs: milliseconds(DEFAULT_TIMEOUTS.retransmitMs),
    questionTimeoutMs: milliseconds(DEFAULT_TIMEOUTS.questionTimeoutMs),
    deadAfterMs: milliseconds(DEFAULT_TIMEOUTS.deadAfterMs),
  },
  { error: 'an object' },
);

const limits = z.strictObject(
  {
    textBytes: wholeNumber(64, 65_536).default(DEFAULT_LIMITS.textBytes),
    windowRounds: wholeNumber(1, 1024).default(DEFAULT_LIMITS.windowRounds),
    batchBytes: wholeNumber(8192, 4_194_304).default(DEFAULT_LIMITS.batchBytes),
    clients: wholeNumber(1, 200_000).default(DEFAULT_LIMITS.clients),
    roomsPerSession: wholeNumber(1, 4096).default(DEFAULT_LIMITS.roomsPerSession),
    sessionsPerKey: wholeNumber(1, 200_000).default(DEFAULT_LIMITS.sessionsPerKey),
    nicksPerKey: wholeNumber(1, 200_000).default(DEFAULT_LIMITS.nicksPerKey),
    nameChars: wholeNumber(16, 128).default(DEFAULT_LIMITS.nameChars),
    postsPerSecond: wholeNumber(1, 1_000_000).default(DEFAULT_LIMITS.postsPerSecond),
    postBurst: wholeNumber(1, 1_000_000).default(DEFAULT_LIMITS.postBurst),
    opensPerSecond: wholeNumber(100, 10_000).default(DEFAULT_LIMITS.opensPerSecond),
    clientQueueBytes: wholeNumber(2_097_152, 67_108_864).default(DEFAULT_LIMITS.clientQueueBytes),
    framesPerSecond: wholeNumber(1000, 1_000_000).default(DEFAULT_LIMITS.framesPerSecond),
    handshakeMs: wholeNumber(500, 60_000, ' of milliseconds').default(DEFAULT_LIMITS.handshakeMs),
    snapshotBytes: wholeNumber(65_536, 1_073_741_824).default(DEFAULT_LIMITS.snapshotBytes),
  },
  { error: 'an object' },
);

const SIZES = { error: `a list of ${CLUSTER_SIZES.slice(0, -1).join(', ')} or ${CLUSTER_SIZES.at(-1)} servers` };

/** The file as it is written. */
export const clusterSchema = z.strictObject(
  {
    cluster: z.string(A_NAME).regex(/^[\w.-]{1,64}$/, A_NAME),
    servers: z.array(server, SIZES).refine((servers) => CLUSTER_SIZES.includes(servers.length), SIZES),
    balancer,
    storage: z.enum(['disk', 'memory'], { error: '"disk" or "memory"' }).default('disk'),
    keys: folder.default('keys'),
    access: z.enum(['open', 'listed'], { error: '"open" or "listed"' }).default('open'),
    people: people.prefault({}),
    timeouts: timeouts.prefault({}),
    limits: limits.prefault({}),
  },
  { error: 'an object with cluster, servers and balancer' },
);

/** The keys of each part that is an object. */
export const SECTIONS = {
  balancer: Object.keys(balancer.shape),
  timeouts: Object.keys(timeouts.shape),
  limits: Object.keys(limits.shape),
} as const;

/** The keys that are known where a path ends. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [section] = path;
  if (section === 'people') return Object.keys(people.shape);
  if (section === 'servers') return Object.keys(server.shape);
  if (section === 'balancer' || section === 'timeouts' || section === 'limits') return SECTIONS[section];
  return Object.keys(clusterSchema.shape);
}

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
  /** The folder with everybody's public key, and the secret keys of those who run on this host. Absolute. */
  readonly keys: string;
  /** Whom it lets in, and who may do more than others. */
  readonly access: AccessRules;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
}
