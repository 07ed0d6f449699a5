/**
 * What the environment puts over a configuration file. The rule: SYNOD_ and the path of the key, in upper case with
 * underscores. SYNOD_STORAGE sets `storage`, SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS sets `timeouts.electionTimeoutMs`.
 * The servers are the file's alone. An empty variable sets nothing; one that begins so and is none of ours is a mistake.
 */
import { type LogLevel, parseLogLevel } from '../lib/log';
import { type KeyPath, showProblem, suggest } from './problems';
import { SECTIONS } from './schema';

/** A value that is put over the file's, and where it comes from. */
export interface Override {
  readonly path: KeyPath;
  readonly value: unknown;
  /** What a message about it names: the variable, the flag. */
  readonly source: string;
}

const PREFIX = 'SYNOD_';
const PATHS: readonly (readonly string[])[] = [
  ['cluster'],
  ['storage'],
  ['keys'],
  ['access'],
  ...Object.entries(SECTIONS).flatMap(([section, keys]) => keys.map((key) => [section, key])),
];
const VARIABLES = new Map(PATHS.map((path) => [nameOf(path), path]));
/** Which configuration is read, with which keys a client comes, and how much is said about all of it. */
const LOG = 'SYNOD_LOG';
const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const OTHERS = ['SYNOD_CONFIG', 'SYNOD_KEY', 'SYNOD_IDENTITY', LOG];
/** Not for people: a process says them to its children. Those for the tests reach whatever a test starts. */
const INHERITED = [
  'SYNOD_SUPERVISED',
  ...['SYNOD_RUNS', 'SYNOD_SEED', 'SYNOD_SHRINK', 'SYNOD_REWRITE', 'SYNOD_MUTANT'],
];

/** What the environment sets, and a line for each variable that sets nothing or something impossible. */
export function overridesOf(environment: NodeJS.ProcessEnv): {
  readonly overrides: readonly Override[];
  readonly problems: readonly string[];
} {
  const overrides: Override[] = [];
  const problems: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || text === '') continue;
    const path = VARIABLES.get(name);
    if (path) overrides.push({ path, value: parseValue(path, text), source: name });
    else if (name === LOG) problems.push(...problemsOfLog(text));
    else if (name.startsWith(PREFIX) && !OTHERS.includes(name) && !INHERITED.includes(name)) {
      problems.push(`${name}: no such setting${suggest(name, [...VARIABLES.keys(), ...OTHERS])}`);
    }
  }
  return { overrides, problems };
}

function problemsOfLog(text: string): readonly string[] {
  return parseLogLevel(text) ? [] : [showProblem(LOG, text, LOG_LEVELS.join(', '))];
}

/** Timeouts and limits are numbers; what is none is left for the schema to refuse. */
function parseValue([section]: readonly string[], text: string): unknown {
  const isNumber = (section === 'timeouts' || section === 'limits') && /^\s*-?\d+(\.\d+)?\s*$/.test(text);
  return isNumber ? Number(text) : text;
}

function nameOf(path: readonly string[]): string {
  const snake = path.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return `${PREFIX}${snake.join('_')}`;
}
