/**
 * Storage on LevelDB. Each `write` is one atomic, synced batch: whatever gathered while the last one was under way.
 *
 * What is read is checked: every record against its checksum, all accepted values together against the sums that the
 * last batch left (a batch that is lost in the middle shows), and the number of the last batch against the witness
 * beside the store (numbered batches that are lost at the end show; one of nothing but `bulk` has no number). What
 * cannot be seen: a folder that as a whole was put back to an earlier day, and after a loss of power the loss of batches
 * that the witness was not on the disk for either.
 */
import { invariant } from '../lib/assert';
import type { Timers } from '../lib/machine';
import type { HardState, StoredState } from '../paxos/effects';
import type { AcceptedValue } from '../paxos/messages';
import { AcceptedSums } from './accepted-sums';
import { failure, readFailure, systemFailure, writeFailure } from './failures';
import { type Batch, entriesIn, type Store } from './level';
import {
  AFTER_LAST_ROUND_KEY,
  decodeAccepted,
  decodeRecord,
  decodeState,
  encodeAccepted,
  encodeJson,
  encodeRecord,
  FIRST_ROUND_KEY,
  nameOf,
  recordKey,
  roundKey,
  STATE_KEY,
  type StateRecord,
} from './records';
import { Scrub } from './scrub';
import type { Settling } from './settling';
import type { ScanRange, Storage, StorageError, StorageWrite, StoredRecord } from './storage';
import type { KeyRange, Tables } from './tables';
import type { Witness } from './witness';

/** What a scan reads at once, in bytes: a part is checked, then read. Larger ones go faster, and hold up who waits. */
const SCAN_STEP = { least: 16 * 1024, most: 1024 * 1024 };

/** What a store is made of. */
export interface DiskParts {
  readonly level: Store;
  readonly tables: Tables;
  readonly witness: Witness;
  readonly settling: Settling;
  readonly timers: Timers;
}

export class DiskStorage implements Storage {
  private state: HardState | undefined;
  /** The number of the last batch. */
  private batch = 0;
  private readonly accepted = new AcceptedSums();
  /** The lowest round that was not cut off. */
  private first = 0;
  private phase: 'unread' | 'idle' | 'writing' | 'failed' | 'closed' = 'unread';
  private readonly level: Store;
  private readonly scrub: Scrub;
  /** Something is not what was written: nothing that depends on it may be said. */
  private damage: StorageError | undefined;

  constructor(
    private readonly folder: string,
    private readonly parts: DiskParts,
  ) {
    this.level = parts.level;
    this.scrub = new Scrub(parts.tables, parts.timers, (error) => {
      this.damage = this.errorOf(error);
    });
  }

