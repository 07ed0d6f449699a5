/** The keys of the window, for F1. */
import type { HelpRow } from '../commands';

export const KEYS: readonly HelpRow[] = [
  ['F1', 'this list'],
  ['F2', 'the servers, and how many may fail'],
  ['Tab Shift-Tab', 'complete a command, nick, room or :emoji:; Esc leaves it as it was'],
  ['PgUp PgDn', 'scroll; earlier lines are fetched'],
  ['Alt-Home Alt-End', 'the first line that is here, the last one'],
  ['Alt-1…9 Ctrl-N Ctrl-P', 'switch between rooms; Alt-J 12 goes to the twelfth'],
  ['Alt-T', 'before each line: nothing, the time, with seconds, or its position, as /goto and /why take it'],
  ['Alt-A, Alt-N', 'the next room with news; the first line that you have not read'],
  ['Enter', 'on an empty line: fetch the lines of a gap'],
  ['Up Down', 'a row up or down, then what you typed before'],
  ['Ctrl-R Ctrl-S', 'look for it: older, newer; Enter takes it, Esc goes back'],
  ['Alt-Enter', 'a line break'],
  ['Ctrl-X Ctrl-E', 'go on writing in $VISUAL or $EDITOR'],
  ['Ctrl-A Ctrl-E, Alt-< Alt->', 'begin, end of the line; of all lines'],
  ['Ctrl-B Ctrl-F, Alt-B Alt-F', 'a character, a word back and on'],
  ['Ctrl-H Ctrl-D', 'erase the character before, after'],
  ['Ctrl-W Alt-D Ctrl-U Ctrl-K', 'cut the word before, after; to the begin, to the end'],
  ['Ctrl-Y Alt-Y', 'put in what was cut; what was cut before that'],
  ['Ctrl-_ Alt-_', 'undo, redo; Ctrl-X Ctrl-U undoes too'],
  ['Ctrl-T, Alt-U Alt-L Alt-C', 'swap characters; a word in UPPER, lower, Capital letters'],
  ['Ctrl-L', 'paint everything anew'],
  ['Ctrl-Z', 'to the shell, fg comes back'],
  ['Ctrl-C twice', 'leave; so does Ctrl-D on an empty line'],
];
