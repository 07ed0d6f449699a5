/** The window's logic: something happens, the model becomes another one, and things are to be done. Pure. */

import type { Command } from '../../chat/commands';
import { fold, isConversation } from '../../chat/names';
import { DEFAULT_PREFERENCES, type Preferences } from '../../config/preferences';
import { MAX_STRING_BYTES } from '../../wire/limits';
import type { Action } from '../command-entry';
import { helpLines, parseInput, say } from '../commands';
import type { ClientEvent } from '../events';
import type { Asked } from '../questions';
import { answered } from './asking';
import { attended } from './attention';
import { askCluster, openCluster } from './cluster-pane';
import { textOf } from './draft';
import type { Drafts } from './drafts';
import { earlier, pageOf, resumed, scroll, withTalk } from './earlier';
import { cancel, isSaidCommand, retry, roomOfPost, withEcho } from './echoes';
import { entered } from './editor';
import { asking, only, type Updated, type WindowEffect } from './effects';
import { withEmoji } from './emoji';
import { isAlarmShown } from './flaw';
import { onClient } from './heard';
import { onJumpKey } from './jump';
import { chordOf, type Key } from './key';
import { askMarkers, askMarkersAgain, withReadTold, withSeen } from './markers';
import { askRooms, onMenuKey } from './menu';
import {
  atEnd,
  currentRoom,
  editorOf,
  newModel,
  notice,
  roomCalled,
  type Size,
  shown,
  type WindowModel,
  withEditor,
  withoutOldMark,
  withRoom,
} from './model';
import { onOverlayKey, uncovered } from './overlay-keys';
import { tooLong } from './text-limit';
import { fillGap, toFirstUnread, toPlace } from './travel';
import { type Composed, leftRoom, onComposed, onPaste, typed, untroubled } from './typing';
import { onPreferred, onWish, withNextTimestamps } from './wishes';

export type WindowEvent =
  | { readonly type: 'client'; readonly event: ClientEvent; readonly time: number }
  | { readonly type: 'key'; readonly key: Key; readonly time: number }
  | { readonly type: 'paste'; readonly text: string; readonly time: number }
  | ({ readonly type: 'composed'; readonly time: number } & Composed)
  | { readonly type: 'resize'; readonly size: Size }
  /** Time has passed. `nextTryMs`: until the cluster is looked for again, when that is due. */
  | { readonly type: 'tick'; readonly time: number; readonly nextTryMs: number | undefined }
  /** The terminal is looked at, or not any more. */
  | { readonly type: 'focus'; readonly focused: boolean }
  /** What became of an effect `prefer`. */
  | {
      readonly type: 'preferred';
      readonly key: string;
      readonly result: Preferences | { readonly problem: string };
      readonly time: number;
    }
  /** The window remarks in a line on what it does beside its screen: what failed there, or where it went. */
  | { readonly type: 'remark'; readonly text: string; readonly time: number };

/** How the window opens. */
export interface Opening {
  readonly nick: string;
  /** The room that is joined first. */
  readonly room: string;
  /** A place in it that is shown first. */
  readonly link?: string | undefined;
  /** Shown first. */
  readonly greeting: readonly string[];
  /** As they are by default, unless somebody prefers something. */
  readonly preferences?: Preferences;
  /** What the window before this one left. */
  readonly drafts?: Drafts;
  /** UTF-8 bytes of one message, as far as is known. */
  readonly textBytes?: number;
}

/** The window as it opens, and what it asks for first. */
export function opening(how: Opening, size: Size, time: number): Updated {
  const { nick, room, greeting, preferences = DEFAULT_PREFERENCES, drafts = [], textBytes = MAX_STRING_BYTES } = how;
  const fresh = { ...newModel(nick, room, size, time, preferences, drafts), textBytes };
  const model = notice(fresh, greeting, time);
  const there = how.link === undefined ? only(model) : toPlace(model, how.link, time);
  return { ...there, effects: [{ type: 'post', command: { type: 'join', room }, id: '' }, ...there.effects] };
}