  async load(): Promise<StoredState | undefined> {
    try {
      const accepted = await this.readAccepted();
      const record = await this.readState();
      this.check(record, accepted.length);
      this.phase = 'idle';
      if (!record) return undefined;
      this.state = record.state;
      this.batch = record.batch;
      this.first = record.first;
      return { state: record.state, first: record.first, accepted };
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  async write(writes: readonly StorageWrite[]): Promise<void> {
    invariant(this.phase === 'idle', `a store that is ${this.phase} is not written to`);
    if (this.damage) throw this.damage;
    this.phase = 'writing';
    const batch = this.level.batch();
    for (const { state, accepted, cut, puts = [], bulk = [], deletes } of writes) {
      this.state = state ?? this.state;
      if (cut !== undefined) this.cut(cut, batch);
      for (const record of puts) put(record, batch);
      for (const record of bulk) put(record, batch);
      for (const key of deletes ?? []) batch.del(recordKey(key));
      for (const value of accepted ?? []) {
        const key = roundKey(value.round);
        const bytes = encodeAccepted(key, value);
        this.accepted.add(value.round, bytes);
        batch.put(key, bytes);
      }
    }
    invariant(this.state, 'nothing is accepted before there is a state');
    // The key of the state is far from those of records: a table that had both would be merged with all between them.
    const isNumbered = writes.some((write) => !isBulk(write));
    if (isNumbered) {
      this.batch += 1;
      const { sums } = this.accepted;
      const record: StateRecord = { batch: this.batch, state: this.state, first: this.first, sums };
      batch.put(STATE_KEY, encodeJson(STATE_KEY, record));
    }
    try {
      await batch.write({ sync: true });
      if (isNumbered) this.parts.witness.note(this.batch);
    } catch (cause) {
      this.phase = 'failed';
      throw writeFailure(this.folder, cause);
    }
    if (this.phase === 'writing') this.phase = 'idle';
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const at = recordKey(key);
    return this.reading(async () => {
      await this.parts.tables.checkFor(at);
      const bytes = await this.level.get(at);
      return bytes && this.recordOf(at, bytes).value;
    });
  }

  async scan({ from, to, reverse = false, limit, bytes }: ScanRange): Promise<readonly StoredRecord[]> {
    return this.reading(async () => {
      const found: StoredRecord[] = [];
      let size = 0;
      const isEnough = () => found.length >= limit || size >= bytes;
      let left: KeyRange | undefined = { from: recordKey(from), to: recordKey(to) };
      // The same view for all parts of the scan, whatever is written meanwhile.
      const snapshot = this.level.snapshot();
      try {
        while (left && !isEnough()) {
          const step = Math.min(Math.max(SCAN_STEP.least, bytes - size), SCAN_STEP.most);
          const { part, rest } = await this.parts.tables.checkAhead(left, reverse, step);
          const { from: gte, to: lt } = part;
          const range = { gte, lt, reverse, limit: limit - found.length, snapshot, highWaterMarkBytes: step };
          for await (const [key, value] of entriesIn(this.level, range)) {
            if (isEnough()) break;
            const record = this.recordOf(key, value);
            found.push(record);
            size += record.value.length;
          }
          left = rest;
        }
      } finally {
        await snapshot.close();
      }
      return found;
    });
  }

  async close(): Promise<void> {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    await this.scrub.stop();
    await this.level.close();
    this.parts.settling.end();
    try {
      this.parts.witness.close();
    } catch (error) {
      throw systemFailure(this.folder, 'cannot be closed', error);
    }
  }

  private recordOf(key: Buffer, bytes: Buffer): StoredRecord {
    const value = decodeRecord(key, bytes);
    if (!value) throw this.corrupt(`the record ${key.toString('hex')} is not what was written`);
    return { key: nameOf(key), value };
  }

  private async reading<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      throw this.errorOf(error);
    }
  }

  private errorOf(error: unknown): StorageError {
    const failed = readFailure(this.folder, error);
    // What is closed while it is read breaks off: that says nothing of what was written.
    if (failed.code === 'corrupt' && this.phase !== 'closed') this.parts.settling.lookCloserNextTime();
    return failed;
  }

  private async readAccepted(): Promise<AcceptedValue[]> {
    const accepted: AcceptedValue[] = [];
    for await (const [key, bytes] of this.level.iterator({ gte: FIRST_ROUND_KEY, lt: AFTER_LAST_ROUND_KEY })) {
      const value = decodeAccepted(key, bytes);
      if (!value) throw this.corrupt(`the record ${key.toString('hex')} is not what was written`);
      this.accepted.add(value.round, bytes);
      accepted.push(value);
    }
    return accepted;
  }

  private async readState(): Promise<StateRecord | undefined> {
    const bytes = await this.level.get(STATE_KEY);
    const record = bytes && decodeState(bytes);
    if (bytes && !record) throw this.corrupt('the record of the state is not what was written');
    return record;
  }

  /** Whether what was found is all that was written. */
  private check(record: StateRecord | undefined, rounds: number): void {
    if (!record && rounds > 0) throw this.corrupt('the record of the state is missing');
    if (this.parts.witness.batch === undefined)
      throw this.corrupt('the number of the last batch is not what was written');
    const lost = this.parts.witness.batch - (record?.batch ?? 0);
    if (lost > 0) throw this.corrupt(`the last ${lost} batches of ${this.parts.witness.batch} are missing`);
    if (!record || (record.sums.count === rounds && record.sums.xor === this.accepted.sums.xor)) return;
    throw this.corrupt(`${rounds} rounds are there, ${record.sums.count} were written, or one of them is an older one`);
  }

  /** Takes the rounds below out of the store, and out of the sums. */
  private cut(below: number, batch: Batch): void {
    for (const round of this.accepted.cut(below)) batch.del(roundKey(round));
    this.first = Math.max(this.first, below);
  }

  private corrupt(what: string): StorageError {
    return failure('corrupt', this.folder, what);
  }
}

function put({ key, value }: StoredRecord, batch: Batch): void {
  const at = recordKey(key);
  batch.put(at, encodeRecord(at, value));
}

/** It holds nothing whose loss would have to be noticed. */
function isBulk({ bulk, ...others }: StorageWrite): boolean {
  return bulk !== undefined && Object.keys(others).length === 0;
}
