/** Bytes that no encoder of ours writes, made from bytes that one did. */
import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

type Tree = unknown[];

/** Bytes of an array of anything, without the checks of the codecs. */
export function packed(fields: readonly unknown[]): Buffer {
  return Buffer.from(packr.pack(fields));
}

export function unpacked(bytes: Uint8Array): Tree {
  return unpackr.unpack(bytes) as Tree;
}

/** Numbers that are nothing to count with. */
const NO_UINTS = [Number.NaN, Number.POSITIVE_INFINITY, -1, 1.5, 2 ** 53, -(2 ** 53), 1e300, 2n ** 64n - 1n];

/** msgpackr writes minus nought as 0: a double that stands nowhere else takes its place, and is then overwritten. */
const STAND_IN = 1.2345e-300;

function withMinusNought(bytes: Buffer): Buffer {
  const double = Buffer.alloc(8);
  double.writeDoubleBE(STAND_IN);
  bytes.writeDoubleBE(-0, bytes.indexOf(double));
  return bytes;
}

/** The same array with one value in it replaced by one that has no business there, for each value at any depth. */
export function* corrupted(bytes: Uint8Array): Generator<{ readonly what: string; readonly bytes: Buffer }> {
  const tree = unpacked(bytes);
  for (const path of pathsOf(tree)) {
    const value = at(tree, path);
    const others: unknown[] = [null, { a: 1 }, new Date(0), ...NO_UINTS];
    if (typeof value !== 'string') others.push('x', '');
    if (typeof value !== 'number') others.push(0, 7);
    if (typeof value !== 'boolean') others.push(true);
    if (!Array.isArray(value)) others.push([], [0]);
    else others.push([...value, null]);
    if (!(value instanceof Uint8Array)) others.push(new Uint8Array(3));
    for (const other of others) {
      const what = `${path.join('.')}: ${String(other)} for ${String(value)}`.slice(0, 200);
      yield { what, bytes: packed(replaced(tree, path, other)) };
    }
    yield { what: `${path.join('.')}: -0`, bytes: withMinusNought(packed(replaced(tree, path, STAND_IN))) };
  }
}

function pathsOf(tree: Tree, before: readonly number[] = []): (readonly number[])[] {
  return tree.flatMap((value, index) => {
    const path = [...before, index];
    return Array.isArray(value) ? [path, ...pathsOf(value, path)] : [path];
  });
}

function at(tree: Tree, path: readonly number[]): unknown {
  return path.reduce<unknown>((value, index) => (value as Tree)[index], tree);
}

function replaced(tree: Tree, [index, ...rest]: readonly number[], value: unknown): Tree {
  return tree.map((item, here) => {
    if (here !== index) return item;
    return rest.length === 0 ? value : replaced(item as Tree, rest, value);
  });
}

/** Valid bytes with some of them changed, taken away or put in. */
export function mutated(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(2000), take: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) });
  return fc.tuple(valid, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([bytes, edits]) => {
    let changed = Buffer.from(bytes);
    for (const { at: where, take, put } of edits) {
      const from = where % (changed.length + 1);
      changed = Buffer.concat([changed.subarray(0, from), put, changed.subarray(from + take)]);
    }
    return changed;
  });
}

/** All bytes up to each place before the end. */
export function* prefixes(bytes: Uint8Array): Generator<Uint8Array> {
  for (let end = 0; end < bytes.length; end += 1) yield bytes.subarray(0, end);
}

/** `count` examples, the same at every run. */
export function samples<Value>(arbitrary: fc.Arbitrary<Value>, count: number): readonly Value[] {
  return fc.sample(arbitrary, { seed: 20_260, numRuns: count });
}
