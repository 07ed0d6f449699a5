/** What a text may be. The same on every server: no locale, no clock, no version of anything outside. */

import type { Refusal } from './events';
import type { ChatLimits } from './limits';

/** Control characters other than the line break and the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** The length in UTF-8 of a well-formed text. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}

/** Why a message cannot be said, or undefined. */
export function refuseText(text: string, limits: ChatLimits): Refusal | undefined {
  if (text.trim() === '') return { code: 'bad-text', message: 'the message is empty' };
  return refuseAnyText(text, limits.textBytes, 'the message');
}

/** Why a topic, an away text or a reason cannot be taken, or undefined. Empty is allowed. */
export function refuseNote(text: string, limits: ChatLimits): Refusal | undefined {
  return refuseAnyText(text, limits.topicBytes, 'the text');
}

function refuseAnyText(text: string, mostBytes: number, what: string): Refusal | undefined {
  // A quick bound first: a UTF-16 unit is at least one byte.
  if (text.length > mostBytes || utf8Length(text) > mostBytes) {
    return { code: 'text-too-long', message: `${what} has more than ${mostBytes} bytes` };
  }
  if (!isWellFormed(text)) return { code: 'bad-text', message: `${what} is not well-formed Unicode` };
  if (CONTROL.test(text)) return { code: 'bad-text', message: `${what} holds control characters` };
  return undefined;
}

/** No half of a surrogate pair stands alone. */
function isWellFormed(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(index + 1);
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false;
    index += 1;
  }
  return true;
}

/** The beginning of what somebody wrote, for a message about it. */
export function excerpt(text: string): string {
  return [...text.slice(0, 128)].slice(0, 64).join('');
}
