/**
 * Whether a history is whole: every event once, in order, each room's lines without a gap and with the digests that they
 * should have. Read block by block.
 */
import { digestText, emptyRoomDigest, isSameDigest, type RoomDigest } from '../chat/room-digest';
import type { ScanRange } from '../storage/storage';
import { blockOf } from './blocks';
import { Chain } from './chain';
import { blockKey } from './keys';
import { isLine, type Reading } from './reading';

/** Read at once. */
const CHECK_BYTES = 4 * 1024 * 1024;
const CHECK_BLOCKS = 4096;

export interface HistoryCheck {
  readonly blocks: number;
  readonly bytes: number;
  /** Events found, each counted once. */
  readonly events: number;
  /** What is wrong, a line each; empty: nothing. */
  readonly problems: readonly string[];
}

/** A room of the state, and how far its lines go. */
export interface RoomLines {
  readonly room: string;
  /** The index of its last line. */
  readonly lines: number;
  /** Of all of them. */
  readonly digest: RoomDigest;
  /** Of its last event. */
  readonly lastPosition: number;
  /** Nothing at or below this position has to be there. */
  readonly floor: number;
}

/**
 * @param through the position up to which the history is said to reach, and `rooms` are as they were there
 * @param birth the log's
 */
export function* checkHistory(rooms: readonly RoomLines[], through: number, birth: string): Reading<HistoryCheck> {
  const problems: string[] = [];
  let [blocks, bytes, events] = [0, 0, 0];
  for (const { room, lines, digest, lastPosition, floor } of rooms) {
    let [position, index] = [0, 0];
    const chain = new Chain(floor > 0 ? undefined : { position: 0, digest: emptyRoomDigest(room, birth) });
    let from = blockKey(room, 0);
    for (;;) {
      const records = yield rangeOf(from, blockKey(room, through + 1));
      for (const record of records) {
        blocks += 1;
        bytes += record.key.length + record.value.length;
        const block = blockOf(record);
        const broken = chain.add(block, through);
        let isMissing = false;
        for (const event of block.events) {
          // Blocks may overlap where a part of the history came twice.
          if (event.position <= position || event.position > through) continue;
          const counts = isLine(event.kind);
          const expected = index + (counts ? 1 : 0);
          const isFirst = position === 0 && floor > 0;
          if (event.index !== expected && !isFirst) {
            isMissing = true;
            problems.push(`${room}: line ${expected} is missing before position ${event.position}`);
          }
          ({ position, index } = event);
          events += 1;
        }
        // Behind a line that is missing the digest cannot be right.
        if (broken !== undefined && !isMissing) problems.push(`${room}: ${broken}`);
      }
      const last = records.at(-1);
      if (!last) break;
      from = Buffer.concat([last.key, Buffer.of(0)]);
    }
    // Where retention let go of everything, nothing is left to be counted.
    const isGone = position === 0 && lastPosition <= floor;
    if (isGone) continue;
    if (index !== lines) problems.push(`${room}: the last line is ${index}, it should be ${lines}`);
    else if (chain.digest && !isSameDigest(chain.digest, digest)) {
      problems.push(
        `${room}: the digest of the lines is ${digestText(chain.digest)}, it should be ${digestText(digest)}`,
      );
    }
  }
  return { blocks, bytes, events, problems };
}

function rangeOf(from: Uint8Array, to: Uint8Array): ScanRange {
  return { from, to, limit: CHECK_BLOCKS, bytes: CHECK_BYTES };
}
