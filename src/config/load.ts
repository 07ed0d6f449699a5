/** Reads a configuration: the file, what the environment and flags put over it, and everything that must hold. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { EXIT, ExitError } from '../lib/exit';
import { brokenRelations, limitsOf } from './limits';
import { type ClusterConfig, type ClusterFile, clusterSchema } from './schema';

/** What flags may put over the file. */
export interface Overrides {
  readonly storage?: string;
}

/**
 * Keys of the file that the environment may set: the path in upper case with underscores, SYNOD_ before it.
 * SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS=800 sets timeouts.electionTimeoutMs.
 */
const FROM_ENVIRONMENT: readonly (readonly [section: string, key: string])[] = [
  ['', 'cluster'],
  ['', 'storage'],
  ...Object.keys(clusterSchema.shape.timeouts.unwrap().shape).map((key) => ['timeouts', key] as const),
  ...Object.keys(clusterSchema.shape.limits.unwrap().shape).map((key) => ['limits', key] as const),
];

/**
 * @param file the configuration file
 * @param environment where SYNOD_… variables are looked up
 * @throws ExitError with status 78 and a line for each problem: file, key, what was found, what is allowed
 */
export function loadConfig(
  file: string,
  overrides: Overrides = {},
  environment: NodeJS.ProcessEnv = process.env,
): ClusterConfig {
  const written = parseFile(file);
  if (isRecord(written)) applyEnvironment(written, environment);
  if (isRecord(written) && overrides.storage !== undefined) written.storage = overrides.storage;
  const checked = clusterSchema.safeParse(written);
  if (!checked.success) throw configError(checked.error.issues.flatMap((issue) => showIssue(file, issue, written)));
  return resolve(file, checked.data);
}

function resolve(file: string, written: ClusterFile): ClusterConfig {
  const folder = path.dirname(path.resolve(file));
  const servers = written.servers
    .map((server) => ({ ...server, dataDir: path.resolve(folder, server.dataDir) }))
    .sort((a, b) => a.id - b.id);
  const problems = [
    ...repeated(
      file,
      'servers[].id',
      servers.map(({ id }) => String(id)),
    ),
    ...repeated(
      file,
      'servers[].dataDir',
      servers.map(({ dataDir }) => dataDir),
    ),
    ...repeated(file, 'addresses', [
      ...servers.flatMap(({ pub, rep }) => [pub, rep]),
      written.balancer.clients,
      written.balancer.servers,
    ]),
    ...brokenRelations(written.timeouts, written.limits).map(
      ({ key, found, allowed }) => `${file}: ${key}: found ${found}, allowed: ${allowed}`,
    ),
  ];
  if (problems.length > 0) throw configError(problems);
  return {
    file,
    cluster: written.cluster,
    servers,
    balancer: written.balancer,
    storage: written.storage,
    timeouts: written.timeouts,
    limits: limitsOf(written.timeouts, written.limits),
  };
}

function parseFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String((cause as Error).message);
    throw new ExitError(
      EXIT.config,
      `${file}: ${why}; name a configuration with --config, or make one with synod init`,
      {
        cause,
      },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ExitError(EXIT.config, `${file}: not JSON: ${(cause as Error).message.replaceAll('\n', ' ')}`, { cause });
  }
}

function applyEnvironment(written: Record<string, unknown>, environment: NodeJS.ProcessEnv): void {
  for (const [section, key] of FROM_ENVIRONMENT) {
    const name = `SYNOD_${section === '' ? '' : `${section.toUpperCase()}_`}${upperSnake(key)}`;
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const value = section === '' || Number.isNaN(Number(text)) ? text : Number(text);
    if (section === '') written[key] = value;
    else written[section] = { ...(isRecord(written[section]) ? written[section] : {}), [key]: value };
  }
}

function upperSnake(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function repeated(file: string, key: string, values: readonly string[]): readonly string[] {
  const twice = values.filter((value, index) => values.indexOf(value) !== index);
  return [...new Set(twice)].map((value) => `${file}: ${key}: found ${value} twice, allowed: each once`);
}

function showIssue(file: string, issue: z.core.$ZodIssue, written: unknown): string[] {
  const key = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const name = key.replace(/^\./, '') || 'the file';
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map(
      (unknown) =>
        `${file}: ${name === 'the file' ? '' : `${name}.`}${unknown}: unknown key, allowed: ${known.join(', ')}`,
    );
  }
  const found = issue.path.reduce<unknown>(
    (value, part) => (isRecord(value) || Array.isArray(value) ? (value as never)[part] : undefined),
    written,
  );
  const shown = found === undefined ? 'nothing' : JSON.stringify(found)?.slice(0, 80);
  return [`${file}: ${name}: found ${shown}, allowed: ${issue.message.replace(/^Invalid input: expected /, '')}`];
}

function knownKeys(at: readonly PropertyKey[]): readonly string[] {
  const { shape } = clusterSchema;
  switch (at[0]) {
    case 'servers':
      return Object.keys(shape.servers.element.shape);
    case 'balancer':
      return Object.keys(shape.balancer.shape);
    case 'timeouts':
      return Object.keys(shape.timeouts.unwrap().shape);
    case 'limits':
      return Object.keys(shape.limits.unwrap().shape);
    default:
      return Object.keys(shape);
  }
}

function configError(problems: readonly string[]): ExitError {
  return new ExitError(EXIT.config, problems.join('\n'));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
