/**
 * The file of a person's preferences: JSON, read once, written when something is changed. What is wrong in it is said
 * and done without; what is not known in it stays there: another version may know it.
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from './json';
import {
  DEFAULT_PREFERENCES,
  PREFERENCE_CHOICES,
  PREFERENCE_NAMES,
  type PreferenceName,
  type Preferences,
} from './preferences';
import { showProblem, suggest } from './problems';

/** Far beyond what anybody prefers. */
const MAX_FILE_BYTES = 256 * 1024;
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What a cluster may allow at most is not known here; this is what can be asked for at once. */
const MAX_HISTORY = 500;
const MAX_NAME_CHARS = 64;
const MAX_PATH_CHARS = 4096;
const MAX_IGNORED = 200;
/** Problems that are said of one file. */
const MAX_PROBLEMS = 8;
/** A value that is typed in place of another one to take that away. */
const AS_EVER = '-';

/** One of a person's preferences, as it is in the file and as it is typed. */
interface Preference {
  readonly schema: z.ZodType;
  /** What it may be, in words. */
  readonly allowed: string;
  /** A typed text as a value of the file. */
  readonly read: (text: string) => unknown;
}

const asTyped = (text: string) => text;
const name = z.string().min(1).max(MAX_NAME_CHARS).regex(/^\S+$/);

const KNOWN: Readonly<Record<PreferenceName, Preference>> = {
  theme: oneOf(PREFERENCE_CHOICES.theme),
  timestamps: oneOf(PREFERENCE_CHOICES.timestamps),
  notify: oneOf(PREFERENCE_CHOICES.notify),
  logs: {
    schema: z
      .string()
      .max(MAX_PATH_CHARS)
      .refine((text) => text === 'off' || text.startsWith('~/') || path.isAbsolute(text)),
    allowed: 'off, or a folder that begins with / or ~/',
    read: asTyped,
  },
  ignored: {
    schema: z.array(name).max(MAX_IGNORED),
    allowed: `at most ${MAX_IGNORED} nicks`,
    read: (text) => text.split(/\s+/).filter((nick) => nick !== ''),
  },
  nick: { schema: name, allowed: 'a nick', read: asTyped },
  room: { schema: name, allowed: 'a room', read: asTyped },
  history: {
    schema: z.number().int().min(0).max(MAX_HISTORY),
    allowed: `0 to ${MAX_HISTORY}`,
    read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : text),
  },
};

function oneOf(values: readonly string[]): Preference {
  return { schema: z.enum(values), allowed: values.join(', '), read: asTyped };
}

/** Where it is: `synod/config.json` in the folder for configuration of the XDG Base Directory Specification. */
export function preferencesFile(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CONFIG_HOME: config } = environment;
  // One that is not absolute is to be ignored, the specification says.
  const folder = config && path.isAbsolute(config) ? config : path.join(homedir(), '.config');
  return path.join(folder, 'synod', 'config.json');
}

/**
 * The folder of all logs. @param logs as the preferences have it; 'off': where they are if nobody says otherwise,
 * `synod/logs` in the folder for data of the same specification
 */
export function logsFolder(logs: string, environment: NodeJS.ProcessEnv = process.env): string {
  if (logs.startsWith('~/')) return path.join(homedir(), logs.slice(2));
  if (logs !== 'off') return logs;
  const { XDG_DATA_HOME: data } = environment;
  const folder = data && path.isAbsolute(data) ? data : path.join(homedir(), '.local', 'share');
  return path.join(folder, 'synod', 'logs');
}

export interface ReadPreferences {
  readonly preferences: Preferences;
  /** What is wrong with the file, a line each; what it is about is as it is by default. */
  readonly problems: readonly string[];
}

/** A file that is not there is no problem. */
export function readPreferences(file: string): ReadPreferences {
  const written = contentOf(file);
  if ('problem' in written) return { preferences: DEFAULT_PREFERENCES, problems: [written.problem] };
  const good: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [key, value] of Object.entries(written.content)) {
    const problem = problemOf(key, value);
    if (problem === undefined) good[key] = value;
    else problems.push(`${file}: ${problem}`);
  }
  return {
    preferences: { ...DEFAULT_PREFERENCES, ...(good as Partial<Preferences>) },
    problems: problems.slice(0, MAX_PROBLEMS),
  };
}

/**
 * Changes one, in the file too. The file is read again: another window may have changed it.
 * @param text as it was typed; '-' makes it as it is by default
 * @returns the preferences as they are now, or what is wrong, in a line
 */
export function changePreference(
  file: string,
  preferences: Preferences,
  key: string,
  text: string,
): Preferences | { readonly problem: string } {
  const known = isKnown(key) ? KNOWN[key] : undefined;
  if (!known) return { problem: problemOf(key, text) ?? '' };
  const value = text === AS_EVER ? undefined : known.read(text);
  const problem = value === undefined ? undefined : problemOf(key, value);
  if (problem !== undefined) return { problem };
  const written = contentOf(file);
  if ('problem' in written) return { problem: `${written.problem}; nothing was changed` };
  try {
    write(file, { ...written.content, [key]: value });
  } catch (error) {
    return { problem: `${file}: cannot be written (${(error as NodeJS.ErrnoException).code}); nothing was changed` };
  }
  return { ...preferences, [key]: value ?? DEFAULT_PREFERENCES[key as PreferenceName] };
}

function isKnown(key: string): key is PreferenceName {
  return Object.hasOwn(KNOWN, key);
}

/** What is wrong with a key and its value, or undefined. */
function problemOf(key: string, value: unknown): string | undefined {
  if (!isKnown(key))
    return `${key}: unknown key, allowed: ${PREFERENCE_NAMES.join(', ')}${suggest(key, PREFERENCE_NAMES)}`;
  const { schema, allowed } = KNOWN[key];
  return schema.safeParse(value).success ? undefined : showProblem(key, value, allowed);
}

type Content = { readonly content: Readonly<Record<string, unknown>> } | { readonly problem: string };

function contentOf(file: string): Content {
  let text: string;
  try {
    if (statSync(file).size > MAX_FILE_BYTES) return { problem: `${file}: larger than preferences can be` };
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { content: {} } : { problem: `${file}: cannot be read (${code})` };
  }
  const parsed = parseJson(text);
  if ('problem' in parsed) {
    const { line, column, what } = parsed.problem;
    return { problem: `${file}:${line}:${column}: not JSON: ${what}` };
  }
  const { value } = parsed;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { content: { ...value } };
  return { problem: `${file}: ${showProblem('the whole', value, 'an object')}` };
}

/** Whoever reads the file sees what it was or what it is, never a part. */
function write(named: string, content: Readonly<Record<string, unknown>>): void {
  // It may be a link into a folder of all such files, and stays one.
  const file = existsSync(named) ? realpathSync(named) : named;
  mkdirSync(path.dirname(file), { recursive: true, mode: FOLDER_MODE });
  const next = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: FILE_MODE, flag: 'wx', flush: true });
    renameSync(next, file);
  } finally {
    rmSync(next, { force: true });
  }
}
