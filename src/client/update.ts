/** The window's logic: something happens, the model becomes another one, and things are to be done. Pure. */
import type { Command } from '../chat/commands';
import { type Action, COMMANDS, helpLines, parseInput } from './commands';
import { edit, entered, insert, type Key, replaced, textOf } from './editor';
import type { AnswerEvent, ClientEvent, HistoryEvent, MessageEvent, PresenceEvent } from './events';
import { currentRoom, type Line, MAX_LINES, newModel, type RoomModel, type WindowModel, withRoom } from './model';
import { answerLines } from './plain';

export type WindowEvent =
  | { readonly type: 'client'; readonly event: ClientEvent; readonly time: number }
  | { readonly type: 'key'; readonly key: Key; readonly time: number }
  | { readonly type: 'paste'; readonly text: string };

export type WindowEffect =
  | { readonly type: 'post'; readonly command: Command; readonly id: string }
  | { readonly type: 'history'; readonly room: string; readonly before: number; readonly limit: number }
  | { readonly type: 'query'; readonly what: 'names' | 'rooms' | 'whois'; readonly name: string }
  | { readonly type: 'close'; readonly text: string }
  /** Give the terminal back to the shell until it comes back. */
  | { readonly type: 'suspend' };

export interface Updated {
  readonly model: WindowModel;
  readonly effects: readonly WindowEffect[];
}

const PAGE_ROWS = 10;
const HISTORY_LINES = 100;

/** The window as it opens, and what it asks for first. */
export function opening(nick: string, room: string): Updated {
  return { model: newModel(nick, room), effects: [{ type: 'post', command: { type: 'join', room }, id: '' }] };
}

export function update(model: WindowModel, event: WindowEvent): Updated {
  switch (event.type) {
    case 'client':
      return onClient(model, event.event, event.time);
    case 'key':
      return onKey(model, event.key, event.time);
    case 'paste':
      return only({ ...model, editor: insert(model.editor, event.text.replace(/\r\n?/g, '\n')), leaving: false });
  }
}

// ---- What the cluster says ----------------------------------------------------------------------------------------

function onClient(model: WindowModel, event: ClientEvent, time: number): Updated {
  switch (event.type) {
    case 'welcome':
      return only({ ...model, nick: event.nick, session: event.session });
    case 'status':
      return only({ ...model, link: event });
    case 'message':
      return only(onMessage(model, event));
    case 'presence':
      return onPresence(model, event);
    case 'ack':
      return only(changeEcho(model, event.id, (echo) => ({ ...echo, state: 'committed' })));
    case 'error':
      return only(onError(model, event.id, event.message, time));
    case 'history':
      return only(onHistory(model, event));
    case 'answer':
      return only(onAnswer(model, event, time));
    case 'ended':
      return only(model);
  }
}

function onMessage(model: WindowModel, event: MessageEvent): WindowModel {
  const isOwn = event.session === model.session;
  const seen = event.room === model.current;
  const names = !isOwn && (event.room.startsWith('@') || event.text.toLowerCase().includes(model.nick.toLowerCase()));
  const next = withRoom(model, event.room, (room) => ({
    ...added(room, event),
    echoes: isOwn ? withoutFirst(room.echoes, event.text) : room.echoes,
    unread: seen || event.earlier || isOwn ? room.unread : room.unread + 1,
    mentioned: room.mentioned || (names && !seen && !event.earlier),
  }));
  return { ...next, position: Math.max(model.position, event.position) };
}

/** The log has it: the echo of the oldest post with this text is not needed any more. */
function withoutFirst(echoes: RoomModel['echoes'], text: string): RoomModel['echoes'] {
  const at = echoes.findIndex((echo) => echo.text === text && echo.state !== 'failed');
  return at < 0 ? echoes : echoes.filter((_, index) => index !== at);
}

function added(room: RoomModel, line: Line): RoomModel {
  const lines = [...room.lines, line];
  const scrolled = room.scroll > 0;
  return {
    ...room,
    lines: lines.length > MAX_LINES ? lines.slice(lines.length - MAX_LINES) : lines,
    earlier: lines.length > MAX_LINES ? 'maybe' : room.earlier,
    below: scrolled ? room.below + 1 : 0,
    scroll: scrolled ? room.scroll + 1 : 0,
  };
}

