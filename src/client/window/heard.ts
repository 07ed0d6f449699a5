/** The window's logic, as far as it is about what the cluster says. Pure. */
import { AUDIT_ROOM, isConversation } from '../../chat/names';
import { clusterLines, whyLines } from '../agreement-lines';
import { clockOf, dateOf } from '../days';
import type {
  AnswerEvent,
  ClientEvent,
  ErrorEvent,
  HistoryEvent,
  MessageEvent,
  PresenceEvent,
  StatusEvent,
  WelcomeEvent,
} from '../events';
import { answerLines, auditLines, digestLine, foundLines, seamText } from '../plain';
import { UNCONFIRMED } from '../posts';
import { OTHER_BIRTH } from '../renewal';
import { roomLabel } from '../room-label';
import { hasDraft } from './asking';
import { isInSight } from './attention';
import { onCluster, withoutCluster } from './cluster-pane';
import { wordsWidth } from './conversation';
import { isUnwanted, withSpace } from './conversations';
import { onAck, onKept, onSent, withFailed, withoutEcho, withoutEchoOf } from './echoes';
import { asking, only, type Updated, type WindowEffect } from './effects';
import { onAlarm } from './flaw';
import { lastLogged } from './logged';
import { askMarkers, onMarkers, withKnownMarker, withoutMarkers } from './markers';
import { onRooms } from './menu';
import {
  currentRoom,
  earlierId,
  hearerOf,
  NO_ROOM,
  named,
  notice,
  type RoomModel,
  roomCalled,
  shown,
  type WindowModel,
  withRoom,
} from './model';
import { withOtherLog, withOtherPartner } from './other-log';
import { peopleAfter, peopleOf } from './people';
import { readingAfter, recounted } from './reading';
import { withEarlier, withHeard, withTold } from './room-lines';
import { isInVain, onLines, onPlace, withGapAsked, withoutLines } from './travel';
import { leftRoom, movedIn } from './typing';
import { paneOf } from './view';

/** What a topic is asked with that nobody asked for. */
const TOPIC_ID = 'topic';

/** What an event of the session changes. */
export function onClient(model: WindowModel, event: ClientEvent, time: number): Updated {
  switch (event.type) {
    case 'welcome':
      return onWelcome(model, event, time);
    case 'status':
      return onStatus(model, event, time);
    case 'seam':
      return only(
        withRoom(model, model.current, (room) => withTold(room, { type: 'seam', seam: event, time }, seamText(event))),
      );
    case 'message':
      return onMessage(model, event);
    case 'presence':
      return onPresence(model, event);
    case 'ack':
      return only(onAck(model, event));
    case 'sent':
      return only(onSent(model, event));
    case 'kept':
      return only(onKept(model, event, time));
    case 'cancelled':
      return only(withoutEcho(model, event.id));
    case 'error':
      return only(onError(event.code === OTHER_BIRTH ? withOtherLog(model) : model, event, time));
    case 'history':
      return onHistory(model, event, time);
    case 'found':
      return only(notice(model, [foundLines(event, model.preferences.ignored).join('\n')], time));
    case 'answer':
      return only(onAnswer(model, event, time));
    case 'digest':
      return onPlace(model, event, time) ?? only(notice(model, [digestLine(event)], time));
    case 'digest-differs':
      return only(onAlarm(model, event, time));
    case 'discontinuity':
      return only(onAlarm(model, event, time));
    case 'place':
      return onPlace(model, event, time) ?? only(model);
    case 'why':
      return only(notice(model, [whyLines(event).join('\n')], time));
    case 'cluster':
      return only(
        onCluster(model, event, time) ??
          notice(model, [clusterLines(event, wordsWidth(paneOf(model))).join('\n')], time),
      );
    case 'markers':
      return only(onMarkers(model, event));
    case 'ended':
      return only(model);
  }
}

function onWelcome(model: WindowModel, { nick, session, position, rooms }: WelcomeEvent, time: number): Updated {
  const named = nick === model.nick ? model : notice(model, [`you are called ${nick} here`], time);
  // Before it is online everything up to there has been read.
  const next = { ...named, nick, session, position: Math.max(model.position, position) };
  if (!rooms) return only(next);
  // It is in these since before this window: nothing else would say so.
  const joined = rooms.reduce((changed, name) => withRoom(changed, name, (room) => room), { ...next, resumed: true });
  return { model: joined, effects: rooms.flatMap(askAbout) };
}

/** Who is in a room, and what it is about. */
function askAbout(name: string): readonly WindowEffect[] {
  return [asking({ type: 'query', what: 'names', name }), asking({ type: 'query', what: 'rooms', name }, TOPIC_ID)];
}

function onStatus(model: WindowModel, link: StatusEvent, time: number): Updated {
  const troubleSince = link.state === 'online' ? undefined : (model.troubleSince ?? time);
  const isBack = link.state === 'online' && model.link.state !== 'online';
  const next = { ...model, link, troubleSince, nextTry: undefined };
  return isBack ? askMarkers(next) : only(next);
}

