/** How far each person has read: that of a person, whatever the session, so that it is known wherever they come back. */
import type { PersonKey } from './commands';

/** How far somebody has read in a room. */
export interface ReadMarker {
  /** The room's key. */
  readonly room: string;
  /** Of the last line that was read. */
  readonly index: number;
}

/** Rooms of one person; one more, and that in which they read on least recently is forgotten. */
export const MAX_MARKERS_OF_ONE = 256;
/** Of all persons; one more, and the person who read on least recently has one less. */
export const MAX_MARKERS = 200_000;

export class ReadMarkers {
  /** Whoever read on least recently comes first, and of each the room in which. The lists are replaced, never changed. */
  private readonly byKey: Map<PersonKey, readonly ReadMarker[]>;
  private count = 0;

  constructor(all: Iterable<readonly [PersonKey, readonly ReadMarker[]]> = []) {
    this.byKey = new Map(all);
    for (const markers of this.byKey.values()) this.count += markers.length;
  }

  /** Of all persons. */
  get size(): number {
    return this.count;
  }

  [Symbol.iterator](): IterableIterator<[PersonKey, readonly ReadMarker[]]> {
    return this.byKey[Symbol.iterator]();
  }

  of(key: PersonKey): readonly ReadMarker[] {
    return this.byKey.get(key) ?? [];
  }

  /** @returns whether that is farther than was known; if not, nothing changes */
  advance(key: PersonKey, { room, index }: ReadMarker): boolean {
    const known = this.of(key);
    const before = known.find((marker) => marker.room === room)?.index ?? 0;
    if (index <= before) return false;
    const others = known.filter((marker) => marker.room !== room);
    const markers = [...others, { room, index }].slice(-MAX_MARKERS_OF_ONE);
    this.byKey.delete(key);
    this.byKey.set(key, markers);
    this.count += markers.length - known.length;
    if (this.count > MAX_MARKERS) this.forgetOne();
    return true;
  }

  private forgetOne(): void {
    for (const [key, markers] of this.byKey) {
      if (markers.length > 1) this.byKey.set(key, markers.slice(1));
      else this.byKey.delete(key);
      this.count -= 1;
      return;
    }
  }
}
