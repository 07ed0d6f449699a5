/**
 * A file of one window, in the person's folder for state. It is called after the process: nobody else writes it, and when
 * the process is gone, whoever gives it a name of their own has it. So no two windows go on with one, and no lock is left
 * behind.
 *
 * A file is replaced as a whole, so that a process may be killed at any moment. It is not forced to the disk: after a
 * loss of power it may be older, or gone.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { codeOf } from '../lib/error-code';
import { isGone, processMark } from '../lib/process-mark';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** What the name of a file that is being written ends with. */
const UNFINISHED = '.next';

/** Why a text is not what was kept. */
export interface Damaged {
  readonly bad: string;
  /** A later program wrote it. */
  readonly later?: true;
}

/** What is kept in such a file. */
export interface FileKind<Content> {
  /** What its files are called first. */
  readonly prefix: string;
  /** Of a file that is read, at most. */
  readonly maxBytes: number;
  readonly parse: (text: string) => Content | Damaged;
  readonly text: (content: Content) => string;
  /** Whether there is something in it for another window. */
  readonly isWorth: (content: Content) => boolean;
  /** In words: what is kept and cannot be read, what another window left as well, and what cannot be kept. */
  readonly words: {
    readonly damaged: string;
    readonly more: string;
    readonly notKept: string;
  };
}

/** A file of this window. */
export interface WindowFile<Content> {
  /** What a window that is gone has left behind. */
  readonly found: Content | undefined;
  /** What the person should know, a line each. */
  readonly warnings: readonly string[];
  /** @param content undefined: nothing @returns what went wrong, in a line; '' for nothing */
  keep(content: Content | undefined): string;
}

/** Where such files are: `synod` in the folder for state of the XDG Base Directory Specification. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: state } = environment;
  // One that is not absolute is to be ignored, the specification says.
  return path.join(state && path.isAbsolute(state) ? state : path.join(homedir(), '.local', 'state'), 'synod');
}

/** What tells the files of one person in one cluster from all others. */
export function ownerOf(cluster: string, endpoint: string, key: Uint8Array): string {
  const hash = createHash('sha256').update(`${cluster}\0${endpoint}\0`).update(key);
  return hash.digest('hex').slice(0, 16);
}

/** Takes over what a window that is gone has left behind, if there is such a thing. Never throws. */
export function openWindowFile<Content>(folder: string, owner: string, kind: FileKind<Content>): WindowFile<Content> {
  const warnings: string[] = [];
  const name = `${kind.prefix}-${owner}`;
  const file = path.join(folder, `${name}-${processName()}.json`);
  let kept: Content | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const abandoned = readdirSync(folder).filter((one) => isAbandoned(one, name));
    for (const one of abandoned.filter(isUnfinished)) rmSync(path.join(folder, one), { force: true });
    const found = abandoned
      .filter((one) => !isUnfinished(one))
      .flatMap((one) => read(path.join(folder, one), kind, warnings));
    // One is gone on with; the others are for the next windows, if there is something in them.
    for (const { from, content } of mostWorthFirst(found, kind)) {
      if (kept !== undefined) leave(from, content, kind, warnings);
      else if (take(from, file)) kept = content;
    }
  } catch (error) {
    warnings.push(troubleWith(folder, kind, error));
  }
  return { found: kept, keep: (next) => write(file, next, kind), warnings };
}

/** What a window that is gone has left behind. */
interface Found<Content> {
  readonly from: string;
  readonly content: Content;
}

/** @returns what is in it; nothing: it cannot be used, which is told */
function read<Content>(file: string, kind: FileKind<Content>, warnings: string[]): readonly Found<Content>[] {
  try {
    if (statSync(file).size > kind.maxBytes) setAside(file, 'it is too large', kind, warnings);
    else {
      const content = kind.parse(readFileSync(file, 'utf8'));
      if (!isDamaged(content)) return [{ from: file, content }];
      if (content.later) warnings.push(`${kind.words.damaged}: ${file}: ${content.bad}`);
      else setAside(file, content.bad, kind, warnings);
    }
  } catch (error) {
    // Another window was faster.
    if (codeOf(error) !== 'ENOENT') warnings.push(troubleWith(file, kind, error));
  }
  return [];
}

function mostWorthFirst<Content>(
  found: readonly Found<Content>[],
  { isWorth }: FileKind<Content>,
): readonly Found<Content>[] {
  return found.toSorted((one, other) => Number(isWorth(other.content)) - Number(isWorth(one.content)));
}

function isDamaged(content: unknown): content is Damaged {
  return typeof content === 'object' && content !== null && 'bad' in content;
}

function setAside(file: string, why: string, { words }: Pick<FileKind<unknown>, 'words'>, warnings: string[]): void {
  const aside = `${file}.damaged`;
  renameSync(file, aside);
  warnings.push(`${words.damaged} (${why}); the file is put aside: ${aside}`);
}

/** @returns whether it is this process's now */
function take(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function leave<Content>(file: string, content: Content, kind: FileKind<Content>, warnings: string[]): void {
  if (!kind.isWorth(content)) return rmSync(file, { force: true });
  warnings.push(kind.words.more);
}

function write<Content>(file: string, content: Content | undefined, kind: FileKind<Content>): string {
  try {
    if (content === undefined) rmSync(file, { force: true });
    else {
      const next = `${file}${UNFINISHED}`;
      writeFileSync(next, kind.text(content), { mode: FILE_MODE });
      renameSync(next, file);
    }
    return '';
  } catch (error) {
    return troubleWith(file, kind, error);
  }
}

// ---- Whose a file is ----------------------------------------------------------------------------------------------

/** A process, by where it runs and which it is there. */
function processName(): string {
  return `${hostMark()}-${processMark(process.pid)}`;
}

/** Whether it is a file of that name whose process is gone. One of another host may be there: that cannot be seen. */
function isAbandoned(file: string, name: string): boolean {
  if (!file.startsWith(`${name}-`)) return false;
  const [, host, pid = '', start] = /^-([0-9a-f]+)-(\d+)-(\d+)\.json(?:\.next)?$/.exec(file.slice(name.length)) ?? [];
  if (host !== hostMark()) return false;
  return Number(pid) === process.pid || isGone(`${pid}-${start}`);
}

/** Its process was killed while it wrote. */
function isUnfinished(file: string): boolean {
  return file.endsWith(UNFINISHED);
}

function hostMark(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

function troubleWith(file: string, { words }: Pick<FileKind<unknown>, 'words'>, error: unknown): string {
  return `${words.notKept}: ${file} (${codeOf(error)})`;
}
