/**
 * What has been seen, and whether anything is missing: every event is taken once, in order of position, and the lines
 * of each room without a gap. (The log's position orders everything; a room's index has no gap, so a lost frame shows.)
 */
import type { WireEvent } from '../wire/client';

export class Inbox {
  /** Of the last event that was taken, or of the end of the last page read. */
  position = 0;
  /** The index of the last line of each room that is being followed. */
  private readonly indexes = new Map<string, number>();

  /**
   * Takes the events that are new.
   * @param complete nothing can be missing among them: they were read from the log, not delivered as they came
   * @returns the new ones in order, and whether one before them is missing: then the rest was not taken
   */
  take(
    events: readonly WireEvent[],
    complete: boolean,
  ): { readonly fresh: readonly WireEvent[]; readonly gap: boolean } {
    const fresh: WireEvent[] = [];
    for (const event of events) {
      if (event.position <= this.position) continue;
      if (!complete && this.isGap(event)) return { fresh, gap: true };
      this.position = event.position;
      this.indexes.set(event.room, event.index);
      fresh.push(event);
    }
    return { fresh, gap: false };
  }

  /** Everything up to here that concerns this client has been taken. */
  reached(position: number): void {
    this.position = Math.max(this.position, position);
  }

  /** The room is not followed any more: what comes next of it may have any index. */
  forget(room: string): void {
    this.indexes.delete(room);
  }

  /** Another log, or another session: nothing seen so far says what comes next. */
  restart(position: number): void {
    this.position = position;
    this.indexes.clear();
  }

  private isGap({ kind, room, index }: WireEvent): boolean {
    const last = this.indexes.get(room);
    if (last === undefined) return false;
    return index !== (kind === 'message' || kind === 'action' ? last + 1 : last);
  }
}
