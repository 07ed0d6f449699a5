import fc from 'fast-check';
import {
  type Editor,
  EMPTY_EDITOR,
  edit,
  entered,
  insert,
  type Key,
  replaced,
  textOf,
} from '../../../src/client/window/editor';
import { graphemes } from '../../../src/client/window/graphemes';

/** A line with the cursor at the bar. */
function line(text: string): Editor {
  const [before = '', after = ''] = text.split('|');
  return { ...EMPTY_EDITOR, before: graphemes(before), after: graphemes(after) };
}

function shown(editor: Editor): string {
  return `${editor.before.join('')}|${editor.after.join('')}`;
}

/** Keys by name: `C-a`, `M-b`, `left`; one character types itself. */
function pressed(editor: Editor, ...names: readonly string[]): Editor {
  return names.reduce((now, name) => edit(now, keyOf(name)) ?? now, editor);
}

function keyOf(name: string): Key {
  const [, ctrl, meta, bare = ''] = /^(C-)?(M-)?(.+)$/s.exec(name) ?? [];
  const isTyped = !ctrl && !meta && graphemes(bare).length === 1;
  return isTyped ? { sequence: bare } : { name: bare, ctrl: !!ctrl, meta: !!meta, sequence: '\u001b' };
}

describe('a key', () => {
  test.each([
    ['ab|cd', 'x', 'abx|cd'],
    ['ab|cd', 'left', 'a|bcd'],
    ['ab|cd', 'right', 'abc|d'],
    ['|ab', 'left', '|ab'],
    ['ab|', 'right', 'ab|'],
    ['ab|cd', 'home', '|abcd'],
    ['ab|cd', 'end', 'abcd|'],
    ['ab|cd', 'C-a', '|abcd'],
    ['ab|cd', 'C-e', 'abcd|'],
    ['ab|cd', 'C-b', 'a|bcd'],
    ['ab|cd', 'C-f', 'abc|d'],
    ['ab|cd', 'backspace', 'a|cd'],
    ['|cd', 'backspace', '|cd'],
    ['ab|cd', 'delete', 'ab|d'],
    ['ab|', 'delete', 'ab|'],
    ['ab|cd', 'C-d', 'ab|d'],
    ['ab|cd', 'C-h', 'a|cd'],
    ['one two| three', 'M-b', 'one |two three'],
    ['one two | three', 'C-left', 'one |two  three'],
    ['one| two three', 'M-f', 'one two| three'],
    ['one| two three', 'C-right', 'one two| three'],
    ['ab|cd', 'C-k', 'ab|'],
    ['ab|cd', 'C-u', '|cd'],
    ['one two|!', 'C-w', 'one |!'],
    ['one two|!', 'M-backspace', 'one |!'],
    ['one| two!', 'M-d', 'one|!'],
    ['a👨‍👩‍👧|b', 'backspace', 'a|b'],
    ['a|👨‍👩‍👧b', 'right', 'a👨‍👩‍👧|b'],
    ['a|🇩🇪b', 'delete', 'a|b'],
    ['x̂|', 'backspace', '|'],
    ['größe 漢字|', 'M-b', 'größe |漢字'],
  ])('%s: %s', (before, key, after) => {
    expect(shown(pressed(line(before), key))).toBe(after);
  });

  test.each(['C-q', 'M-x', 'f5', 'insert', 'C-d'])('%s is none of an empty line', (name) => {
    expect(edit(EMPTY_EDITOR, keyOf(name))).toBeUndefined();
  });

  test.each(['\u001b[31m', '\u0007', '\u009b', '\u007f', ''])('%j is nothing that can be typed', (sequence) => {
    expect(edit(EMPTY_EDITOR, { sequence })).toBeUndefined();
  });
});

test('what was cut comes back, also in another line', () => {
  expect(shown(pressed(line('one two|'), 'C-w', 'C-y', 'C-y'))).toBe('one twotwo|');
  expect(shown(pressed(line('one| two'), 'C-k', 'home', 'C-y'))).toBe(' two|one');
  expect(shown(pressed(line('one| two'), 'C-u', 'end', 'C-y'))).toBe(' twoone|');
  expect(shown(pressed(entered(pressed(line('cut|'), 'C-u', 'x')), 'C-y'))).toBe('cut|');
});

