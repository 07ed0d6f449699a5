/** Searches in the history: a server looks through a part of a room for each question, so one search may need many. */
import { eventsOf } from '../chat/event-runs';
import type { ServerMessage } from '../wire/client';
import { type FoundEvent, idOf, type MessageEvent, type Origin } from './events';
import type { Questions } from './questions';
import { eventOf } from './rooms';

export interface Search {
  readonly room: string;
  readonly text: string;
  /** Lines below this index; 0: all. */
  readonly before: number;
  readonly limit: number;
  readonly origin: Origin;
}

/** A search whose next question has no answer yet. */
interface UnderWay {
  readonly search: Search;
  /** The command that all its questions wait for. */
  readonly after: number;
  readonly lines: readonly MessageEvent[];
}

export class Searches {
  /** By the id of the question. */
  private readonly underWay = new Map<number, UnderWay>();

  constructor(
    private readonly questions: Questions,
    private readonly tell: (event: FoundEvent) => void,
    private readonly nowMs: () => number,
  ) {}

  /** @param after the sequence of the command that it waits for */
  start(search: Search, after: number): void {
    this.ask({ search, after, lines: [] }, search.before);
  }

  onFound({ id, runs, before }: Extract<ServerMessage, { readonly type: 'found' }>): void {
    const one = this.underWay.get(id);
    this.underWay.delete(id);
    if (!this.questions.settle(id) || !one) return;
    const lines = [
      ...eventsOf(runs)
        .map(eventOf)
        .filter((event) => event.type === 'message'),
      ...one.lines,
    ];
    const { room, text, limit, origin } = one.search;
    if (before > 0 && lines.length < limit) this.ask({ ...one, lines }, before);
    else this.tell({ type: 'found', room, text, lines, before, ...idOf(origin) });
  }

  /** The question has no answer but an error. */
  forget(id: number): void {
    this.underWay.delete(id);
  }

  private ask(one: UnderWay, before: number): void {
    const { room, text, limit, origin } = one.search;
    const question = { type: 'search', room, text, before, limit: limit - one.lines.length } as const;
    const id = this.questions.ask(question, one.after, this.nowMs(), origin);
    if (id !== undefined) this.underWay.set(id, one);
  }
}
