/**
 * Makes src/chat/name-data.ts from Unicode's data:
 *
 *   node -r ts-node/register/transpile-only scripts/name-data.ts TABLES AGES > src/chat/name-data.ts
 *
 * TABLES is `src/tables.rs` of the crate unicode-security, which is IdentifierType.txt and confusables.txt; AGES is
 * DerivedAge.txt, which Debian's package unicode-data has. Scripts and categories are those of the Node that runs this.
 *
 * What names may hold: letters, digits and marks of scripts in use, without what UTS #39 calls technical, obsolete,
 * deprecated or ignorable, and only what Unicode 15.0 had: that is what every Node that this project runs on knows.
 */
import { readFileSync } from 'node:fs';

const NEWEST_AGE = 15;
/** UAX #31, tables 5 and 7: recommended, and of limited use. What is written in none of them is no longer written. */
const SCRIPTS = (
  'Adlm Arab Armn Bali Bamu Batk Beng Bopo Cakm Cans Cham Cher Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr ' +
  'Hira Hmnp Java Kali Kana Khmr Knda Lana Laoo Latn Lepc Limb Lisu Mand Mlym Mtei Mymr Newa Nkoo Olck Orya ' +
  'Osge Plrd Rohg Saur Sinh Sund Sylo Syrc Tale Talu Taml Tavt Telu Tfng Thaa Thai Tibt Vaii Wcho Yiii'
).split(' ');

const [tablesPath = '', agesPath = ''] = process.argv.slice(2);
const tables = readFileSync(tablesPath, 'utf8');
const version = /UNICODE_VERSION.*\((\d+), (\d+), (\d+)\)/.exec(tables)?.slice(1).join('.') ?? '';

// ---- Reading ------------------------------------------------------------------------------------------------------

const hex = (text: string | undefined) => Number.parseInt(text ?? '', 16);
const points = (text: string) => [...text].map((character) => character.codePointAt(0) as number);
const decomposed = (text: string) => text.normalize('NFD');

function tableAfter(...headings: readonly string[]): string {
  const at = headings.reduce((from, heading) => tables.indexOf(heading, from), 0);
  return tables.slice(at, tables.indexOf('];', at));
}

const isOld = new Set<number>();
for (const line of readFileSync(agesPath, 'utf8').split('\n')) {
  const [, first, last = first, age] = /^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*([\d.]+)/.exec(line) ?? [];
  if (Number(age) <= NEWEST_AGE) for (let at = hex(first); at <= hex(last); at += 1) isOld.add(at);
}

const types = new Map<string, string>();
const range = /\('\\u\{(\w+)\}',\s*'\\u\{(\w+)\}',\s*IdentifierType::(\w+)\)/g;
for (const [, first, last, type = ''] of tableAfter('const IDENTIFIER_TYPE').matchAll(range)) {
  for (let at = hex(first); at <= hex(last); at += 1) types.set(String.fromCodePoint(at), type);
}

const prototypes = new Map<string, string>();
const row = /\('\\u\{(\w+)\}',\s*&\[([^\]]*)\]\)/g;
for (const [, of, like = ''] of tableAfter('mod confusable_detection', 'const CONFUSABLES').matchAll(row)) {
  const target = [...like.matchAll(/\{(\w+)\}/g)].map(([, code]) => String.fromCodePoint(hex(code))).join('');
  prototypes.set(String.fromCodePoint(hex(of)), decomposed(target));
}

// ---- The characters of names --------------------------------------------------------------------------------------

const caseless = (text: string) =>
  [...text]
    .map((character) => character.toUpperCase().toLowerCase())
    .join('')
    .normalize('NFKC');

const scripts = new Map(SCRIPTS.map((code) => [code, new RegExp(`\\p{scx=${code}}`, 'u')]));
const COMMON = /[\p{scx=Zyyy}\p{scx=Zinh}]/u;

/** Vowels that NFKC takes apart, and that names are shown with all the same: see `compose` in src/chat/names.ts. */
const KEPT_WHOLE = ['\u0e33', '\u0eb3'];

