import fc from 'fast-check';
import { inert, inertLine } from '../../src/client/inert';

test.each([
  ['plain', 'plain'],
  ['two\nlines', 'two\nlines'],
  ['a\tb', 'a b'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b[38;2;1;2;3mrgb', 'rgb'],
  ['\u001b[?1049l\u001b[>4;2mx', 'x'],
  ['\u001b]0;title\u0007x', 'x'],
  ['\u001b]8;;http://a\u001b\\x\u001b]8;;\u001b\\', 'x'],
  ['\u001bP1$r\u001b\\x', 'x'],
  ['\u001b_apc\u001b\\x', 'x'],
  ['\u009b31mred', 'red'],
  ['\u009d0;title\u009cx', 'x'],
  ['\u001bcx', 'x'],
  ['\u001b(0x', 'x'],
  ['x\u001b', 'x'],
  ['x\u001b[', 'x'],
  ['x\u001b[31', 'x'],
  ['\u001b\u001b[31mx', 'x'],
  ['\u001b[3\u001b[31m1mx', '1mx'],
  ['\r\b\u0000\u007f\u0085x', 'x'],
  ['\u202egnp\u202c\u2066\u2069\u200e\u200f\u061cx', 'gnpx'],
  ['a\u2028b\u2029c', 'abc'],
  ['\ud800x\udfff', '\ufffdx\ufffd'],
  ['{red-fg}x{/}', '{red-fg}x{/}'],
  ['👨‍👩‍👧 漢字 é', '👨‍👩‍👧 漢字 é'],
])('%j', (text, expected) => {
  expect(inert(text)).toBe(expected);
});

test('a sequence without an end takes nothing of the next line with it', () => {
  expect(inert('\u001b]0;title\nnext')).toBe('\nnext');
  expect(inert('\u001b[31\nnext')).toBe('\nnext');
});

test('on one line, a line break is a mark', () => {
  expect(inertLine('a\nb')).toBe('a ⏎ b');
});

test('whatever comes in, nothing that a terminal obeys comes out, and once is enough', () => {
  const unit = fc.oneof(
    fc.constantFrom(...'\u001b\u009b\u009d\u0090\u009c\u0007[]P\\;?0123m(hH\n\t'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 80 }), (units) => {
      const shown = inert(units.join(''));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
      expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u);
      expect(inert(shown)).toBe(shown);
    }),
    { numRuns: 1000 },
  );
});
