/** Reads a configuration: the file, what the environment and flags put over it, and everything that must hold. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { type Override, overridesOf } from './environment';
import { parseJson } from './json';
import { limitsOf } from './limits';
import { ConfigError, type KeyPath, showPath, showProblem, suggest } from './problems';
import { brokenRelations } from './relations';
import { type ClusterConfig, type ClusterFile, clusterSchema, keysAt } from './schema';

/** Far beyond the longest configuration, far below what would hurt to read. */
const MAX_FILE_BYTES = 1024 * 1024;

/** What flags put over the file and over the environment. */
export interface Overrides {
  readonly storage?: string;
}

/**
 * @param file the configuration file
 * @param environment where SYNOD_… variables are looked up (environment.ts)
 * @throws ConfigError a line for each problem: file, key, what was found, what is allowed
 */
export function loadConfig(
  file: string,
  flags: Overrides = {},
  environment: NodeJS.ProcessEnv = process.env,
): ClusterConfig {
  const written = readJson(file);
  const overrides = checkedOverrides(environment);
  const reading = new Reading(file, [...overrides, ...flagOverrides(flags)]);
  const checked = clusterSchema.safeParse(reading.put(written));
  if (!checked.success) throw new ConfigError(checked.error.issues.flatMap((issue) => reading.showIssue(issue)));
  return resolve(reading, checked.data);
}

/** What the environment sets. @throws ConfigError a line for each variable that is none or has a wrong value */
export function checkedOverrides(environment: NodeJS.ProcessEnv = process.env): readonly Override[] {
  const { overrides, problems } = overridesOf(environment);
  if (problems.length > 0) throw new ConfigError(problems);
  return overrides;
}

function flagOverrides({ storage }: Overrides): readonly Override[] {
  return storage === undefined ? [] : [{ path: ['storage'], value: storage, source: '--storage' }];
}

function resolve(reading: Reading, written: ClusterFile): ClusterConfig {
  const folder = path.dirname(path.resolve(reading.file));
  const servers = written.servers.map((server) => ({ ...server, dataDir: path.resolve(folder, server.dataDir) }));
  const broken = brokenRelations({ ...written, servers });
  if (broken.length > 0) {
    throw new ConfigError(broken.map(({ path, found, allowed }) => showProblem(reading.nameOf(path), found, allowed)));
  }
  return {
    file: reading.file,
    cluster: written.cluster,
    servers: [...servers].sort((a, b) => a.id - b.id),
    balancer: written.balancer,
    storage: written.storage,
    keys: path.resolve(folder, written.keys),
    access: { mode: written.access, ...written.people },
    timeouts: written.timeouts,
    limits: limitsOf(written.timeouts, written.limits),
  };
}

function readJson(file: string): unknown {
  const parsed = parseJson(readText(file));
  if ('value' in parsed) return parsed.value;
  const { line, column, what } = parsed.problem;
  throw new ConfigError([`${file}:${line}:${column}: not JSON: ${what}`]);
}

function readText(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    throw new ConfigError([`${file}: ${why}; name a configuration with --config, or make one with synod init`], {
      cause,
    });
  }
  if (bytes.length > MAX_FILE_BYTES) throw new ConfigError([`${file}: larger than a configuration can be`]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError([`${file}: not JSON: the text is not UTF-8`], { cause });
  }
}

/** One reading of a file with what is put over it: knows where each value came from, to say so when it is wrong. */
class Reading {
  private whole: unknown;

  constructor(
    readonly file: string,
    private readonly overrides: readonly Override[],
  ) {}

  /** The file's content with the overrides in it; a later one wins. What is no object is left for the schema. */
  put(written: unknown): unknown {
    this.whole = this.overrides.reduce((whole, { path, value }) => withValue(whole, path, value), written);
    return this.whole;
  }

  /** Where a value stands: a key of the file, or the variable or flag that set it. */
  nameOf(path: KeyPath): string {
    const setBy = this.overrides.findLast((override) => showPath(override.path) === showPath(path));
    return setBy?.source ?? `${this.file}: ${showPath(path)}`;
  }

  showIssue(issue: z.core.$ZodIssue): readonly string[] {
    if (issue.code !== 'unrecognized_keys') {
      return [showProblem(this.nameOf(issue.path), valueAt(this.whole, issue.path), issue.message)];
    }
    const known = keysAt(issue.path);
    return issue.keys.map((key) => {
      const where = showPath([...issue.path, key]);
      return `${this.file}: ${where}: unknown key, allowed: ${known.join(', ')}${suggest(key, known)}`;
    });
  }
}

function withValue(whole: unknown, [key, ...rest]: KeyPath, value: unknown): unknown {
  if (key === undefined) return value;
  const isAbsent = whole === undefined;
  if (!isAbsent && !isRecord(whole)) return whole;
  const record = isAbsent ? {} : whole;
  return { ...record, [key]: withValue(record[String(key)], rest, value) };
}

function valueAt(whole: unknown, path: KeyPath): unknown {
  return path.reduce(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    whole,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
