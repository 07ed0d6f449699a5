/**
 * What has been seen, and whether anything is missing: every event is taken once, in order of position, and the lines
 * of each room without a gap. (The log's position orders everything; a room's index has no gap, so a lost frame shows.)
 */
import type { WireEvent } from '../wire/client';

export class Inbox {
  private lastPosition = 0;
  /** The index of the last line of each room that is being followed. */
  private readonly indexes = new Map<string, number>();

  /** Of the last event that was taken, or of the end of the last page read. */
  get position(): number {
    return this.lastPosition;
  }

  /** @param complete nothing can be missing before it: it was read from the log, not delivered as it came */
  take({ position, room, kind, index }: WireEvent, complete: boolean): 'taken' | 'repeat' | 'gap' {
    if (position <= this.lastPosition) return 'repeat';
    const last = this.indexes.get(room);
    const isLine = kind === 'message' || kind === 'action';
    if (!complete && last !== undefined && index !== (isLine ? last + 1 : last)) return 'gap';
    this.lastPosition = position;
    this.indexes.set(room, index);
    return 'taken';
  }

  /** Everything up to here that concerns this client has been taken. */
  reached(position: number): void {
    this.lastPosition = Math.max(this.lastPosition, position);
  }

  /** The room is not followed any more: what comes next of it may have any index. */
  forget(room: string): void {
    this.indexes.delete(room);
  }

  /** Another log, or another session: nothing seen so far says what comes next. */
  restart(position: number): void {
    this.lastPosition = position;
    this.indexes.clear();
  }
}
