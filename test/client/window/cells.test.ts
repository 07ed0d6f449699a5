import fc from 'fast-check';
import { cellsOf, cellsOfCharacter, cut, padTo, settled, wrap, wrapFurther } from '../../../src/client/window/cells';

test.each([
  ['plain text', 'plain text', 10],
  ['e\u0301', 'é', 1],
  ['x\u0302', 'x\u0302', 1],
  ['é\nb', 'é\nb', 2],
  ['漢字', '漢字', 4],
  ['👨‍👩‍👧', '👨', 2],
  ['👍🏽', '👍', 2],
  ['❤️', '❤', 1],
  ['🇩🇪', 'DE', 2],
  ['🇩', 'D', 1],
  ['1️⃣', '1', 1],
  ['ﾊﾝ', 'ﾊﾝ', 2],
  ['한글', '한글', 4],
  ['\u1112\u1161\u11ab', '한', 2],
  ['का', 'का', 2],
  ['a\u200bb\u200dc\u00ad', 'abc', 3],
  ['\u0301', '\u25cc\u0301', 1],
  [`z${'\u0300'.repeat(30)}`, `z${'\u0300'.repeat(4)}`, 1],
  ['\u{10ffff}', '\ufffd', 1],
  ['©™', '©™', 2],
  ['㊙🈂〰', '㊙🈂〰', 6],
])('%s becomes %s, of %i cells', (text, expected, cells) => {
  // Of marks, the first few are kept; composing may take one of them into the letter.
  const shown = settled(text);
  expect(cellsOf(shown)).toBe(cells);
  expect(shown.normalize('NFD').length).toBeLessThanOrEqual(expected.normalize('NFD').length + 1);
  if (text.length < 20) expect(shown).toBe(expected);
});

const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });

test('settled text has its width however it is put together', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = settled(text);
      const characters = [...shown].map(cellsOfCharacter);
      expect(characters.reduce((sum, cells) => sum + cells, 0)).toBe(cellsOf(shown));
      expect(settled(shown)).toBe(shown);
      expect(shown).not.toMatch(/[\p{Cf}\p{Cs}\p{RI}]|\ufe0f/u);
    }),
  );
});

test.each([
  ['hello', 5, 'hello'],
  ['hello', 4, 'hel…'],
  ['hello', 1, '…'],
  ['hello', 0, ''],
  ['漢字', 3, '漢…'],
  ['漢字', 2, '…'],
])('%s cut to %i: %s', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
});

test('filled or cut, it has exactly the width', () => {
  fc.assert(
    fc.property(anyText, fc.nat(40), (text, width) => {
      expect(cellsOf(padTo(settled(text), width))).toBe(width);
    }),
  );
});

describe('wrapping', () => {
  test.each([
    ['one two three', 8, 2, ['one two', '  three']],
    ['one two three', 7, 2, ['one two', '  three']],
    ['abcdefghij', 4, 0, ['abcd', 'efgh', 'ij']],
    ['abcdefghij', 6, 2, ['abcdef', '  ghij']],
    ['to 漢字漢字漢字', 9, 1, ['to', ' 漢字漢字', ' 漢字']],
    ['', 10, 2, ['']],
    ['a         b', 5, 0, ['a', '    b']],
  ])('%s in %i cells', (text, width, indent, rows) => {
    expect(wrap(text, width, ' '.repeat(indent))).toEqual(rows);
  });

  test('what stands before later rows keeps its mark, however short they are', () => {
    expect(wrap('one two three', 20, '      | ')).toEqual(['one two three']);
    expect(wrap('one two three four', 17, '      | ')).toEqual(['one two three', '      | four']);
    expect(wrap('one two three', 8, '      | ')).toEqual(['one two', '| three']);
    expect(wrapFurther('one two', 17, '      | ')).toEqual(['      | one two']);
    expect(wrapFurther('one two', 6, '      | ')).toEqual(['| one', '| two']);
    expect(wrapFurther('', 6, '  | ')).toEqual(['|']);
  });

  test('no row is too wide, and nothing that prints gets lost', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 30 }), fc.nat(8), (text, width, indent) => {
        const given = settled(text);
        const rows = wrap(given, width, ' '.repeat(indent));
        for (const row of rows) expect(cellsOf(row)).toBeLessThanOrEqual(width);
        expect(rows.join('').replace(/\s/gu, '')).toBe(given.replace(/\s/gu, ''));
      }),
    );
  });

  test('a line of 100 KB takes no time to speak of', () => {
    for (const text of ['x'.repeat(100_000), '漢 '.repeat(30_000)])
      expect(wrap(text, 60, '   | ').length).toBeGreaterThan(1000);
  });
});
