/** What a person wants of the window itself: settings, who is ignored, logs, a clear view. Pure. */
import { PREFERENCE_NAMES, type Preferences } from '../../config/preferences';
import type { WindowWish } from '../command-entry';
import { ignoredAfter, ignoredInWords } from '../ignoring';
import { only, type Updated } from './effects';
import { List } from './list';
import {
  atEnd,
  currentRoom,
  hearerOf,
  isLogged,
  NO_ROOM,
  notice,
  type RoomModel,
  type WindowModel,
  withRoom,
} from './model';
import { readAll, recounted } from './reading';
import { toFirstUnread, toPlace } from './travel';

type TimestampsSetting = Preferences['timestamps'];
const NEXT_TIMESTAMPS: Readonly<Record<TimestampsSetting, TimestampsSetting>> = {
  off: 'time',
  time: 'seconds',
  seconds: 'position',
  position: 'off',
};

export function onWish(model: WindowModel, wish: WindowWish, time: number): Updated {
  switch (wish.type) {
    case 'set':
      return set(model, wish.key, wish.value, time);
    case 'ignore':
    case 'unignore': {
      const after = ignoredAfter(model.preferences.ignored, wish, model.nick);
      if ('say' in after) return only(notice(model, [after.say], time));
      return { model, effects: [{ type: 'prefer', key: 'ignored', text: after.ignored.join(' ') }] };
    }
    case 'clear':
      return only(withRoom(model, model.current, cleared));
    case 'goto':
      return toPlace(model, wish.place, time);
    case 'since':
      return toFirstUnread(model, time);
    case 'log':
      return log(model, wish.on, time);
  }
}

/** What became of a change: the preferences as they are now, or why they are as they were. */
export function onPreferred(
  model: WindowModel,
  key: string,
  result: Preferences | { readonly problem: string },
  time: number,
): WindowModel {
  if ('problem' in result) return notice(model, [`error: ${result.problem}`], time);
  const changed = { ...model, preferences: result };
  if (key !== 'ignored') return notice(changed, [inWords(result, key)], time);
  // What is unread are lines of those who are heard.
  const rooms = model.rooms.map((room) => recounted(room, hearerOf(changed)));
  return notice({ ...changed, rooms }, [ignoredInWords(result.ignored)], time);
}

/** For as long as the window is open. */
export function withNextTimestamps(model: WindowModel): WindowModel {
  const { preferences } = model;
  return { ...model, preferences: { ...preferences, timestamps: NEXT_TIMESTAMPS[preferences.timestamps] } };
}

function set(model: WindowModel, key: string, value: string, time: number): Updated {
  const { preferences } = model;
  const isKnown = PREFERENCE_NAMES.some((name) => name === key);
  if (key === '') {
    const rows = PREFERENCE_NAMES.map((name) => `  ${inWords(preferences, name)}`);
    return only(notice(model, [['your configuration', ...rows].join('\n')], time));
  }
  if (value === '' && isKnown) return only(notice(model, [inWords(preferences, key)], time));
  return { model, effects: [{ type: 'prefer', key, text: value }] };
}

function inWords(preferences: Preferences, key: string): string {
  const value = Object.hasOwn(preferences, key) ? preferences[key as keyof Preferences] : undefined;
  const isUnset = value === undefined || (Array.isArray(value) && value.length === 0);
  return `${key}: ${isUnset ? 'not set' : Array.isArray(value) ? value.join(', ') : value}`;
}

/** The lines are read again from the log when they are wanted; a post that was refused is nowhere else. */
function cleared(room: RoomModel): RoomModel {
  return { ...readAll(atEnd(room)), lines: List.of(room.failed), earlier: 'maybe', divider: undefined };
}

function log(model: WindowModel, on: boolean | undefined, time: number): Updated {
  const room = currentRoom(model);
  if (room.name === NO_ROOM) return only(notice(model, ['you are in no room; /join one first'], time));
  const next = on === undefined ? model : withRoom(model, room.name, (same) => ({ ...same, logged: on }));
  if (!isLogged(next, currentRoom(next))) return only(notice(next, ['this room is not written to a file'], time));
  return { model: next, effects: [{ type: 'say-where', room: room.name }] };
}
