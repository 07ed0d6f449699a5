/** Runs of events, taken apart and put together. */
import { type ChainedRun, type ChatEvent, type EventRun, LINES } from './events';
import { digestAfter, digestAfterLine, type RoomDigest } from './room-digest';
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

/** Events of one room, in their order, as runs of one. @param digest of the room's lines before them */
export function chained(events: readonly ChatEvent[], digest: RoomDigest): readonly ChainedRun[] {
  let after = digest;
  return events.map((event) => {
    const before = after;
    after = digestAfterLine(before, event);
    return { ...runOf(event), digest: before };
  });
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
export function sliceRun(run: ChainedRun, from: number, to: number): ChainedRun {
  if (from === 0 && to === run.texts.count) return run;
  const { position, index, seq, texts } = run;
  const moved = { position: position + from, index: index + from, seq: seq + from };
  return { ...run, ...moved, texts: texts.slice(from, to), digest: digestWithin(run, from) };
}

/** The digest of the room's lines before that event of a run; after the last one, where that is how many there are. */
export function digestWithin(run: ChainedRun, offset: number): RoomDigest {
  return LINES.has(run.kind) ? digestAfter(run.digest, run, offset) : run.digest;
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
