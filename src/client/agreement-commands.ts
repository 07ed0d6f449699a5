/** The commands that show what the log and its servers know. */
import { asks, type CommandEntry, inRoom, PLACES_IN_LOG, placeInLog } from './command-entry';

export const AGREEMENT_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'why',
    usage: '[POSITION|#INDEX]',
    help: 'how a line of this room was agreed on: the one there, else the one that /goto went to, else the last one',
    parse: (rest, room) => {
      const place = placeInLog(rest);
      if (!place) return { type: 'problem', message: `/why takes ${PLACES_IN_LOG}` };
      return inRoom(room, (name) => asks({ type: 'why', room: name, ...place }));
    },
  },
  {
    name: 'status',
    usage: '',
    most: 0,
    help: 'how the servers are, and how many may fail',
    parse: () => asks({ type: 'cluster' }),
  },
];
