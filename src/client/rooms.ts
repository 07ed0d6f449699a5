/**
 * The rooms of a session: turns what happened into events, in order of position. A room that is joined shows its last
 * lines first: until they are there, everything that comes after the join is held back, whatever room it is of.
 */
import { isSaid } from '../chat/event-runs';
import { isConversation } from '../chat/names';
import type { WireEvent } from '../wire/client';
import type { MessageEvent, PresenceEvent } from './events';
import { MAX_HELD, MAX_PAGE_LINES } from './limits';

export interface RoomsOut {
  tell(event: MessageEvent | PresenceEvent): void;
  /** Asks for lines before an index. @returns the question's id, undefined when it could not be asked */
  askHistory(room: string, before: number, limit: number): number | undefined;
  /** The answer is not wanted any more. */
  forget(question: number): void;
}

/** An event that waits for its turn; of a join, the question for the lines before it, and those once they are there. */
interface Held {
  readonly event: WireEvent;
  readonly question: number | undefined;
  earlier: readonly WireEvent[] | undefined;
}

export class Rooms {
  private readonly joined = new Set<string>();
  /** The index of the last line shown of each room that it ever was in. */
  private readonly shown = new Map<string, number>();
  /** Rooms that this session joins because the one before it was there: no line between is left out. */
  private readonly rejoining = new Set<string>();
  /** The first one waits for its earlier lines. */
  private held: Held[] = [];

  /** @param history how many earlier lines to show when a room is joined */
  constructor(
    private readonly history: number,
    private readonly out: RoomsOut,
  ) {}

  /** Those that this session is in. */
  get names(): readonly string[] {
    return [...this.joined];
  }

  /** The session is in these already. */
  revive(rooms: readonly string[]): void {
    for (const room of rooms) this.joined.add(room);
  }

  /** Something happened in a room that this session is in. @param isOwn this session did it */
  onEvent(event: WireEvent, isOwn: boolean): void {
    if ((isOwn && (event.kind === 'leave' || event.kind === 'kick')) || event.kind === 'shut') {
      this.joined.delete(event.room);
    }
    const isJoin = isOwn && event.kind === 'join';
    if (isJoin) this.joined.add(event.room);
    const wanted = isJoin ? this.wantedBefore(event) : 0;
    const question = wanted > 0 ? this.out.askHistory(event.room, event.index + 1, wanted) : undefined;
    if (question === undefined && this.held.length === 0) return this.show(event);
    this.held.push({ event, question, earlier: question === undefined ? [] : undefined });
    if (this.held.length > MAX_HELD) this.showWithout(this.held[0]?.question);
  }

  /** The lines before a join, or none. @returns false when it is not the answer to such a question */
  onHistory(question: number | undefined, events: readonly WireEvent[]): boolean {
    const join = question === undefined ? undefined : this.held.find((held) => held.question === question);
    if (!join) return false;
    join.earlier = events;
    while (this.held[0]?.earlier) this.showHeld(this.held.shift() as Held);
    return true;
  }

  /**
   * The session is another one.
   * @param sameLog what was shown is of the log that goes on
   * @returns the rooms to join again
   */
  restart(sameLog: boolean): readonly string[] {
    const rooms = new Set([...this.joined, ...this.rejoining]);
    this.joined.clear();
    this.rejoining.clear();
    if (sameLog) {
      // What is held back stays so: its questions are asked again in the new session.
      for (const room of rooms) this.rejoining.add(room);
    } else {
      while (this.held.length > 0) this.showWithout(this.held[0]?.question);
      this.shown.clear();
    }
    return [...rooms];
  }

  /** Earlier lines that did not come in time are done without. */
  private showWithout(question: number | undefined): void {
    if (question === undefined) return;
    this.out.forget(question);
    this.onHistory(question, []);
  }

  private wantedBefore({ room, index }: WireEvent): number {
    const unseen = index - (this.shown.get(room) ?? 0);
    const most = this.rejoining.delete(room) ? MAX_PAGE_LINES : this.history;
    return Math.min(unseen, most);
  }

  private showHeld({ event, earlier }: Held): void {
    for (const line of earlier ?? []) {
      const isFresh = line.position < event.position && line.index > (this.shown.get(event.room) ?? 0);
      if (isFresh && isSaid(line)) this.show(line, true);
    }
    this.show(event);
  }

  private show(event: WireEvent, earlier = false): void {
    // A conversation is not joined; strangers begin as many as they like.
    if (!isConversation(event.room)) this.shown.set(event.room, event.index);
    const shown = eventOf(event);
    this.out.tell(earlier && shown.type === 'message' ? { ...shown, earlier } : shown);
  }
}

/** An event of the log as the events of a client have it. */
export function eventOf(event: WireEvent): MessageEvent | PresenceEvent {
  const { kind, position, room, index, round, nick, text, time, session, seq } = event;
  if (kind !== 'message' && kind !== 'action' && kind !== 'audit') {
    return { type: 'presence', position, room, nick, event: kind, text, time, session, index };
  }
  const message: MessageEvent = { type: 'message', position, room, index, round, nick, text, time, session, seq };
  return kind === 'action' ? { ...message, action: true } : message;
}
