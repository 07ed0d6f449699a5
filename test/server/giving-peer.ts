/** A peer of a lone server: it gives what it has of the history, and a snapshot. */
import type { ChatEvent } from '../../src/chat/events';
import { recordsOf } from '../../src/history/blocks';
import { givePart } from '../../src/history/giving';
import type { FetchHistory, HistoryPart } from '../../src/wire/peer';
import { Store } from '../history/store';
import type { Taken } from './snapshot-of';
import type { SoloServer } from './solo';

/** Longer than what waits to be written does. */
export const SLOW_MS = 600;

export class GivingPeer {
  readonly store = new Store();
  private readonly last: number;

  constructor(
    events: readonly ChatEvent[],
    private readonly snapshot: Taken,
  ) {
    this.store.put(recordsOf(events));
    this.last = events.at(-1)?.position ?? 0;
  }

  /** Answers what the server asks, until it asks for the last part of the snapshot. @returns what answers that */
  restore(server: SoloServer): () => void {
    const { info, parts } = this.snapshot;
    for (let patience = 0; patience < 5000; patience += 1) {
      const { message, to } = server.asked.shift() ?? {};
      if (!message || to === undefined) server.pass(10);
      else if (message.type === 'FetchHistory') {
        server.pass(SLOW_MS);
        server.answer(this.partFor(message), to);
      } else if (message.type === 'FetchSnapshot') {
        const { part } = message;
        const answer = () =>
          server.answer({ type: 'SnapshotPart', snapshot: info, part, bytes: parts[part] as Uint8Array }, to);
        if (message.round !== 0 && part === parts.length - 1) return answer;
        answer();
      }
    }
    throw new Error('the snapshot was never asked for');
  }

  partFor(asked: FetchHistory): HistoryPart {
    const { records, next } = this.store.read(givePart([{ room: 'lobby', last: this.last }], asked, asked));
    const pieces = records.flatMap(({ key, value }) => [key, value]);
    const { room, position } = next ?? { room: '', position: 0 };
    return { type: 'HistoryPart', asked, records: pieces, waitMs: 0, room, position, permille: 1000 };
  }
}
