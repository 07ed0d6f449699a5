/** The commands that show what the log and its servers know. */
import { asks, type CommandEntry, inRoom } from './command-entry';

export const AGREEMENT_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'why',
    usage: '[POSITION]',
    help: 'how a line was agreed on: the one at that position of this room, or its last one',
    parse: (rest, room) => {
      const position = positionOf(rest);
      if (position === undefined) return { type: 'problem', message: '/why takes the position of a line, as 1042' };
      return inRoom(room, (name) => asks({ type: 'why', room: name, position }));
    },
  },
  {
    name: 'status',
    usage: '',
    help: 'how the servers are, and how many may fail',
    parse: () => asks({ type: 'cluster' }),
  },
];

/** 0 for none; undefined when it is no position. */
function positionOf(text: string): number | undefined {
  if (text === '') return 0;
  const position = Number(text);
  return /^\d+$/.test(text) && position > 0 && Number.isSafeInteger(position) ? position : undefined;
}
