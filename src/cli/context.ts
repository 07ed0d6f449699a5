/** What the long-running commands share: the configuration, a log, a clock, a source of chance, the sockets. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { refusalInWords } from '../client/refusal';
import { loadConfig } from '../config/load';
import type { ClusterConfig } from '../config/schema';
import { systemClock } from '../lib/clock';
import { createLogger, type Logger, parseLogLevel } from '../lib/log';
import { type Random, seededRandom } from '../lib/prng';
import { OncePer } from '../lib/rate';
import type { SocketSecurity } from '../transport/security';
import type { Transport } from '../transport/transport';
import { createZeroMqTransport } from '../transport/zeromq';

/** The configuration that commands use when none is named: the cluster of three that `npm start` runs. */
export const DEFAULT_CONFIG = path.resolve(__dirname, '../../config/cluster-3.json');

export interface ConfigFlags {
  readonly config?: string;
  readonly storage?: string;
}

/** The configuration named by the flags, by SYNOD_CONFIG, or the default one; a folder has one. @throws ConfigError */
export function configOf(flags: ConfigFlags): ClusterConfig {
  const named = flags.config ?? (process.env.SYNOD_CONFIG || DEFAULT_CONFIG);
  return loadConfig(
    isFolder(named) ? path.join(named, 'cluster.json') : named,
    flags.storage === undefined ? {} : { storage: flags.storage },
  );
}

/** What cannot be looked at is left for the reading to complain of. */
function isFolder(file: string): boolean {
  try {
    return statSync(file).isDirectory();
  } catch {
    return false;
  }
}

/** A log on standard error; SYNOD_LOG chooses the least level. */
export function logOf(part: string): Logger {
  return createLogger(part, parseLogLevel(process.env.SYNOD_LOG) ?? 'info', (line) => process.stderr.write(line));
}

/** A source of chance that no other process shares. */
export function freshRandom(): Random {
  return seededRandom(randomBytes(4).readUInt32LE(0));
}

/** Sockets with the configuration's limits; what they drop and whom they refuse is logged now and then. */
export function transportOf(config: ClusterConfig, random: Random, security: SocketSecurity): Transport {
  const log = logOf('sockets');
  const drops = nowAndThen(1000, log);
  const refusals = nowAndThen(10_000, log);
  return createZeroMqTransport({
    limits: config.limits.transport,
    random,
    security,
    onDrop: ({ address, direction, reason, bytes }) =>
      drops(`dropped a message ${direction} at ${address}: ${reason}, ${bytes} bytes`),
    onRefusal: (refusal) => refusals(refusalInWords(refusal)),
  });
}

/** Warns of something at most once in so many milliseconds, and how often it was meanwhile. */
function nowAndThen(ms: number, log: Logger): (text: string) => void {
  const rate = new OncePer(ms);
  return (text) => {
    const heldBack = rate.pass(systemClock.monotonicMs());
    if (heldBack === undefined) return;
    log.warn(heldBack > 0 ? `${text} (and ${heldBack} more since)` : text);
  };
}
