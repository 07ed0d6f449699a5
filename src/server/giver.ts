/**
 * What a server gives to a peer that has to get the snapshot and the history: without state, a part for each question.
 * It takes its time: a peer that catches up costs no more than a share of this server's.
 */
import { givePart, type Part, type PartSize, type RoomEnd } from '../history/giving';
import type { Reading } from '../history/reading';
import type { QuestionId } from '../paxos/effects';
import type { FetchHistory, FetchSnapshot, SnapshotInfo } from '../wire/peer';
import type { ServerParts } from './parts';
import { partKey, type Snapshots } from './snapshots';

const NONE: SnapshotInfo = { round: 0, position: 0, size: 0, parts: 0, digest: '' };
const NOTHING = new Uint8Array(0);
/** After this long a part that is being read is there, or written, or whoever asks is told again. Milliseconds. */
const BUSY_MS = 50;

export class Giver {
  /** A part is being read. */
  private reading = false;
  /** No other one is read before this, on the monotonic clock. */
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
    const answer = (bytes: Uint8Array) =>
      send({ type: 'reply', to: from, question, message: { type: 'SnapshotPart', snapshot, part, bytes } });
    // Whoever gets nothing asks another one.
    if (!reads.start(reading, answer)) answer(NOTHING);
  }

  /** Answers at once, be it that it is too early: whatever else the peers ask waits behind this question. */
  onFetchHistory(from: number, asked: FetchHistory, question: QuestionId): void {
    const { chat, history } = this.parts;
    // The history may reach further than the chat, which says what rooms there are.
    const isHere = Math.min(history.through, chat.position) >= asked.through;
    const waitMs = isHere && !this.reading ? Math.min(BUSY_MS, this.restMs()) : BUSY_MS;
    if (waitMs > 0) this.tellLater(from, asked, question, waitMs);
    else this.give(from, asked, question);
  }

  private tellLater(from: number, asked: FetchHistory, question: QuestionId, waitMs: number): void {
    const { room, position } = asked;
    const message = { type: 'HistoryPart', asked, records: [], waitMs, room, position, permille: 0 } as const;
    this.parts.send({ type: 'reply', to: from, question, message });
  }

  private give(from: number, asked: FetchHistory, question: QuestionId): void {
    const { chat, reads, send } = this.parts;
    const startedAtMs = this.nowMs();
    const rooms = [...chat.roomsByKey.values()].map(({ key, lastPosition }) => ({ room: key, last: lastPosition }));
    const place = { room: asked.room, position: asked.position };
    this.reading = true;
    const started = reads.start(givePart(rooms, asked, place, this.partSize()), (part) => {
      this.reading = false;
      const nowMs = this.nowMs();
      const { givingShare, givingCreditMs } = this.parts.options.limits.server;
      this.freeAtMs = Math.max(this.freeAtMs, nowMs - givingCreditMs) + (nowMs - startedAtMs) / givingShare;
      const waitMs = part.next ? this.restMs() : 0;
      const { room, position } = part.next ?? { room: '', position: 0 };
      const records = part.records.flatMap(({ key, value }) => [key, value]);
      const permille = permilleOf(part, rooms, asked.through);
      const message = { type: 'HistoryPart', asked, records, waitMs, room, position, permille } as const;
      send({ type: 'reply', to: from, question, message });
    });
    if (started) return;
    this.reading = false;
    this.tellLater(from, asked, question, BUSY_MS);
  }

  private partSize(): PartSize {
    const { partBytes, partBlocks, partRooms } = this.parts.options.limits.server;
    return { bytes: partBytes, blocks: partBlocks, rooms: partRooms };
  }

  /** How long nothing more is to be read, so that it stays within the share. */
  private restMs(): number {
    return Math.max(0, Math.ceil(this.freeAtMs - this.nowMs()));
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
