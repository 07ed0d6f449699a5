import fc from 'fast-check';
import { draftOf, MAX_DRAFT_UNITS, textOf } from '../../../src/client/window/draft';
import {
  type Edited,
  type Editor,
  EMPTY_EDITOR,
  edit,
  entered,
  insert,
  replaced,
} from '../../../src/client/window/editor';
import { graphemes } from '../../../src/client/window/graphemes';
import type { Key } from '../../../src/client/window/key';
import { NO_KILLS } from '../../../src/client/window/kills';

/** Cells of a row: more than most lines here have. */
const WIDTH = 40;

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
  return pressing({ editor, kills: NO_KILLS }, ...names).editor;
}

function pressing(start: Edited, ...names: readonly string[]): Edited {
  return names.reduce((now, name) => edit(now.editor, now.kills, keyOf(name), WIDTH) ?? now, start);
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
    ['one tw|o', 'C-t', 'one tow|'],
    ['ab|', 'C-t', 'ba|'],
    ['|ab', 'C-t', '|ab'],
    ['a|', 'C-t', 'a|'],
    ['é|👍🏽', 'C-t', '👍🏽é|'],
    ['x\n|ab', 'C-t', 'x\n|ab'],
    ['|one two', 'M-u', 'ONE| two'],
    ['one| TWO three', 'M-l', 'one two| three'],
    ['|éCOLE x', 'M-c', 'École| x'],
    ['one| tWO', 'M-c', 'one Two|'],
    ['|straße', 'M-u', 'STRASSE|'],
    ['ab\nc|d\nef', 'C-a', 'ab\n|cd\nef'],
    ['ab\nc|d\nef', 'end', 'ab\ncd|\nef'],
    ['ab\nc|d\nef', 'C-home', '|ab\ncd\nef'],
    ['ab\nc|d\nef', 'C-end', 'ab\ncd\nef|'],
    ['ab\nc|d\nef', 'C-k', 'ab\nc|\nef'],
    ['ab\ncd|\nef', 'C-k', 'ab\ncd|ef'],
    ['ab\nc|d\nef', 'C-u', 'ab\n|d\nef'],
    ['ab\n|cd', 'C-u', 'ab|cd'],
    ['ab|cd', 'M-return', 'ab\n|cd'],
    ['ab\nc|d', 'up', 'a|b\ncd'],
    ['a|b\ncd', 'down', 'ab\nc|d'],
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
    ['a_1 snake_case|', 'M-b', 'a_1 |snake_case'],
    ['नमस्ते हिन्दी|', 'M-b', 'नमस्ते |हिन्दी'],
  ])('%s: %s', (before, key, after) => {
    expect(shown(pressed(line(before), key))).toBe(after);
  });

  test.each(['C-q', 'M-x', 'f5', 'insert', 'M-y'])('%s is none of its own', (name) => {
    expect(edit(EMPTY_EDITOR, NO_KILLS, keyOf(name), WIDTH)).toBeUndefined();
  });

  test.each(['\u001b[31m', '\u0007', '\u009b', '\u007f', ''])('%j is nothing that can be typed', (sequence) => {
    expect(edit(EMPTY_EDITOR, NO_KILLS, { sequence }, WIDTH)).toBeUndefined();
  });
});

test.each([
  ['the decoder has no name for it', { sequence: '\u001f' }, '|'],
  ['and none for it with Alt', { sequence: '\u001b<', meta: true }, '|ab'],
])('a key is known also when %s', (_, key, expected) => {
  expect(shown(edit(pressed(EMPTY_EDITOR, 'a', 'b'), NO_KILLS, key, WIDTH)?.editor ?? EMPTY_EDITOR)).toBe(expected);
});

