/** A text that no server takes stays in the line, where it can be made shorter. Pure. */
import { utf8Length } from '../../chat/text';
import type { Action } from '../command-entry';
import { isSaidCommand } from './echoes';
import { withEmoji } from './emoji';

/** @param most UTF-8 bytes of a message @returns in a line by how much it is too long; '' when it is not */
export function tooLong(action: Action, most: number): string {
  if (action.type !== 'command' || !isSaidCommand(action.command)) return '';
  const bytes = utf8Length(withEmoji(action.command.text));
  if (bytes <= most) return '';
  return `${bytes - most} bytes too long: a message has at most ${most}; it stays in the line`;
}
