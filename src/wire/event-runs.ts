/**
 * How events travel: those that continue each other (the same speaker goes on in the same room and round, all numbers
 * one up) are one run with one head and a text each. A hundred lines in a row cost little more than their texts.
 */
import type { EventKind } from '../chat/events';
import type { WireEvent } from './client';
import { arity, list, oneOf, runStart, ShapeError, sessionId, text, uint } from './shape';

const KINDS = [
  'message',
  'action',
  'join',
  'leave',
  'quit',
  'nick',
  'topic',
  'away',
  'back',
  'offline',
  'online',
  'retain',
  'kick',
  'mute',
  'unmute',
  'shut',
  'reopen',
  'slow',
  'audit',
] as const satisfies readonly EventKind[];

/** Events of these kinds are counted by their room's index. */
const COUNTED = new Set<EventKind>(['message', 'action', 'audit']);

/** @param room what the runs say of the room instead of its name: '' where all events are of one that is known */
export function writeEvents(events: readonly WireEvent[], room?: string): readonly unknown[] {
  const runs: unknown[][] = [];
  let texts: string[] = [];
  let last: WireEvent | undefined;
  for (const event of events) {
    if (last && continues(last, event)) {
      texts.push(event.text);
    } else {
      const { kind, session, nick, round, time, seq, position, index } = event;
      texts = [event.text];
      runs.push([KINDS.indexOf(kind), room ?? event.room, session, nick, round, time, seq, position, index, texts]);
    }
    last = event;
  }
  return runs;
}

function continues(last: WireEvent, next: WireEvent): boolean {
  return (
    COUNTED.has(next.kind) &&
    next.position === last.position + 1 &&
    next.index === last.index + 1 &&
    next.seq === last.seq + 1 &&
    next.session === last.session &&
    next.room === last.room &&
    next.round === last.round &&
    next.kind === last.kind &&
    next.nick === last.nick &&
    next.time === last.time
  );
}

export function readEvents(value: unknown): readonly WireEvent[] {
  const events: WireEvent[] = [];
  for (const run of list(value, 'events')) readRun(run, events);
  return events;
}

function readRun(value: unknown, events: WireEvent[]): void {
  const fields = list(value, 'run');
  arity(fields, 10, 'run');
  const kind = oneOf(fields[0], KINDS, 'event');
  const room = text(fields[1], 'room');
  const session = sessionId(fields[2]);
  const nick = text(fields[3], 'nick');
  const round = uint(fields[4], 'round');
  const time = uint(fields[5], 'time');
  const seq = runStart(fields[6], 'seq');
  const position = runStart(fields[7], 'position');
  const index = runStart(fields[8], 'index');
  const texts = list(fields[9], 'texts');
  if (texts.length === 0 || (texts.length > 1 && !COUNTED.has(kind))) {
    throw new ShapeError(`a run of ${texts.length} events of kind ${kind}`);
  }
  for (let offset = 0; offset < texts.length; offset += 1) {
    events.push({
      kind,
      position: position + offset,
      round,
      time,
      room,
      index: index + offset,
      session,
      nick,
      seq: seq + offset,
      text: text(texts[offset], 'text'),
    });
  }
}