describe('what was cut', () => {
  test('comes back', () => {
    expect(shown(pressed(line('one two|'), 'C-w', 'C-y', 'C-y'))).toBe('one twotwo|');
    expect(shown(pressed(line('one| two'), 'C-k', 'home', 'C-y'))).toBe(' two|one');
    expect(shown(pressed(line('one| two'), 'C-u', 'end', 'C-y'))).toBe(' twoone|');
    expect(shown(pressed(line('one|'), 'C-y'))).toBe('one|');
  });

  test('comes back in another line', () => {
    const { kills } = pressing({ editor: line('cut|'), kills: NO_KILLS }, 'C-u');
    expect(shown(pressing({ editor: line('x|'), kills }, 'C-y').editor)).toBe('xcut|');
  });

  test('is what was cut before, when nothing is cut', () => {
    expect(shown(pressed(line('cut|'), 'C-u', 'left', 'C-u', 'C-k', 'C-w', 'M-d', 'C-y'))).toBe('cut|');
  });

  test('in a row is one, in the order of the text', () => {
    expect(shown(pressed(line('one two| three four'), 'C-w', 'M-d', 'C-w', 'M-d', 'C-y'))).toBe('one two three four|');
    expect(shown(pressed(line('one two|'), 'C-w', 'left', 'C-w', 'C-y'))).toBe('one| ');
  });

  test('earlier comes with Alt-Y, round the ring, in the place of what was put in', () => {
    const cut = pressing(
      { editor: line('one two three|'), kills: NO_KILLS },
      'C-w',
      'left',
      'C-w',
      'left',
      'C-w',
      'end',
      '!',
    );
    const shownAfter = (...names: readonly string[]) => shown(pressing(cut, ...names).editor);
    expect(shownAfter('C-y')).toBe('  !one|');
    expect(shownAfter('C-y', 'M-y')).toBe('  !two|');
    expect(shownAfter('C-y', 'M-y', 'M-y')).toBe('  !three|');
    expect(shownAfter('C-y', 'M-y', 'M-y', 'M-y')).toBe('  !one|');
    expect(shownAfter('C-y', 'M-y', 'C-y')).toBe('  !twotwo|');
    expect(shownAfter('C-y', 'left', 'M-y')).toBe('  !on|e');
  });

  test('is bounded, in number and in length', () => {
    let now: Edited = { editor: EMPTY_EDITOR, kills: NO_KILLS };
    for (let index = 0; index < 40; index += 1) now = pressing(now, 'x', 'C-u', 'left');
    expect(now.kills.texts).toHaveLength(32);
    for (let index = 0; index < 6; index += 1)
      now = pressing({ ...now, editor: insert(now.editor, 'y'.repeat(60_000)) }, 'C-u', 'left');
    expect(now.kills.texts.map(({ length }) => length)).toEqual([60_000, 60_000, 60_000, 60_000]);
  });
});

describe('undo', () => {
  test('what was typed in a row is one step, so is what was erased in a row', () => {
    const typing = pressed(EMPTY_EDITOR, 'o', 'n', 'e', 'left', 'x', 'y', 'backspace', 'backspace', 'z');
    expect(shown(typing)).toBe('onz|e');
    expect(shown(pressed(typing, 'C-_'))).toBe('on|e');
    expect(shown(pressed(typing, 'C-_', 'C-_'))).toBe('onxy|e');
    expect(shown(pressed(typing, 'C-_', 'C-x', 'C-u', 'C-_'))).toBe('on|e');
    expect(shown(pressed(typing, 'C-_', 'C-_', 'C-_', 'C-_'))).toBe('|');
    expect(shown(pressed(typing, 'C-_', 'C-_', 'C-_', 'C-_', 'C-_'))).toBe('|');
  });

  test('of an erasure after one that found nothing', () => {
    expect(shown(pressed(line('|ab'), 'backspace', 'delete', 'C-_'))).toBe('|ab');
  });

  test('redo, until something else is done', () => {
    const twice = pressed(EMPTY_EDITOR, 'a', 'left', 'b', 'C-_', 'C-_');
    expect(shown(pressed(twice, 'M-_'))).toBe('|a');
    expect(shown(pressed(twice, 'M-_', 'M-_', 'M-_'))).toBe('b|a');
    expect(shown(pressed(twice, 'M-_', 'end', 'c', 'M-_'))).toBe('ac|');
  });

  test('brings back what an earlier line took the place of', () => {
    const past = entered(replaced(EMPTY_EDITOR, 'first'));
    const typing = pressed(past, 'd', 'up', '!', 'C-_', 'C-_');
    expect(shown(typing)).toBe('d|');
    expect(shown(pressed(typing, 'e', 'up', 'down'))).toBe('de|');
  });

  test('is bounded, in number and in length', () => {
    let editor = EMPTY_EDITOR;
    for (let index = 0; index < 300; index += 1) editor = insert(editor, 'x');
    expect(editor.undos).toHaveLength(200);
    for (let index = 0; index < 10; index += 1) editor = replaced(editor, String(index).repeat(60_000));
    expect(editor.undos).toHaveLength(4);
  });

  test('Ctrl-X with another key does nothing', () => {
    expect(shown(pressed(line('a|'), 'C-x', 'b', 'c'))).toBe('ac|');
  });
});

