/**
 * The disk of a virtual host, and on it the real storage (src/storage/disk-storage.ts) over a LevelDB that is a map. A
 * batch is there as a whole once it was synced; a process that is killed meanwhile finds it there or does not. Damage is
 * done while no process has it open, as a bad sector or a torn file would show.
 */
import { type Random, randomInt } from '../../src/lib/prng';
import { DiskStorage } from '../../src/storage/disk-storage';
import type { Batch, EntryRange, Store } from '../../src/storage/level';
import { decodeAccepted, decodeState, roundKey, STATE_KEY, type StateRecord } from '../../src/storage/records';
import type { Settling } from '../../src/storage/settling';
import type { Storage } from '../../src/storage/storage';
import type { KeyRange, Tables } from '../../src/storage/tables';
import type { Witness } from '../../src/storage/witness';
import type { Agenda } from './agenda';
import type { VirtualProcess } from './process';
import { type Key, SortedRecords } from './sorted-records';

type Change = readonly [Key, Buffer | undefined];

/** How long a sync takes: at least, and at most so much more. Milliseconds. */
interface SyncTime {
  readonly least: number;
  readonly more: number;
}

const QUICK_MS: SyncTime = { least: 0.2, more: 0.8 };
const STATE_NAME = STATE_KEY.toString('latin1');
/** How many of the last batches can be torn off. */
const TEARABLE = 3;

export class VirtualDisk {
  /** What has been synced. */
  private records = SortedRecords.empty();
  /** Somebody looks at the records as they are now: they are not to be changed, but a copy of them. */
  private isShared = false;
  /** The state as it was last asked for, decoded. */
  private lastState: { readonly bytes: Buffer; readonly state: StateRecord | undefined } | undefined;
  private witness: number | undefined;
  /** What the last batches wrote over, the latest last. */
  private undo: (readonly Change[])[] = [];
  /** Where a bit was flipped and nothing was written since. */
  private readonly flipped = new Set<Key>();
  /** The process that has it open was given such a record. */
  private hasGivenFlipped = false;
  /** What is being synced: a kill leaves it there, or not. */
  private syncing: readonly Change[] | undefined;
  /** While it is slow a sync takes so long. */
  private slow: SyncTime & { readonly untilMs: number } = { ...QUICK_MS, untilMs: 0 };
  /** The next sync fails with this. */
  failure: string | undefined;
  /** The next sync is the last thing that its process does: before it is durable, or right after. */
  killAt: 'before' | 'after' | undefined;

  constructor(
    private readonly name: string,
    private readonly agenda: Agenda,
    private readonly random: Random,
    /** Told of every sync: how many records, and what came of it. */
    private readonly onSync: (records: number, outcome: string) => void,
  ) {}

  open(process: VirtualProcess): Storage {
    this.witness ??= 0;
    this.hasGivenFlipped = false;
    process.whenKilled(() => {
      if (this.syncing && this.random.next() < 0.5) this.write(this.syncing);
      this.syncing = undefined;
      this.killAt = undefined;
    });
    return new DiskStorage(this.name, {
      level: this.level(process) as unknown as Store,
      tables: UNDAMAGED as unknown as Tables,
      witness: this.witnessFor() as unknown as Witness,
      settling: SETTLED as unknown as Settling,
      timers: process.timers,
    });
  }

  /** From now on, for so long. */
  slowDown(forMs: number, sync: SyncTime): void {
    this.slow = { ...sync, untilMs: Math.max(this.slow.untilMs, this.agenda.nowMs + forMs) };
  }

  /** It works as it should. What is on it stays as it is. */
  mend(): void {
    this.slow = { ...QUICK_MS, untilMs: 0 };
    this.failure = undefined;
    this.killAt = undefined;
  }

  wipe(): void {
    this.records = SortedRecords.empty();
    this.isShared = false;
    this.witness = undefined;
    this.undo = [];
    this.flipped.clear();
  }

  /** Something in it is not what was written, found or not. */
  get isDamaged(): boolean {
    return this.flipped.size > 0;
  }

  /** The last batches are gone, though they had been synced. @returns whether anything is */
  tear(batches: number): boolean {
    const torn = this.undo.splice(-batches);
    for (const changes of torn.reverse()) for (const change of changes.toReversed()) this.put(change);
    return torn.length > 0;
  }

  /** A bit of some record is another one. @returns whether there was any record */
  flip(): boolean {
    const key = this.records.keyAt(randomInt(this.random, 0, this.records.size));
    const bytes = Buffer.from((key !== undefined && this.records.get(key)) || []);
    if (key === undefined || bytes.length === 0) return false;
    const at = randomInt(this.random, 0, bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << randomInt(this.random, 0, 8));
    this.put([key, bytes]);
    this.flipped.add(key);
    return true;
  }

  // ---- For the checks -----------------------------------------------------------------------------------------------

  /** What is durable of what Paxos must not forget; undefined: nothing. */
  get state(): StateRecord | undefined {
    const bytes = this.records.get(STATE_NAME);
    if (bytes !== this.lastState?.bytes) this.lastState = bytes && { bytes, state: decodeState(bytes) };
    return this.lastState?.state;
  }

