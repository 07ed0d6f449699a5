/**
 * What the environment puts over a configuration file. The rule: SYNOD_ and the path of the key, in upper case with
 * underscores. SYNOD_STORAGE sets `storage`, SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS sets `timeouts.electionTimeoutMs`.
 * The servers are the file's alone. An empty variable sets nothing.
 */
import { type KeyPath, suggest } from './problems';
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
  ...Object.entries(SECTIONS).flatMap(([section, keys]) => keys.map((key) => [section, key])),
];
const VARIABLES = new Map(PATHS.map((path) => [nameOf(path), path]));
/** A variable that begins like this means a key of the file, whether there is such a one or not. */
const RESERVED = Object.keys(SECTIONS).map((section) => `${nameOf([section])}_`);

/** What the environment sets, and a line for each variable that sets a key that there is not. */
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
    else if (RESERVED.some((prefix) => name.startsWith(prefix))) {
      problems.push(`${name}: no such setting${suggest(name, [...VARIABLES.keys()])}`);
    }
  }
  return { overrides, problems };
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
