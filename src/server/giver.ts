/**
 * What a server gives to a peer that has to get the snapshot and the history: without state, a part for each question.
 * It takes its time: a peer that catches up costs no more than a share of this server's.
 */
import { givePart, type Part, type RoomEnd } from '../history/giving';
import type { Reading } from '../history/reading';
import type { QuestionId } from '../paxos/effects';
import type { FetchHistory, FetchSnapshot, SnapshotInfo } from '../wire/peer';
import type { ServerParts } from './parts';
import { partKey, type Snapshots } from './snapshots';

/** Of its time, this server reads for a peer at most one part in so many. */
const SHARE = 4;
const NONE: SnapshotInfo = { round: 0, position: 0, parts: 0, digest: '' };
const NOTHING = new Uint8Array(0);

interface Waiting {
  readonly from: number;
  readonly asked: FetchHistory;
  readonly question: QuestionId;
}

export class Giver {
  private waiting: Waiting[] = [];
  private freeAtMs = 0;

  constructor(
    private readonly parts: ServerParts,
    private readonly snapshots: Snapshots,
  ) {}

  onFetchSnapshot(from: number, { round, part }: FetchSnapshot, question: QuestionId): void {
    const { reads, send } = this.parts;
    const snapshot = this.snapshots.at(round) ?? this.snapshots.latest ?? NONE;
    const key = partKey(snapshot.round, part);
    const range = { from: key, to: partKey(snapshot.round, part + 1), limit: 1, bytes: 1 };
    const reading = (function* (): Reading<Uint8Array> {
      const [record] = yield range;
      return record?.value ?? NOTHING;
    })();
    reads.start(reading, (bytes) => {
      send({ type: 'reply', to: from, question, message: { type: 'SnapshotPart', snapshot, part, bytes } });
    });
  }

  onFetchHistory(from: number, asked: FetchHistory, question: QuestionId): void {
    // Who asks again has given up the question before.
    this.waiting = [...this.waiting.filter((one) => one.from !== from), { from, asked, question }];
    this.tick();
  }

  /** Gives what is due. */
  tick(): void {
    const next = this.waiting[0];
    if (!next || this.nowMs() < this.freeAtMs) return;
    this.waiting.shift();
    this.give(next);
  }

  private give({ from, asked, question }: Waiting): void {
    const { chat, reads, send } = this.parts;
    const startedAtMs = this.nowMs();
    this.freeAtMs = Number.POSITIVE_INFINITY;
    const rooms = [...chat.roomsByKey.values()].map(({ key, lastPosition }) => ({ room: key, last: lastPosition }));
    const place = { room: asked.room, position: asked.position };
    const started = reads.start(givePart(rooms, asked.after, asked.through, place), (part) => {
      this.freeAtMs = this.nowMs() + (SHARE - 1) * (this.nowMs() - startedAtMs);
      const { room, position } = part.next ?? { room: '', position: 0 };
      const records = part.records.flatMap(({ key, value }) => [key, value]);
      const permille = permilleOf(part, rooms, asked.through);
      send({ type: 'reply', to: from, question, message: { type: 'HistoryPart', records, room, position, permille } });
    });
    if (!started) this.freeAtMs = startedAtMs;
  }

  private nowMs(): number {
    return this.parts.options.clock.monotonicMs();
  }
}

/** About how much of everything has been given with this part. */
function permilleOf({ next }: Part, rooms: readonly RoomEnd[], through: number): number {
  if (!next) return 1000;
  const at = Math.max(
    0,
    rooms.findIndex(({ room }) => room === next.room),
  );
  return Math.floor((1000 * (at + Math.min(1, next.position / Math.max(1, through)))) / rooms.length);
}
