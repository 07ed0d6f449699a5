/** What can be typed about the places of a room. */
import { asks, type CommandEntry, inRoom } from './command-entry';

export const PLACE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'digest',
    usage: '[POSITION|#INDEX]',
    help: 'a short hash over the lines of this room, or up to one: the same for everybody who has the same lines',
    parse: (rest, room) => {
      const [, mark, digits = '0'] = /^(?:(#?)([1-9]\d{0,14}))?$/.exec(rest) ?? [undefined, undefined, ''];
      if (digits === '')
        return { type: 'problem', message: '/digest takes a position, as 1042, or the index of a line, as #12' };
      const [index, position] = mark === '#' ? [Number(digits), 0] : [0, Number(digits)];
      return inRoom(room, (name) => asks({ type: 'digest', room: name, index, position }));
    },
  },
];