  /** What is durable of what was accepted in a round. */
  accepted(round: number): ReturnType<typeof decodeAccepted> {
    const key = roundKey(round);
    const bytes = this.records.get(key.toString('latin1'));
    return bytes && decodeAccepted(key, bytes);
  }

  /** What a process can see of it is not what was written, so that no process may go on: why; undefined: nothing. */
  get wrong(): string | undefined {
    const lost = (this.witness ?? 0) - (this.state?.batch ?? 0);
    if (lost > 0) return `the last ${lost} batches are missing`;
    return this.hasGivenFlipped ? 'a record with a flipped bit was read' : undefined;
  }

  // ---- LevelDB ------------------------------------------------------------------------------------------------------

  private level(process: VirtualProcess) {
    return {
      batch: () => this.batch(process),
      get: (key: Buffer) => this.reading(process, () => this.give(key.toString('latin1'))),
      snapshot: () => this.frozen(),
      iterator: (range: EntryRange) => this.iterator(process, range),
      close: async () => {},
    };
  }

  private batch(process: VirtualProcess): Pick<Batch, 'put' | 'del' | 'write'> {
    const changes: Change[] = [];
    const batch = {
      put(key: Buffer, value: Buffer) {
        changes.push([key.toString('latin1'), value]);
        return batch as unknown as Batch;
      },
      del(key: Buffer) {
        changes.push([key.toString('latin1'), undefined]);
        return batch as unknown as Batch;
      },
      write: () => this.sync(process, changes),
    };
    return batch;
  }

  private sync(process: VirtualProcess, changes: readonly Change[]): Promise<void> {
    const { failure, killAt } = this;
    this.failure = undefined;
    this.killAt = undefined;
    return new Promise((resolve, reject) => {
      const durable = () => {
        if (!process.isAlive) return;
        this.syncing = undefined;
        this.onSync(changes.length, failure ?? (killAt === undefined ? 'synced' : `killed ${killAt} its sync`));
        // What fails may have reached the disk all the same.
        if (failure ? this.random.next() < 0.5 : killAt !== 'before') this.write(changes);
        if (killAt) process.kill();
        process.guard(() => (failure ? reject(new Error(failure)) : resolve()))();
      };
      this.syncing = changes;
      const { least, more } = this.agenda.nowMs < this.slow.untilMs ? this.slow : QUICK_MS;
      this.agenda.after(least + more * this.random.next(), durable);
    });
  }

  private write(changes: readonly Change[]): void {
    const before = changes.map(([key]): Change => [key, this.records.get(key)]);
    this.undo.push(before);
    if (this.undo.length > TEARABLE) this.undo.shift();
    for (const change of changes) this.put(change);
  }

  private put([key, value]: Change): void {
    if (this.isShared) this.records = this.records.clone();
    this.isShared = false;
    this.flipped.delete(key);
    if (value) this.records.set(key, value);
    else this.records.delete(key);
  }

  private frozen(): Frozen {
    this.isShared = true;
    return new Frozen(this.records);
  }

  private give(key: Key): Buffer | undefined {
    if (this.flipped.has(key)) this.hasGivenFlipped = true;
    return this.records.get(key);
  }

  /** Reading takes a moment too. */
  private reading<Result>(process: VirtualProcess, read: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      this.agenda.after(
        0.05,
        process.guard(() => resolve(read())),
      );
    });
  }

  private iterator(process: VirtualProcess, { gte, lt, reverse, limit, snapshot }: Partial<EntryRange>) {
    const from = (snapshot as Frozen | undefined)?.records ?? this.records;
    let entries = from.between(gte as Buffer, lt as Buffer);
    if (reverse) entries.reverse();
    if (limit !== undefined && limit >= 0) entries = entries.slice(0, limit);
    return {
      nextv: (count: number) => this.reading(process, () => entries.splice(0, count)),
      seek: () => {
        entries = [];
      },
      close: async () => {},
      [Symbol.asyncIterator]: () => this.inTurn(entries),
    };
  }

  /** All of them, each of which is looked at. (Who scans may stop before the last ones.) */
  private async *inTurn(entries: readonly [Buffer, Buffer][]): AsyncGenerator<[Buffer, Buffer]> {
    if (entries.some(([key]) => this.flipped.has(key.toString('latin1')))) this.hasGivenFlipped = true;
    yield* entries;
  }

  private witnessFor(): Pick<Witness, 'batch' | 'note' | 'close'> {
    const noted = this.witness ?? 0;
    return {
      batch: noted,
      note: (batch) => {
        this.witness = batch;
      },
      close: () => {},
    };
  }
}

/** A view of the store as it was. */
class Frozen {
  constructor(readonly records: SortedRecords) {}
  async close(): Promise<void> {}
}

/** Tables of a store are files: how damage in them is found is tested on files. Here records are damaged. */
const UNDAMAGED: Pick<Tables, 'checkFor' | 'checkAhead' | 'checkMore'> = {
  checkFor: async () => {},
  checkAhead: async (range: KeyRange) => ({ part: range, rest: undefined }),
  checkMore: async () => false,
};

const SETTLED: Pick<Settling, 'end' | 'lookCloserNextTime'> = { end: () => {}, lookCloserNextTime: () => {} };
