/**
 * The record of everything that happened, by position and by room. Read in pages: no answer grows with the history.
 */
import { invariant } from '../lib/assert';
import type { ChatEvent } from './events';

/** Events looked at for one page of `after`, at most: the rest is the next page's. */
const MAX_SCAN = 10_000;
/** Comings and goings in a page for each line asked for, at most: there may be many of them between two lines. */
const OTHERS_A_LINE = 3;

export class History {
  /** The event at position p lies at p − 1. */
  private readonly events: ChatEvent[] = [];
  /** Positions of each room's events, ascending. */
  private readonly rooms = new Map<string, number[]>();

  append(events: readonly ChatEvent[]): void {
    for (const event of events) {
      invariant(event.position === this.events.length + 1, `position ${event.position} after ${this.events.length}`);
      this.events.push(event);
      const room = this.rooms.get(event.room);
      if (room) room.push(event.position);
      else this.rooms.set(event.room, [event.position]);
    }
  }

  /**
   * The last `limit` lines of a room before the line with index `before` (0: the last ones), in order, with what
   * happened between them: the last of it, where that is much. `more`: there are earlier ones.
   */
  page(room: string, before: number, limit: number): { readonly events: readonly ChatEvent[]; readonly more: boolean } {
    const positions = this.rooms.get(room) ?? [];
    const end = before === 0 ? positions.length : this.firstWithIndex(positions, before);
    const newest = end === 0 ? 0 : (this.events[(positions[end - 1] as number) - 1] as ChatEvent).index;
    const oldest = newest - limit + 1;
    const start = oldest <= 1 ? 0 : this.firstWithIndex(positions, oldest);
    const events = positions.slice(start, end).map((position) => this.events[position - 1] as ChatEvent);
    return { events: thinned(events, OTHERS_A_LINE * limit), more: start > 0 };
  }

  /** At most `limit` of the wanted events after a position; all the wanted ones up to `through` are among them. */
  after(
    position: number,
    limit: number,
    wants: (event: ChatEvent) => boolean,
  ): { readonly events: readonly ChatEvent[]; readonly through: number } {
    const found: ChatEvent[] = [];
    const end = Math.min(this.events.length, position + MAX_SCAN);
    let through = position;
    while (through < end && found.length < limit) {
      const event = this.events[through] as ChatEvent;
      through += 1;
      if (wants(event)) found.push(event);
    }
    return { events: found, through };
  }

  /** Where in a room's positions the line with this index stands: events before it belong to earlier lines. */
  private firstWithIndex(positions: readonly number[], index: number): number {
    let low = 0;
    let high = positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.events[(positions[middle] as number) - 1] as ChatEvent;
      if (event.index < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All lines, and of everything else the last ones. */
function thinned(events: readonly ChatEvent[], mostOthers: number): readonly ChatEvent[] {
  let others = events.reduce((count, { kind }) => count + (isLine(kind) ? 0 : 1), 0);
  return events.filter(({ kind }) => {
    if (isLine(kind)) return true;
    others -= 1;
    return others < mostOthers;
  });
}

function isLine(kind: ChatEvent['kind']): boolean {
  return kind === 'message' || kind === 'action';
}
