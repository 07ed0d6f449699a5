/**
 * What happens when, on a virtual clock: the next event is the one that is due first, and of several the one that was
 * put in first. Nothing happens but what is here, so a run is the order of its events.
 */

interface Entry {
  readonly atMs: number;
  readonly number: number;
  readonly act: () => void;
}

export class Agenda {
  /** Milliseconds since the run began. */
  nowMs = 0;
  private readonly heap: Entry[] = [];
  private number = 0;

  /** When the next event is due; for ever away when there is none. */
  get nextMs(): number {
    return this.heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Not before now. */
  at(atMs: number, act: () => void): void {
    this.number += 1;
    this.push({ atMs: Math.max(atMs, this.nowMs), number: this.number, act });
  }

  after(ms: number, act: () => void): void {
    this.at(this.nowMs + ms, act);
  }

  /** Lets the next event happen, at its time. */
  step(): void {
    const next = this.pop();
    if (!next) return;
    this.nowMs = next.atMs;
    next.act();
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (isBefore(heap[parent] as Entry, entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right && isBefore(right, heap[child] as Entry)) child += 1;
      if (isBefore(last, heap[child] as Entry)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number);
}
