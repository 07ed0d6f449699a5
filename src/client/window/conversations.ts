/** Conversations of two: anybody can begin one, so that there is a bound on how many are shown. Pure. */
import { isConversation } from '../../chat/names';
import type { MessageEvent } from '../events';
import { isIgnored } from '../ignoring';
import { hasDraft } from './asking';
import { roomCalled, type WindowModel, withoutRoom } from './model';

/** One more, and that which began first goes; what was said in it stays in the log. */
const MAX_CONVERSATIONS = 100;

/** It would begin a conversation with somebody who is ignored. */
export function isUnwanted(model: WindowModel, { room, nick }: MessageEvent): boolean {
  return isConversation(room) && !roomCalled(model, room) && isIgnored(model.preferences.ignored, nick);
}

/** With space for one more, when this would begin one: none goes that is shown, or in which something is being said. */
export function withSpace(model: WindowModel, name: string): WindowModel {
  if (!isConversation(name) || roomCalled(model, name)) return model;
  const all = model.rooms.filter((room) => isConversation(room.name));
  const oldest = all.find((room) => room.name !== model.current && room.echoes.length === 0 && !hasDraft(room));
  return all.length < MAX_CONVERSATIONS || !oldest ? model : withoutRoom(model, oldest.name);
}
