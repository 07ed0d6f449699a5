/**
 * The last events, in memory: what most readers ask for. What is older is read from the store. Bounded; an event stays
 * at least until the store has it.
 */
import { eventAt, eventsOf, lastPositionOf } from '../chat/event-runs';
import { type ChainedRun, type ChatEvent, LINES } from '../chat/events';
import { invariant } from '../lib/assert';

/** Events looked at for one page of `after`, at most: the rest is the next page's. */
const MAX_SCAN = 10_000;
/** Of what a run is besides its texts, and a text besides its bytes, about. */
const RUN_BYTES = 500;
const TEXT_BYTES = 8;
/** What is evicted leaves at once, when it is this much of all there is: moving the rest costs. */
const EVICTED_SHARE = 1 / 2;

export interface RecentLimits {
  /** Bytes of all events that are kept, what they are made of counted in. */
  readonly bytes: number;
}

/** Which events of a room are wanted: those below an index, so many lines of them at least, if they are here. */
export interface NearQuery {
  readonly before: number;
  readonly limit: number;
}

const ALL: NearQuery = { before: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY };

export class Recent {
  /** In order of position, without a gap. */
  private runs: ChainedRun[] = [];
  /** Of each room the runs that are here, ascending. */
  private readonly rooms = new Map<string, ChainedRun[]>();
  private bytes = 0;
  private evicted = 0;
  private last: number;

  /** @param start the position below the first event that will come */
  constructor(
    private readonly limits: RecentLimits,
    private start: number,
  ) {
    this.last = start;
  }

  /** Every event above this position is here. */
  get from(): number {
    return this.start;
  }

  /** Of the last event. */
  get position(): number {
    return this.last;
  }

  add(run: ChainedRun): void {
    invariant(run.position === this.last + 1, `position ${run.position} after ${this.last}`);
    this.last = lastPositionOf(run);
    this.runs.push(run);
    this.bytes += bytesOf(run);
    const room = this.rooms.get(run.room);
    if (room) room.push(run);
    else this.rooms.set(run.room, [run]);
  }

  /** Forgets the oldest of those that the store has, when there are too many. */
  evict(stored: number): void {
    while (this.bytes > this.limits.bytes) {
      const oldest = this.runs[this.evicted];
      if (!oldest || lastPositionOf(oldest) > stored) break;
      this.bytes -= bytesOf(oldest);
      this.start = lastPositionOf(oldest);
      this.evicted += 1;
    }
    if (this.evicted > EVICTED_SHARE * this.runs.length) this.compact();
  }

  /**
   * At most `limit` of the wanted events after a position; all the wanted ones up to `through` are among them.
   * @returns undefined when there may be older ones, which are not here
   */
  after(
    position: number,
    limit: number,
    wants: (event: Pick<ChatEvent, 'room' | 'position'>) => boolean,
  ): { readonly events: readonly ChatEvent[]; readonly through: number } | undefined {
    if (position < this.start) return undefined;
    const found: ChatEvent[] = [];
    const end = Math.min(this.last, position + MAX_SCAN);
    let through = position;
    for (let at = this.indexOf(position + 1); through < end; at += 1) {
      const run = this.runs[at] as ChainedRun;
      const { room, texts } = run;
      for (let offset = through + 1 - run.position; offset < texts.count && through < end; offset += 1) {
        if (found.length >= limit) return { events: found, through };
        through += 1;
        if (wants({ room, position: through })) found.push(eventAt(run, offset));
      }
    }
    return { events: found, through };
  }

  /** What is at a position; undefined when nothing is, or it is not here. */
  at(position: number): ChatEvent | undefined {
    if (position <= this.start || position > this.last) return undefined;
    const run = this.runs[this.indexOf(position)] as ChainedRun;
    return eventAt(run, position - run.position);
  }

  /** The events of a room that are here, ascending: as many as are wanted, or all. */
  ofRoom(room: string, { before, limit }: NearQuery = ALL): readonly ChatEvent[] {
    const runs = this.rooms.get(room) ?? [];
    let end = runs.length;
    while (end > 0 && (runs[end - 1] as ChainedRun).index >= before) end -= 1;
    let from = end;
    let lines = 0;
    // One more than wanted: whoever asks sees that there are more.
    while (lines <= limit) {
      const run = runs[from - 1];
      if (!run || run.position <= this.start) break;
      from -= 1;
      if (LINES.has(run.kind)) lines += Math.min(run.texts.count, Math.max(0, before - run.index));
    }
    return eventsOf(runs.slice(from, end)).filter(({ index }) => index < before);
  }

  /** The runs of a room that are here, ascending. */
  runsOf(room: string): readonly ChainedRun[] {
    return (this.rooms.get(room) ?? []).filter(({ position }) => position > this.start);
  }

  /** Index of the run that has that position, or would come with it. */
  private indexOf(position: number): number {
    let [low, high] = [this.evicted, this.runs.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lastPositionOf(this.runs[middle] as ChainedRun) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compact(): void {
    this.runs = this.runs.slice(this.evicted);
    this.evicted = 0;
    for (const [room, runs] of this.rooms) {
      const first = runs.findIndex(({ position }) => position > this.start);
      if (first < 0) this.rooms.delete(room);
      else if (first > 0) this.rooms.set(room, runs.slice(first));
    }
  }
}

function bytesOf({ texts }: ChainedRun): number {
  return RUN_BYTES + TEXT_BYTES * texts.count + texts.bytes.length;
}
