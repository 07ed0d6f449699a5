/** What can be done about posts of one's own that are not in the log: in a window, which shows them. */
import { type CommandEntry, onlyInWindow } from './command-entry';

export const POST_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'retry',
    usage: '[all|NUMBER]',
    ...onlyInWindow('an error says what failed, which can be said once more'),
    help: 'post what failed here once more: the last one, all, or the last but NUMBER - 1',
    parse: (which) => ({ type: 'retry', which }),
  },
  {
    name: 'cancel',
    usage: '[all|NUMBER]',
    ...onlyInWindow('what was read is posted'),
    help: 'take back what was never sent: the last one, all, or the last but NUMBER - 1',
    parse: (which) => ({ type: 'cancel', which }),
  },
];