function onMessage(model: WindowModel, event: MessageEvent): Updated {
  const isOwn = event.session === model.session;
  // Nobody is made to see that somebody wrote whom they do not want to hear.
  if (isUnwanted(model, event)) return only({ ...model, position: Math.max(model.position, event.position) });
  const known = withSpace(named(model, event.room), event.room);
  // What was said before this window came into the room was not seen there.
  const isSeen = event.earlier !== true && isInSight(known, event.room);
  const next = withRoom(known, event.room, (same) => {
    const room = withOtherPartner(withKnownMarker(model, same), event, model.time);
    const longer = event.earlier ? withEarlier(room, event) : withHeard(room, event);
    const echoes = withoutEchoOf(room.echoes, event, isOwn);
    if (longer === room) return { ...room, echoes };
    // Between others it was counted already, as one that is not loaded.
    const isBetween = !event.earlier && lastLogged(longer) !== event;
    if (isBetween) return recounted({ ...longer, echoes }, hearerOf(model));
    return { ...longer, echoes, ...readingAfter(room, event, hearerOf(model), isSeen) };
  });
  return withGapAsked({ ...next, position: Math.max(model.position, event.position) }, event.room);
}

function onPresence(model: WindowModel, event: PresenceEvent): Updated {
  const isOwn = event.session === model.session;
  const effects: WindowEffect[] = [];
  if (isOwn && event.event === 'join') effects.push(...askAbout(event.room));
  if (isOwn && event.event === 'leave') return only(leftRoom(model, event.room, event.time));
  // Its earlier lines come before the join: the room may be there, but nobody is in it yet.
  const isNew = (roomCalled(model, event.room)?.people.length ?? 0) === 0;
  const next = withRoom(named(model, event.room), event.room, (room) => ({
    ...withHeard(room, event),
    // Whoever was taken out does not see who is in it.
    people: isOwn && event.event === 'kick' ? [] : peopleAfter(room.people, event),
    topic: event.event === 'topic' ? event.text : room.topic,
  }));
  const nick = isOwn && event.event === 'nick' ? event.text : next.nick;
  const entered = isOwn && event.event === 'join' && isNew ? joined(next, event) : next;
  return { model: { ...entered, nick, position: Math.max(next.position, event.position) }, effects };
}

/** Whoever went on elsewhere meanwhile, or is typing, stays there: the next key would be said in another room. */
function joined(model: WindowModel, { room: name, index }: PresenceEvent): WindowModel {
  // Without a word of how far they have read here, what was said before is nobody's news.
  const known = withRoom(model, name, (same) => {
    const { readThrough = index, ...room } = withKnownMarker(model, same);
    return recounted({ ...room, readThrough }, hearerOf(model));
  });
  const { current, joining } = model;
  const isThere = current === NO_ROOM || current === roomCalled(model, name)?.name;
  if (isThere || (joining === current && !hasDraft(currentRoom(model))))
    return movedIn(shown({ ...known, joining: name }, name), name);
  return notice(known, [`you are in ${roomLabel(name)} now: /room ${name}`], model.time);
}

/** A post that was refused stays in sight as what it is; what is wrong otherwise is told where one is. */
function onError(model: WindowModel, { id = '', code, message }: ErrorEvent, time: number): WindowModel {
  const asking = model.rooms.find(({ name, earlier }) => earlier === 'asked' && id === earlierId(name));
  if (asking) return withoutEarlier(model, asking, code, message, time);
  if (isInVain(model, id)) return model;
  const without = withoutCluster(model, id) ?? withoutMarkers(model, id) ?? withoutLines(model, id);
  if (without) return notice(without, [`error: ${message}`], time);
  const reason = code === UNCONFIRMED ? message : `not posted: ${message}`;
  return withFailed(model, id, reason, time) ?? notice(model, [`error: ${message}`], time);
}

/** They may be asked for again, unless there is nothing: a conversation begins with what is said in it first. */
function withoutEarlier(
  model: WindowModel,
  { name }: RoomModel,
  code: string,
  message: string,
  time: number,
): WindowModel {
  const isNew = code === 'no-such-room';
  const next = withRoom(model, name, (room) => ({ ...room, earlier: isNew ? 'none' : 'maybe' }));
  return isNew && isConversation(name) ? next : notice(next, [`error: ${message}`], time);
}

function onHistory(model: WindowModel, event: HistoryEvent, time: number): Updated {
  if (event.room === AUDIT_ROOM) return only(notice(model, [auditLines(event).join('\n')], time));
  return onLines(model, event, time);
}

/** Who set it, and when, is among the lines of the room, if it was not long ago. */
function onTopic(model: WindowModel, event: AnswerEvent, time: number): WindowModel {
  const { name, rows } = event;
  const topic = rows[0]?.text ?? '';
  const set = [...(roomCalled(model, name)?.lines ?? [])].findLast((line) => {
    return line.type === 'presence' && line.event === 'topic' && line.text === topic;
  });
  const by = set?.type === 'presence' ? `, set by ${set.nick} on ${dateOf(set.time)} at ${clockOf(set.time)}` : '';
  const known = roomCalled(model, name) ? withRoom(model, name, (room) => ({ ...room, topic })) : model;
  if (event.id === TOPIC_ID) return known;
  return notice(known, [`${answerLines(event).join('\n')}${by}`], time);
}

function onAnswer(model: WindowModel, event: AnswerEvent, time: number): WindowModel {
  const rooms = onRooms(model, event);
  if (rooms) return rooms;
  const about = event.what === 'names' ? roomCalled(model, event.name) : undefined;
  if (event.what === 'rooms' && event.name !== '') return onTopic(model, event, time);
  if (!about) return notice(model, [answerLines(event).join('\n')], time);
  const people = peopleOf(event.rows);
  const next = withRoom(model, event.name, (room) => ({ ...room, people, namesAsked: false }));
  return about.namesAsked ? notice(next, [answerLines(event).join('\n')], time) : next;
}
