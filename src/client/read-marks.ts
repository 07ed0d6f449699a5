/** How far somebody has read, on its way to the servers: now and then, of each room only the newest place. */
import { MAX_READ_MARKS, READ_MARK_MS, READ_MARKS_AT_ONCE } from './limits';

export class ReadMarks {
  /** By room, that which waits longest first: the index of the last line that was read. */
  private readonly due = new Map<string, number>();
  /** The same of what was said, that of the room which was said longest ago first. */
  private readonly said = new Map<string, number>();
  private lastMs = Number.NEGATIVE_INFINITY;

  /** @param say posts the command, of which nothing is told; false: it cannot be taken now */
  constructor(private readonly say: (room: string, index: number) => boolean) {}

  mark(room: string, index: number): void {
    if (index <= (this.due.get(room) ?? this.said.get(room) ?? 0)) return;
    // What is known already keeps its turn.
    this.due.set(room, index);
    bound(this.due);
  }

  /** @returns whether something was said */
  tick(nowMs: number): boolean {
    if (this.due.size === 0 || nowMs < this.lastMs + READ_MARK_MS) return false;
    this.lastMs = nowMs;
    return this.sayFirst(READ_MARKS_AT_ONCE);
  }

  /** All that is left: there will be no other time. */
  sayAll(): void {
    this.sayFirst(this.due.size);
  }

  /**
   * The session is another one: what was said in the one before may not have come, and said twice it does no harm.
   * @param sameLog false: it means nothing where this one is
   */
  restart(sameLog: boolean): void {
    const known = sameLog ? [...this.said, ...this.due] : [];
    this.said.clear();
    this.due.clear();
    for (const [room, index] of known) this.mark(room, index);
  }

  /** @returns whether something was said: what cannot be taken stays due */
  private sayFirst(rooms: number): boolean {
    const first = [...this.due].slice(0, rooms);
    return first.filter(([room, index]) => this.sayOne(room, index)).length > 0;
  }

  private sayOne(room: string, index: number): boolean {
    if (!this.say(room, index)) return false;
    this.due.delete(room);
    this.said.delete(room);
    this.said.set(room, index);
    bound(this.said);
    return true;
  }
}

function bound(marks: Map<string, number>): void {
  if (marks.size <= MAX_READ_MARKS) return;
  const [first] = marks.keys();
  marks.delete(first as string);
}
