/**
 * What is known of the characters that names are made of, read from the project's own table: the same on every server
 * whatever Unicode its Node knows, as long as that is 15.0 or later.
 */
import { COMMON, LOOKS, LOOKS_AS_SHOWN, READ, SCRIPTS, ZEROS } from './name-data';

/** What may stand beside one another (UTS #39, "highly restrictive"): Japanese, Chinese and Korean, each with Latin. */
const TOGETHER: readonly (readonly string[])[] = [
  ['Latn', 'Hani', 'Hira', 'Kana'],
  ['Latn', 'Hani', 'Bopo'],
  ['Latn', 'Hani', 'Hang'],
];
const PUNCTUATION = '_.\\-';

/** Nothing but characters of the lists and the punctuation of names. */
function only(...lists: readonly string[]): RegExp {
  const ranges = lists.join(' ').replace(/[0-9a-f]+/g, (code) => `\\u{${code}}`);
  return new RegExp(`^[${PUNCTUATION}${ranges.replaceAll(' ', '')}]*$`, 'u');
}

/** Only characters of names. */
export const OF_NAMES = only(COMMON, ...Object.values(SCRIPTS));

/** Only what normalisation and case mapping of is the same in every version: characters of names, their parts, ASCII. */
export const STABLE = only('0-7f', READ, COMMON, ...Object.values(SCRIPTS));

const WRITINGS = [...TOGETHER, ...Object.keys(SCRIPTS).map((code) => [code])].map((codes) =>
  only(COMMON, ...codes.map((code) => SCRIPTS[code] as string)),
);

/** All of it can be written in one script, or in scripts that are written together. */
export function isOneWriting(name: string): boolean {
  return WRITINGS.some((writing) => writing.test(name));
}

const zeros = ZEROS.split(' ').map((code) => Number.parseInt(code, 16));

/** Of how many decimal systems its digits are. */
export function decimalSystems(name: string): number {
  const points = [...name].map((character) => character.codePointAt(0) as number);
  const found = points.map((point) => zeros.find((zero) => point >= zero && point < zero + 10));
  return new Set(found.filter((zero) => zero !== undefined)).size;
}

function parseLooks(table: string): ReadonlyMap<string, string> {
  const text = (codes: string) => codes.split('+').map((code) => String.fromCodePoint(Number.parseInt(code, 16)));
  return new Map(
    table.split(' ').flatMap((group) => {
      const [target = '', like = ''] = group.split('=');
      return text(like).map((one) => [one, text(target).join('')] as const);
    }),
  );
}

/** What stands for all that looks like a character in one case or the other, where that is not the character itself. */
export const PROTOTYPES = parseLooks(LOOKS);

/** What a character looks like in the case in which it is shown, where that is another prototype. */
export const PROTOTYPES_AS_SHOWN = parseLooks(LOOKS_AS_SHOWN);
