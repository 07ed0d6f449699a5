import { createLogger, type LogLevel, parseLogLevel } from '../../src/lib/log';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

function linesOf(least: LogLevel, text = 'it happened'): readonly string[] {
  const lines: string[] = [];
  const log = createLogger('server 1', least, (line) => lines.push(line));
  for (const level of LEVELS) log[level](text);
  return lines;
}

test('a line names its part, and its level unless that is the usual one', () => {
  expect(linesOf('debug')).toEqual([
    'server 1 debug: it happened\n',
    'server 1: it happened\n',
    'server 1 warn: it happened\n',
    'server 1 error: it happened\n',
  ]);
});

test('levels below the least are dropped', () => {
  expect(LEVELS.map((least) => linesOf(least).length)).toEqual([4, 3, 2, 1]);
});

test('what a stranger says stays one line and moves no cursor', () => {
  const forged = 'nick\nserver 1 error: forged\r\u001b[2J\u0007\u0085\u2028\u2029\u009b31m end';
  const [line] = linesOf('error', forged);
  expect(line).toBe('server 1 error: nick server 1 error: forged [2J 31m end\n');
});

test('text that is not English stays as it is', () => {
  expect(linesOf('error', 'Überraschung 🙂')).toEqual(['server 1 error: Überraschung 🙂\n']);
});

test('a level is found by its name', () => {
  for (const level of LEVELS) expect(parseLogLevel(level)).toBe(level);
  for (const name of ['', 'INFO', 'verbose', undefined]) expect(parseLogLevel(name)).toBeUndefined();
});
