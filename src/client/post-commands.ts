/** What can be done about posts of one's own that are not in the log: in a window, which shows them. */
import type { CommandEntry } from './command-entry';

export const POST_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'retry',
    usage: '[all|NUMBER]',
    help: 'post what failed here once more: the last one, all, or the last but NUMBER - 1',
    parse: (which) => ({ type: 'retry', which }),
  },
  {
    name: 'cancel',
    usage: '[all|NUMBER]',
    help: 'take back what was never sent: the last one, all, or the last but NUMBER - 1',
    parse: (which) => ({ type: 'cancel', which }),
  },
];
