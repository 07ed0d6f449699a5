/**
 * How far somebody has read in a room, and where the news begins. Always true: what is unread are the lines of others
 * behind the last one that was in sight, those among them that are not loaded too; nothing is unread of which it is not
 * known how far they had read. Pure.
 */
import { isConversation } from '../../chat/names';
import type { MessageEvent } from '../events';
import { concerns, type Hearer, isOfOthers } from '../news';
import { firstAfter, lastLogged } from './logged';
import type { RoomModel } from './model';

/** What a room knows of reading. */
type Reading = Pick<RoomModel, 'unread' | 'mentions' | 'readThrough' | 'divider'>;

/** All that is here is read now. The mark before what was not stays where it is, until one leaves. */
export function readAll(room: RoomModel): RoomModel {
  const readThrough = Math.max(room.readThrough ?? 0, lastLogged(room)?.index ?? 0);
  return { ...room, unread: 0, mentions: 0, readThrough };
}

/** Once there is this line at the end of the room. @param isSeen it comes where they are looking */
export function readingAfter(room: RoomModel, event: MessageEvent, hearer: Hearer, isSeen: boolean): Reading {
  const { unread, mentions, divider } = room;
  const { index, earlier } = event;
  // What was said before the first line of a room is not known, and nobody's news.
  const readThrough = room.readThrough ?? (earlier === true ? undefined : index - 1);
  // In a conversation the indexes begin anew when the nick becomes another one's.
  const isKnown = readThrough === undefined || (index <= readThrough && !isConversation(room.name));
  if (isKnown) return { unread, mentions, readThrough, divider };
  if (isSeen) return { unread, mentions, readThrough: Math.max(readThrough, index), divider };
  const last = Math.max(readThrough, lastLogged(room)?.index ?? 0);
  const missing = isConversation(room.name) ? 0 : Math.max(0, index - 1 - last);
  const isNews = isOfOthers(hearer, event);
  const more = unread + missing + (isNews ? 1 : 0);
  return {
    unread: more,
    mentions: mentions + (isNews && concerns(event, hearer.nick) ? 1 : 0),
    // What one says oneself is read, unless something before it is not.
    readThrough: more === 0 ? Math.max(readThrough, index) : readThrough,
    divider: unread === 0 && more > 0 ? readThrough : divider,
  };
}

/** Somebody has seen all lines up to this one. */
export function readTo(room: RoomModel, index: number, hearer: Hearer): RoomModel {
  const from = room.readThrough ?? 0;
  if (index <= from) return room;
  return { ...room, readThrough: index, ...(room.unread > 0 && newsOnceRead(room, from, index, hearer)) };
}

/** Of what was unread behind an index, what is left behind a later one: without a look at all of it, if that can be. */
function newsOnceRead(
  room: RoomModel,
  from: number,
  through: number,
  hearer: Hearer,
): Pick<Reading, 'unread' | 'mentions'> {
  const { lines, unread, mentions } = room;
  let [next, others, named] = [from + 1, 0, 0];
  for (let at = firstAfter(lines, from) ?? lines.length; at < lines.length && next <= through; at += 1) {
    const line = lines.at(at);
    if (line?.type !== 'message') continue;
    if (line.index !== next) break;
    next += 1;
    if (!isOfOthers(hearer, line)) continue;
    others += 1;
    if (concerns(line, hearer.nick)) named += 1;
  }
  const isWhole = next > through && others <= unread && named <= mentions;
  return isWhole ? { unread: unread - others, mentions: mentions - named } : newsAfter(room, through, hearer);
}

/** Lines were put in between others, or behind them. */
export function recounted(room: RoomModel, hearer: Hearer): RoomModel {
  const { readThrough } = room;
  if (readThrough === undefined || (lastLogged(room)?.index ?? 0) <= readThrough) return room;
  const news = newsAfter(room, readThrough, hearer);
  return { ...room, ...news, divider: room.unread === 0 && news.unread > 0 ? readThrough : room.divider };
}

/**
 * This person had read up to there, here or on another machine.
 * @param isFirst nothing was known of that: what is behind it was news when this window came
 * @param isShown the room is on the screen: no mark vanishes from there
 */
export function withMarker(
  room: RoomModel,
  marker: number,
  isFirst: boolean,
  isShown: boolean,
  hearer: Hearer,
): RoomModel {
  if (marker <= (room.readThrough ?? -1) && !isFirst) return room;
  const news = newsAfter(room, marker, hearer);
  const divider = news.unread > 0 ? marker : isShown && !isFirst ? room.divider : undefined;
  return { ...room, ...news, readThrough: marker, divider };
}

/** Whether a line is the first of others behind the mark. */
export function isFirstNews({ lines, divider }: RoomModel, at: number, hearer: Hearer): boolean {
  const line = lines.at(at);
  if (divider === undefined || line?.type !== 'message' || line.index <= divider) return false;
  if (!isOfOthers(hearer, line)) return false;
  for (let before = at - 1; before >= 0; before -= 1) {
    const earlier = lines.at(before);
    if (earlier?.type !== 'message') continue;
    if (earlier.index <= divider) return true;
    if (isOfOthers(hearer, earlier)) return false;
  }
  return true;
}

/** The index of the first line behind another one that is of others, as far as they are loaded. */
export function firstNewsAfter({ lines }: RoomModel, index: number, hearer: Hearer): number {
  let next = index + 1;
  for (let at = firstAfter(lines, index) ?? lines.length; at < lines.length; at += 1) {
    const line = lines.at(at);
    if (line?.type !== 'message') continue;
    if (line.index !== next || isOfOthers(hearer, line)) return next;
    next += 1;
  }
  return next;
}

/** What others said behind an index, and what is not loaded there. */
function newsAfter(room: RoomModel, index: number, hearer: Hearer): Pick<Reading, 'unread' | 'mentions'> {
  const { lines } = room;
  let [loaded, others, mentions] = [0, 0, 0];
  for (let at = firstAfter(lines, index) ?? lines.length; at < lines.length; at += 1) {
    const line = lines.at(at);
    if (line?.type !== 'message') continue;
    loaded += 1;
    if (!isOfOthers(hearer, line)) continue;
    others += 1;
    if (concerns(line, hearer.nick)) mentions += 1;
  }
  const missing = isConversation(room.name) ? 0 : Math.max(0, (lastLogged(room)?.index ?? 0) - index - loaded);
  return { unread: missing + others, mentions };
}
