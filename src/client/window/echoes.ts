/** Posts of one's own on their way into the log: shown at once, below what was said, each with how far it is. Pure. */
import type { Command } from '../../chat/commands';
import { say } from '../commands';
import type { AckEvent, KeptEvent, MessageEvent, SentEvent } from '../events';
import { roomLabel } from '../room-label';
import { only, type Updated, type WindowEffect } from './effects';
import { List } from './list';
import {
  atEnd,
  currentRoom,
  type FailedLine,
  type Line,
  notice,
  type RoomModel,
  type WindowModel,
  withRoom,
} from './model';
import { withTold } from './room-lines';

/** `queued`: nothing of it has left this machine. `sent`: it is on its way. `committed`: it is agreed on. */
export type EchoState = 'queued' | 'sent' | 'committed';

/** A post of one's own that has not come back from the log yet. */
export interface Echo {
  readonly id: string;
  readonly nick: string;
  readonly text: string;
  readonly action: boolean;
  readonly state: EchoState;
  /** How often it was sent again. */
  readonly again: number;
  /** Its place in the log; 0 until it is known, which is when it is agreed on. */
  readonly position: number;
}

/** Posts of a room that failed and can be had back, at most. */
const MAX_FAILED = 200;

type SaidCommand = KeptEvent['posts'][number]['command'];

export function isSaidCommand(command: Command): command is SaidCommand {
  return command.type === 'say' || command.type === 'direct';
}

/** The room in which a post shows. */
export function roomOfPost(command: SaidCommand): string {
  return command.type === 'say' ? command.room : `@${command.nick}`;
}

/** A post, at the end of its room. */
export function withEcho(model: WindowModel, id: string, command: SaidCommand, state: EchoState): WindowModel {
  const { text, action } = command;
  const echo: Echo = { id, nick: model.nick, text, action, state, again: 0, position: 0 };
  return withRoom(model, roomOfPost(command), (room) => ({ ...room, echoes: [...room.echoes, echo] }));
}

/** What an earlier window left behind is on its way again, before everything that is posted now. */
export function onKept(model: WindowModel, { posts }: KeptEvent, time: number): WindowModel {
  const next = posts.reduce((changed, { id, command, sent }) => {
    return withEcho(changed, id, command, sent ? 'sent' : 'queued');
  }, model);
  const what = posts.length === 1 ? 'a post' : `${posts.length} posts`;
  return notice(
    next,
    [
      `${what} of last time ${posts.length === 1 ? 'was' : 'were'} kept, and ${posts.length === 1 ? 'goes' : 'go'} on from here`,
    ],
    time,
  );
}

export function onSent(model: WindowModel, { posts }: SentEvent): WindowModel {
  const again = new Map(posts.map((post) => [post.id, post.again]));
  return changeEchoes(model, again, (echo) => {
    return { ...echo, state: 'sent', again: Math.max(echo.again, again.get(echo.id) ?? 0) };
  });
}

/** It is agreed on. Its line may be there already: then the line says it all. */
export function onAck(model: WindowModel, { id, position }: AckEvent): WindowModel {
  if (id === '') return model;
  return changeEchoes(model, new Map([[id, 0]]), (echo, { lines }) => {
    return hasLine(lines, position) ? undefined : { ...echo, state: 'committed', position };
  });
}

/** It was taken back. */
export function withoutEcho(model: WindowModel, id: string): WindowModel {
  return changeEchoes(model, new Map([[id, 0]]), () => undefined);
}

/** The log has it: its echo is not needed any more. @param isOwn it is of this session */
export function withoutEchoOf(
  echoes: readonly Echo[],
  { position, text }: MessageEvent,
  isOwn: boolean,
): readonly Echo[] {
  const known = echoes.findIndex((echo) => echo.position === position);
  const at = known >= 0 || !isOwn ? known : echoes.findIndex((echo) => echo.position === 0 && echo.text === text);
  return at < 0 ? echoes : echoes.filter((_, index) => index !== at);
}

