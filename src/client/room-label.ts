import { isConversation } from '../chat/names';

/** `#room`, and `@nick` for a conversation; '' for none. */
export function roomLabel(name: string): string {
  return isConversation(name) || name === '' ? name : `#${name}`;
}