function mayBeInNames(character: string): boolean {
  if (KEPT_WHOLE.includes(character)) return true;
  if (character.normalize('NFKC') !== character) return false;
  if (!/[\p{L}\p{N}\p{M}]/u.test(character) || /[\p{DI}\p{Cf}\p{Me}]/u.test(character)) return false;
  const type = types.get(character);
  if (type === 'Uncommon_Use') return !/[\p{sc=Zyyy}\p{sc=Zinh}]/u.test(character);
  return type === 'Recommended' || type === 'Limited_Use';
}

const old = [...isOld].filter((point) => point < 0xd800 || point > 0xdfff).map((point) => String.fromCodePoint(point));
const written = [COMMON, ...scripts.values()];
let names = new Set(old.filter((one) => mayBeInNames(one) && written.some((script) => script.test(one))));
// Closed: the other case of a name is a name.
for (let size = 0; size !== names.size; ) {
  size = names.size;
  names = new Set([...names].filter((one) => [...caseless(one)].every((part) => names.has(part))));
}
/** Not in names, but what makes some of what is: parts, widths, ligatures. */
const parts = new Set([...names].flatMap((one) => [...one.normalize('NFD')]));
const read = old.filter(
  (one) =>
    !names.has(one) &&
    one > '\x7f' &&
    !/[\p{DI}\p{Cf}]/u.test(one) &&
    [...one.normalize('NFKD')].every((part) => names.has(part) || parts.has(part)),
);

const isDigit = (point: number) => /\p{Nd}/u.test(String.fromCodePoint(point));
const zeros = [...names].flatMap(points).filter((point) => {
  let first = point;
  while (isDigit(first - 1)) first -= 1;
  return isDigit(point) && (point - first) % 10 === 0;
});

// ---- What looks like what -----------------------------------------------------------------------------------------

/**
 * Classes of single characters that are the same letter in some case, or look alike in some case. No two of ASCII fall
 * into one by way of a third: `n` is no `v` although a Greek nu is an N as a capital and a v else. Such a link is left
 * out here, and kept as what the character is like as it is shown.
 */
const parents = new Map<string, string>();
function classOf(one: string): string {
  const parent = parents.get(one);
  return parent === undefined ? one : classOf(parent);
}
const isAscii = (text: string) => /^[0-9a-z]+$/.test(text);
const members = new Map<string, string[]>();
const membersOf = (root: string) => members.get(root) ?? [root];

function unite(one: string, other: string): boolean {
  const [a, b] = [classOf(one), classOf(other)];
  if (a === b) return true;
  const direct = /^[\x21-\x7e]$/.test(one) && /^[\x21-\x7e]$/.test(other);
  if (!direct && membersOf(a).some(isAscii) && membersOf(b).some(isAscii)) return false;
  parents.set(a, b);
  members.set(b, [...membersOf(b), ...membersOf(a)]);
  return true;
}

const single = (text: string) => points(text).length === 1;
/** Small letters last: of two that contradict each other, the capitals are more alike. */
const all = [...new Set([...names].flatMap((one) => [...decomposed(one)]))].sort(
  (a, b) =>
    Number(caseless(a) === a) - Number(caseless(b) === b) || (points(a)[0] as number) - (points(b)[0] as number),
);
const everything = new Set(all.flatMap((one) => [one, ...(prototypes.get(one) ?? ''), ...decomposed(caseless(one))]));
for (const one of everything) {
  const other = decomposed(caseless(one));
  if (single(other)) unite(one, other);
}
const asShown = new Map<string, string>();
for (const one of [...all].sort((a, b) => Number(isAscii(b)) - Number(isAscii(a)))) {
  const like = prototypes.get(one);
  if (like !== undefined && single(like) && !unite(one, like)) asShown.set(one, like);
}
/** Of each class: the several characters that one of it looks like. */
const sequences = new Map<string, string>();
for (const one of all) {
  const folded = decomposed(caseless(one));
  const like = prototypes.get(one) ?? (single(folded) ? one : folded);
  if (single(like)) continue;
  const root = classOf(one);
  const known = sequences.get(root);
  if (known === undefined && (isAscii(one) || !membersOf(root).some(isAscii))) sequences.set(root, like);
  else if (known !== like) asShown.set(one, like);
}
const representatives = new Map<string, string>();
function representative(root: string): string {
  const known = representatives.get(root);
  if (known !== undefined) return known;
  const folded = membersOf(root).filter((one) => caseless(one) === one && decomposed(one) === one);
  const found = folded.sort(
    (a, b) =>
      Number(/[a-z]/.test(b)) - Number(/[a-z]/.test(a)) || Number(b === 'l') - Number(a === 'l') || (a < b ? -1 : 1),
  )[0];
  representatives.set(root, found ?? root);
  return found ?? root;
}
/** @param above the classes on the way here: a sequence does not hold what it is like */
function skeleton(text: string, above: readonly string[] = []): string {
  const mapped = [...decomposed(caseless(text))].map((one) => {
    const root = classOf(one);
    const sequence = above.includes(root) ? undefined : sequences.get(root);
    return sequence === undefined ? representative(root) : skeleton(sequence, [...above, root]);
  });
  return decomposed(mapped.join(''));
}

