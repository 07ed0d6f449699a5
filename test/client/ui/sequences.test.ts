import { keysIn } from '../../../src/client/ui/sequences';

test.each([
  ['a report of the terminal', 'a\u001b[?62;1;2cb', 'ab'],
  ['where the cursor is', '\u001b[24;80R', ''],
  ['a colour', 'x\u001b]11;rgb:1e1e/1e1e/2e2e\u001b\\y', 'xy'],
  ['a title, ended by a bell', '\u001b]2;title\u0007z', 'z'],
  ['an answer to a device query', '\u001bP>|tmux 3.3a\u001b\\', ''],
  ['a key of the newest protocols', '\u001b[57414u', ''],
  ['Shift-Enter, in both ways', '\u001b[27;2;13~\u001b[13;2u', '\u001b\r\u001b\r'],
  ['the mouse', '\u001b[<0;10;20M', ''],
])('%s types nothing', (_, sent, kept) => {
  expect(keysIn(sent)).toBe(kept);
});

test.each([
  '\u001b[A',
  '\u001b[1;3F',
  '\u001b[5~',
  '\u001b[5;3~',
  '\u001b[24~',
  '\u001b[200~',
  '\u001b[201~',
  '\u001b[I',
  '\u001b[Z',
  '\u001b[[A',
  '\u001bOP',
  '\u001b_',
  '\u001bb',
  '\u001b',
  '\u001b[',
  'é 漢',
])('%j is left as it is', (sent) => {
  expect(keysIn(`a${sent}`)).toBe(`a${sent}`);
});
