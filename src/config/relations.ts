/** What must hold between the values of a configuration, each of which may be right by itself. */
import path from 'node:path';
import type { LimitSettings, Timeouts } from './limits';
import { OVERHEAD_BYTES } from './limits';
import { type KeyPath, showPath } from './problems';
import type { ServerConfig } from './schema';

/** A value that does not go with the others. */
export interface BrokenRelation {
  readonly path: KeyPath;
  readonly found: unknown;
  readonly allowed: string;
}

export interface Settings {
  /** In the order of the file. */
  readonly servers: readonly ServerConfig[];
  readonly balancer: { readonly clients: string; readonly servers: string };
  readonly timeouts: Timeouts;
  readonly limits: LimitSettings;
}

/** A leader is missed only after several of its heartbeats. */
const HEARTBEATS_PER_ELECTION = 4;
/** A server tells the balancer that it lives at least this often. */
const LEAST_DEAD_AFTER_MS = 400;

export function brokenRelations(settings: Settings): readonly BrokenRelation[] {
  const { servers, balancer, timeouts, limits } = settings;
  return [
    ...repeats(
      'an id',
      servers.map(({ id }, index) => ({ path: ['servers', index, 'id'], value: id })),
    ),
    ...repeats('an address', [
      { path: ['balancer', 'clients'], value: balancer.clients },
      { path: ['balancer', 'servers'], value: balancer.servers },
      ...servers.flatMap(({ pub, rep }, index) => [
        { path: ['servers', index, 'pub'], value: pub },
        { path: ['servers', index, 'rep'], value: rep },
      ]),
    ]),
    ...sharedFolders(servers),
    ...tooSmall(timeouts, limits),
  ];
}

interface Entry {
  readonly path: KeyPath;
  readonly value: unknown;
}

function repeats(what: string, entries: readonly Entry[]): readonly BrokenRelation[] {
  return entries.flatMap(({ path, value }, index) => {
    const first = entries.findIndex((entry) => entry.value === value);
    const other = entries[first];
    return first < index && other
      ? [{ path, found: value, allowed: `${what} of its own, this is that of ${showPath(other.path)}` }]
      : [];
  });
}

/** A folder within that of another server would make that one look like something else. */
function sharedFolders(servers: readonly ServerConfig[]): readonly BrokenRelation[] {
  return servers.flatMap(({ dataDir }, index) => {
    const first = servers.findIndex((other, at) => at !== index && isWithin(dataDir, other.dataDir));
    const isRepeat = first > index && servers[first]?.dataDir === dataDir;
    if (first === -1 || isRepeat) return [];
    const allowed = `a folder outside of ${showPath(['servers', first, 'dataDir'])}`;
    return [{ path: ['servers', index, 'dataDir'], found: dataDir, allowed }];
  });
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return !(relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative));
}

function tooSmall(timeouts: Timeouts, limits: LimitSettings): readonly BrokenRelation[] {
  const { heartbeatMs, electionTimeoutMs, questionTimeoutMs, deadAfterMs } = timeouts;
  const bounds: readonly (readonly [path: KeyPath, found: number, least: number, why: string])[] = [
    [
      ['timeouts', 'electionTimeoutMs'],
      electionTimeoutMs,
      HEARTBEATS_PER_ELECTION * heartbeatMs,
      `${HEARTBEATS_PER_ELECTION} times timeouts.heartbeatMs`,
    ],
    [['timeouts', 'deadAfterMs'], deadAfterMs, LEAST_DEAD_AFTER_MS, 'a server is heard a few times a second'],
    [['timeouts', 'questionTimeoutMs'], questionTimeoutMs, heartbeatMs, 'timeouts.heartbeatMs'],
    [
      ['limits', 'batchBytes'],
      limits.batchBytes,
      limits.textBytes + OVERHEAD_BYTES,
      `limits.textBytes and ${OVERHEAD_BYTES} around it`,
    ],
    [['limits', 'snapshotBytes'], limits.snapshotBytes, limits.batchBytes, 'limits.batchBytes'],
  ];
  return bounds
    .filter(([, found, least]) => found < least)
    .map(([path, found, least, why]) => ({ path, found, allowed: `at least ${least} (${why})` }));
}
