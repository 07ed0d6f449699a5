/** Events become records: those of a room that come in one write lie together in blocks. */
import type { ChatEvent } from '../chat/events';
import type { StoredRecord } from '../storage/storage';
import { decodeBlock, encodeBlock } from '../wire/codec-history';
import { blockKey, indexKey } from './keys';

/** A page is read in whole blocks: larger ones make fewer records, smaller ones less to read for nothing. */
export const BLOCK_EVENTS = 128;
/** A block with so many characters of text is full. */
export const BLOCK_CHARS = 32 * 1024;
const NOTHING = new Uint8Array(0);

/** What a store says of the history that cannot be. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

/** The records of these events, which are in order of position. */
export function recordsOf(events: readonly ChatEvent[]): readonly StoredRecord[] {
  const rooms = new Map<string, ChatEvent[]>();
  for (const event of events) {
    const sofar = rooms.get(event.room);
    if (sofar) sofar.push(event);
    else rooms.set(event.room, [event]);
  }
  return [...rooms.values()].flatMap((ofRoom) => blocksOf(ofRoom).flatMap(recordsOfBlock));
}

/** The events of a record. @throws HistoryError when it is none */
export function eventsOf({ value }: StoredRecord): readonly ChatEvent[] {
  const events = decodeBlock(value);
  if ('bad' in events) throw new HistoryError(`a block of the history cannot be read: ${events.bad}`);
  return events;
}

function blocksOf(events: readonly ChatEvent[]): readonly (readonly ChatEvent[])[] {
  const blocks: ChatEvent[][] = [];
  let block: ChatEvent[] = [];
  let chars = 0;
  for (const event of events) {
    if (block.length === 0 || block.length >= BLOCK_EVENTS || chars >= BLOCK_CHARS) {
      block = [];
      chars = 0;
      blocks.push(block);
    }
    block.push(event);
    chars += event.text.length;
  }
  return blocks;
}

function recordsOfBlock(block: readonly ChatEvent[]): readonly StoredRecord[] {
  const { room, index, position } = block[0] as ChatEvent;
  return [
    { key: blockKey(room, position, index), value: encodeBlock(block) },
    { key: indexKey(room, index, position), value: NOTHING },
  ];
}