function groups(pairs: Iterable<readonly [string, string]>): readonly string[] {
  const byTarget = new Map<string, number[]>();
  for (const [one, target] of pairs) {
    byTarget.set(target, [...(byTarget.get(target) ?? []), ...points(one)]);
  }
  const inOrder = [...byTarget].sort(([a], [b]) => (a < b ? -1 : 1));
  const codes = (list: readonly number[]) => list.map((point) => point.toString(16)).join('+');
  return inOrder.flatMap(([target, of]) => {
    const sorted = of.sort((a, b) => a - b);
    const parts = Array.from({ length: Math.ceil(sorted.length / 12) }, (_, at) => sorted.slice(12 * at, 12 * at + 12));
    return parts.map((part) => `${codes(points(target))}=${codes(part)}`);
  });
}

const looks = all.flatMap((one): [string, string][] => {
  const target = skeleton(one);
  return caseless(one) === one && target !== one ? [[one, target]] : [];
});
const shown = [...asShown].flatMap(([one, like]): [string, string][] => {
  const target = skeleton(like);
  return target === skeleton(one) ? [] : [[one, target]];
});

// ---- Writing ------------------------------------------------------------------------------------------------------

function ranges(characters: Iterable<string>): string {
  const found: [number, number][] = [];
  for (const point of [...characters].flatMap(points).sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else found.push([point, point]);
  }
  return found.map(([a, b]) => (a === b ? a.toString(16) : `${a.toString(16)}-${b.toString(16)}`)).join(' ');
}

function wrapped(text: string): string {
  const lines = text.match(/.{1,116}(?: |$)/g) ?? [];
  return lines.map((line) => `  '${line}'`).join(' +\n');
}

const common = [...names].filter((one) => COMMON.test(one));
const ofScripts = SCRIPTS.map((code) => [code, ranges([...names].filter((one) => scripts.get(code)?.test(one)))]);

process.stdout.write(`/**
 * Which characters names are made of, and which look alike. Made by scripts/name-data.ts, not by hand, from data of
 * Unicode ${version} (IdentifierType.txt and confusables.txt of UTS #39), restricted to what Unicode ${NEWEST_AGE}.0 had.
 *
 * Unicode data: copyright © 1991-2026 Unicode, Inc. All rights reserved. Unicode and the Unicode Logo are registered
 * trademarks of Unicode, Inc. in the United States and other countries. Distributed under the Unicode License v3, see
 * https://www.unicode.org/license.txt.
 */

/** By ISO 15924 code: the code points that are written in the script, some of them in others too. Hexadecimal. */
export const SCRIPTS: { readonly [Code: string]: string } = {
${ofScripts.map(([code, list = '']) => `  ${code}:\n${wrapped(list).replaceAll(/^/gm, '  ')},`).join('\n')}
};

/** Those that go with every script. */
export const COMMON =
${wrapped(ranges(common))};

/** Not in names, but composed or replaced by normalisation (NFKC) these may make one. */
export const READ =
${wrapped(ranges(read))};

/** The zeros of the decimal systems. */
export const ZEROS =
${wrapped(zeros.map((point) => point.toString(16)).join(' '))};

/** What it looks like, and what looks like it in one case or the other: \`code+code=code+code+code\`. */
export const LOOKS =
${wrapped(groups(looks).join(' '))};

/** What looks like something else in the case in which it is shown only. */
export const LOOKS_AS_SHOWN =
${wrapped(groups(shown).join(' '))};
`);
