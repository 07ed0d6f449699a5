/** How texts in a row travel: the length of each in bytes, and all of them side by side. */
import { isAscii, isUtf8 } from 'node:buffer';
import { Texts } from '../chat/texts';
import { MAX_LIST, MAX_STRING_BYTES } from './limits';
import { binary, list, ShapeError, uint } from './shape';

export function textsFields(texts: Texts): readonly [readonly number[], Uint8Array] {
  const lengths: number[] = [];
  for (let index = 0; index < texts.count; index += 1) lengths.push(texts.lengthOf(index));
  return [lengths, texts.bytes];
}

/** At least one, each of them UTF-8 by itself. */
export function readTexts(lengths: unknown, all: unknown, most = MAX_LIST): Texts {
  const bytes = binary(all, 'texts');
  const ends: number[] = [];
  let end = 0;
  for (const length of list(lengths, 'lengths', most)) {
    end += uint(length, 'the length of a text', MAX_STRING_BYTES);
    ends.push(end);
  }
  if (ends.length === 0) throw new ShapeError('no text');
  if (end !== bytes.length) throw new ShapeError('texts of other lengths than they say');
  if (!isAscii(bytes)) checkUtf8(bytes, ends);
  return new Texts(bytes, ends);
}

function checkUtf8(bytes: Uint8Array, ends: readonly number[]): void {
  let start = 0;
  for (const end of ends) {
    if (!isUtf8(bytes.subarray(start, end))) throw new ShapeError('a text that is not UTF-8');
    start = end;
  }
}
