import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { Keyboard } from '../../../src/client/ui/keyboard';

/** A terminal that may be gone: then it answers with an error when its mode is set, as node's does. */
class Terminal extends PassThrough {
  readonly isTTY = true;
  readonly modes: boolean[] = [];
  gone = false;

  setRawMode(raw: boolean): this {
    if (this.gone) this.emit('error', new Error('setRawMode EIO'));
    else this.modes.push(raw);
    return this;
  }
}

function keyboardOf(terminal: Terminal): { keyboard: Keyboard; heard: string[] } {
  const heard: string[] = [];
  const keyboard = new Keyboard(terminal as unknown as ReadStream, {
    onKey: ({ sequence }) => heard.push(`key ${sequence}`),
    onFocus: (focused) => heard.push(`focus ${focused}`),
    onPaste: (text) => heard.push(`paste ${text}`),
    onEnd: () => heard.push('end'),
  });
  return { keyboard, heard };
}

test('reads keys and pastes while it is on, in raw mode', async () => {
  const terminal = new Terminal();
  const { keyboard, heard } = keyboardOf(terminal);
  keyboard.start();
  terminal.write('a\u001b[?62;1;2c\u001b[200~two\rlinés\u001b[201~\u001b[O\u001b[I');
  await new Promise(setImmediate);
  keyboard.stop();
  terminal.write('b');
  await new Promise(setImmediate);
  expect(heard).toEqual(['key a', 'paste two\rlinés', 'focus false', 'focus true']);
  expect(terminal.modes).toEqual([true, false]);
});

test("a terminal that is somebody else's is left as it is", () => {
  const terminal = new Terminal();
  const { keyboard } = keyboardOf(terminal);
  keyboard.start();
  keyboard.abandon();
  expect(terminal.modes).toEqual([true]);
});

test('a terminal that is gone is told while it is read, and cannot fail it any more afterwards', () => {
  const terminal = new Terminal();
  const { keyboard, heard } = keyboardOf(terminal);
  keyboard.start();
  terminal.gone = true;
  terminal.emit('error', new Error('read EIO'));
  expect(heard).toEqual(['end']);
  keyboard.stop();
  terminal.emit('error', new Error('read EIO'));
  expect(heard).toEqual(['end']);
});
