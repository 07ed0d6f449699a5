/** Conversations of two: anybody can begin one, so that there is a bound on how many are shown. Pure. */
import { isConversation } from '../../chat/names';
import type { MessageEvent } from '../events';
import { isIgnored } from '../ignoring';
import { hasDraft } from './asking';
import { notice, roomCalled, type WindowModel, withoutRoom } from './model';

/** One more, and that which began first goes; what was said in it stays in the log. */
const MAX_CONVERSATIONS = 100;

/** It would begin a conversation with somebody who is ignored. */
export function isUnwanted(model: WindowModel, { room, nick }: MessageEvent): boolean {
  return isConversation(room) && !roomCalled(model, room) && isIgnored(model.preferences.ignored, nick);
}

/**
 * With space for one more, when this would begin one: none goes that is shown, or in which something is being said; one
 * that was not read goes last, and not without a word.
 */
export function withSpace(model: WindowModel, name: string): WindowModel {
  if (!isConversation(name) || roomCalled(model, name)) return model;
  const all = model.rooms.filter((room) => isConversation(room.name));
  const idle = all.filter((room) => room.name !== model.current && room.echoes.length === 0 && !hasDraft(room));
  const oldest = idle.find(({ unread }) => unread === 0) ?? idle[0];
  if (all.length < MAX_CONVERSATIONS || !oldest) return model;
  const without = withoutRoom(model, oldest.name);
  if (oldest.unread === 0) return without;
  const { unread, name: partner } = oldest;
  const many = unread === 1 ? '1 line is' : `${unread} lines are`;
  const word = `too many talk to you alone: ${many} unread of ${partner}, /query ${partner.slice(1)} shows them`;
  return notice(without, [word], model.time);
}
