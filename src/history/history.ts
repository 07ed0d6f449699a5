/**
 * The record of everything that happened, by position and by room: its end in memory, all of it in the store. What is
 * said here of the store is done with the next write; what is read from it comes in pages (reading.ts).
 */
import { lastPositionOf, sliceRun } from '../chat/event-runs';
import type { ChainedRun } from '../chat/events';
import type { StoredRecord } from '../storage/storage';
import { pack, unpack } from '../wire/msgpack';
import { arity, uint } from '../wire/shape';
import { HistoryError, recordsOf } from './blocks';
import { HEAD_KEY } from './keys';
import { Recent, type RecentLimits } from './recent';

const VERSION = 1;

/** Records to be written in one write, after which the store has every event up to `through`. */
export interface HistoryWrite {
  readonly puts: readonly StoredRecord[];
  readonly through: number;
}

export class History {
  readonly recent: Recent;
  /** Events that are in no write yet. */
  private pending: ChainedRun[] = [];
  private pendingBytes = 0;
  /** All up to this position is in the store or on its way there. */
  private reached: number;

  /**
   * @param stored how far the history in the store reaches
   * @param position of the snapshot that the state starts from: what comes next is the event after it
   */
  constructor(
    limits: RecentLimits,
    private stored: number,
    position: number,
  ) {
    this.reached = stored;
    this.recent = new Recent(limits, position);
  }

  /** Every event up to this position is in the store. */
  get through(): number {
    return this.stored;
  }

  /** Every event up to this position is in the store, or in a write on its way there: writes come in their order. */
  get written(): number {
    return this.reached;
  }

  /** Bytes of the texts that wait to be written. */
  get waiting(): number {
    return this.pendingBytes;
  }

  /** What a round brought about. After a restart rounds come again whose events the store has already. */
  append(runs: readonly ChainedRun[]): void {
    for (const run of runs) {
      this.recent.add(run);
      this.wait(run);
    }
  }

  /** What waits, as records; undefined: nothing does. Writes become durable in their order. */
  takeWrite(): HistoryWrite | undefined {
    const last = this.pending.at(-1);
    if (!last) return undefined;
    const through = lastPositionOf(last);
    const puts = [...recordsOf(this.pending), headRecord(through)];
    this.pending = [];
    this.pendingBytes = 0;
    this.reached = through;
    return { puts, through };
  }

  /**
   * What a peer gave, up to this position, is on its way into the store. What waits here of the same events is not
   * written over it: a block of this server's may begin where one of the peer's does, and not reach so far.
   */
  onGiven(through: number): void {
    this.reached = Math.max(this.reached, through);
    const waiting = this.pending;
    this.pending = [];
    this.pendingBytes = 0;
    for (const run of waiting) this.wait(run);
  }

  /** A write of `takeWrite`, or the last of what was given, is durable. */
  onStored(through: number): void {
    // It may be of what was here before a snapshot came from a peer.
    if (through <= this.stored) return;
    this.stored = through;
    this.recent.evict(through);
  }

  /** For the next write, without what is in the store. */
  private wait(run: ChainedRun): void {
    const { position, texts } = run;
    const known = Math.max(0, this.reached - position + 1);
    if (known >= texts.count) return;
    const fresh = sliceRun(run, known, texts.count);
    this.pending.push(fresh);
    this.pendingBytes += fresh.texts.bytes.length;
  }
}

export function headRecord(through: number): StoredRecord {
  return { key: HEAD_KEY, value: pack([VERSION, through]) };
}

/** How far the history in a store reaches. @throws HistoryError */
export function readHead(value: Uint8Array | undefined): number {
  if (!value) return 0;
  const head = unpack(value, (fields) => {
    arity(fields, 2, 'head');
    return { version: uint(fields[0], 'version'), through: uint(fields[1], 'position') };
  });
  if ('bad' in head) throw new HistoryError(`the head of the history cannot be read: ${head.bad}`);
  if (head.version !== VERSION) throw new HistoryError(`version ${head.version} of the history is not known`);
  return head.through;
}