export function update(before: WindowModel, event: WindowEvent): Updated {
  const { model, effects } = withTalk(before, happened(before, event));
  return withReadTold(before, { model: isComing(event) ? model : withSeen(model), effects });
}

/** Earlier lines of a room that is being joined: the join comes behind them, and then they are looked at. */
function isComing(event: WindowEvent): boolean {
  return event.type === 'client' && event.event.type === 'message' && event.event.earlier === true;
}

function happened(before: WindowModel, event: WindowEvent): Updated {
  const model = 'time' in event ? { ...before, time: event.time } : before;
  switch (event.type) {
    case 'client':
      return attended(model, resumed(onClient(model, event.event, event.time)), event.event, event.time);
    case 'key':
      return onKey(model, event.key, event.time);
    case 'paste':
      return only({ ...onPaste(model, event.text, event.time), warned: false });
    case 'composed':
      return only(onComposed(model, event, event.time));
    case 'resize':
      return only({ ...model, size: event.size });
    case 'tick':
      return onTick(model, event.nextTryMs);
    case 'focus':
      return onFocus(model, event.focused);
    case 'preferred':
      return only(onPreferred(model, event.key, event.result, event.time));
    case 'remark':
      return only(notice(model, [event.text], event.time));
  }
}

/** Whoever comes back to this window may have read on at another one. */
function onFocus(model: WindowModel, focused: boolean): Updated {
  if (!focused) return only({ ...model, focused });
  const next = { ...model, focused };
  const isBack = !model.focused && roomCalled(model, model.current) !== undefined;
  return askMarkers(isBack ? withRoom(next, model.current, withoutOldMark) : next);
}

function onTick(model: WindowModel, nextTryMs: number | undefined): Updated {
  const nextTry = nextTryMs === undefined ? undefined : model.time + nextTryMs;
  const cluster = askCluster({ ...model, nextTry });
  const markers = askMarkersAgain(cluster.model);
  return { model: markers.model, effects: [...cluster.effects, ...markers.effects] };
}

function onKey(model: WindowModel, key: Key, time: number): Updated {
  if (key.ctrl === true && key.name === 'c') return onCtrlC(model);
  const calm = { ...model, warned: false };
  const over = onOverlayKey(calm, key);
  if (over) return over;
  if (editorOf(calm).doing.type === 'prefixed' && chordOf(key) === 'C-e') return compose(calm);
  const answer = onAnswer(calm, key, time);
  if (answer) return answer;
  const choosing = onJumpKey(calm, key) ?? onMenuKey(calm, key);
  if (choosing) return askRooms(calm, choosing, key);
  // Any other key takes the candidate that is in the line.
  const taken = { ...calm, jump: undefined, menu: undefined };
  const done = onWindowKey(untroubled(taken), key, time);
  return done ? uncovered(calm, done, key) : only(typed(taken, key));
}

/** It never loses what is being typed: the first one warns, the second one leaves, the third one does not wait. */
function onCtrlC(model: WindowModel): Updated {
  if (model.leaving) return { model, effects: [{ type: 'leave' }] };
  return model.warned ? leave(model, '') : only({ ...model, warned: true });
}

function leave(model: WindowModel, text: string): Updated {
  if (model.leaving) return only(model);
  return { model: { ...model, leaving: true, warned: false }, effects: [{ type: 'close', text }] };
}

/** Keys that answer what is asked; the lines of a paste are said as they are, whatever they begin with. */
function onAnswer(model: WindowModel, key: Key, time: number): Updated | undefined {
  const answer = answered(editorOf(model), key);
  if (!answer) return undefined;
  const actions = answer.messages.map((text) => say(model.current, text, false));
  const problem = actions.find(({ type }) => type === 'problem');
  if (problem) return act(model, problem, time);
  const long = actions.map((action) => tooLong(action, model.textBytes)).find((words) => words !== '');
  if (long !== undefined) return only(notice(model, [long], time));
  return actions.reduce<Updated>(
    (done, action) => {
      const { model: next, effects } = act(done.model, action, time);
      return { model: next, effects: [...done.effects, ...effects] };
    },
    only(withEditor(model, answer.editor)),
  );
}

