/**
 * Checks by hand of what a decoder gave: arity, types, bounds. They throw ShapeError, which never leaves the codecs:
 * there it becomes a Bad.
 */
import { digestOfText, type RoomDigest } from '../chat/room-digest';
import { isKeyText } from '../lib/signer';
import { MAX_LIST, MAX_NAME_UNITS } from './limits';

/** Why bytes from outside are not taken. */
export interface Bad {
  readonly bad: string;
}

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

export function arity(fields: readonly unknown[], count: number, what: string): void {
  if (fields.length !== count) throw new ShapeError(`${what} has ${fields.length} fields, not ${count}`);
}

/** A whole number, not negative, that a double holds exactly. Minus nought is none, though it compares as equal to 0. */
export function isUint(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0);
}

export function uint(value: unknown, what: string, most = Number.MAX_SAFE_INTEGER): number {
  if (!isUint(value) || value > most) throw new ShapeError(`${what} is no number from 0 to ${most}`);
  return value;
}

/** The first of numbers that go up by one: as large as it may be for the last of a list of them still to be exact. */
export function runStart(value: unknown, what: string): number {
  return uint(value, what, Number.MAX_SAFE_INTEGER - MAX_LIST);
}

/** Its length is bounded by the scan. */
export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new ShapeError(`${what} is no text`);
  return value;
}

/** A text that is a name: what a chat allows is shorter. */
export function name(value: unknown, what: string): string {
  const found = text(value, what);
  if (found.length > MAX_NAME_UNITS) throw new ShapeError(`${what} has more than ${MAX_NAME_UNITS} characters`);
  return found;
}

export function flag(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new ShapeError(`${what} is neither true nor false`);
  return value;
}

export function binary(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new ShapeError(`${what} is no binary`);
  return value;
}

export function list(value: unknown, what: string, most = MAX_LIST): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new ShapeError(`${what} is no list of at most ${most}`);
  return value;
}

export function listOf<Item>(
  value: unknown,
  what: string,
  read: (item: unknown) => Item,
  most = MAX_LIST,
): readonly Item[] {
  return list(value, what, most).map(read);
}

/** One of a list of names, by its number: how unions travel. */
export function oneOf<Name>(value: unknown, names: readonly Name[], what: string): Name {
  const name = isUint(value) ? names[value] : undefined;
  if (name === undefined) throw new ShapeError(`${what} is unknown`);
  return name;
}

/** What sessions and births are named by. */
const ID = /^[0-9a-f]{16}$/;

/** The birth id of a log: empty where there is none yet. */
export function birthId(value: unknown): string {
  if (value === '') return '';
  if (typeof value !== 'string' || !ID.test(value)) throw new ShapeError('birth is no birth id');
  return value;
}

export function sessionId(value: unknown): string {
  if (typeof value !== 'string' || !ID.test(value)) throw new ShapeError('session is no session id');
  return value;
}

export function personKey(value: unknown): string {
  if (typeof value !== 'string' || !isKeyText(value)) throw new ShapeError("key is no person's key");
  return value;
}

/** Binary of just so many bytes. */
export function bytesOf(value: unknown, what: string, count: number): Uint8Array {
  const bytes = binary(value, what);
  if (bytes.length !== count) throw new ShapeError(`${what} has ${bytes.length} bytes, not ${count}`);
  return bytes;
}

/** 16 hexadecimal digits. */
export function roomDigest(value: unknown): RoomDigest {
  const digest = digestOfText(text(value, 'digest'));
  if (!digest) throw new ShapeError('a digest of other than 16 hexadecimal digits');
  return digest;
}
