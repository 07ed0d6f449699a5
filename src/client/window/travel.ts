/** Going to a place in a room: the first unread line, a line of long ago, a gap that is to be filled. Pure. */
import { isConversation } from '../../chat/names';
import type { DigestEvent, HistoryEvent, PlaceEvent } from '../events';
import { noPlace, placeOf } from '../place';
import { roomLabel } from '../room-label';
import { isInSight } from './attention';
import { scrolledTo } from './conversation';
import { asking, only, type Updated } from './effects';
import { firstAfter, gapBefore, isOfLog, lastLogged, linesBefore, oldestOf, withLogged } from './logged';
import { withSeen } from './markers';
import {
  atEnd,
  currentRoom,
  earlierId,
  hearerOf,
  NO_ROOM,
  notice,
  type RoomModel,
  roomCalled,
  shown,
  type WindowModel,
  withRoom,
} from './model';
import { firstNewsAfter, recounted } from './reading';
import { MAX_LINES_SCROLLED, trimmed, trimmedEnd } from './room-lines';
import { paneOf } from './view';

/** Lines that are asked for around a place, and how many of them come before it. */
const AROUND_LINES = 100;
const LINES_BEFORE = 40;
/** Lines of a gap that are asked for at once, and in a row without being told to. */
const GAP_LINES = 500;
const UNASKED_LINES = 1000;

const GOTO = 'goto ';
const GAP = 'gap ';

/** Shows the first line that is not read, or was not when the room was shown; without one, the end. */
export function toFirstUnread(model: WindowModel, time: number): Updated {
  const room = currentRoom(model);
  const { name, divider, unread, readThrough } = room;
  if (name === NO_ROOM) return only(model);
  const after = unread > 0 ? readThrough : divider;
  if (after !== undefined) return goTo(setOut(model), name, firstNewsAfter(room, after, hearerOf(model)), time);
  return only(withRoom(notice(model, ['nothing is unread here'], time), name, atEnd));
}

