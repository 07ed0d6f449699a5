/**
 * Snapshots of the chat: when they are taken, where they lie, and what is cut behind them.
 *
 *   'M'              → which snapshots there are, the latest last
 *   'S' round part   → a part of one
 *
 * They are taken at rounds that follow from the log alone, so that those of different servers can be compared: whenever
 * the size of all values from the first round on has become a multiple of a size. A snapshot tells that size, so whoever
 * goes on from it counts on. They are encoded part by part, while the service goes on; and two are kept, so that a
 * server that is a little behind still finds the rounds that it misses.
 */
import { Digest } from '../chat/digest';
import { type Plain, SnapshotError, type SnapshotWalk } from '../chat/snapshot';
import { ChatState } from '../chat/state';
import type { StoredRecord } from '../storage/storage';
import { pack, unpack } from '../wire/msgpack';
import type { SnapshotInfo } from '../wire/peer';
import { arity, type Bad, list, text, uint } from '../wire/shape';
import type { ServerParts } from './parts';

export const MANIFEST_KEY = Buffer.from('M');
const PART = 'S';
const VERSION = 2;
/** Sessions and rooms in one part, at most: those with much to tell make a part of fewer. */
const PART_ITEMS = 1000;
const KEPT = 2;
/** Snapshots that are being taken at the same time, at most: as many as are kept. */
const MAX_TAKING = KEPT;

interface Taking {
  readonly round: number;
  readonly position: number;
  readonly size: number;
  readonly walk: SnapshotWalk;
  readonly digest: Digest;
  parts: number;
}

export class Snapshots {
  /** The oldest first. */
  private kept: readonly SnapshotInfo[];
  /** Those that are being taken: the first is written, the others wait, each as the chat was at its round. */
  private taking: readonly Taking[] = [];
  /** Of all rounds applied, from the first one on. */
  private size: number;

  /** @param kept those that the store has, the oldest first */
  constructor(
    private readonly parts: ServerParts,
    kept: readonly SnapshotInfo[],
  ) {
    this.kept = kept;
    this.size = this.latest?.size ?? 0;
  }

  get latest(): SnapshotInfo | undefined {
    return this.kept.at(-1);
  }

  /** The one at that round, if there still is. */
  at(round: number): SnapshotInfo | undefined {
    return this.kept.find((one) => one.round === round);
  }

  /** A round was applied. Nothing is written yet: the round itself may not be. */
  onApplied(round: number, bytes: number): void {
    const { snapshotBytes, snapshotRounds } = this.parts.options.limits.server;
    const before = this.size;
    // As so many rounds make a snapshot, be there anything in them or not, each has a size of its own.
    this.size += bytes + Math.ceil(snapshotBytes / snapshotRounds);
    if (Math.floor(before / snapshotBytes) === Math.floor(this.size / snapshotBytes)) return;
    // Writing them takes longer than the rounds of one: this one is passed over, none is hurried.
    if (this.taking.length >= MAX_TAKING) return;
    const { chat } = this.parts;
    const { position } = chat;
    const { size } = this;
    const walk = chat.beginSnapshot();
    const taking = { round: round + 1, position, size, walk, digest: digestOf(size), parts: 0 };
    this.taking = [...this.taking, taking];
  }

  /** Goes on with what is being taken, if anything is, for a short while: a part takes about a millisecond. */
  step(): void {
    const { clock, limits } = this.parts.options;
    const endMs = clock.monotonicMs() + limits.server.snapshotStepMs;
    do {
      const [taking] = this.taking;
      if (!taking) return;
      this.takePart(taking);
    } while (clock.monotonicMs() < endMs);
  }

  /** What to write for a snapshot that came from a peer, parts and all, to be the only one. Until then nothing is taken. */
  replacing(info: SnapshotInfo, parts: readonly Uint8Array[]): { puts: StoredRecord[]; deletes: Uint8Array[] } {
    const deletes = this.kept.filter(({ round }) => round !== info.round).flatMap(partKeys);
    const puts = parts.map((value, part) => ({ key: partKey(info.round, part), value }));
    return { puts: [...puts, manifestOf([info])], deletes };
  }

