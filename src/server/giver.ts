/**
 * What a server gives to a peer that has to get the snapshot and the history: without state, a part for each question.
 * It takes its time: a peer that catches up costs no more than a share of this server's, whatever it asks for; and while
 * something is said it gets smaller parts, with pauses.
 */
import { givePart, type Part, type PartSize, type RoomEnd } from '../history/giving';
import type { Reading } from '../history/reading';
import type { QuestionId } from '../paxos/effects';
import type { FetchHistory, FetchSnapshot, HistoryPart, SnapshotInfo, SnapshotPart } from '../wire/peer';
import type { ServerParts } from './parts';
import { partKey, type Snapshots } from './snapshots';

const NONE: SnapshotInfo = { round: 0, position: 0, size: 0, parts: 0, digest: '' };
const NOTHING = new Uint8Array(0);
/** After this long a part that is being read is there, or written, or whoever asks is told again. Milliseconds. */
const BUSY_MS = 50;

/** Who asked. */
interface Asker {
  readonly to: number;
  readonly question: QuestionId;
}

export class Giver {
  /** A part is being read. */
  private reading = false;
  /** No other one is read before this, on the monotonic clock. */
  private freeAtMs = 0;
  /** The position of the chat when the last part was read. */
  private position = 0;

  constructor(
    private readonly parts: ServerParts,
    private readonly snapshots: Snapshots,
  ) {}

  /** Answers at once, be it that it is too early: whatever else the peers ask waits behind this question. */
  onFetchSnapshot(from: number, { round, part }: FetchSnapshot, question: QuestionId): void {
    const asker = { to: from, question };
    const snapshot = this.snapshots.at(round);
    // Which one there is costs nothing to say.
    if (!snapshot) return this.tellSnapshot(asker, this.snapshots.latest ?? NONE, part, NOTHING, 0);
    const waitMs = this.waitMs();
    const isRead =
      waitMs === 0 &&
      this.read(
        () => readPart(round, part),
        (bytes) => this.tellSnapshot(asker, snapshot, part, bytes, this.restMs()),
      );
    if (!isRead) this.tellSnapshot(asker, snapshot, part, NOTHING, waitMs || BUSY_MS);
  }

  /** Answers at once, as above. */
  onFetchHistory(from: number, asked: FetchHistory, question: QuestionId): void {
    const asker = { to: from, question };
    const { chat, history } = this.parts;
    // The history may reach further than the chat, which says what rooms there are.
    const isHere = Math.min(history.through, chat.position) >= asked.through;
    const waitMs = isHere ? this.waitMs() : BUSY_MS;
    const rooms = [...chat.roomsByKey.values()].map(({ key, lastPosition }) => ({ room: key, last: lastPosition }));
    const readingOf = (isBusy: boolean) => givePart(rooms, asked, asked, this.partSize(isBusy));
    const isRead = waitMs === 0 && this.read(readingOf, (part) => this.tellHistory(asker, asked, part, rooms));
    if (isRead) return;
    const { room, position } = asked;
    const later = { asked, records: [], waitMs: waitMs || BUSY_MS, room, position, permille: 0 } as const;
    this.tell(asker, { type: 'HistoryPart', ...later });
  }

  /**
   * @param readingOf told whether something was said since the last part: whoever said it does not want to wait. When
   * very much is said, who asks has to get more than that, or would never be done.
   * @returns false when nothing will come of it
   */
  private read<Result>(readingOf: (isBusy: boolean) => Reading<Result>, then: (result: Result) => void): boolean {
    const { options, reads, chat } = this.parts;
    const { givingShare, givingCreditMs, givingPauseMs, givingPauseEvents } = options.limits.server;
    const startedAtMs = this.nowMs();
    const said = chat.position - this.position;
    const isBusy = said > 0 && said <= givingPauseEvents;
    this.position = chat.position;
    this.reading = true;
    const isStarted = reads.start(readingOf(isBusy), (result) => {
      this.reading = false;
      const nowMs = this.nowMs();
      const sharedMs = Math.max(this.freeAtMs, nowMs - givingCreditMs) + (nowMs - startedAtMs) / givingShare;
      this.freeAtMs = Math.max(sharedMs, isBusy ? nowMs + givingPauseMs : 0);
      then(result);
    });
    if (!isStarted) this.reading = false;
    return isStarted;
  }

  private tellSnapshot(asker: Asker, snapshot: SnapshotInfo, part: number, bytes: Uint8Array, waitMs: number): void {
    this.tell(asker, { type: 'SnapshotPart', snapshot, part, bytes, waitMs });
  }

  private tellHistory(asker: Asker, asked: FetchHistory, part: Part, rooms: readonly RoomEnd[]): void {
    const { room, position } = part.next ?? { room: '', position: 0 };
    const waitMs = part.next ? this.restMs() : 0;
    const records = part.records.flatMap(({ key, value }) => [key, value]);
    const permille = permilleOf(part, rooms, asked.through);
    this.tell(asker, { type: 'HistoryPart', asked, records, waitMs, room, position, permille });
  }

  private tell({ to, question }: Asker, message: SnapshotPart | HistoryPart): void {
    this.parts.send({ type: 'reply', to, question, message });
  }

  private partSize(isBusy: boolean): PartSize {
    const { partBytes, partBlocks, partRooms } = this.parts.options.limits.server;
    return { bytes: isBusy ? partBytes / 2 : partBytes, blocks: partBlocks, rooms: partRooms };
  }

  /** How long nothing is read for the next question; who asks is told to come again. */
  private waitMs(): number {
    return this.reading ? BUSY_MS : Math.min(BUSY_MS, this.restMs());
  }

  /** How long nothing more is to be read, so that it stays within the share. */
  private restMs(): number {
    return Math.max(0, Math.ceil(this.freeAtMs - this.nowMs()));
  }

  private nowMs(): number {
    return this.parts.options.clock.monotonicMs();
  }
}

/** A part of a snapshot; empty when it is not there. */
function* readPart(round: number, part: number): Reading<Uint8Array> {
  const [record] = yield { from: partKey(round, part), to: partKey(round, part + 1), limit: 1, bytes: 1 };
  return record?.value ?? NOTHING;
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
