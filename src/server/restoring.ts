/**
 * How a server that is too far behind for rounds, or has lost its disk, gets the snapshot and the history of a peer:
 *
 *   behind ─▶ head ─▶ history, part by part ─▶ head ─▶ … until no newer snapshot came meanwhile
 *                                               └────▶ snapshot, part by part ─▶ install
 *
 * First the history up to the snapshot's position, which may take long, then the snapshot. A part that does not come is
 * asked for again, then of the next peer: what there is already stays.
 */
import type { ChatState } from '../chat/state';
import { headRecord } from '../history/history';
import { indexKeyOf } from '../history/keys';
import type { StoredRecord } from '../storage/storage';
import type { FetchHistory, FetchSnapshot, HistoryPart, SnapshotInfo, SnapshotPart } from '../wire/peer';
import type { ServerParts } from './parts';
import { openSnapshot, type Snapshots } from './snapshots';

/** Questions in a row without an answer after which another peer is asked. */
const PATIENCE = 3;

interface Job {
  peer: number;
  /** What is being asked, and since when. */
  question: FetchSnapshot | FetchHistory;
  askedAtMs: number;
  /** The peer wants to be asked again not before this. */
  notBeforeMs: number;
  fruitless: number;
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
    const { history } = this.parts;
    this.job = {
      peer,
      question: HEAD,
      askedAtMs: 0,
      notBeforeMs: Number.POSITIVE_INFINITY,
      fruitless: 0,
      info: undefined,
      through: history.through,
      permille: 0,
      snapshot: [],
    };
    this.parts.send({ type: 'log', level: 'info', text: `too far behind: asks server ${peer} for a snapshot` });
    this.ask(HEAD);
  }

  tick(): void {
    const { job } = this;
    if (!job) return;
    // Rounds came from somebody who still has them.
    if (job.info && this.parts.view().committed >= job.info.round) {
      this.job = undefined;
      return;
    }
    if (this.nowMs() >= job.notBeforeMs) return this.ask(job.question);
    const { questionTimeoutMs } = this.parts.options.limits.paxos;
    if (this.nowMs() - job.askedAtMs < 2 * questionTimeoutMs) return;
    job.fruitless += 1;
    if (job.fruitless % PATIENCE === 0) job.peer = this.nextPeer(job.peer);
    this.ask(job.question);
  }

  onSnapshotPart(from: number, { snapshot, part, bytes }: SnapshotPart): void {
    const { job } = this;
    if (job?.peer !== from || job.question.type !== 'FetchSnapshot' || job.question.part !== part) return;
    if (snapshot.round === 0) return; // It has none: another one is asked after a while.
    job.fruitless = 0;
    if (job.question.round !== snapshot.round || job.info?.digest !== snapshot.digest)
      return this.onHead(job, snapshot);
    if (bytes.length > 0) job.snapshot[part] = bytes;
    const next = part + 1;
    if (next < snapshot.parts) this.ask({ type: 'FetchSnapshot', round: snapshot.round, part: next });
    else this.complete(job, snapshot);
  }

  onHistoryPart(from: number, { records, waitMs, room, position, permille }: HistoryPart): void {
    const { job } = this;
    if (job?.peer !== from || job.question.type !== 'FetchHistory' || !job.info) return;
    const { after, through } = job.question;
    job.fruitless = 0;
    if (waitMs > 0) {
      job.notBeforeMs = this.nowMs() + waitMs;
      return;
    }
    job.permille = permille;
    const puts = recordsFrom(records);
    if (room !== '') {
      this.parts.persist({ puts }, []);
      return this.ask({ type: 'FetchHistory', after, through, room, position });
    }
    job.through = through;
    this.parts.persist({ puts: [...puts, headRecord(through)] }, []);
    this.ask(HEAD);
  }

  /** Which snapshot the peer has: first the history up to it, then its parts. */
  private onHead(job: Job, info: SnapshotInfo): void {
    job.info = info;
    job.snapshot.length = 0;
    if (info.position > job.through) {
      const [after, through] = [job.through, info.position];
      this.ask({ type: 'FetchHistory', after, through, room: '', position: 0 });
    } else this.ask({ type: 'FetchSnapshot', round: info.round, part: 0 });
  }

  private complete(job: Job, info: SnapshotInfo): void {
    const { parts } = this;
    const chat = openSnapshot(info, job.snapshot, parts.options.limits.chat);
    if ('bad' in chat) {
      parts.send({
        type: 'log',
        level: 'warn',
        text: `the snapshot of server ${job.peer} cannot be used: ${chat.bad}`,
      });
      job.peer = this.nextPeer(job.peer);
      return this.ask(HEAD);
    }
    const write = this.snapshots.replace(info, job.snapshot);
    this.job = undefined;
    parts.persist(write, [{ type: 'restored', restored: { info, chat } }]);
  }

  private ask(question: FetchSnapshot | FetchHistory): void {
    const { job } = this;
    if (!job) return;
    job.question = question;
    job.notBeforeMs = Number.POSITIVE_INFINITY;
    job.askedAtMs = this.nowMs();
    this.parts.send({ type: 'ask', to: job.peer, message: question });
  }

  private nextPeer(peer: number): number {
    const peers = this.parts.options.servers.filter((id) => id !== this.parts.options.id);
    return peers[(peers.indexOf(peer) + 1) % peers.length] ?? peer;
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
