/** How far somebody has read in a room, and where the news begins. Pure. */
import type { MessageEvent } from '../events';
import { firstAfter, lastLogged } from './logged';
import type { RoomModel } from './model';

/** All that is here is read now. The mark before what was not stays where it is, until one leaves. */
export function readAll(room: RoomModel): RoomModel {
  const readThrough = Math.max(room.readThrough, lastLogged(room)?.index ?? 0);
  return { ...room, unread: 0, mentions: 0, readThrough };
}

/** What a room knows of reading. */
type Reading = Pick<RoomModel, 'unread' | 'mentions' | 'readThrough' | 'divider'>;

/** What a line is to this person. */
export interface Heard {
  /** It is news: to them, when it is a mention. */
  readonly news: 'none' | 'line' | 'mention';
  readonly isOwn: boolean;
  /** It comes where they are looking. */
  readonly isSeen: boolean;
}

/** How far the room has been read once there is this line at its end. */
export function readingAfter(room: RoomModel, { index, earlier }: MessageEvent, heard: Heard): Reading {
  const { unread, mentions, readThrough, divider } = room;
  const { news, isOwn, isSeen } = heard;
  const isRead = isSeen || earlier === true || (isOwn && unread === 0);
  if (isRead || news === 'none') {
    const through = isRead ? Math.max(readThrough, index) : readThrough;
    // Behind the mark comes what others said: an own line that would be the first one there moves it.
    const isMarked = divider !== undefined && !(isOwn && (lastLogged(room)?.index ?? 0) <= divider);
    return { unread, mentions, readThrough: through, divider: isMarked ? divider : undefined };
  }
  // What was said before the first line of a room is not known, and nobody's news.
  const from = room.lines.length === 0 && readThrough === 0 ? index - 1 : readThrough;
  return {
    unread: unread + 1,
    mentions: mentions + (news === 'mention' ? 1 : 0),
    readThrough: from,
    divider: unread === 0 ? from : divider,
  };
}

/** Somebody who comes down from above has seen all lines up to this one. */
export function readTo(room: RoomModel, index: number): RoomModel {
  if (index <= room.readThrough) return room;
  const unread = Math.min(room.unread, linesAfter(room, index));
  return { ...room, readThrough: index, unread, mentions: Math.min(room.mentions, unread) };
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
