/** How far somebody has read goes with them from machine to machine: asked for, and told. Pure. */
import { fold } from '../../chat/names';
import type { MarkersEvent } from '../events';
import { isLooking } from './attention';
import { firstInSight, lastInSight } from './conversation';
import { asking, only, type Updated, type WindowEffect } from './effects';
import { lastBefore } from './logged';
import { hearerOf, type RoomModel, roomCalled, type WindowModel, withRoom } from './model';
import { firstNewsAfter, readAll, readTo, withMarker } from './reading';
import { paneOf } from './view';

/** Between two questions, while something is unread. */
const MARKERS_MS = 60_000;

/** What the question is asked with. */
const ID = 'markers';

/** Asks how far this person has read elsewhere, unless that was asked already, or nobody is there to ask. */
export function askMarkers(model: WindowModel): Updated {
  if (model.markersAsked || model.link.state !== 'online') return only(model);
  const effects = [asking({ type: 'query', what: 'markers', name: '' }, ID)];
  return { model: { ...model, markersAsked: true, markersAskedAt: model.time }, effects };
}

/** Time has passed: what is unread here may have been read elsewhere. */
export function askMarkersAgain(model: WindowModel): Updated {
  const isDue = model.time - model.markersAskedAt >= MARKERS_MS;
  return isDue && isUnread(model) ? askMarkers(model) : only(model);
}

/** Something is unread in this window. */
export function isUnread({ rooms }: WindowModel): boolean {
  return rooms.some(({ unread }) => unread > 0);
}

/** They could not be asked for. @returns undefined: it is about something else */
export function withoutMarkers(model: WindowModel, id: string): WindowModel | undefined {
  return id === ID ? { ...model, markersAsked: false } : undefined;
}

export function onMarkers(model: WindowModel, { markers }: MarkersEvent): WindowModel {
  const isFirst = model.markers === undefined;
  return markers.reduce<WindowModel>(
    (next, { room, index }) => {
      const known = roomCalled(next, room);
      if (!known) return next;
      const isShown = known.name === next.current;
      return withRoom(next, room, (same) => withMarker(same, index, isFirst, isShown, hearerOf(next)));
    },
    { ...model, markersAsked: false, markers: new Map(markers.map(({ room, index }) => [fold(room), index])) },
  );
}

/** A room of which nothing was known, with how far they have read there as was heard. */
export function withKnownMarker({ markers }: WindowModel, room: RoomModel): RoomModel {
  return room.readThrough === undefined ? { ...room, readThrough: markers?.get(fold(room.name)) } : room;
}

/** What is in sight has been read: all of it at the end, further up what follows that which was read before. */
export function withSeen(model: WindowModel): WindowModel {
  const room = roomCalled(model, model.current);
  if (room?.readThrough === undefined || !isLooking(model)) return model;
  const { scrolled, lines, readThrough } = room;
  // This comes after every event: where the rows lie is looked at only if something may be read.
  const most = lastBefore(lines, lines.length - (scrolled?.below ?? 0))?.index ?? 0;
  if (most <= readThrough && (scrolled || room.unread === 0)) return model;
  if (!scrolled) return withRoom(model, room.name, readAll);
  const pane = paneOf(model);
  const through = lastInSight(room, scrolled, pane);
  // Each line has a row: what is further away cannot be in sight.
  if (through <= readThrough || through - readThrough > pane.height) return model;
  // Whoever jumps ahead has not read what is between.
  const follows = firstInSight(room, scrolled, pane) <= firstNewsAfter(room, readThrough, hearerOf(model));
  return follows ? withRoom(model, room.name, (same) => readTo(same, through, hearerOf(model))) : model;
}

/** The same with what was read meanwhile told, once it is known what was read before. */
export function withReadTold(before: WindowModel, updated: Updated): Updated {
  const { model, effects } = updated;
  if (!model.markers || model.rooms === before.rooms) return updated;
  const told = model.rooms.flatMap((room, at): readonly WindowEffect[] => {
    if (room === before.rooms[at] && before.markers) return [];
    const { name, readThrough: index = 0 } = room;
    const told = before.markers && before.rooms.find((each) => each.name === name)?.readThrough;
    const known = Math.max(told ?? 0, model.markers?.get(fold(name)) ?? 0);
    return index > known ? [{ type: 'read', room: name, index }] : [];
  });
  return told.length === 0 ? updated : { model, effects: [...effects, ...told] };
}
