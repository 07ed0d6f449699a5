/** Texts as bytes, and in a digest. */
import fc from 'fast-check';
import { Digest } from '../../src/chat/digest';
import { FIRST_LIMITS } from '../../src/chat/limits';
import { refuseText, utf8Length } from '../../src/chat/text';

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme', minLength: 6000, maxLength: 6100 }),
);
const digestOf = (text: string) => new Digest().bytes(Buffer.from(text)).hex();

test('the length of a text in UTF-8 is as Node has it', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
  );
});

test('bytes that differ in one place, or go on, have another digest', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), fc.nat(), (text, place) => {
      const at = place % text.length;
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      const digests = [text, changed, `${text}\0`, text.slice(0, -1)].map(digestOf);
      expect(new Set(digests).size).toBe(4);
    }),
  );
});

test.each([
  ['plain', undefined],
  ['two\nlines\tof it', undefined],
  ['\u00fcber \u65e5\u672c \ud83d\ude00', undefined],
  ['', 'bad-text'],
  [' \n\t\u3000', 'bad-text'],
  ['a bell \u0007', 'bad-text'],
  ['a carriage return \r', 'bad-text'],
  ['deleted \u007f', 'bad-text'],
  ['c1 \u0085', 'bad-text'],
  ['half \ud83d', 'bad-text'],
  ['x'.repeat(FIRST_LIMITS.textBytes), undefined],
  ['x'.repeat(FIRST_LIMITS.textBytes + 1), 'text-too-long'],
  ['\u00fc'.repeat(FIRST_LIMITS.textBytes / 2), undefined],
  ['\u00fc'.repeat(FIRST_LIMITS.textBytes / 2 + 1), 'text-too-long'],
])('%j is refused as it should be, or not', (text, code) => {
  expect(refuseText(text, FIRST_LIMITS)?.code).toBe(code);
});
