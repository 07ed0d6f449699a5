/** Runs of events, taken apart and put together. */
import type { ChatEvent, EventRun } from './events';
import { Texts } from './texts';

/** The position of the last event of a run. */
export function lastPositionOf({ position, texts }: Pick<EventRun, 'position' | 'texts'>): number {
  return position + texts.count - 1;
}

/** Whether these are lines that somebody said: each is the one event of its command, and told to whoever said it. */
export function isSaid({ kind }: Pick<EventRun, 'kind'>): boolean {
  return kind === 'message' || kind === 'action';
}

/** An event as a run of one. */
export function runOf({ text, ...event }: ChatEvent): EventRun {
  return { ...event, texts: Texts.of([text]) };
}

/** The events of these runs, one by one. */
export function eventsOf(runs: readonly EventRun[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  for (const run of runs) {
    const texts = run.texts.toStrings();
    for (let offset = 0; offset < texts.length; offset += 1) events.push(eventOf(run, offset, texts[offset] as string));
  }
  return events;
}

/** One event of a run. */
export function eventAt(run: EventRun, offset: number): ChatEvent {
  return eventOf(run, offset, run.texts.at(offset));
}

/** Those events of a run from one to before another. */
export function sliceRun(run: EventRun, from: number, to: number): EventRun {
  if (from === 0 && to === run.texts.count) return run;
  const { position, index, seq, texts } = run;
  return { ...run, position: position + from, index: index + from, seq: seq + from, texts: texts.slice(from, to) };
}

/** Field by field: there are many of them. */
function eventOf(run: EventRun, offset: number, text: string): ChatEvent {
  const { kind, position, round, time, room, index, session, nick, seq, to } = run;
  return {
    kind,
    position: position + offset,
    round,
    time,
    room,
    index: index + offset,
    session,
    nick,
    seq: seq + offset,
    text,
    to,
  };
}
