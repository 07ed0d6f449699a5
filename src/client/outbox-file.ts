/**
 * What is kept of a session, in a file of the window that has it. The file is called after the process: nobody else
 * writes it, and when the process is gone, whoever gives it a name of their own has it. So no two windows go on with one
 * session, and no lock is left behind.
 *
 * A file is replaced as a whole, so that a process may be killed at any moment. It is not forced to the disk: after a
 * loss of power it may be older, or gone. Then posts of the last seconds that were not sent may be lost; what was sent
 * is not said twice, for the log knows more commands of the session than the file does, and nothing is said in it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { isGone, processMark } from '../lib/process-mark';
import type { Kept, Outbox } from './kept';
import { keptText, parseKept } from './kept-text';
import { MAX_KEPT_BYTES } from './limits';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** A character may take six in JSON. */
const MAX_FILE_BYTES = 8 * MAX_KEPT_BYTES;

export interface OpenedOutbox {
  readonly outbox: Outbox;
  /** What the person should know, a line each. */
  readonly warnings: readonly string[];
}

/** Where outboxes are: `synod` in the folder for state of the XDG Base Directory Specification. */
export function outboxFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: state } = environment;
  // One that is not absolute is to be ignored, the specification says.
  return path.join(state && path.isAbsolute(state) ? state : path.join(homedir(), '.local', 'state'), 'synod');
}

/** What tells the outboxes of one person in one cluster from all others. */
export function outboxName(cluster: string, endpoint: string, key: Uint8Array): string {
  const hash = createHash('sha256').update(`${cluster}\0${endpoint}\0`).update(key);
  return `outbox-${hash.digest('hex').slice(0, 16)}`;
}

/** Takes over what a window that is gone has left behind, if there is such a thing. Never throws. */
export function openOutbox(folder: string, name: string): OpenedOutbox {
  const warnings: string[] = [];
  const file = path.join(folder, `${name}-${ownerName()}.json`);
  let kept: Kept | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    for (const one of readdirSync(folder)) {
      if (!isAbandoned(one, name)) continue;
      const found = readOutbox(path.join(folder, one), warnings);
      if (!found) continue;
      // The others are for the next windows, if there is something to be sent in them.
      if (kept) leave(path.join(folder, one), found, warnings);
      else if (take(path.join(folder, one), file)) kept = found;
    }
  } catch (error) {
    warnings.push(troubleWith(folder, error));
  }
  return { outbox: { kept, keep: (next) => write(file, next) }, warnings };
}

/** @returns what is in it; undefined: it cannot be used, which is told */
function readOutbox(file: string, warnings: string[]): Kept | undefined {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) return setAside(file, 'it is too large', warnings);
    const kept = parseKept(readFileSync(file, 'utf8'));
    if (!('bad' in kept)) return kept;
    if (!kept.later) return setAside(file, kept.bad, warnings);
    warnings.push(`posts that were kept are not sent: ${file}: ${kept.bad}`);
  } catch (error) {
    // Another window was faster.
    if (codeOf(error) !== 'ENOENT') warnings.push(troubleWith(file, error));
  }
  return undefined;
}

function setAside(file: string, why: string, warnings: string[]): undefined {
  const aside = `${file}.damaged`;
  renameSync(file, aside);
  warnings.push(`posts that were kept cannot be read (${why}) and are not sent; the file is put aside: ${aside}`);
}

/** @returns whether it is this process's now */
function take(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    // It was killed while it wrote.
    rmSync(`${from}.next`, { force: true });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function leave(file: string, { commands, doubts }: Kept, warnings: string[]): void {
  if (commands.length + doubts.length === 0) return rmSync(file, { force: true });
  warnings.push('another window has left posts behind as well: they are sent when you open one more');
}

/** @returns what went wrong, in a line; '' for nothing */
function write(file: string, kept: Kept | undefined): string {
  try {
    if (!kept) rmSync(file, { force: true });
    else {
      const next = `${file}.next`;
      writeFileSync(next, keptText(kept), { mode: FILE_MODE });
      renameSync(next, file);
    }
    return '';
  } catch (error) {
    return troubleWith(file, error);
  }
}

// ---- Whose a file is ----------------------------------------------------------------------------------------------

/** A process, by where it runs and which it is there. */
function ownerName(): string {
  return `${hostMark()}-${processMark(process.pid)}`;
}

/** Whether it is an outbox of that name whose process is gone. One of another host may be there: that cannot be seen. */
function isAbandoned(file: string, name: string): boolean {
  if (!file.startsWith(`${name}-`)) return false;
  const [, host, pid = '', start] = /^-([0-9a-f]+)-(\d+)-(\d+)\.json$/.exec(file.slice(name.length)) ?? [];
  if (host !== hostMark()) return false;
  return Number(pid) === process.pid || isGone(`${pid}-${start}`);
}

function hostMark(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

function troubleWith(file: string, error: unknown): string {
  return `what is not sent yet cannot be kept for the next time: ${file} (${codeOf(error)})`;
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}