/** A post that will not be said, or of which nobody knows, stays in sight as what it is. @returns undefined: there is none */
export function withFailed(model: WindowModel, id: string, reason: string, time: number): WindowModel | undefined {
  const room = id === '' ? undefined : model.rooms.find(({ echoes }) => echoes.some((echo) => echo.id === id));
  const echo = room?.echoes.find((each) => each.id === id);
  if (!room || !echo) return undefined;
  const { nick, text, action } = echo;
  const line: FailedLine = { type: 'failed', nick, text, action, reason, time };
  const next = withRoom(withoutEcho(model, id), room.name, (same) => ({
    ...withTold(same, line, `${text}: ${reason}`),
    failed: [...same.failed, line].slice(-MAX_FAILED),
  }));
  // Nobody would see it there.
  return room.name === model.current ? next : notice(next, [`in ${roomLabel(room.name)}, ${reason}: ${text}`], time);
}

/** Posts failed ones of this room once more, as new posts. @param which as it was typed */
export function retry(
  model: WindowModel,
  which: string,
  post: (model: WindowModel, command: SaidCommand) => Updated,
  time: number,
): Updated {
  const room = currentRoom(model);
  const chosen = chosenOf(room.failed, which);
  if (typeof chosen === 'string') return only(notice(model, [`/retry: ${chosen || 'nothing has failed here'}`], time));
  const without = withRoom(model, room.name, (same) => withoutFailed(same, chosen));
  const commands = chosen.flatMap(({ text, action }) => {
    const said = say(room.name, text, action);
    return said.type === 'command' && isSaidCommand(said.command) ? [said.command] : [];
  });
  return commands.reduce<Updated>((before, command) => {
    const next = post(before.model, command);
    return { model: next.model, effects: [...before.effects, ...next.effects] };
  }, only(without));
}

/** Takes back posts of this room that were never sent. @param which as it was typed */
export function cancel(model: WindowModel, which: string, time: number): Updated {
  const { echoes } = currentRoom(model);
  const chosen = chosenOf(
    echoes.filter(({ state }) => state === 'queued'),
    which,
  );
  if (typeof chosen === 'string') {
    const sent = echoes.length > 0 ? 'what was sent cannot be taken back' : 'nothing waits to be sent here';
    return only(notice(model, [`/cancel: ${chosen || sent}`], time));
  }
  return { model, effects: chosen.map(({ id }): WindowEffect => ({ type: 'cancel', id })) };
}

/** @returns the chosen ones, in their order; or why there are none, '' when there is nothing to choose from */
function chosenOf<Item>(items: readonly Item[], which: string): readonly Item[] | string {
  if (items.length === 0) return '';
  if (which === 'all') return items;
  const back = which === '' ? 1 : Number(which);
  const chosen = Number.isInteger(back) && back >= 1 ? items.at(-back) : undefined;
  return chosen === undefined ? `all, or 1 (the last one) to ${items.length}` : [chosen];
}

/** Looked for from the end: it came a moment ago, if at all. */
function hasLine(lines: List<Line>, position: number): boolean {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines.at(at);
    if (line?.type === 'message' && line.position <= position) return line.position === position;
  }
  return false;
}

/** With the end in sight, where they are said once more. */
function withoutFailed(room: RoomModel, gone: readonly FailedLine[]): RoomModel {
  const isLeft = (line: Line) => line.type !== 'failed' || !gone.includes(line);
  return { ...atEnd(room), lines: List.of([...room.lines].filter(isLeft)), failed: room.failed.filter(isLeft) };
}

function changeEchoes(
  model: WindowModel,
  ids: ReadonlyMap<string, number>,
  change: (echo: Echo, room: RoomModel) => Echo | undefined,
): WindowModel {
  const rooms = model.rooms.map((room) => {
    if (!room.echoes.some(({ id }) => ids.has(id))) return room;
    const echoes = room.echoes.flatMap((echo) => (ids.has(echo.id) ? (change(echo, room) ?? []) : [echo]));
    return { ...room, echoes };
  });
  return { ...model, rooms };
}
