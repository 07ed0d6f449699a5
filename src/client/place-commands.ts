/** What can be typed about the places of a room. */
import { asks, type CommandEntry, inRoom, PLACES_IN_LOG, placeInLog } from './command-entry';

export const PLACE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'digest',
    usage: '[POSITION|#INDEX]',
    help: 'a short hash over the lines of this room, or up to one: the same for everybody who has the same lines',
    parse: (rest, room) => {
      const place = placeInLog(rest);
      if (!place) return { type: 'problem', message: `/digest takes ${PLACES_IN_LOG}` };
      return inRoom(room, (name) => asks({ type: 'digest', room: name, ...place }));
    },
  },
];
