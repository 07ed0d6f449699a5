/** Earlier lines of the room that is shown: scrolled to, and asked for before they are in sight. Pure. */
import { isConversation } from '../../chat/names';
import { scrolledBy } from './conversation';
import { asking, only, type Updated } from './effects';
import { oldestOf } from './logged';
import { atEnd, currentRoom, earlierId, earlierOf, NO_ROOM, notice, type WindowModel, withRoom } from './model';
import { layoutOf, paneOf } from './view';

/** Asked for at once. */
const HISTORY_LINES = 100;

/**
 * What was said in a conversation of two, or in a room that one was in before this window, is there once one looks at it:
 * no join brings it.
 */
export function withTalk(before: WindowModel, updated: Updated): Updated {
  const { model, effects } = updated;
  const isAsked = model.current === before.current && model.link.state === before.link.state;
  if (isAsked || model.link.state !== 'online') return updated;
  const { name, lines, people } = currentRoom(model);
  if (oldestOf(lines) || (!isConversation(name) && people.length === 0)) return updated;
  const asked = askEarlier(model, HISTORY_LINES);
  return { model: asked.model, effects: [...effects, ...asked.effects] };
}

/** A window that goes on where another one ended begins with the lines that were last then. */
export function resumed(heard: Updated): Updated {
  const { model, effects } = heard;
  if (!model.resumed || model.link.state !== 'online') return heard;
  const asked = askEarlier({ ...model, resumed: false }, HISTORY_LINES);
  return { model: asked.model, effects: [...effects, ...asked.effects] };
}

/** A pane of rows, less one, so that the eye finds its place again. */
export function pageOf(model: WindowModel): number {
  return Math.max(1, layoutOf(model).height - 2);
}

/** By so many rows, up when positive. */
export function scroll(model: WindowModel, rows: number): Updated {
  const pane = paneOf(model);
  const { height } = pane;
  const room = currentRoom(model);
  const scrolled = scrolledBy(room, rows, pane);
  const moved = withRoom(model, room.name, (same) => (scrolled ? { ...same, scrolled } : atEnd(same)));
  // Long before they are in sight, so that there is no waiting for them.
  const left = room.lines.length - (scrolled?.below ?? 0);
  return rows > 0 && left <= 3 * height ? askEarlier(moved, HISTORY_LINES) : only(moved);
}

/** As many as somebody asked for. */
export function earlier(model: WindowModel, limit: number, time: number): Updated {
  const room = currentRoom(model);
  if (earlierOf(room) === 'none') return only(notice(model, ['there are no earlier lines here'], time));
  return askEarlier(notice(model, ['earlier lines come above: PgUp'], time), limit);
}

function askEarlier(model: WindowModel, limit: number): Updated {
  const room = currentRoom(model);
  if (room.name === NO_ROOM || earlierOf(room) !== 'maybe') return only(model);
  const asked = withRoom(model, room.name, (same) => ({ ...same, earlier: 'asked' }));
  const oldest = oldestOf(room.lines);
  // The index of what is no line is that of the line before it, which is wanted too.
  const before = oldest ? oldest.index + (oldest.type === 'message' ? 0 : 1) : 0;
  const question = { type: 'history', room: room.name, before, limit } as const;
  return { model: asked, effects: [asking(question, earlierId(room.name))] };
}
