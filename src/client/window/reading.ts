/** How far somebody has read in a room, and where the news begins. Pure. */
import type { MessageEvent } from '../events';
import { firstAfter, lastLogged } from './logged';
import type { RoomModel } from './model';

/** All that is here is read now; what was not before is marked. */
export function readNow(room: RoomModel): RoomModel {
  return { ...readAll(room), divider: room.unread > 0 ? room.readThrough : undefined };
}

/** The same of a room that was being looked at: a mark that is there stays where it is. */
export function readAgain(room: RoomModel): RoomModel {
  return room.unread > 0 ? readNow(room) : readAll(room);
}

function readAll(room: RoomModel): RoomModel {
  const readThrough = Math.max(room.readThrough, lastLogged(room)?.index ?? 0);
  return { ...room, unread: 0, mentions: 0, readThrough };
}

/** How far the room has been read once there is this line. @param isRead somebody sees it, said it, or it is an old one */
export function readThroughOf({ lines, readThrough }: RoomModel, { index }: MessageEvent, isRead: boolean): number {
  if (isRead) return Math.max(readThrough, index);
  // What was said before it is not known, and nobody's news.
  return lines.length === 0 && readThrough === 0 ? index - 1 : readThrough;
}

/**
 * This person had read up to there, here or on another machine.
 * @param isFirst nothing was known of that: what is here now was news when this window came
 * @param isShown the room is being looked at
 */
export function withMarker(room: RoomModel, marker: number, isFirst: boolean, isShown: boolean): RoomModel {
  const last = lastLogged(room)?.index ?? 0;
  if (isFirst && isShown) {
    // Its lines may be on their way still.
    if (last === 0) return { ...room, readThrough: Math.max(room.readThrough, marker), divider: marker };
    return marker < last ? { ...room, divider: marker } : room;
  }
  if (marker <= room.readThrough && !isFirst) return room;
  const unread = isFirst ? linesAfter(room, marker) : Math.min(room.unread, linesAfter(room, marker));
  const mentions = Math.min(room.mentions, unread);
  const divider = room.divider !== undefined && marker < last ? marker : undefined;
  return { ...room, readThrough: marker, unread, mentions, divider };
}

/** Lines behind an index, of those that are here. */
function linesAfter({ lines }: RoomModel, index: number): number {
  const first = firstAfter(lines, index);
  let count = 0;
  for (let at = first ?? lines.length; at < lines.length; at += 1) if (lines.at(at)?.type === 'message') count += 1;
  return count;
}
