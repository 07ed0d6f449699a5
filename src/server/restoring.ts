/**
 * How a server that is too far behind for rounds, or has lost its disk, gets the snapshot and the history of its peers:
 *
 *   behind ─▶ head ─▶ history, part by part ─▶ head ─▶ … until no newer snapshot came meanwhile
 *                                               └────▶ snapshot, part by part ─▶ install
 *
 * First the history up to the snapshot's position, which may take long, then the snapshot. Each part is asked of
 * whichever peer has had its rest; one that does not come is asked of another. What there is already stays.
 */
import type { ChatState } from '../chat/state';
import { headRecord } from '../history/history';
import { indexKeyOf } from '../history/keys';
import type { StoredRecord } from '../storage/storage';
import type { FetchHistory, FetchSnapshot, HistoryPart, SnapshotInfo, SnapshotPart } from '../wire/peer';
import { Givers } from './givers';
import type { ServerParts } from './parts';
import { openSnapshot, type Snapshots } from './snapshots';

/** Parts of the history that may wait to be written: what comes is not faster than the disk. */
const MAX_UNWRITTEN = 4;
/** A peer that was silent, or had nothing to give, is asked again when the others had so many times to answer. */
const SILENCE_TIMEOUTS = 6;

type Question = FetchSnapshot | FetchHistory;

interface Job {
  readonly givers: Givers;
  /** What is to be asked, or has been. */
  question: Question;
  /** Who has been asked; 0: nobody yet. */
  asked: number;
  askedAtMs: number;
  info: SnapshotInfo | undefined;
  /** The history is here up to this position. */
  through: number;
  permille: number;
  readonly snapshot: Uint8Array[];
}

/** A snapshot that is complete, and what it says. */
export interface Restored {
  readonly info: SnapshotInfo;
  readonly chat: ChatState;
}

export class Restoring {
  private job: Job | undefined;
  /** Parts of the history that are being written. */
  private unwritten = 0;

  constructor(
    private readonly parts: ServerParts,
    private readonly snapshots: Snapshots,
  ) {}

  /** How much of the history has come, 0 to 1000; undefined: nothing is being restored. */
  get permille(): number | undefined {
    return this.job?.permille;
  }

  /** The rounds that are missing here are cut off at that peer. */
  start(peer: number): void {
    // Who has no incarnation yet may write nothing down.
    if (this.job || this.parts.view().standing === 'new') return;
    const { history, options } = this.parts;
    const peers = options.servers.filter((id) => id !== options.id);
    this.job = {
      givers: new Givers(peers, peer),
      question: HEAD,
      asked: 0,
      askedAtMs: 0,
      info: undefined,
      through: history.through,
      permille: 0,
      snapshot: [],
    };
    this.parts.send({ type: 'log', level: 'info', text: `too far behind: asks server ${peer} for a snapshot` });
    this.askNext(this.job);
  }

  tick(): void {
    const { job } = this;
    if (!job) return;
    // Rounds came from somebody who still has them.
    if (job.info && this.parts.view().committed >= job.info.round) {
      this.job = undefined;
      return;
    }
    const { questionTimeoutMs } = this.parts.options.limits.paxos;
    const isLate = job.asked !== 0 && this.nowMs() - job.askedAtMs >= 2 * questionTimeoutMs;
    if (isLate) this.setAside(job);
    this.askNext(job);
  }

  onSnapshotPart(from: number, { snapshot, part, bytes }: SnapshotPart): void {
    const { job } = this;
    if (job?.asked !== from || job.question.type !== 'FetchSnapshot' || job.question.part !== part) return;
    if (snapshot.round === 0) this.setAside(job);
    else if (job.question.round !== snapshot.round || job.info?.digest !== snapshot.digest) this.onHead(job, snapshot);
    else {
      if (bytes.length > 0) job.snapshot[part] = bytes;
      const next = part + 1;
      if (next >= snapshot.parts) return this.complete(job, snapshot);
      this.wants(job, { type: 'FetchSnapshot', round: snapshot.round, part: next });
    }
    this.askNext(job);
  }

  onHistoryPart(from: number, { records, waitMs, room, position, permille }: HistoryPart): void {
    const { job } = this;
    if (job?.asked !== from || job.question.type !== 'FetchHistory') return;
    const { question } = job;
    const { through } = question;
    const isLast = room === '' && waitMs === 0;
    job.givers.rest(from, this.nowMs(), waitMs);
    this.wants(job, isLast ? HEAD : { ...question, room, position });
    if (records.length > 0 || isLast) {
      job.permille = Math.max(job.permille, permille);
      const puts = recordsFrom(records);
      if (isLast) job.through = through;
      this.unwritten += 1;
      this.parts.persist({ puts: isLast ? [...puts, headRecord(through)] : puts }, [{ type: 'given' }]);
    }
    this.askNext(job);
  }

  /** A part of the history has been written. */
  onWritten(): void {
    this.unwritten -= 1;
    if (this.job) this.askNext(this.job);
  }

  /** Which snapshot the peer has: first the history up to it, then its parts. */
  private onHead(job: Job, info: SnapshotInfo): void {
    job.info = info;
    job.snapshot.length = 0;
    const [after, through] = [job.through, info.position];
    if (through > after) this.wants(job, { type: 'FetchHistory', after, through, room: '', position: 0 });
    else this.wants(job, { type: 'FetchSnapshot', round: info.round, part: 0 });
  }

  private complete(job: Job, info: SnapshotInfo): void {
    const { parts } = this;
    const chat = openSnapshot(info, job.snapshot, parts.options.limits.chat);
    if ('bad' in chat) {
      const text = `the snapshot of server ${job.asked} cannot be used: ${chat.bad}`;
      parts.send({ type: 'log', level: 'warn', text });
      job.question = HEAD;
      this.setAside(job);
      return this.askNext(job);
    }
    const write = this.snapshots.replace(info, job.snapshot);
    this.job = undefined;
    parts.persist(write, [{ type: 'restored', restored: { info, chat } }]);
  }

  /** This is to be asked next. */
  private wants(job: Job, question: Question): void {
    job.question = question;
    job.asked = 0;
  }

  /** Who was asked is of no use for a while. */
  private setAside(job: Job): void {
    const { questionTimeoutMs } = this.parts.options.limits.paxos;
    job.givers.rest(job.asked, this.nowMs(), SILENCE_TIMEOUTS * questionTimeoutMs);
    job.asked = 0;
  }

  /** Asks what is to be asked, if there is somebody to ask now. */
  private askNext(job: Job): void {
    if (job.asked !== 0 || this.unwritten >= MAX_UNWRITTEN) return;
    const nowMs = this.nowMs();
    const { peer, atMs } = job.givers.next(nowMs);
    if (atMs > nowMs) return;
    job.asked = peer;
    job.askedAtMs = nowMs;
    this.parts.send({ type: 'ask', to: peer, message: job.question });
  }

  private nowMs(): number {
    return this.parts.options.clock.monotonicMs();
  }
}

const HEAD: FetchSnapshot = { type: 'FetchSnapshot', round: 0, part: 0 };

/** Blocks as they came, keys and values in turn, and the indexes that lead to them. */
function recordsFrom(pieces: readonly Uint8Array[]): readonly StoredRecord[] {
  const records: StoredRecord[] = [];
  for (let at = 0; at + 1 < pieces.length; at += 2) {
    const [key, value] = [pieces[at] as Uint8Array, pieces[at + 1] as Uint8Array];
    const index = indexKeyOf(key);
    if (index) records.push({ key, value }, { key: index, value: new Uint8Array(0) });
  }
  return records;
}
