/**
 * The table files of a store. How long a store takes to open must not depend on how much is in it: of each table only
 * what leads to its data is checked then, and the data that is needed to start. Everything else is checked block by
 * block, right before LevelDB reads it for somebody.
 *
 * LevelDB also reads tables to merge them, and what was damaged before that looks sound afterwards. The newest tables
 * are those that are merged next: they are checked wholly at the start, and all others little by little after it.
 *
 * Tables never change: LevelDB writes new ones, and removes those that they replace.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../lib/clock';
import { DamagedFile } from './failures';
import { type Block, checkBlocks, checkTable, Damage, type Index, readIndex, type Table } from './table';

/** Data that is checked in one step of those after the start. */
const STEP_BYTES = 512 * 1024;
/** Indexes that are kept: one is some five kilobytes, and leads to a megabyte. */
const KEPT_INDEXES = 2048;
/** A folder that changed so lately may have changed again within the same tick of its clock, milliseconds. */
const CLOCK_TICK_MS = 50;

const NOTHING = Buffer.alloc(0);

/** Keys from `from` up to `to`, without `to`. */
export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** A part of a range, the first in the direction of the scan, and what is left after it. */
export interface Checked {
  readonly part: KeyRange;
  readonly rest: KeyRange | undefined;
}

/** A table, and its file. */
type Named = readonly [string, Table];

/** A table that has something of a part, and how many bytes. */
interface Reached {
  readonly name: string;
  readonly table: Table;
  readonly index: Index;
  readonly size: number;
}

export class Tables {
  private readonly tables = new Map<string, Table>();
  private sorted: { readonly up: readonly Named[]; readonly down: readonly Named[] } | undefined;
  /** Those read last are at the end. */
  private readonly indexes = new Map<string, Index>();
  /** When the folder had changed last, as it was listed. */
  private listed = -1n;
  /** Tables whose data has not all been checked, and how far the first of them has been: places in its index. */
  private readonly unchecked: string[] = [];
  private checkedBlocks = 0;

  /**
   * Checks the tables of a store that is not open yet.
   * @param below all data of the keys below is checked …
   * @param newestBytes … and all data in the newest tables, as many as have so many bytes together
   * @throws DamagedFile, the system's error
   */
  constructor(
    private readonly store: string,
    below: Buffer,
    newestBytes: number,
  ) {
    let left = newestBytes;
    for (const name of this.names().sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))) {
      left -= statSync(this.pathOf(name), { throwIfNoEntry: false })?.size ?? 0;
      this.add(name, left >= 0 ? undefined : below);
      if (left < 0 && this.tables.has(name)) this.unchecked.push(name);
    }
  }

  /** To be called once LevelDB has opened the store: it may have written unfinished work of the last process again. */
  onOpened(): void {
    for (const [name, { writtenNs }] of this.tables) {
      const now = statSync(this.pathOf(name), { bigint: true, throwIfNoEntry: false });
      if (now?.mtimeNs !== writtenNs) this.forget(name);
    }
    this.list();
  }

  /** Goes on with the data that was not checked at the start. @returns whether there is more @throws as `checkFor` */
  async checkMore(): Promise<boolean> {
    const [name = ''] = this.unchecked;
    const table = this.tables.get(name);
    const index = table && (await this.indexOf(name, table));
    const start = this.checkedBlocks;
    let size = 0;
    while (index && this.checkedBlocks < index.count && size < STEP_BYTES) {
      size += index.block(this.checkedBlocks).size;
      this.checkedBlocks += 1;
    }
    if (index) await this.check(name, index.blocks(start, this.checkedBlocks));
    if (this.checkedBlocks >= (index?.count ?? 0)) {
      this.unchecked.shift();
      this.checkedBlocks = 0;
    }
    return this.unchecked.length > 0;
  }

  /** Checks the blocks that LevelDB reads for a key. @throws DamagedFile, the system's error */
  async checkFor(key: Buffer): Promise<void> {
    this.list();
    const holding = [...this.tables].filter(([, { first, last }]) => first.compare(key) <= 0 && last.compare(key) >= 0);
    await Promise.all(
      holding.map(async ([name, table]) => {
        const index = await this.indexOf(name, table);
        const at = index?.placeOf(key) ?? 0;
        await this.check(name, index?.blocks(at, at + 1) ?? []);
      }),
    );
  }

  /**
   * Checks the blocks that LevelDB reads for the first part of a scan.
   * @param bytes that the part may have, about, of tables that lie one behind the other
   * @throws DamagedFile, the system's error
   */
  async checkAhead(range: KeyRange, reverse: boolean, bytes: number): Promise<Checked> {
    this.list();
    const found: Reached[] = [];
    let checked: Checked = { part: range, rest: undefined };
    for (const [name, table] of this.inOrder(reverse)) {
      if (!overlaps(table, checked.part)) continue;
      const left = bytes - sizeBefore(table, found, reverse);
      if (left <= 0) {
        checked = reverse ? cutBelow(checked, after(table.last)) : cutAbove(checked, table.first);
        continue;
      }
      const index = await this.indexOf(name, table);
      if (!index) continue;
      checked = reverse ? splitBelow(checked, index, left) : splitAbove(checked, index, left);
      found.push({ name, table, index, size: sizeWithin(checked.part, index) });
    }
    const { from, to } = checked.part;
    // One more at either end: to see where the part begins and ends LevelDB goes to the keys around it.
    const check = ({ name, index }: Reached) =>
      this.check(name, index.blocks(index.placeOf(from) - 1, index.placeOf(to) + 2));
    await Promise.all(found.map(check));
    return checked;
  }

  /** All tables, in the order in which a scan of everything comes to them. */
  private inOrder(reverse: boolean): readonly Named[] {
    // Sorting a thousand tables for each page would take as long as reading it.
    this.sorted ??= {
      up: [...this.tables].sort(([, a], [, b]) => a.first.compare(b.first)),
      down: [...this.tables].sort(([, a], [, b]) => b.last.compare(a.last)),
    };
    return reverse ? this.sorted.down : this.sorted.up;
  }

  /** @returns undefined when the table is gone */
  private async indexOf(name: string, table: Table): Promise<Index | undefined> {
    const index = this.indexes.get(name) ?? (await this.naming(name, readIndex(this.pathOf(name), table)));
    if (!index) return undefined;
    this.indexes.delete(name);
    this.indexes.set(name, index);
    for (const oldest of this.indexes.keys()) {
      if (this.indexes.size <= KEPT_INDEXES) break;
      this.indexes.delete(oldest);
    }
    return index;
  }

  private check(name: string, blocks: readonly Block[]): Promise<void> {
    return this.naming(name, checkBlocks(this.pathOf(name), blocks));
  }

  private async naming<Result>(name: string, checking: Promise<Result>): Promise<Result> {
    try {
      return await checking;
    } catch (error) {
      throw error instanceof Damage ? new DamagedFile(name) : error;
    }
  }

  /** Takes note of the tables that were made and removed meanwhile. */
  private list(): void {
    const { mtimeNs, mtimeMs } = statSync(this.store, { bigint: true });
    if (mtimeNs === this.listed) return;
    const names = new Set(this.names());
    for (const name of this.tables.keys()) if (!names.has(name)) this.forget(name);
    for (const name of names) if (!this.tables.has(name)) this.add(name, NOTHING);
    this.listed = systemClock.wallMs() - Number(mtimeMs) < CLOCK_TICK_MS ? -1n : mtimeNs;
  }

  private names(): string[] {
    return readdirSync(this.store).filter((name) => /^\d+\.(ldb|sst)$/.test(name));
  }

  private add(name: string, below: Buffer | undefined): void {
    try {
      const table = checkTable(this.pathOf(name), below);
      if (!table) return;
      this.tables.set(name, table);
      this.sorted = undefined;
    } catch (error) {
      throw error instanceof Damage ? new DamagedFile(name) : error;
    }
  }

  private forget(name: string): void {
    this.tables.delete(name);
    this.indexes.delete(name);
    this.sorted = undefined;
  }

  private pathOf(name: string): string {
    return path.join(this.store, name);
  }
}

