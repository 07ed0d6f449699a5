/** Events become records: those of a room that come in one write lie together in blocks. */
import { sliceRun } from '../chat/event-runs';
import type { ChatEvent, EventRun } from '../chat/events';
import type { StoredRecord } from '../storage/storage';
import { decodeBlock, encodeBlock } from '../wire/codec-history';
import { blockKey, indexKey } from './keys';

/** A page is read in whole blocks: larger ones make fewer records, smaller ones less to read for nothing. */
export const BLOCK_EVENTS = 128;
/** A block with so many bytes of text is full. */
export const BLOCK_BYTES = 32 * 1024;
const NOTHING = new Uint8Array(0);

/** What a store says of the history that cannot be. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** The records of these runs, which are in order of position. */
export function recordsOf(runs: readonly EventRun[]): readonly StoredRecord[] {
  const rooms = new Map<string, EventRun[]>();
  for (const run of runs) {
    const sofar = rooms.get(run.room);
    if (sofar) sofar.push(run);
    else rooms.set(run.room, [run]);
  }
  return [...rooms.values()].flatMap((ofRoom) => blocksOf(ofRoom).flatMap(recordsOfBlock));
}

/** The events of a record. @throws HistoryError when it is none */
export function eventsOf({ value }: StoredRecord): readonly ChatEvent[] {
  const events = decodeBlock(value);
  if ('bad' in events) throw new HistoryError(`a block of the history cannot be read: ${events.bad}`);
  return events;
}

function blocksOf(runs: readonly EventRun[]): readonly (readonly EventRun[])[] {
  const blocks: EventRun[][] = [];
  let block: EventRun[] = [];
  let [events, bytes] = [BLOCK_EVENTS, 0];
  for (const run of runs) {
    for (let from = 0; from < run.texts.count; ) {
      if (events >= BLOCK_EVENTS || bytes >= BLOCK_BYTES) {
        block = [];
        [events, bytes] = [0, 0];
        blocks.push(block);
      }
      let to = from;
      for (; to < run.texts.count && events < BLOCK_EVENTS && bytes < BLOCK_BYTES; to += 1) {
        events += 1;
        bytes += run.texts.lengthOf(to);
      }
      block.push(sliceRun(run, from, to));
      from = to;
    }
  }
  return blocks;
}

function recordsOfBlock(block: readonly EventRun[]): readonly StoredRecord[] {
  const { room, index, position } = block[0] as EventRun;
  return [
    { key: blockKey(room, position, index), value: encodeBlock(block) },
    { key: indexKey(room, index, position), value: NOTHING },
  ];
}
