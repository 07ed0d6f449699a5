/** The commands about people: whose a nick is, and what operators may do. */
import type { OperatorCommand, RulingKind } from '../chat/commands';
import { AUDIT_ROOM } from '../chat/names';
import { MAX_PAUSE_MS } from '../wire/limits';
import {
  asCommand,
  asks,
  bare,
  type CommandEntry,
  HISTORY_COUNT,
  historyCount,
  inRoom,
  needs,
  split,
} from './command-entry';

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

export const PERSON_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'nicks',
    usage: '',
    most: 0,
    help: 'which nicks are yours',
    parse: () => asks({ type: 'query', what: 'nicks', name: '' }),
  },
  {
    name: 'release',
    usage: 'NICK',
    most: 1,
    help: 'give up a nick of yours: whoever takes it next has it',
    parse: (nick) => (nick === '' ? needs('release', 'NICK') : asCommand({ type: 'release', nick })),
  },
  {
    name: 'give',
    usage: 'NICK WHOM',
    help: 'offer a nick of yours to somebody, who takes it with /nick',
    parse: (rest) => {
      const [nick, to] = split(rest);
      return to === '' ? needs('give', 'NICK WHOM') : asCommand({ type: 'give', nick, to });
    },
  },
  {
    name: 'kick',
    usage: 'NICK [WHY]',
    operators: true,
    help: 'take somebody out of this room',
    parse: (rest, room) => {
      const [who, text] = split(rest);
      if (who === '') return needs('kick', 'NICK [WHY]');
      return inRoom(room, (name) => asCommand({ type: 'kick', room: name, who, text }));
    },
  },
  ruling('ban', 'rule', 'ban', 'somebody, who is a nick or a key, is not let in any more'),
  ruling('unban', 'pardon', 'ban', 'somebody is let in again'),
  ruling('mute', 'rule', 'mute', 'somebody can say nothing any more'),
  ruling('unmute', 'pardon', 'mute', 'somebody can speak again'),
  ruling('admit', 'rule', 'admit', 'put somebody on the list of those who are let in'),
  ruling('expel', 'rule', 'expel', 'take somebody off that list'),
  {
    name: 'access',
    usage: 'open|listed',
    operators: true,
    help: 'let everybody in, or those on the list',
    parse: (mode) => {
      return mode === 'open' || mode === 'listed'
        ? asCommand({ type: 'access', mode })
        : needs('access', 'open or listed');
    },
  },
  {
    name: 'strip',
    usage: 'NICK [WHY]',
    operators: true,
    help: 'take a nick away from whoever has it',
    parse: (rest) => {
      const [nick, text] = split(rest);
      return nick === '' ? needs('strip', 'NICK [WHY]') : asCommand({ type: 'strip', nick, text });
    },
  },
  roomCommand('shut', 'close a room: nobody is in it, nobody comes in'),
  roomCommand('reopen', 'open a closed room again'),
  {
    name: 'slow',
    usage: '10s|5m|1h|off',
    operators: true,
    help: 'one post of each person in this room in so long',
    parse: (rest, room) => {
      const seconds = secondsOf(rest);
      if (seconds === undefined) return needs('slow', '10s, 5m, 1h, at most 24h, or off');
      return inRoom(room, (name) => asCommand({ type: 'slow', room: name, pauseMs: seconds * 1000 }));
    },
  },
  {
    name: 'rulings',
    usage: '',
    most: 0,
    operators: true,
    help: 'who is let in, banned and muted',
    parse: () => asks({ type: 'query', what: 'rulings', name: '' }),
  },
  {
    name: 'audit',
    usage: '[COUNT]',
    operators: true,
    help: 'what operators did',
    parse: (rest) => {
      const count = historyCount(rest);
      if (count === undefined) return { type: 'problem', message: `/audit takes ${HISTORY_COUNT}` };
      return asks({ type: 'history', room: AUDIT_ROOM, before: 0, limit: count });
    },
  },
];

function ruling(name: string, type: 'rule' | 'pardon', kind: RulingKind, help: string): CommandEntry {
  return {
    name,
    usage: 'WHO [WHY]',
    operators: true,
    help,
    parse: (rest) => {
      const [who, text] = split(rest);
      return who === '' ? needs(name, 'WHO [WHY]') : asCommand({ type, ruling: kind, who, text });
    },
  };
}

function roomCommand(type: Extract<OperatorCommand['type'], 'shut' | 'reopen'>, help: string): CommandEntry {
  return {
    name: type,
    usage: 'ROOM [WHY]',
    operators: true,
    help,
    parse: (rest) => {
      const [room, text] = split(rest);
      return room === '' ? needs(type, 'ROOM [WHY]') : asCommand({ type, room: bare(room), text });
    },
  };
}

/** `10s`, `5m`, `1h`, `off`; undefined for anything else. */
function secondsOf(text: string): number | undefined {
  if (text === 'off') return 0;
  const [, digits, unit = 's'] = /^(\d{1,5})([smh]?)$/.exec(text) ?? [];
  const seconds = Number(digits) * SECONDS[(unit || 's') as keyof typeof SECONDS];
  return seconds * 1000 <= MAX_PAUSE_MS ? seconds : undefined;
}
