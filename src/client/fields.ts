/** The fields of a text that was kept: what is read may be anything, and is checked. */
import { MAX_STRING_BYTES } from '../wire/limits';
import { MAX_NAME_UNITS } from './limits';
import type { Damaged } from './window-file';

/** A field is not what was written. `parseFields` catches it. */
export class WrongField extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

/** @param version of the text: one of a later version is left alone */
export function parseFields<Content>(
  text: string,
  version: number,
  read: (fields: Fields) => Content,
): Content | Damaged {
  try {
    const fields = objectOf(JSON.parse(text), 'it');
    const found = wholeOf(fields.version, 'version');
    if (found > version) return { bad: `a later synod wrote it (version ${found})`, later: true };
    return read(fields);
  } catch (error) {
    if (error instanceof SyntaxError) return { bad: 'it is no JSON' };
    if (error instanceof WrongField) return { bad: error.message };
    throw error;
  }
}

export function objectOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongField(`${what}: no object`);
  return value as Fields;
}

export function listOf<Item>(value: unknown, what: string, most: number, read: (item: unknown, what: string) => Item) {
  if (!Array.isArray(value) || value.length > most) throw new WrongField(`${what} is no list of at most ${most}`);
  return value.map((item) => read(item, what));
}

export function wholeOf(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new WrongField(`${what} is no whole number`);
  return Number(value);
}

export function oneOf<Value>(value: unknown, allowed: readonly Value[], what: string): Value {
  if (!allowed.includes(value as Value)) throw new WrongField(`${what} is not one of ${allowed.join(', ')}`);
  return value as Value;
}

export function nameOf(value: unknown, what: string): string {
  const name = textOf(value, what);
  if (name.length > MAX_NAME_UNITS) throw new WrongField(`${what} is too long for a name`);
  return name;
}

/** What could not be put on the wire was never taken. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || !value.isWellFormed()) throw new WrongField(`${what} is no text`);
  if (value.length > MAX_STRING_BYTES) throw new WrongField(`${what} is too long`);
  return value;
}
