/**
 * The disk of a virtual host, and on it the real storage (src/storage/disk-storage.ts) over a LevelDB that is a map. A
 * batch is there as a whole once it was synced; a process that is killed meanwhile finds it there or does not. Damage is
 * done while no process has it open, as a bad sector or a torn file would show.
 */
import { type Random, randomInt } from '../../src/lib/prng';
import { DiskStorage } from '../../src/storage/disk-storage';
import type { Batch, EntryRange, Store } from '../../src/storage/level';
import {
  AFTER_LAST_ROUND_KEY,
  decodeAccepted,
  decodeState,
  FIRST_ROUND_KEY,
  roundKey,
  STATE_KEY,
  type StateRecord,
} from '../../src/storage/records';
import type { Settling } from '../../src/storage/settling';
import type { Storage } from '../../src/storage/storage';
import type { KeyRange, Tables } from '../../src/storage/tables';
import type { Witness } from '../../src/storage/witness';
import type { Agenda } from './agenda';
import type { VirtualProcess } from './process';

type Key = string;
type Change = readonly [Key, Buffer | undefined];

/** How many of the last batches can be torn off. */
const TEARABLE = 3;

export class VirtualDisk {
  /** What has been synced. Keys are bytes as `latin1`, so that they are ordered as bytes are. */
  private records = new Map<Key, Buffer>();
  private witness: number | undefined;
  /** What the last batches wrote over, the latest last. */
  private undo: (readonly Change[])[] = [];
  /** Where a bit was flipped and nothing was written since. */
  private readonly flipped = new Set<Key>();
  /** What is being synced: a kill leaves it there, or not. */
  private syncing: readonly Change[] | undefined;
  /** How long a sync takes: at least, and at most so much more. Milliseconds. */
  syncMs = { least: 0.2, more: 0.8 };
  /** The next sync fails with this. */
  failure: string | undefined;
  /** The next sync is the last thing that its process does: before it is durable, or right after. */
  killAt: 'before' | 'after' | undefined;

  constructor(
    private readonly name: string,
    private readonly agenda: Agenda,
    private readonly random: Random,
  ) {}

  /** Nothing was ever written here. */
  get isEmpty(): boolean {
    return this.witness === undefined;
  }

  open(process: VirtualProcess): Storage {
    this.witness ??= 0;
    process.whenKilled(() => {
      if (this.syncing && this.random.next() < 0.5) this.write(this.syncing);
      this.syncing = undefined;
    });
    return new DiskStorage(this.name, {
      level: this.level(process) as unknown as Store,
      tables: UNDAMAGED as unknown as Tables,
      witness: this.witnessFor() as unknown as Witness,
      settling: SETTLED as unknown as Settling,
      timers: process.timers,
    });
  }

  wipe(): void {
    this.records = new Map();
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
    const keys = [...this.records.keys()];
    const key = keys[randomInt(this.random, 0, keys.length)];
    const bytes = Buffer.from((key !== undefined && this.records.get(key)) || []);
    if (key === undefined || bytes.length === 0) return false;
    const at = randomInt(this.random, 0, bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << randomInt(this.random, 0, 8));
    this.records.set(key, bytes);
    this.flipped.add(key);
    return true;
  }

  // ---- For the checks -----------------------------------------------------------------------------------------------

  /** What is durable of what Paxos must not forget; undefined: nothing. */
  get state(): StateRecord | undefined {
    const bytes = this.records.get(STATE_KEY.toString('latin1'));
    return bytes && decodeState(bytes);
  }

  /** What is durable of what was accepted in a round. */
  accepted(round: number): ReturnType<typeof decodeAccepted> {
    const key = roundKey(round);
    const bytes = this.records.get(key.toString('latin1'));
    return bytes && decodeAccepted(key, bytes);
  }

  /** How many rounds are kept. */
  get rounds(): number {
    return within(FIRST_ROUND_KEY, AFTER_LAST_ROUND_KEY, this.records).length;
  }

  // ---- LevelDB ------------------------------------------------------------------------------------------------------

  private level(process: VirtualProcess) {
    return {
      batch: () => this.batch(process),
      get: (key: Buffer) => this.reading(process, () => this.records.get(key.toString('latin1'))),
      snapshot: () => new Frozen(new Map(this.records)),
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
        if (!failure && killAt !== 'before') this.write(changes);
        if (killAt) process.kill();
        process.guard(() => (failure ? reject(new Error(failure)) : resolve()))();
      };
      this.syncing = changes;
      this.agenda.after(this.syncMs.least + this.syncMs.more * this.random.next(), durable);
    });
  }

  private write(changes: readonly Change[]): void {
    const before = changes.map(([key]): Change => [key, this.records.get(key)]);
    this.undo.push(before);
    if (this.undo.length > TEARABLE) this.undo.shift();
    for (const change of changes) this.put(change);
  }

  private put([key, value]: Change): void {
    this.flipped.delete(key);
    if (value) this.records.set(key, value);
    else this.records.delete(key);
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
    let entries = within(gte as Buffer, lt as Buffer, from);
    if (reverse) entries.reverse();
    if (limit !== undefined && limit >= 0) entries = entries.slice(0, limit);
    return {
      nextv: (count: number) => this.reading(process, () => entries.splice(0, count)),
      seek: () => {
        entries = [];
      },
      close: async () => {},
      async *[Symbol.asyncIterator]() {
        yield* entries.splice(0);
      },
    };
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

/** In the order of their keys. */
function within(from: Buffer, to: Buffer, records: ReadonlyMap<Key, Buffer>): [Buffer, Buffer][] {
  const [low, high] = [from.toString('latin1'), to.toString('latin1')];
  const keys = [...records.keys()].filter((key) => key >= low && key < high).sort();
  return keys.map((key) => [Buffer.from(key, 'latin1'), records.get(key) as Buffer]);
}

/** A view of the store as it was. */
class Frozen {
  constructor(readonly records: ReadonlyMap<Key, Buffer>) {}
  async close(): Promise<void> {}
}

/** Tables of a store are files: how damage in them is found is tested on files. Here records are damaged. */
const UNDAMAGED: Pick<Tables, 'checkFor' | 'checkAhead' | 'checkMore'> = {
  checkFor: async () => {},
  checkAhead: async (range: KeyRange) => ({ part: range, rest: undefined }),
  checkMore: async () => false,
};

const SETTLED: Pick<Settling, 'end' | 'lookCloserNextTime'> = { end: () => {}, lookCloserNextTime: () => {} };
