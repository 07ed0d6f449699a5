/** The commands about the window itself: the line modes have no use for them. */
import { type CommandEntry, needs, type WindowWish } from './command-entry';

export const WINDOW_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'set',
    usage: '[KEY [VALUE]]',
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
    help: 'which colours there are',
    parse: (value) => wish({ type: 'set', key: 'theme', value }),
  },
  {
    name: 'ignore',
    usage: '[NICK]',
    most: 1,
    help: "do not show somebody's lines; without a nick: who is ignored",
    parse: (nick) => wish({ type: 'ignore', nick: bareNick(nick) }),
  },
  {
    name: 'unignore',
    usage: 'NICK',
    most: 1,
    help: 'show their lines again',
    parse: (nick) => (nick === '' ? needs('unignore', 'NICK') : wish({ type: 'unignore', nick: bareNick(nick) })),
  },
  {
    name: 'clear',
    usage: '',
    most: 0,
    help: 'clear this conversation from the screen; PgUp brings it back',
    parse: () => wish({ type: 'clear' }),
  },
  {
    name: 'goto',
    usage: 'PLACE',
    help: 'go to a position (1042), a line (#12), 14:05, yesterday, 2026-11-24 14:05, or a synod:// link',
    parse: (place) => (place === '' ? needs('goto', 'PLACE') : wish({ type: 'goto', place })),
  },
  {
    name: 'since',
    usage: '',
    most: 0,
    help: 'what came since you left: the first line that you have not read',
    parse: () => wish({ type: 'since' }),
  },
  {
    name: 'log',
    usage: '[on|off]',
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
