/**
 * How events travel: those that continue each other (the same speaker goes on in the same room and round, all numbers
 * one up) are one run with one head and a text each. A hundred lines in a row cost little more than their texts.
 */
import { type EventKind, LINES } from '../chat/events';
import { Texts } from '../chat/texts';
import type { WireRun } from './client';
import { arity, list, listOf, oneOf, runStart, ShapeError, sessionId, text, uint } from './shape';
import { readTexts, textsFields } from './texts';

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

/** @param room what the runs say of the room instead of its name: '' where all events are of one that is known */
export function writeRuns(runs: readonly WireRun[], room?: string): readonly unknown[] {
  return joined(runs).map((run) => {
    const { kind, session, nick, round, time, seq, position, index, texts } = run;
    const where = room ?? run.room;
    return [KINDS.indexOf(kind), where, session, nick, round, time, seq, position, index, ...textsFields(texts)];
  });
}

export function readRuns(value: unknown): readonly WireRun[] {
  return listOf(value, 'events', readRun);
}

/** As few runs as can be: those that continue the one before are part of it. */
function joined(runs: readonly WireRun[]): readonly WireRun[] {
  const longer: WireRun[] = [];
  let parts: Texts[] = [];
  const end = () => {
    const last = longer.at(-1);
    if (last && parts.length > 1) longer[longer.length - 1] = { ...last, texts: Texts.sideBySide(parts) };
  };
  let last: WireRun | undefined;
  for (const run of runs) {
    if (last && continues(last, run)) parts.push(run.texts);
    else {
      end();
      longer.push(run);
      parts = [run.texts];
    }
    last = run;
  }
  end();
  return longer;
}

function continues(last: WireRun, next: WireRun): boolean {
  const { count } = last.texts;
  return (
    LINES.has(next.kind) &&
    next.position === last.position + count &&
    next.index === last.index + count &&
    next.seq === last.seq + count &&
    next.session === last.session &&
    next.room === last.room &&
    next.round === last.round &&
    next.kind === last.kind &&
    next.nick === last.nick &&
    next.time === last.time
  );
}

function readRun(value: unknown): WireRun {
  const fields = list(value, 'run');
  arity(fields, 11, 'run');
  const kind = oneOf(fields[0], KINDS, 'event');
  const texts = readTexts(fields[9], fields[10]);
  if (texts.count > 1 && !LINES.has(kind)) throw new ShapeError(`a run of ${texts.count} events of kind ${kind}`);
  return {
    kind,
    position: runStart(fields[7], 'position'),
    round: uint(fields[4], 'round'),
    time: uint(fields[5], 'time'),
    room: text(fields[1], 'room'),
    index: runStart(fields[8], 'index'),
    session: sessionId(fields[2]),
    nick: text(fields[3], 'nick'),
    seq: runStart(fields[6], 'seq'),
    texts,
  };
}