/** Shows a place as it was typed. Where it is among the lines of its room, the server knows. */
export function toPlace(model: WindowModel, typed: string, time: number): Updated {
  const place = placeOf(typed, time);
  if (!place) return only(notice(model, [noPlace(typed)], time));
  const room = place.type === 'position' && place.room !== undefined ? place.room.replace(/^#/, '') : model.current;
  if (room === NO_ROOM) return only(notice(model, ['you are in no room; /join one first'], time));
  const position = place.type === 'position' ? place.position : undefined;
  if (place.type === 'index') return goTo(setOut(model), room, place.index, time);
  const question =
    place.type === 'time'
      ? ({ type: 'place', room, time: place.time } as const)
      : ({ type: 'digest', room, index: 0, position: place.position } as const);
  const id = gotoId(room, place.type === 'time' ? `@${place.time}` : `${place.position}`);
  const going = setOut(model, id, position);
  const effects = [asking(question, id)];
  // A room that one is not in is joined first: what is asked waits for that.
  if (roomCalled(model, room) || isConversation(room)) return { model: going, effects };
  const joining = { ...going, joining: model.current };
  return { model: joining, effects: [{ type: 'post', command: { type: 'join', room }, id: '' }, ...effects] };
}

/** @param position as it was typed, of a place that is one */
function setOut(model: WindowModel, id = '', position?: number): WindowModel {
  return { ...model, going: { id, from: model.current, position, index: undefined, word: '' } };
}

/** What is asked for a place with: an answer to anything else is not about it. */
function gotoId(room: string, place: string): string {
  return `${GOTO}${place} ${room}`;
}

/** The room of such a question; undefined: it was none. */
function roomOfGoto(id: string): string | undefined {
  return id.startsWith(GOTO) ? id.slice(id.indexOf(' ', GOTO.length) + 1) : undefined;
}

/** The server knows where a position or a time is. @returns undefined: it was not asked for here */
export function onPlace(model: WindowModel, event: DigestEvent | PlaceEvent, time: number): Updated | undefined {
  const { room, index, id = '' } = event;
  if (!id.startsWith(GOTO)) return undefined;
  if (id !== model.going?.id) return only(model);
  if (index > 0) return goTo(withWord(model, wordOf(model, event)), room, index, time);
  const lines = roomCalled(model, room);
  const isEmpty = !lines || (lastLogged(lines)?.index ?? 0) === 0;
  const when = event.type === 'place' ? 'since then' : 'up to there: /goto #1 is where it begins';
  return only(notice(model, [`nothing was said in ${roomLabel(room)} ${isEmpty ? 'yet' : when}`], time));
}

/** The question waited for a room that could not be joined, and that is told already. */
export function isInVain(model: WindowModel, id: string): boolean {
  const room = roomOfGoto(id);
  return room !== undefined && !isConversation(room) && !roomCalled(model, room);
}

/** What there is to say of a place that is not quite the one that was asked for. */
function wordOf({ going }: WindowModel, event: DigestEvent | PlaceEvent): string {
  // The first line that is kept was asked for, in the place of one that is not.
  if (going && going.word !== '') return `${going.word} ${event.index}`;
  if (event.type === 'place' || going?.position === undefined || event.position >= going.position) return '';
  return `position ${going.position} is no line of ${roomLabel(event.room)}: the last one before it is at ${event.position}`;
}

function withWord(model: WindowModel, word: string): WindowModel {
  return { ...model, going: model.going && { ...model.going, word } };
}

/** What was to be told once one is there. */
function withWordTold(model: WindowModel): WindowModel {
  const { going } = model;
  return going && going.word !== '' ? notice(withWord(model, ''), [going.word], model.time) : model;
}

/** Shows a line of a room, asking for it if it is not here. @param index of the line, from 1 */
export function goTo(model: WindowModel, name: string, index: number, time: number): Updated {
  const room = roomCalled(model, name);
  if (!room) return only(notice(model, [`you are not in ${name}; ${howToEnter(name)}`], time));
  const at = firstAfter(room.lines, index - 1);
  const line = at === undefined ? undefined : room.lines.at(at);
  if (at !== undefined && line?.type === 'message' && line.index === index) return only(scrollTo(model, room, at));
  const question = {
    type: 'history',
    room: room.name,
    before: index + AROUND_LINES - LINES_BEFORE,
    limit: AROUND_LINES,
  } as const;
  const id = gotoId(room.name, `#${index}`);
  return { model: { ...model, going: model.going && { ...model.going, id, index } }, effects: [asking(question, id)] };
}

function howToEnter(name: string): string {
  return isConversation(name) ? `/query ${name.slice(1)}` : `/join ${name}`;
}

/** The nearest gap above the last line in sight is asked for. @returns undefined: there is none */
export function fillGap(model: WindowModel): Updated | undefined {
  const room = currentRoom(model);
  const last = room.lines.length - 1 - (room.scrolled?.below ?? 0);
  for (let at = last; at > 0; at -= 1) if (gapBefore(room, at) > 0) return askGap(model, room, at);
  return undefined;
}

/** What came last does not follow what was here: what is between is asked for, unless it is very much. */
export function withGapAsked(model: WindowModel, name: string): Updated {
  const room = roomCalled(model, name);
  const at = room ? room.lines.length - 1 : 0;
  const gap = room ? gapBefore(room, at) : 0;
  return room && gap > 0 && gap <= UNASKED_LINES ? askGap(model, room, at) : only(model);
}

function askGap(model: WindowModel, room: RoomModel, at: number): Updated {
  const line = room.lines.at(at);
  if (!isOfLog(line) || room.filling !== undefined || linesBefore(line) <= room.gone) return only(model);
  const before = linesBefore(line) + 1;
  const limit = Math.min(gapBefore(room, at), GAP_LINES);
  const asked = withRoom(model, room.name, (same) => ({ ...same, filling: before }));
  return { model: asked, effects: [asking({ type: 'history', room: room.name, before, limit }, GAP + room.name)] };
}

/** Lines of the past, each put where it belongs. */
export function onLines(model: WindowModel, event: HistoryEvent, time: number): Updated {
  const room = roomCalled(model, event.room);
  if (!room) return only(model);
  const oldest = oldestOf(room.lines);
  const [first] = event.lines;
  const isOldest = event.id === earlierId(room.name) || (first && oldest && first.position < oldest.position);
  const earlier = isOldest ? (event.more ? 'maybe' : 'none') : room.earlier;
  const gone = event.more || !first ? room.gone : Math.max(room.gone, linesBefore(first));
  const positions = new Set(event.lines.map(({ position }) => position));
  const echoes = room.echoes.filter(({ position }) => !positions.has(position));
  const more = { ...withLogged(room, event.lines), echoes, earlier, gone };
  const isThere = event.id?.startsWith(GOTO) && event.id === model.going?.id;
  // Where one goes to it may be in sight: that is seen then.
  const longer = isThere || isInSight(model, room.name) ? more : recounted(more, hearerOf(model));
  // What was just fetched stays.
  const merged = isOldest ? trimmedEnd(longer, MAX_LINES_SCROLLED) : trimmed(longer, MAX_LINES_SCROLLED);
  const next = withRoom(model, room.name, () => merged);
  if (isThere) return arrived(next, merged, event, time);
  if (event.id === GAP + room.name) return filled(next, merged, event);
  return only(next);
}

/** What was asked for cannot be had at present. @returns undefined: it was not asked for here */
export function withoutLines(model: WindowModel, id: string): WindowModel | undefined {
  if (roomOfGoto(id) !== undefined) return model;
  const room = model.rooms.find(({ name }) => id === GAP + name);
  return room && withRoom(model, room.name, (same) => ({ ...same, filling: undefined }));
}

/** Where one wanted to go, or what there is instead. The same answer once more moves nobody. */
function arrived(model: WindowModel, room: RoomModel, { lines }: HistoryEvent, time: number): Updated {
  const { going } = model;
  const index = going?.index ?? 0;
  const done: WindowModel = { ...model, going: going && { ...going, id: '' } };
  const at = firstAfter(room.lines, index - 1);
  const line = at === undefined ? undefined : room.lines.at(at);
  if (at === undefined || line?.type !== 'message') {
    const none = `${roomLabel(room.name)} has no line ${index} yet${lastInWords(room)}`;
    return only(recountedIn(notice(done, [none], time), room.name));
  }
  if (line.index === index || isConversation(room.name)) return only(recountedIn(scrollTo(done, room, at), room.name));
  const word = `line ${index} is not kept any more: the first one of ${roomLabel(room.name)} has number`;
  // Which is the first one that is kept, the server knows.
  if (lines.length === 0) return toFirstKept(withWord(done, word), room.name);
  return only(recountedIn(scrollTo(withWord(done, `${word} ${line.index}`), room, at), room.name));
}

/** Unread is what was not in sight before, nor is where one is now. */
function recountedIn(model: WindowModel, name: string): WindowModel {
  const seen = withSeen(model);
  if (isInSight(seen, name)) return seen;
  const { unread = 0, divider } = roomCalled(model, name) ?? {};
  return withRoom(seen, name, (room) => {
    const counted = recounted(room, hearerOf(seen));
    // What was unread before and what is now are one stretch of news.
    return unread > 0 && counted.unread > 0 ? { ...counted, divider } : counted;
  });
}

function toFirstKept(model: WindowModel, room: string): Updated {
  const id = gotoId(room, 'first');
  return {
    model: { ...model, going: model.going && { ...model.going, id } },
    effects: [asking({ type: 'place', room, time: 0 }, id)],
  };
}

function lastInWords(room: RoomModel): string {
  const index = lastLogged(room)?.index ?? 0;
  return index > 0 ? `: the last one is #${index}` : ', nor any other';
}

/** The next part of the gap is asked for, as long as some came and not too much is left. */
function filled(model: WindowModel, room: RoomModel, { lines, more }: HistoryEvent): Updated {
  const before = room.filling ?? 0;
  const [first] = lines;
  const reached = first ? linesBefore(first) : before - 1;
  const gone = more ? room.gone : Math.max(room.gone, reached);
  const next = withRoom(model, room.name, (same) => ({ ...same, filling: undefined, gone }));
  const at = firstAfter(room.lines, reached);
  const gap = at === undefined ? 0 : gapBefore(room, at);
  if (!first || at === undefined || gap === 0 || gap > UNASKED_LINES) return only(next);
  return askGap(next, { ...room, filling: undefined, gone }, at);
}

function scrollTo(model: WindowModel, room: RoomModel, at: number): WindowModel {
  const pane = paneOf(model);
  const line = room.lines.at(at);
  const found = line?.type === 'message' ? line.index : undefined;
  const moved = withRoom(model, room.name, (same) => ({ ...same, found, scrolled: scrolledTo(same, at, pane) }));
  if (moved.current === room.name) return withWordTold(moved);
  // Meanwhile they went on elsewhere: what they type there is for there.
  return model.going?.from === model.current
    ? withWordTold(shown(moved, room.name))
    : notice(moved, [`${roomLabel(room.name)} is at the place that you asked for`], model.time);
}
