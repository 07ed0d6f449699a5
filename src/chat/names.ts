/**
 * What rooms and people may be called, and which names are one: to the chat, and to the eye.
 *
 * Names are kept composed (NFKC: widths, ligatures and styled letters become the plain ones), hold letters, digits and
 * marks of scripts in use, and nothing that cannot be seen. A nick is written in one script. What always holds:
 * `nickName`, `fold` and `skeletonOf` of what they gave is the same again, and two names that differ in case only have
 * one skeleton.
 *
 * All servers must say the same of a name. Which characters there are, of which script they are and what they look like
 * is in the project's own table (name-data.ts). Normalisation and case come from Node, but only of what is in that
 * table, for which Unicode promises that they do not change; one case mapping that it may still add is not taken. What
 * is left to Node's own data is which characters are marks, the same from Unicode 15.0 to 17.0. A new table is
 * another state machine: it changes what a log means.
 */
import { decimalSystems, isOneWriting, OF_NAMES, PROTOTYPES, PROTOTYPES_AS_SHOWN, STABLE } from './characters';
import type { Refusal } from './events';
import type { ChatLimits } from './limits';

const ASCII = /^[\0-\x7f]*$/;
const BEGINS_WELL = /^[\p{L}\p{N}]/u;
/** UTS #39, 5.4. A mark on no letter or digit, the same twice, or a heap of them. */
const BAD_MARKS = /[_.-]\p{M}|(\p{Mn})\1|\p{Mn}{5}/u;
/** Of what may or may not have a dot: it is not told apart whether it has one. */
const DOT_OF_I_AND_J = /(?<=[lj]\p{M}*)\u0307/gu;

/** UTF-16 units. What is longer is nobody's name, and is not worth the time that comparing it would take. */
const MOST_COMPARED = 1024;

type Verdict = { readonly name: string } | { readonly problem: string };

/** The key, and the name, of the room where it is written down what operators did. Nobody is in it. */
export const AUDIT_ROOM = '!audit';

/** Of the key of a room, and of what it is called, which is `@nick` then: it is of two people, and anybody can begin it. */
export function isConversation(room: string): boolean {
  return room.startsWith('@');
}

/** The name of a room as it is shown: composed, without the `#` before it; undefined when it cannot be one. */
export function roomName(text: string, limits: ChatLimits): string | undefined {
  return nameOf(judgeRoom(text, limits));
}

/** A nick as it is shown: composed; undefined when it cannot be one. */
export function nickName(text: string, limits: ChatLimits): string | undefined {
  return nameOf(judgeNick(text, limits));
}

/** Why it is no name of a room. */
export function badRoom(text: string, limits: ChatLimits): Refusal {
  return { code: 'bad-room', message: `the name of a room is ${problemOf(judgeRoom(text, limits))}` };
}

/** Why it is no nick. */
export function badNick(text: string, limits: ChatLimits): Refusal {
  return { code: 'bad-nick', message: `a nick is ${problemOf(judgeNick(text, limits))}` };
}

/** What two names are compared by: upper and lower case are one, in every script, and so are `ß` and `ss`. */
export function fold(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  if (!isComparable(name)) return name;
  const composed = compose(name);
  const folded = compose([...composed].map(caseless).join(''));
  return folded === name ? name : fold(folded);
}

/**
 * What stands for all nicks that look like this one, in one case or another: the skeleton of UTS #39 of the folded
 * nick, with a table in which case does not matter either. `l`, `1`, `I` and so `i` are one in it, `0` and `o`, `rn`
 * and `m`; a Cyrillic `в` is a `b`, since `В` is a `B`. It is for comparing, not for showing.
 */
export function skeletonOf(nick: string): string {
  return isComparable(nick) ? finished([...fold(nick).normalize('NFKD')].map(prototype).join('')) : nick;
}

/**
 * All that the nick is taken for: its skeleton, and where the case in which it is shown makes it look like something
 * else, that one's too. A Greek `Ενα` is an `ena` in capitals, and looks like `Eva`; which are two names all the same.
 * Nicks that have none of these in common are told apart.
 */
