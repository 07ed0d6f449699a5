/** Deletes what rooms have let go, by itself and in small steps: the log says what is gone, each server when it goes. */
import { prunable } from '../history/pruning';
import type { ServerParts } from './parts';

/** Between two steps, milliseconds. */
const STEP_MS = 200;

export class Pruner {
  /** Of each room the floor below which nothing is left. */
  private readonly pruned = new Map<string, number>();
  private dueMs = 0;
  private busy = false;

  constructor(private readonly parts: ServerParts) {}

  tick(): void {
    const now = this.parts.options.clock.monotonicMs();
    if (this.busy || now < this.dueMs) return;
    this.dueMs = now + STEP_MS;
    for (const { key, floor } of this.parts.chat.roomsByKey.values()) {
      // What is not in the store yet cannot be deleted there.
      const position = Math.min(floor.position, this.parts.history.through);
      if (position > (this.pruned.get(key) ?? 0)) return this.prune(key, position);
    }
  }

  private prune(room: string, floor: number): void {
    this.busy = this.parts.reads.start(prunable(room, floor), ({ keys, done }) => {
      this.busy = false;
      if (done) this.pruned.set(room, floor);
      if (keys.length > 0) this.parts.persist({ deletes: keys }, []);
    });
  }
}
