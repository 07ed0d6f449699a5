/** Events become records: those of a room that come in one write lie together in blocks. */
import { sliceRun } from '../chat/event-runs';
import type { ChainedRun, ChatEvent } from '../chat/events';
import type { StoredRecord } from '../storage/storage';
import { type Block, decodeBlock, encodeBlock } from '../wire/codec-history';
import { blockKey, indexKey } from './keys';

/** A page is read in whole blocks: larger ones make fewer records, smaller ones less to read for nothing. */
export const BLOCK_EVENTS = 128;
/** A block with so many bytes of text is full. */
export const BLOCK_BYTES = 32 * 1024;
const NOTHING = new Uint8Array(0);

/** At least one, of one room. */
type Runs = [ChainedRun, ...ChainedRun[]];

/** What a store says of the history that cannot be. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** The records of these runs, which are in order of position. */
export function recordsOf(runs: readonly ChainedRun[]): readonly StoredRecord[] {
  const rooms = new Map<string, ChainedRun[]>();
  for (const run of runs) {
    const sofar = rooms.get(run.room);
    if (sofar) sofar.push(run);
    else rooms.set(run.room, [run]);
  }
  return [...rooms.values()].flatMap((ofRoom) => blocksOf(ofRoom).flatMap(recordsOfBlock));
}

/** The events of a record. @throws HistoryError when it is none */
export function eventsOf(record: StoredRecord): readonly ChatEvent[] {
  return blockOf(record).events;
}

/** The same with what was before them. @throws HistoryError when it is none */
export function blockOf({ value }: StoredRecord): Block {
  const block = decodeBlock(value);
  if ('bad' in block) throw new HistoryError(`a block of the history cannot be read: ${block.bad}`);
  return block;
}

function blocksOf(runs: readonly ChainedRun[]): readonly Runs[] {
  const blocks: Runs[] = [];
  let block: Runs | undefined;
  let [events, bytes] = [BLOCK_EVENTS, 0];
  for (const run of runs) {
    for (let from = 0; from < run.texts.count; ) {
      if (events >= BLOCK_EVENTS || bytes >= BLOCK_BYTES) {
        block = undefined;
        [events, bytes] = [0, 0];
      }
      let to = from;
      for (; to < run.texts.count && events < BLOCK_EVENTS && bytes < BLOCK_BYTES; to += 1) {
        events += 1;
        bytes += run.texts.lengthOf(to);
      }
      const slice = sliceRun(run, from, to);
      if (block) block.push(slice);
      else {
        block = [slice];
        blocks.push(block);
      }
      from = to;
    }
  }
  return blocks;
}

function recordsOfBlock(block: Runs): readonly StoredRecord[] {
  const { room, index, position } = block[0];
  return [
    { key: blockKey(room, position, index), value: encodeBlock(block) },
    { key: indexKey(room, index, position), value: NOTHING },
  ];
}
