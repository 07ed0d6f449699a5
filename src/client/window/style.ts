/** Colours and glyphs. */
import type { ThemeName } from '../../config/preferences';

export const SGR = {
  reset: '\u001b[0m',
  bold: '\u001b[1m',
  dim: '\u001b[2m',
  reverse: '\u001b[7m',
  red: '\u001b[31m',
  /** White on red: what nobody may overlook. */
  loud: '\u001b[1;37;41m',
};

/** The same without colours: what had one behind it is shown in reverse, so that it is seen all the same. */
export function withoutColours(sgr: string): string {
  const codes = (sgr.match(/\d+/g) ?? []).map(Number);
  const plain = codes.map((code) => (isBackground(code) ? 7 : code)).filter((code) => code < 30);
  return `\u001b[${plain.join(';')}m`;
}

function isBackground(code: number): boolean {
  return (code >= 40 && code < 49) || (code >= 100 && code < 108);
}

/** Glyphs, for terminals that have Unicode and for those that do not. */
export interface Glyphs {
  /** Of a post: it waits to be sent, is on its way, is agreed on, was not posted. */
  readonly queued: string;
  readonly sent: string;
  readonly committed: string;
  readonly failed: string;
  /** Before a row of a line that is not its first: nobody makes it look like the line of somebody else. */
  readonly goesOn: string;
  /** The line that somebody went to. */
  readonly found: string;
  /** A room in which something is being typed. */
  readonly draft: string;
  /** Of what is being typed, or may be, there are more rows than can be seen. */
  readonly moreAbove: string;
  readonly moreBelow: string;
  readonly moreAround: string;
}

/** Before a row that is the first or the last one in sight; '' where there is no more. */
export function moreMark(isMoreAbove: boolean, isMoreBelow: boolean, glyphs: Glyphs): string {
  if (isMoreAbove) return isMoreBelow ? glyphs.moreAround : glyphs.moreAbove;
  return isMoreBelow ? glyphs.moreBelow : '';
}

export const UNICODE_GLYPHS: Glyphs = {
  queued: '◦',
  sent: '…',
  committed: '✓',
  failed: '✗',
  goesOn: '┊',
  found: '▸',
  draft: '✎',
  moreAbove: '↑',
  moreBelow: '↓',
  moreAround: '↕',
};
export const ASCII_GLYPHS: Glyphs = {
  queued: '-',
  sent: '.',
  committed: '+',
  failed: 'x',
  goesOn: '|',
  found: '>',
  draft: '*',
  moreAbove: '^',
  moreBelow: 'v',
  moreAround: ':',
};

/** Colours of nicks that can be told apart and read, on a dark ground, on a light one, and where there are sixteen. */
const NICK_COLOURS: Readonly<Record<ThemeName, readonly string[]>> = {
  dark: indexed(39, 43, 75, 78, 81, 110, 114, 117, 141, 147, 150, 173, 176, 179, 183, 204, 208, 211, 215, 221),
  light: indexed(19, 22, 25, 28, 30, 54, 57, 58, 61, 64, 88, 90, 92, 94, 97, 124, 127, 130, 133, 161),
  '16': [31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96].map((code) => `\u001b[${code}m`),
  none: [''],
};

/** Of the terminal's 256 colours. */
function indexed(...colours: readonly number[]): readonly string[] {
  return colours.map((colour) => `\u001b[38;5;${colour}m`);
}

/** The same colour for the same nick, on every screen that has the theme. */
export function colourOf(nick: string, theme: ThemeName): string {
  const colours = NICK_COLOURS[theme];
  let hash = 0;
  for (const character of nick.toLowerCase()) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return colours[hash % colours.length] ?? '';
}
