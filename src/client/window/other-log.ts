/**
 * Another log takes the place of the one before, of all rooms or of a conversation. What was read of that one stays in
 * sight, without the mark of what is agreed on: nothing is counted, asked or put in order with it any more. Pure.
 */
import { isConversation } from '../../chat/names';
import type { MessageEvent } from '../events';
import { presenceText } from '../plain';
import { List } from './list';
import { lastLogged } from './logged';
import { type Line, NOTHING_HEARD, type RoomModel, type WindowModel } from './model';
import { withLine } from './room-lines';

/** The cluster was begun anew. */
export function withOtherLog(model: WindowModel): WindowModel {
  return {
    ...model,
    rooms: model.rooms.map(begunAnew),
    position: 0,
    markers: undefined,
    markersAsked: false,
    alarm: undefined,
    alarmHidden: false,
    allRooms: [],
    going: undefined,
  };
}

/** A line of a conversation begins to count anew when one of the two has another session. */
export function withOtherPartner(room: RoomModel, { position, index, earlier }: MessageEvent, time: number): RoomModel {
  const last = isConversation(room.name) && !earlier ? lastLogged(room) : undefined;
  if (!last || position <= last.position || index > last.index) return room;
  const text = 'a conversation of its own begins here: one of you has come anew';
  return withLine({ ...begunAnew(room), readThrough: index - 1 }, { type: 'notice', text, time });
}

function begunAnew(room: RoomModel): RoomModel {
  return { ...room, ...NOTHING_HEARD, lines: List.of([...room.lines].map(asPast)) };
}

function asPast(line: Line): Line {
  const { time } = line;
  switch (line.type) {
    case 'message':
      return { type: 'past', nick: line.nick, text: line.text, action: line.action ?? false, time };
    case 'presence':
      return { type: 'notice', text: presenceText(line), time };
    default:
      return line;
  }
}
