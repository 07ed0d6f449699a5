/** A peer of a lone server: it gives what it has of the history, and a snapshot. */

import type { ChatEvent } from '../../src/chat/events';
import { recordsOf } from '../../src/history/blocks';
import { givePart } from '../../src/history/giving';
import type { FetchHistory, HistoryPart } from '../../src/wire/peer';
import { runsFrom } from '../history/events';
import { Store } from '../history/store';
import type { Taken } from './snapshot-of';
import type { SoloServer } from './solo';

/** Longer than what waits to be written does. */
export const SLOW_MS = 600;

const SIZE = { bytes: 512 * 1024, blocks: 2048, rooms: 64 };

export class GivingPeer {
  readonly store = new Store();
  private readonly last: number;

  constructor(
    private readonly events: readonly ChatEvent[],
    private readonly snapshot: Taken,
    private readonly size = SIZE,
    eventsAWrite = events.length,
  ) {
    for (let at = 0; at < events.length; at += eventsAWrite) {
      this.store.put(recordsOf(runsFrom(events.slice(at, at + eventsAWrite))));
    }
    this.last = events.at(-1)?.position ?? 0;
  }

  /** As it is when some of its events got lost. */
  damaged(...positions: readonly number[]): GivingPeer {
    return new GivingPeer(
      this.events.filter(({ position }) => !positions.includes(position)),
      this.snapshot,
    );
  }

  /**
   * Answers what the server asks, until it asks for the last part of the snapshot.
   * @param given what is given of the history, and by whom
   * @param afterMs how long each answer takes
   * @returns what answers that last question
   */
  restore(
    server: SoloServer,
    given = (asked: FetchHistory, _peer: number): HistoryPart => this.partFor(asked),
    afterMs = SLOW_MS,
  ): () => void {
    const { info, parts } = this.snapshot;
    for (let patience = 0; patience < 5000; patience += 1) {
      const { message, to } = server.asked.shift() ?? {};
      if (!message || to === undefined) server.pass(10);
      else if (message.type === 'FetchHistory') {
        server.pass(afterMs);
        server.answer(given(message, to), to);
      } else if (message.type === 'FetchSnapshot') {
        const { part } = message;
        const answer = () =>
          server.answer(
            { type: 'SnapshotPart', snapshot: info, part, bytes: parts[part] as Uint8Array, waitMs: 0 },
            to,
          );
        if (message.round !== 0 && part === parts.length - 1) return answer;
        answer();
      }
    }
    throw new Error('the snapshot was never asked for');
  }

  partFor(asked: FetchHistory): HistoryPart {
    const { records, next } = this.store.read(givePart([{ room: 'lobby', last: this.last }], asked, asked, this.size));
    const pieces = records.flatMap(({ key, value }) => [key, value]);
    const { room, position } = next ?? { room: '', position: 0 };
    return { type: 'HistoryPart', asked, records: pieces, waitMs: 0, room, position, permille: 1000 };
  }
}
