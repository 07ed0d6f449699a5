/** What a room's retention has let go, taken out of the store: whole blocks, some at a time. */
import type { StoredRecord } from '../storage/storage';
import { eventsOf } from './blocks';
import { blockKey, indexKeyOf } from './keys';
import type { Reading } from './reading';

/** Blocks looked at for one write of deletions. */
const PRUNE_BLOCKS = 256;
const PRUNE_BYTES = 1024 * 1024;

export interface Pruned {
  /** Keys of what can be deleted. */
  readonly keys: readonly Uint8Array[];
  /** There is no more. */
  readonly done: boolean;
}

/** The blocks of a room that have nothing above its floor. */
export function* prunable(room: string, floor: number): Reading<Pruned> {
  const range = { from: blockKey(room, 0), to: blockKey(room, floor + 1), limit: PRUNE_BLOCKS, bytes: PRUNE_BYTES };
  const records = yield range;
  const last = records.at(-1);
  if (!last) return { keys: [], done: true };
  // Where blocks overlap, one that reaches over the floor may lie before one that does not.
  const reachesOver = (record: StoredRecord) => (eventsOf(record).at(-1)?.position ?? 0) > floor;
  const whole = records.filter((record) => !reachesOver(record));
  const keys = whole.flatMap(({ key }) => [key, indexKeyOf(key) ?? key]);
  // The last one may be looked at again: there may be another below the floor after it.
  return { keys, done: reachesOver(last) || records.length === 1 };
}