function onPresence(model: WindowModel, event: PresenceEvent): Updated {
  const isOwn = event.session === model.session;
  const effects: WindowEffect[] = [];
  if (isOwn && event.event === 'join') effects.push({ type: 'query', what: 'names', name: event.room });
  if (isOwn && event.event === 'leave') return only(withoutRoom(model, event.room));
  const next = withRoom(model, event.room, (room) => ({
    ...added(room, event),
    people: peopleAfter(room.people, event),
    topic: event.event === 'topic' ? event.text : room.topic,
  }));
  const nick = isOwn && event.event === 'nick' ? event.text : next.nick;
  const current = isOwn && event.event === 'join' ? event.room : next.current;
  return { model: { ...shown(next, current), nick, position: Math.max(next.position, event.position) }, effects };
}

function peopleAfter(people: readonly string[], { event, nick, text }: PresenceEvent): readonly string[] {
  if (event === 'join') return people.includes(nick) ? people : [...people, nick];
  if (event === 'leave' || event === 'quit') return people.filter((other) => other !== nick);
  if (event === 'nick') return people.map((other) => (other === nick ? text : other));
  return people;
}

function withoutRoom(model: WindowModel, name: string): WindowModel {
  const rooms = model.rooms.filter((room) => room.name !== name);
  const current = model.current === name ? (rooms[0]?.name ?? '') : model.current;
  return { ...model, rooms, current };
}

function changeEcho(
  model: WindowModel,
  id: string,
  change: (echo: RoomModel['echoes'][number]) => RoomModel['echoes'][number],
): WindowModel {
  if (id === '' || !model.rooms.some(({ echoes }) => echoes.some((echo) => echo.id === id))) return model;
  const rooms = model.rooms.map((room) => ({
    ...room,
    echoes: room.echoes.map((echo) => (echo.id === id ? change(echo) : echo)),
  }));
  return { ...model, rooms };
}

function onError(model: WindowModel, id: string | undefined, message: string, time: number): WindowModel {
  const isEcho =
    id !== undefined && id !== '' && model.rooms.some(({ echoes }) => echoes.some((echo) => echo.id === id));
  if (isEcho) return changeEcho(model, id, (echo) => ({ ...echo, state: 'failed', reason: message }));
  return notice(model, [`error: ${message}`], time);
}

function onHistory(model: WindowModel, event: HistoryEvent): WindowModel {
  return withRoom(model, event.room, (room) => {
    const oldest = room.lines.find((line) => line.type !== 'notice');
    const before = oldest?.position ?? Number.POSITIVE_INFINITY;
    const earlier = event.lines.filter(({ position }) => position < before);
    return { ...room, lines: [...earlier, ...room.lines], earlier: event.more ? 'maybe' : 'none' };
  });
}

function onAnswer(model: WindowModel, event: AnswerEvent, time: number): WindowModel {
  if (event.what !== 'names') return notice(model, answerLines(event), time);
  return withRoom(model, event.name, (room) => ({ ...room, people: event.rows.map(({ name }) => name) }));
}

function notice(model: WindowModel, texts: readonly string[], time: number): WindowModel {
  if (model.current === '') return model;
  return withRoom(model, model.current, (room) =>
    texts.reduce<RoomModel>((changed, text) => added(changed, { type: 'notice', text, time }), room),
  );
}

// ---- What the person does -----------------------------------------------------------------------------------------

function onKey(model: WindowModel, key: Key, time: number): Updated {
  const isCtrlC = key.ctrl === true && key.name === 'c';
  if (isCtrlC && model.leaving) return { model, effects: [{ type: 'close', text: '' }] };
  if (isCtrlC) {
    return only(notice({ ...model, leaving: true }, ['Ctrl-C once more leaves; what you are typing is kept'], time));
  }
  const awake = { ...model, leaving: false };
  return onWindowKey(awake, key, time) ?? only({ ...awake, editor: edit(awake.editor, key) ?? awake.editor });
}

function onWindowKey(model: WindowModel, key: Key, time: number): Updated | undefined {
  if (key.ctrl && key.name === 'd' && textOf(model.editor) === '')
    return { model, effects: [{ type: 'close', text: '' }] };
  if (key.ctrl && key.name === 'z') return { model, effects: [{ type: 'suspend' }] };
  if (key.ctrl && key.name === 'n') return only(moveRoom(model, 1));
  if (key.ctrl && key.name === 'p') return only(moveRoom(model, -1));
  if (key.meta && /^[1-9]$/.test(key.name ?? ''))
    return only(shown(model, model.rooms[Number(key.name) - 1]?.name ?? model.current));
  if (key.meta && (key.name === 'return' || key.name === 'enter'))
    return only({ ...model, editor: insert(model.editor, '\n') });
  switch (key.name) {
    case 'return':
    case 'enter':
      return onEnter(model, time);
    case 'tab':
      return only(complete(model));
    case 'pageup':
      return scroll(model, PAGE_ROWS);
    case 'pagedown':
      return scroll(model, -PAGE_ROWS);
    case 'f1':
      return only(notice(model, helpLines(), time));
    default:
      return undefined;
  }
}