test('up and down keep to the column where they began, and go on in the history', () => {
  const wide = '漢'.repeat(25);
  const editor = pressed({ ...line(`${wide}\nab\nabcdef|`), past: ['earlier'], at: 1 }, 'left');
  expect(shown(pressed(editor, 'up'))).toBe(`${wide}\nab|\nabcdef`);
  expect(shown(pressed(editor, 'up', 'down'))).toBe(`${wide}\nab\nabcde|f`);
  // The first line has two rows: of 20, and of five.
  expect(shown(pressed(editor, 'up', 'up'))).toBe(`${'漢'.repeat(22)}|漢漢漢\nab\nabcdef`);
  expect(shown(pressed(editor, 'up', 'up', 'up'))).toBe(`漢漢|${'漢'.repeat(23)}\nab\nabcdef`);
  expect(shown(pressed(editor, 'up', 'up', 'up', 'up'))).toBe('earlier|');
  expect(shown(pressed(editor, 'up', 'up', 'up', 'up', 'down'))).toBe(`${wide}\nab\nabcdef|`);
});

test('up from the end of a full row keeps out of the row below it', () => {
  expect(shown(pressed(line(`${'x'.repeat(80)}|`), 'up'))).toBe(`${'x'.repeat(39)}|${'x'.repeat(41)}`);
});

test('what is too long does not go in, and nothing else is lost', () => {
  const full = insert(EMPTY_EDITOR, 'x'.repeat(MAX_DRAFT_UNITS));
  expect(pressed(full, 'y').before).toHaveLength(MAX_DRAFT_UNITS);
  expect(textOf(pressed(insert(EMPTY_EDITOR, 'ß'.repeat(MAX_DRAFT_UNITS)), 'home', 'M-u'))).toBe(
    'ß'.repeat(MAX_DRAFT_UNITS),
  );
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
    expect(entered(replaced(editor, 'second')).past).toEqual(['first', 'second']);
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

describe('whatever is pressed', () => {
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
  const names = [
    'left right home end backspace delete up down C-a C-e C-b C-f C-left C-right C-d C-h C-k C-u C-w C-y C-t C-_ C-x',
    'M-b M-f M-d M-backspace M-y M-u M-l M-c M-_ M-return C-home C-end',
  ].flatMap((row) => row.split(' '));
  const key = fc.oneof(fc.constantFrom(...names), fc.constantFrom(...pieces));
  const text = fc.array(fc.constantFrom(...pieces)).map((all) => all.join(''));
  const step = fc.oneof(
    { weight: 9, arbitrary: key.map((value) => ({ type: 'key', value })) },
    { weight: 2, arbitrary: text.map((value) => ({ type: 'paste', value })) },
    { weight: 1, arbitrary: fc.constant({ type: 'enter', value: '' }) },
  );

  function happened(now: Edited, { type, value }: { type: string; value: string }): Edited {
    if (type === 'enter') return { ...now, editor: entered(now.editor) };
    if (type === 'paste') return { ...now, editor: insert(now.editor, value) };
    return edit(now.editor, now.kills, names.includes(value) ? keyOf(value) : { sequence: value }, 5) ?? now;
  }

  test('no grapheme is cut and the cursor is between two of them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now: Edited = { editor: EMPTY_EDITOR, kills: NO_KILLS };
        for (const one of steps) {
          now = happened(now, one);
          const { editor } = now;
          expect([...editor.before, ...editor.after]).toEqual(graphemes(textOf(editor)));
          expect(editor.at).toBeGreaterThanOrEqual(0);
          expect(editor.at).toBeLessThanOrEqual(editor.past.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('undone it is as it was in the beginning, and redone as it was in the end', () => {
    const unsent = step.filter(({ type }) => type !== 'enter');
    fc.assert(
      fc.property(text, fc.array(unsent, { maxLength: 60 }), (beginning, steps) => {
        const start: Editor = { ...EMPTY_EDITOR, ...draftOf(beginning), past: ['earlier', 'later'], at: 2 };
        const end = steps.reduce(happened, { editor: start, kills: NO_KILLS }).editor;
        let editor = pressed(end, 'left');
        while (editor.undos.length > 0) editor = pressed(editor, 'C-_');
        expect(textOf(editor)).toBe(beginning);
        while (editor.redos.length > 0) editor = pressed(editor, 'M-_');
        // Redoing ends where the last undo began, which may be before the end when the end was undone itself.
        if (end.redos.length === 0) expect(textOf(editor)).toBe(textOf(end));
      }),
      { numRuns: 300 },
    );
  });

  test('cutting to either end and putting it in again changes nothing', () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom('C-u', 'C-k'), (one, other, kill) => {
        // Without a line break what stood on both sides of it may come together.
        const whole = (one + other).replaceAll('\n', '');
        const editor: Editor = { ...EMPTY_EDITOR, ...draftOf(whole, one.length) };
        expect(textOf(pressed(editor, kill, 'C-y'))).toBe(textOf(editor));
      }),
      { numRuns: 300 },
    );
  });
});
