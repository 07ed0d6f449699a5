/** Whether blocks of a room continue each other: each says what the digest of the lines before it is. */
import { digestAfterLine, isSameDigest, type RoomDigest } from '../chat/room-digest';
import { invariant } from '../lib/assert';
import type { Block } from '../wire/codec-history';

/** A place in a room: after the event at that position. */
export interface ChainPlace {
  readonly position: number;
  readonly digest: RoomDigest;
}

export class Chain {
  /** @param last where the room's lines have come to; undefined: the first block says it */
  constructor(private last?: ChainPlace) {}

  /** Of all lines so far; undefined before the first block. */
  get digest(): RoomDigest | undefined {
    return this.last?.digest;
  }

  /**
   * The next block, in order of their first positions; it may have events that were in another one before.
   * @param through events above this position do not count
   * @returns what is wrong, or undefined
   */
  add(block: Block, through = Number.POSITIVE_INFINITY): string | undefined {
    let { digest } = block;
    let problem: string | undefined;
    for (const event of block.events) {
      const { position } = event;
      if (position > through) break;
      const { last } = this;
      if (last && position > last.position && !isSameDigest(digest, last.digest)) {
        problem ??= `the digest before position ${position} is not that of the lines before it`;
      }
      digest = digestAfterLine(digest, event);
      if (!last || position > last.position) this.last = { position, digest };
    }
    return problem;
  }
}

/** The digest of the room's lines before the event at that position, which one of these blocks of the room has. */
export function digestBefore(blocks: readonly Block[], position: number): RoomDigest {
  const block = blocks.find(({ events }) => events.some((event) => event.position === position));
  invariant(block, `no block has position ${position}`);
  const before = block.events.filter((event) => event.position < position);
  return before.reduce(digestAfterLine, block.digest);
}