  /** It is written: whatever was being taken is older than the one that there is. */
  onReplaced(info: SnapshotInfo): void {
    this.kept = [info];
    this.taking = this.taking.filter(({ round }) => round > info.round);
  }

  /** The rounds applied next are those after this snapshot. */
  goOnFrom({ size }: SnapshotInfo): void {
    this.size = size;
  }

  private takePart(taking: Taking): void {
    const plain = taking.walk.next(PART_ITEMS);
    if (plain === undefined) return this.complete(taking);
    const value = pack([plain]);
    taking.digest.bytes(value);
    this.parts.persist({ puts: [{ key: partKey(taking.round, taking.parts), value }] }, []);
    taking.parts += 1;
  }

  private complete({ round, position, size, digest, parts }: Taking): void {
    this.taking = this.taking.slice(1);
    // What is in a snapshot is in the history before it.
    this.parts.writeHistory();
    const all = [...this.kept, { round, position, size, parts, digest: digest.hex() }];
    this.kept = all.slice(-KEPT);
    const deletes = all.slice(0, -KEPT).flatMap(partKeys);
    const [oldest] = this.kept;
    const cut = this.kept.length === KEPT && oldest ? [{ type: 'cut', below: oldest.round } as const] : [];
    this.parts.persist({ puts: [manifestOf(this.kept)], deletes }, cut);
  }
}

export function partKey(round: number, part: number): Buffer {
  const key = Buffer.alloc(1 + 6 + 4);
  key.write(PART, 0, 'latin1');
  key.writeUIntBE(round, 1, 6);
  key.writeUInt32BE(part, 7);
  return key;
}

/** Which snapshots a store has, the oldest first. */
export function readManifest(value: Uint8Array | undefined): readonly SnapshotInfo[] | Bad {
  if (!value) return [];
  return unpack(value, (fields) => {
    arity(fields, 2, 'manifest');
    if (uint(fields[0], 'version') !== VERSION) return { bad: `version ${fields[0]} of the snapshots is not known` };
    return list(fields[1], 'snapshots', KEPT).map((item) => {
      const [round, position, size, parts, digest] = list(item, 'snapshot', 5);
      return {
        round: uint(round, 'round'),
        position: uint(position, 'position'),
        size: uint(size, 'size'),
        parts: uint(parts, 'parts'),
        digest: text(digest, 'digest'),
      };
    });
  });
}

/** The chat that a snapshot is of, when its parts are those that were written. */
export function openSnapshot({ size, position, digest }: SnapshotInfo, parts: readonly Uint8Array[]): ChatState | Bad {
  const found = digestOf(size);
  for (const part of parts) found.bytes(part);
  if (found.hex() !== digest) return { bad: `its digest is ${found.hex()}, not ${digest}` };
  const opened: unknown[] = [];
  for (const part of parts) {
    const plain = unpack(part, ([only]) => ({ only }));
    if ('bad' in plain) return plain;
    opened.push(plain.only);
  }
  try {
    const chat = ChatState.restore(opened as Plain[]);
    return chat.position === position ? chat : { bad: `it ends at position ${chat.position}, not ${position}` };
  } catch (error) {
    if (error instanceof SnapshotError) return { bad: error.message };
    throw error;
  }
}

export function manifestOf(kept: readonly SnapshotInfo[]): StoredRecord {
  const items = kept.map(({ round, position, size, parts, digest }) => [round, position, size, parts, digest]);
  return { key: MANIFEST_KEY, value: pack([VERSION, items]) };
}

/** What the digest of a snapshot begins with: its parts follow. */
export function digestOf(size: number): Digest {
  return new Digest().number(size);
}

function partKeys({ round, parts }: SnapshotInfo): readonly Buffer[] {
  return Array.from({ length: parts }, (_, part) => partKey(round, part));
}