function overlaps({ first, last }: Table, { from, to }: KeyRange): boolean {
  return first.compare(to) < 0 && last.compare(from) >= 0;
}

/** What a scan reads of other tables before it comes to this one. */
function sizeBefore(table: Table, found: readonly Reached[], reverse: boolean): number {
  let size = 0;
  for (const other of found) {
    const isBefore = reverse ? other.table.first.compare(table.last) > 0 : other.table.last.compare(table.first) < 0;
    if (isBefore) size += other.size;
  }
  return size;
}

function sizeWithin({ from, to }: KeyRange, index: Index): number {
  return index.blocks(index.placeOf(from), index.placeOf(to) + 1).reduce((sum, { size }) => sum + size, 0);
}

/** Upwards: ends the part below this key. */
function cutAbove({ part, rest }: Checked, end: Buffer): Checked {
  return { part: { from: part.from, to: end }, rest: { from: end, to: rest?.to ?? part.to } };
}

/** Downwards: ends the part with this key. */
function cutBelow({ part, rest }: Checked, start: Buffer): Checked {
  return { part: { from: start, to: part.to }, rest: { from: rest?.from ?? part.from, to: start } };
}

/** Upwards: ends the part where so much of this table has been read as is checked ahead. */
function splitAbove(checked: Checked, index: Index, bytes: number): Checked {
  const { from, to } = checked.part;
  let size = 0;
  for (let at = index.placeOf(from); at < index.count; at += 1) {
    const block = index.block(at);
    size += block.size;
    const end = after(block.last);
    if (end.compare(to) >= 0) break;
    if (size >= bytes) return cutAbove(checked, end);
  }
  return checked;
}

/** Downwards. */
function splitBelow(checked: Checked, index: Index, bytes: number): Checked {
  const { from, to } = checked.part;
  let size = 0;
  for (let at = Math.min(index.placeOf(to), index.count - 1); at > 0; at -= 1) {
    const start = after(index.block(at - 1).last);
    if (start.compare(to) >= 0) continue; // Nothing of this block is below `to`.
    size += index.block(at).size;
    if (start.compare(from) <= 0) break;
    if (size >= bytes) return cutBelow(checked, start);
  }
  return checked;
}

/** The key that comes right after this one. */
function after(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.alloc(1)]);
}
