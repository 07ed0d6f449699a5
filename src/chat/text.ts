/** What a text may be. The same on every server: no locale, no clock, no version of anything outside. */

import type { Refusal } from './events';
import type { ChatLimits } from './limits';

/** Control characters other than the line break and the tab. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** What most texts are, which is sooner seen than that there is no control character in them. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;

const ENCODER = new TextEncoder();
/** Longer texts are rare. */
const SCRATCH = new Uint8Array(16 * 1024);
/** A UTF-16 unit has at most so many bytes in UTF-8. */
const MOST_UNIT_BYTES = 3;

/** The length in UTF-8. */
export function utf8Length(text: string): number {
  if (MOST_UNIT_BYTES * text.length > SCRATCH.length) return ENCODER.encode(text).length;
  return ENCODER.encodeInto(text, SCRATCH).written;
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
  if (PLAIN.test(text)) return undefined;
  if (!text.isWellFormed()) return { code: 'bad-text', message: `${what} is not well-formed Unicode` };
  if (CONTROL.test(text)) return { code: 'bad-text', message: `${what} holds control characters` };
  return undefined;
}

/** The beginning of what somebody wrote, for a message about it. */
export function excerpt(text: string): string {
  return [...text.slice(0, 128)].slice(0, 64).join('');
}