function compose(model: WindowModel): Updated {
  const calm = untroubled(model);
  return { model: calm, effects: [{ type: 'compose', room: model.current, text: textOf(editorOf(model)) }] };
}

function onWindowKey(model: WindowModel, key: Key, time: number): Updated | undefined {
  if (key.ctrl && key.name === 'd' && textOf(editorOf(model)) === '') return leave(model, '');
  if (key.ctrl && key.name === 'l') return { model, effects: [{ type: 'repaint' }] };
  if (key.ctrl && key.name === 'z') return { model, effects: [{ type: 'suspend' }] };
  if (key.ctrl && key.name === 'n') return only(moveRoom(model, 1));
  if (key.ctrl && key.name === 'p') return only(moveRoom(model, -1));
  if (key.meta && key.name === 'a') return toNextActive(model, time);
  if (key.meta && key.name === 'n') return toFirstUnread(model, time);
  if (key.meta && key.name === 'home') return scroll(model, Number.POSITIVE_INFINITY);
  if (key.meta && key.name === 'end') return scroll(model, Number.NEGATIVE_INFINITY);
  if (key.meta && key.name === 't') return only(withNextTimestamps(model));
  if (key.meta && /^[1-9]$/.test(key.name ?? ''))
    return only(shown(model, model.rooms[Number(key.name) - 1]?.name ?? model.current));
  // A line break.
  if (key.meta && (key.name === 'return' || key.name === 'enter')) return undefined;
  switch (key.name) {
    case 'return':
    case 'enter':
      return onEnter(model, time);
    case 'pageup':
      return scroll(model, pageOf(model));
    case 'pagedown':
      return scroll(model, -pageOf(model));
    case 'escape':
      return isAlarmShown(model) ? only({ ...model, alarmHidden: true }) : undefined;
    case 'f2':
      return openCluster(model);
    case 'f1':
      return only(help(model, '', time));
    default:
      return undefined;
  }
}

function onEnter(model: WindowModel, time: number): Updated {
  const text = textOf(editorOf(model));
  const next = withEditor(model, entered(editorOf(model)));
  if (text.trim() === '') return fillGap(next) ?? only(next);
  const action = parseInput(text, model.current, 'window');
  const problem = tooLong(action, model.textBytes);
  return problem === '' ? withWait(act(next, action, time), text, time) : only(notice(model, [problem], time));
}

/** What is asked while nobody is there to answer shows that it waits, as a post of one's own does. */
function withWait(updated: Updated, typed: string, time: number): Updated {
  const { model, effects } = updated;
  const { state, server } = model.link;
  // A server that has no majority answers what it is asked.
  const waits = effects.some((effect) => {
    return effect.type === 'post' ? !isSaidCommand(effect.command) : effect.type === 'ask' && server === 0;
  });
  if (!waits || state === 'online' || state === 'slowed') return updated;
  const until = server === 0 ? 'you are connected' : 'a majority of the servers is there';
  const [command = ''] = typed.trim().split(/\s/);
  return { model: notice(model, [`${command} waits until ${until}`], time), effects };
}

function act(model: WindowModel, action: Action, time: number): Updated {
  switch (action.type) {
    case 'command':
      return command(model, action.command);
    case 'switch':
      return only(switchTo(model, action.room, time));
    case 'ask':
      return ask(model, action.question, time);
    case 'help':
      return only(help(model, action.about, time));
    case 'retry':
      return retry(model, action.which, post, time);
    case 'cancel':
      return cancel(model, action.which, time);
    case 'window':
      return onWish(model, action.wish, time);
    case 'quit':
      return leave(model, action.text);
    case 'problem':
      return only(notice(model, [action.message], time));
  }
}