test('cutting nothing keeps what was cut before', () => {
  expect(pressed(line('cut|'), 'C-u', 'C-u', 'C-k', 'C-w', 'M-d').killed).toBe('cut');
});

test('a paste is one edit, at the cursor', () => {
  expect(shown(insert(line('a|b'), '1\n2'))).toBe('a1\n2|b');
});

describe('the cursor stays outside of a grapheme that comes together around it', () => {
  test.each([
    ['a letter before an accent', '|\u0301x', 'e', 'e\u0301|x'],
    ['the first half of a flag', '|🇪x', '🇩', '🇩🇪|x'],
    ['a joiner', '👨|👧x', '\u200d', '👨\u200d👧|x'],
    ['what stood between is taken away', '🇩x|🇪', 'backspace', '🇩🇪|'],
  ])('%s', (_, before, key, after) => {
    expect(shown(pressed(line(before), key))).toBe(after);
  });
});

describe('lines entered before', () => {
  const past = ['first', 'second'].reduce((editor, text) => entered(replaced(editor, text)), EMPTY_EDITOR);

  test('come back one by one, and the draft after them', () => {
    const typing = pressed(past, 'd', 'r');
    expect(shown(pressed(typing, 'up'))).toBe('second|');
    expect(shown(pressed(typing, 'up', 'up'))).toBe('first|');
    expect(shown(pressed(typing, 'up', 'up', 'up'))).toBe('first|');
    expect(shown(pressed(typing, 'up', 'up', 'down'))).toBe('second|');
    expect(shown(pressed(typing, 'up', 'up', 'down', 'down'))).toBe('dr|');
    expect(shown(pressed(typing, 'down'))).toBe('dr|');
  });

  test('are bounded, and blank ones are not kept', () => {
    let editor = entered(replaced(past, '  '));
    expect(editor.past).toEqual(['first', 'second']);
    for (let index = 0; index < 600; index += 1) editor = entered(replaced(editor, `line ${index}`));
    expect(editor.past).toHaveLength(500);
    expect(editor.past.at(-1)).toBe('line 599');
  });
});

test('graphemes of a text, however long, are those of the whole', () => {
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const unit = fc.constantFrom(
    'a',
    '\r',
    '\n',
    '漢',
    '\u0301',
    '👩',
    '\u200d',
    '🏽',
    '🇩',
    '\u{1d165}',
    '\u1100',
    '\u1161',
    '\ud800',
  );
  fc.assert(
    fc.property(fc.array(unit, { minLength: 50, maxLength: 300 }), (units) => {
      const text = units.join('');
      expect(graphemes(text)).toEqual([...segmenter.segment(text)].map(({ segment }) => segment));
    }),
  );
  expect(graphemes(`e${'\u0301'.repeat(5000)}x`)).toHaveLength(2);
  expect(graphemes('ab'.repeat(200_000))).toHaveLength(400_000);
});

test('whatever is pressed, no grapheme is cut and the cursor is between two of them', () => {
  const pieces = [
    'a',
    ' ',
    '_',
    '漢',
    'é',
    'e',
    '\u0301',
    '👩',
    '\u200d',
    '🏽',
    '🇩',
    '🇪',
    '\ufe0f',
    '각',
    '\u11a8',
    '\n',
  ];
  const names = 'left right home end backspace delete up down C-a C-e C-b C-f C-left C-right C-d C-h C-k C-u C-w C-y'
    .split(' ')
    .concat('M-b M-f M-d M-backspace'.split(' '));
  const step = fc.oneof(
    fc.record({ type: fc.constant('key'), value: fc.oneof(fc.constantFrom(...names), fc.constantFrom(...pieces)) }),
    fc.record({ type: fc.constant('paste'), value: fc.array(fc.constantFrom(...pieces)).map((all) => all.join('')) }),
    fc.record({ type: fc.constant('enter'), value: fc.constant('') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let editor = EMPTY_EDITOR;
      for (const { type, value } of steps) {
        if (type === 'enter') editor = entered(editor);
        else if (type === 'paste') editor = insert(editor, value);
        else editor = edit(editor, names.includes(value) ? keyOf(value) : { sequence: value }) ?? editor;
        expect([...editor.before, ...editor.after]).toEqual(graphemes(textOf(editor)));
        expect(editor.at).toBeGreaterThanOrEqual(0);
        expect(editor.at).toBeLessThanOrEqual(editor.past.length);
      }
    }),
    { numRuns: 500 },
  );
});
