/**
 * The last events, in memory: what most readers ask for. What is older is read from the store. Bounded; an event stays
 * at least until the store has it.
 */
import type { ChatEvent } from '../chat/events';
import { invariant } from '../lib/assert';

/** Events looked at for one page of `after`, at most: the rest is the next page's. */
const MAX_SCAN = 10_000;
/** Of what an event is besides its text, about, in characters. */
const EVENT_CHARS = 150;
/** What is evicted leaves at once, when it is this many events: moving the rest costs. */
const EVICT_EVENTS = 1024;

export interface RecentLimits {
  /** Characters of all events that are kept, what they are made of counted in. */
  readonly chars: number;
}

export class Recent {
  private events: ChatEvent[] = [];
  /** Of each room the events that are here, ascending. */
  private readonly rooms = new Map<string, ChatEvent[]>();
  private chars = 0;
  private evicted = 0;

  /** @param start the position below the first event that will come */
  constructor(
    private readonly limits: RecentLimits,
    private start: number,
  ) {}

  /** Every event above this position is here. */
  get from(): number {
    return this.start + this.evicted;
  }

  /** Of the last event. */
  get position(): number {
    return this.start + this.events.length;
  }

  add(event: ChatEvent): void {
    invariant(event.position === this.position + 1, `position ${event.position} after ${this.position}`);
    this.events.push(event);
    this.chars += event.text.length + EVENT_CHARS;
    const room = this.rooms.get(event.room);
    if (room) room.push(event);
    else this.rooms.set(event.room, [event]);
  }

  /** Forgets the oldest of those that the store has, when there are too many. */
  evict(stored: number): void {
    while (this.chars > this.limits.chars && this.from < Math.min(stored, this.position)) {
      this.chars -= (this.events[this.evicted] as ChatEvent).text.length + EVENT_CHARS;
      this.evicted += 1;
    }
    if (this.evicted >= EVICT_EVENTS) this.compact();
  }

  /**
   * At most `limit` of the wanted events after a position; all the wanted ones up to `through` are among them.
   * @returns undefined when there may be older ones, which are not here
   */
  after(
    position: number,
    limit: number,
    wants: (event: ChatEvent) => boolean,
  ): { readonly events: readonly ChatEvent[]; readonly through: number } | undefined {
    if (position < this.from) return undefined;
    const found: ChatEvent[] = [];
    const end = Math.min(this.position, position + MAX_SCAN);
    let through = position;
    while (through < end && found.length < limit) {
      const event = this.events[through - this.start] as ChatEvent;
      through += 1;
      if (wants(event)) found.push(event);
    }
    return { events: found, through };
  }

  /** The events of a room that are here, ascending. */
  ofRoom(room: string): readonly ChatEvent[] {
    const events = this.rooms.get(room) ?? [];
    const first = events.findIndex(({ position }) => position > this.from);
    return first <= 0 ? (first === 0 ? events : []) : events.slice(first);
  }

  private compact(): void {
    this.events = this.events.slice(this.evicted);
    this.start += this.evicted;
    this.evicted = 0;
    for (const [room, events] of this.rooms) {
      const first = events.findIndex(({ position }) => position > this.start);
      if (first < 0) this.rooms.delete(room);
      else if (first > 0) this.rooms.set(room, events.slice(first));
    }
  }
}
