/** How far somebody has read in a room, and where the news begins. Pure. */
import type { MessageEvent } from '../events';
import { lastLogged } from './logged';
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
