/**
 * A list that does not change, and of which a longer one is made in no time: both share what they have in common. With
 * an array each of thousands of messages a second would copy all that were there before. Pure: what is shared is only
 * ever added to, behind the end of every list that has it.
 */
export class List<T> implements Iterable<T> {
  static of<T>(items: Iterable<T> = []): List<T> {
    return List.owning([...items]);
  }

  private static owning<T>(items: T[]): List<T> {
    return new List(items, 0, items.length);
  }

  private constructor(
    private readonly shared: T[],
    /** Where this list begins and ends in what is shared. */
    private readonly start: number,
    private readonly end: number,
  ) {}

  get length(): number {
    return this.end - this.start;
  }

  /** As an array has it: from the end when it is negative. */
  at(index: number): T | undefined {
    const at = index < 0 ? this.end + index : this.start + index;
    return at >= this.start && at < this.end ? this.shared[at] : undefined;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.start; at < this.end; at += 1) yield this.shared[at] as T;
  }

  /** With one more at the end. */
  with(item: T): List<T> {
    // Somebody else made another list of this one already.
    const shared = this.end < this.shared.length ? this.shared.slice(this.start, this.end) : this.shared;
    const start = shared === this.shared ? this.start : 0;
    shared.push(item);
    return new List(shared, start, shared.length);
  }

  /** With others in the place of those from one index up to another. */
  replaced(from: number, to: number, items: readonly T[]): List<T> {
    const { shared, start, end } = this;
    return List.owning(shared.slice(start, start + from).concat(items, shared.slice(start + to, end)));
  }

  /** The first ones, no more than so many. */
  first(most: number): List<T> {
    return List.owning(this.shared.slice(this.start, Math.min(this.end, this.start + most)));
  }

  /** The last ones, no more than so many. */
  last(most: number): List<T> {
    const start = Math.max(this.start, this.end - most);
    // What no list has any more is let go of, at the latest when it is as much as what one has.
    return start > this.end - start
      ? List.owning(this.shared.slice(start, this.end))
      : new List(this.shared, start, this.end);
  }
}