/** One command is told where one is; a list lies over the conversation. */
function help(model: WindowModel, about: string, time: number): WindowModel {
  const operators = about === 'operators';
  if (about !== '' && !operators) return notice(model, [helpLines(about, 'window').join('\n')], time);
  return { ...model, overlay: { type: 'help', operators, top: 0 } };
}

function command(model: WindowModel, asked: Command): Updated {
  if (asked.type === 'join') return post(shown({ ...model, joining: model.current }, asked.room), asked);
  // A conversation is no room: nobody has to hear that it is put away.
  if (asked.type === 'leave' && isConversation(asked.room)) return only(putAway(model, asked.room));
  return post(model, asked);
}

/** Not while something is being said there: what becomes of it would be told nowhere. */
function putAway(model: WindowModel, name: string): WindowModel {
  const isSaying = roomCalled(model, name)?.echoes.some(({ state }) => state !== 'committed');
  const word = `what you said to ${name.slice(1)} is on its way still: /leave once it is confirmed, or /cancel it`;
  return isSaying ? notice(model, [word], model.time) : leftRoom(model, name, model.time);
}

function switchTo(model: WindowModel, name: string, time: number): WindowModel {
  if (roomCalled(model, name)) return shown(model, name);
  if (name.length > 1 && isConversation(name))
    return shown(
      withRoom(model, name, (room) => room),
      name,
    );
  return notice(model, [`you are not in ${name}; /join ${name}`], time);
}

/** Earlier lines of the room are shown in it, other answers as a notice. */
function ask(model: WindowModel, question: Asked, time: number): Updated {
  if (question.type === 'history' && question.room === model.current) return earlier(model, question.limit, time);
  if (question.type === 'why') return { model, effects: [asking(ofWhatIsMarked(model, question))] };
  const asked = { model, effects: [asking(question)] };
  if (question.type !== 'query' || question.what !== 'names' || !roomCalled(model, question.name)) return asked;
  return { ...asked, model: withRoom(model, question.name, (room) => ({ ...room, namesAsked: true })) };
}

/** Without a place it is about the line that somebody went to, as long as that is marked. */
function ofWhatIsMarked(model: WindowModel, question: Extract<Asked, { readonly type: 'why' }>): Asked {
  const { found } = currentRoom(model);
  const isOpen = question.index === 0 && question.position === 0;
  return isOpen && found !== undefined ? { ...question, index: found } : question;
}

/** What is said shows at once, as not yet agreed on. */
function post(model: WindowModel, asked: Command): Updated {
  const command = isSaidCommand(asked) ? { ...asked, text: withEmoji(asked.text) } : asked;
  const id = String(model.posts + 1);
  const next = { ...model, posts: model.posts + 1 };
  const effects: WindowEffect[] = [{ type: 'post', command, id }];
  if (!isSaidCommand(command)) return { model: next, effects };
  const room = roomOfPost(command);
  const echoed = withRoom(withEcho(next, id, command, 'queued'), room, atEnd);
  // Whoever says a word aside stays where they are: the next line is not for that one.
  const isAside = fold(room) !== fold(model.current);
  const word = `said to ${room.slice(1)} alone; /query ${room.slice(1)} goes on there`;
  return { model: isAside ? notice(echoed, [word], model.time) : echoed, effects };
}

function moveRoom(model: WindowModel, by: number): WindowModel {
  const at = model.rooms.findIndex(({ name }) => name === model.current);
  const next = model.rooms[(at + by + model.rooms.length) % Math.max(1, model.rooms.length)];
  return next ? shown(model, next.name) : model;
}

/** The next room in which somebody calls this person, or else in which something is new; this one is the last of them. */
function toNextActive(model: WindowModel, time: number): Updated {
  const at = model.rooms.findIndex(({ name }) => name === model.current);
  const all = [...model.rooms.slice(at + 1), ...model.rooms.slice(0, at + 1)];
  const next = all.find(({ mentions }) => mentions > 0) ?? all.find(({ unread }) => unread > 0);
  if (!next) return only(model);
  const there = shown(model, next.name);
  // Further up one would not see it.
  return next.scrolled ? toFirstUnread(there, time) : only(there);
}
