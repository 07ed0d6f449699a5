/** What the system, or LevelDB, says when a data folder cannot be used, in the words of `StorageError`. */
import { StorageError, type StorageErrorCode } from './storage';

/** What to do with a folder that is damaged. */
export const LOST = 'move the folder away, the server then gets everything from its peers';

const CODES: Readonly<Record<string, StorageErrorCode>> = {
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  EROFS: 'not-permitted',
  EEXIST: 'not-permitted',
  ENOTDIR: 'not-permitted',
  ENAMETOOLONG: 'not-permitted',
  ENOENT: 'not-permitted',
};

/** LevelDB passes on the system's error as text only; whatever is not here means that a file is not what it was. */
const TEXTS: readonly (readonly [RegExp, StorageErrorCode])[] = [
  [/Permission denied|Operation not permitted|Read-only file system/, 'not-permitted'],
  [/No space left|quota exceeded|Input\/output error|Too many open files|Cannot allocate memory/, 'failed'],
];

const ADVICE: Readonly<Record<StorageErrorCode, string>> = {
  corrupt: LOST,
  foreign: 'name another folder',
  locked: 'stop that server first',
  'not-permitted': 'check its owner and mode, or name another folder',
  failed: 'free space or replace the disk, then start again',
};

/** A file of the store that is not what LevelDB wrote. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
  constructor(file: string) {
    super(`${file} of the store is not what was written`);
  }
}

/** A failed call to the file system. */
export function systemFailure(path: string, what: string, cause: unknown): StorageError {
  const reason = (cause as NodeJS.ErrnoException).code ?? reasonOf(cause);
  return failure(CODES[reason] ?? 'failed', path, `${what} (${reason})`, cause);
}

/** A store that LevelDB cannot open or read. */
export function levelFailure(path: string, what: string, error: unknown): StorageError {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  if (code === 'LEVEL_LOCKED' || cause?.code === 'LEVEL_LOCKED') {
    return failure('locked', path, 'another process has it open', error);
  }
  const reason = reasonOf(error);
  const kind = TEXTS.find(([text]) => text.test(reason))?.[1] ?? 'corrupt';
  return failure(kind, path, `${what} (${reason})`, error);
}

/** Whatever went wrong while a store was read. */
export function readFailure(path: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  if (error instanceof DamagedFile) return failure('corrupt', path, error.message, error);
  // LevelDB's errors have no number.
  if (typeof (error as NodeJS.ErrnoException).errno === 'number') return systemFailure(path, 'cannot be read', error);
  return levelFailure(path, 'the store cannot be read', error);
}

/** A batch that was not written. Whatever the reason: what it says must not be said. */
export function writeFailure(path: string, cause: unknown): StorageError {
  return failure('failed', path, `a write failed (${reasonOf(cause)})`, cause);
}

/** An error in the form that all have: where, what, and what to do. */
export function failure(code: StorageErrorCode, path: string, what: string, cause?: unknown): StorageError {
  return new StorageError(code, `${path}: ${what}; ${ADVICE[code]}`, { cause });
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return (cause?.message ?? message ?? String(error)).replaceAll('\n', ' ');
}
