/**
 * The room in which a line mode says what names no room. A join takes effect at once, so that the lines after it in a
 * pipe go where they are meant to; when it is refused, those that follow go to the room before.
 */
interface Joining {
  readonly line: number;
  readonly room: string;
  /** Where one was when it was asked for. */
  before: string;
}

export class Whereabouts {
  /** Joins without an outcome, in the order in which they were asked for. */
  private joining: Joining[] = [];

  constructor(private current: string) {}

  get room(): string {
    return this.current;
  }

  /** Goes on in a room that was joined. */
  go(room: string): void {
    this.current = room;
  }

  /** Goes on in a room that is only being joined. @param line of the input that asked for it */
  join(room: string, line: number): void {
    this.joining.push({ line, room, before: this.current });
    this.current = room;
  }

  /** What this line asked for was refused. */
  onRefused(line: number): void {
    const refused = this.joining.find((each) => each.line === line);
    if (!refused) return;
    const { room, before } = refused;
    this.joining = this.joining.filter((each) => each !== refused);
    // Who was on the way from there to another room comes from where this one came from.
    for (const later of this.joining) if (later.before === room) later.before = before;
    if (this.current === room) this.current = before;
  }

  /** All that was asked for has an outcome. */
  onSettled(): void {
    this.joining = [];
  }
}
