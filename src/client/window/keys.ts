/** What `/help` and F1 show in the window: the commands, and the keys. */
import { helpLines } from '../commands';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Tab', 'complete a command, nick or room'],
  ['PgUp PgDn', 'scroll; earlier lines are fetched'],
  ['Alt-1…9 Ctrl-N Ctrl-P', 'switch between rooms'],
  ['Up Down', 'what you typed before'],
  ['Alt-Enter', 'a line break'],
  ['Ctrl-A Ctrl-E, Alt-B Alt-F', 'begin, end; word by word'],
  ['Ctrl-W Ctrl-U Ctrl-K Ctrl-Y', 'cut a word, to the begin, to the end; paste it'],
  ['Ctrl-L', 'paint everything anew'],
  ['Ctrl-Z', 'to the shell, fg comes back'],
  ['Ctrl-C twice', 'leave; so does Ctrl-D on an empty line'],
];

export function keyLines(): readonly string[] {
  const width = Math.max(...KEYS.map(([keys]) => keys.length));
  return [...helpLines(false), ...KEYS.map(([keys, what]) => `${keys.padEnd(width)}  ${what}`)];
}
