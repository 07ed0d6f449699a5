/** What the window does beside its screen when something is said: calls the person, and writes it to a file. Pure. */
import { isConversation } from '../../chat/names';
import type { ClientEvent, MessageEvent } from '../events';
import { CALL_PAUSE_MS, concerns, isOfOthers } from '../news';
import { inertLine } from './conversation';
import type { Updated, WindowEffect } from './effects';
import { hearerOf, isLogged, roomCalled, type WindowModel } from './model';

/** Characters of a call: it is a hint, not the message. */
const MAX_CALL_CHARS = 120;

/** @param before what the window knew when the event came */
export function attended(before: WindowModel, updated: Updated, event: ClientEvent, time: number): Updated {
  if (event.type !== 'message' && event.type !== 'presence') return updated;
  const { model, effects } = updated;
  // Whoever left a room is not in it any more, and wants to see that written down.
  const room = roomCalled(model, event.room) ?? roomCalled(before, event.room);
  const logging: readonly WindowEffect[] = room && isLogged(model, room) ? [{ type: 'log', line: event }] : [];
  const isCall = event.type === 'message' && calls(before, event) && time - before.calledAt >= CALL_PAUSE_MS;
  if (!isCall) return logging.length === 0 ? updated : { model, effects: [...effects, ...logging] };
  const call: WindowEffect = { type: 'call', how: before.preferences.notify, ...inWords(event) };
  return { model: { ...model, calledAt: time }, effects: [...effects, ...logging, call] };
}

/** It is new, names this person or is for them alone, and is not in sight. */
function calls(model: WindowModel, event: MessageEvent): boolean {
  if (event.earlier || !isOfOthers(hearerOf(model), event) || !concerns(event, model.nick)) return false;
  return model.preferences.notify !== 'off' && !isInSight(model, event.room);
}

/** Somebody is looking at the conversation: nothing lies over it, and what was said while no window was open is there. */
export function isLooking({ focused, overlay, resumed }: WindowModel): boolean {
  return focused && !overlay && !resumed;
}

/** What is said in this room now is seen: the end of the room is. */
export function isInSight(model: WindowModel, name: string): boolean {
  const room = roomCalled(model, name);
  return isLooking(model) && room !== undefined && model.current === room.name && !room.scrolled;
}

function inWords({ room, nick, text }: MessageEvent): { readonly title: string; readonly text: string } {
  const short = (words: string) => [...inertLine(words)].slice(0, MAX_CALL_CHARS).join('');
  return { title: isConversation(room) ? 'synod' : `synod #${short(room)}`, text: short(`${nick}: ${text}`) };
}
