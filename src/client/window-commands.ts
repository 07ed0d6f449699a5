/** The commands about the window itself: the line modes have no use for most of them. */
import { type CommandEntry, needs, onlyInWindow, type WindowWish } from './command-entry';

const NO_LOOKS = onlyInWindow('lines have no looks; config.json has nick, room, history, ignored and notify');
const NOT_FOR_SCRIPTS = {
  missing: { in: ['json'], instead: 'a script leaves out the lines of a nick by itself' },
} as const;

export const WINDOW_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'set',
    usage: '[KEY [VALUE]]',
    ...NO_LOOKS,
    help: 'your configuration: all of it, one value, or another one; - makes it as it was',
    parse: (rest) => {
      const [, key = '', value] = /^(\S*)\s*([\s\S]*)$/.exec(rest) ?? [];
      return wish({ type: 'set', key, value: value ?? '' });
    },
  },
  {
    name: 'theme',
    usage: '[dark|light|16|none]',
    most: 1,
    ...NO_LOOKS,
    help: 'which colours there are',
    parse: (value) => wish({ type: 'set', key: 'theme', value }),
  },
  {
    name: 'ignore',
    usage: '[NICK]',
    most: 1,
    ...NOT_FOR_SCRIPTS,
    help: "do not show somebody's lines; without a nick: who is ignored",
    parse: (nick) => wish({ type: 'ignore', nick: bareNick(nick) }),
  },
  {
    name: 'unignore',
    usage: 'NICK',
    most: 1,
    ...NOT_FOR_SCRIPTS,
    help: 'show their lines again',
    parse: (nick) => (nick === '' ? needs('unignore', 'NICK') : wish({ type: 'unignore', nick: bareNick(nick) })),
  },
  {
    name: 'clear',
    usage: '',
    most: 0,
    ...onlyInWindow('a terminal clears itself, mostly with Ctrl-L'),
    help: 'clear this conversation from the screen; PgUp brings it back',
    parse: () => wish({ type: 'clear' }),
  },
  {
    name: 'goto',
    usage: 'PLACE',
    ...onlyInWindow('/history and /search show what was said, and synod history any part of it'),
    help: 'go to a position (1042), a line (#12), 14:05, yesterday, 2026-11-24 14:05, or a synod:// link',
    parse: (place) => (place === '' ? needs('goto', 'PLACE') : wish({ type: 'goto', place })),
  },
  {
    name: 'since',
    usage: '',
    most: 0,
    ...onlyInWindow('/history shows the last lines'),
    help: 'what came since you left: the first line that you have not read',
    parse: () => wish({ type: 'since' }),
  },
  {
    name: 'log',
    usage: '[on|off]',
    ...onlyInWindow('what is printed can go to a file, and synod history prints a room'),
    help: 'write this room to a file from now on, or not; /set logs is about all rooms',
    parse: (rest) => {
      if (rest === '') return wish({ type: 'log' });
      return rest === 'on' || rest === 'off' ? wish({ type: 'log', on: rest === 'on' }) : needs('log', 'on or off');
    },
  },
];

function wish(wanted: WindowWish) {
  return { type: 'window', wish: wanted } as const;
}

function bareNick(nick: string): string {
  return nick.replace(/^@/, '');
}