function onEnter(model: WindowModel, time: number): Updated {
  const text = textOf(model.editor);
  const next = { ...model, editor: entered(model.editor) };
  return text.trim() === '' ? only(next) : act(next, parseInput(text, model.current), time);
}

function act(model: WindowModel, action: Action, time: number): Updated {
  switch (action.type) {
    case 'command':
      return post(model, action.command);
    case 'switch':
      return only(
        shown(
          withRoom(model, action.room, (room) => room),
          action.room,
        ),
      );
    case 'query':
      return { model, effects: [{ type: 'query', what: action.what, name: action.name }] };
    case 'history':
      return earlier(model, action.count);
    case 'help':
      return only(notice(model, helpLines(), time));
    case 'quit':
      return { model, effects: [{ type: 'close', text: action.text }] };
    case 'problem':
      return only(notice(model, [action.message], time));
  }
}

/** What is said shows at once, as not yet agreed on. */
function post(model: WindowModel, command: Command): Updated {
  const id = String(model.posts + 1);
  const next = { ...model, posts: model.posts + 1 };
  const effects: WindowEffect[] = [{ type: 'post', command, id }];
  if (command.type !== 'say' && command.type !== 'direct') return { model: next, effects };
  const room = command.type === 'say' ? command.room : `@${command.nick}`;
  const echo = { id, text: command.text, action: command.action, state: 'sent', reason: '' } as const;
  const echoed = withRoom(next, room, (known) => ({ ...known, echoes: [...known.echoes, echo], scroll: 0, below: 0 }));
  return { model: shown(echoed, room), effects };
}

/** Shows a room: what was unread in it is read now. */
function shown(model: WindowModel, name: string): WindowModel {
  const rooms = model.rooms.map((room) => (room.name === name ? { ...room, unread: 0, mentioned: false } : room));
  return { ...model, current: name, rooms };
}

function moveRoom(model: WindowModel, by: number): WindowModel {
  const at = model.rooms.findIndex(({ name }) => name === model.current);
  const next = model.rooms[(at + by + model.rooms.length) % Math.max(1, model.rooms.length)];
  return next ? shown(model, next.name) : model;
}

function scroll(model: WindowModel, rows: number): Updated {
  const room = currentRoom(model);
  const scrolled = Math.max(0, Math.min(room.scroll + rows, room.lines.length));
  const next = withRoom(model, room.name, (same) => ({
    ...same,
    scroll: scrolled,
    below: scrolled === 0 ? 0 : same.below,
  }));
  return rows > 0 && scrolled + 2 * PAGE_ROWS >= room.lines.length ? earlier(next, HISTORY_LINES) : only(next);
}

function earlier(model: WindowModel, limit: number): Updated {
  const room = currentRoom(model);
  const oldest = room.lines.find((line) => line.type === 'message');
  const before = oldest?.type === 'message' ? oldest.index : 0;
  if (room.earlier !== 'maybe' || before === 1) return only(model);
  const asked = withRoom(model, room.name, (same) => ({ ...same, earlier: 'asked' }));
  return { model: asked, effects: [{ type: 'history', room: room.name, before, limit }] };
}

/** Completes the word before the cursor: a command, or the nick of somebody here. */
function complete(model: WindowModel): WindowModel {
  const before = model.editor.before.join('');
  const word = /\S*$/.exec(before)?.[0] ?? '';
  if (word === '') return model;
  const isFirst = word === before;
  const candidates = word.startsWith('/')
    ? COMMANDS.map(({ name }) => `/${name}`)
    : currentRoom(model).people.map((nick) => (isFirst ? `${nick}:` : nick));
  const found = candidates.filter((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase()));
  const [match] = found;
  if (match === undefined || found.length > 1) return model;
  const after = model.editor.after.join('');
  const completed = replaced(model.editor, `${before.slice(0, before.length - word.length)}${match} `);
  return { ...model, editor: { ...completed, after: after === '' ? [] : model.editor.after } };
}

function only(model: WindowModel): Updated {
  return { model, effects: [] };
}