export function skeletonsOf(nick: string): readonly string[] {
  const skeleton = skeletonOf(nick);
  if (ASCII.test(nick) || !isComparable(nick)) return [skeleton];
  const shown = finished([...nick.normalize('NFKD')].map(prototypeAsShown).join(''));
  return shown === skeleton ? [skeleton] : [skeleton, shown];
}

// ---- What may be a name -------------------------------------------------------------------------------------------

function judgeRoom(text: string, limits: ChatLimits): Verdict {
  return judge(text.startsWith('#') ? text.slice(1) : text, limits);
}

/** People are known by their nicks: no letter of one may be there to look like another. */
function judgeNick(text: string, limits: ChatLimits): Verdict {
  const verdict = judge(text, limits);
  if ('problem' in verdict) return verdict;
  if (!isOneWriting(verdict.name)) {
    return { problem: 'written in one script, or Latin with Chinese, Japanese or Korean: this one mixes scripts' };
  }
  if (decimalSystems(verdict.name) > 1) return { problem: 'written with digits of one kind: this one mixes several' };
  return verdict;
}

function judge(text: string, limits: ChatLimits): Verdict {
  const rule = `1 to ${limits.nameChars} letters, digits, "-", "_" or ".", the first a letter or digit`;
  if (text === '') return { problem: rule };
  const tooLong = { problem: `${rule}: this one is longer` };
  // A quick bound first: nobody has a long text composed.
  if (text.length > 4 * limits.nameChars) return tooLong;
  if (!STABLE.test(text)) return { problem: `${rule}: ${codeOf(text, (one) => !STABLE.test(one))} is not allowed` };
  const name = compose(text);
  if (!OF_NAMES.test(name)) {
    const found = codeOf(text.normalize('NFC'), (one) => !OF_NAMES.test(compose(one)));
    return { problem: `${rule}: ${found} is not allowed` };
  }
  if (!BEGINS_WELL.test(name)) return { problem: `${rule}: this one begins otherwise` };
  if (BAD_MARKS.test(name)) return { problem: `${rule}: this one has too many marks on one of them` };
  return [...name].length <= limits.nameChars ? { name } : tooLong;
}

function nameOf(verdict: Verdict): string | undefined {
  return 'name' in verdict ? verdict.name : undefined;
}

function problemOf(verdict: Verdict): string {
  return 'problem' in verdict ? verdict.problem : 'this one';
}

/** The first character that is like that, by its code: whether one can see it is not sure. */
function codeOf(text: string, isLikeThat: (character: string) => boolean): string {
  const found = ([...text].find(isLikeThat) ?? text).codePointAt(0) as number;
  return `U+${found.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Else it is nobody's name, and what comes of it may depend on the version of Node. */
function isComparable(name: string): boolean {
  return name.length <= MOST_COMPARED && STABLE.test(name);
}

// ---- Characters ---------------------------------------------------------------------------------------------------

/** NFKC, but for a vowel of Thai and one of Lao, which it takes apart and which are one to those who write them. */
function compose(text: string): string {
  return text.normalize('NFKC').replaceAll('\u0e4d\u0e32', '\u0e33').replaceAll('\u0ecd\u0eb2', '\u0eb3');
}

/** By way of the capital: so the final sigma is a sigma, and the dotless i an i. No language has its own way. */
function caseless(character: string): string {
  const small = character.toUpperCase().toLowerCase();
  return STABLE.test(small) ? small : character;
}

function prototype(character: string): string {
  return PROTOTYPES.get(character) ?? character;
}

function prototypeAsShown(character: string): string {
  const shown = PROTOTYPES_AS_SHOWN.get(character);
  return shown ?? [...fold(character).normalize('NFKD')].map(prototype).join('');
}

function finished(skeleton: string): string {
  return skeleton.normalize('NFD').replace(DOT_OF_I_AND_J, '');
}
