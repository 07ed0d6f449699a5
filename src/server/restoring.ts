/**
 * How a server that is too far behind for rounds, or has lost its disk, gets the snapshot and the history of its peers:
 *
 *   behind ─▶ head ─▶ history, part by part ─▶ head ─▶ … until no newer snapshot came meanwhile
 *                                               └────▶ snapshot, part by part ─▶ install
 *
 * First the history up to the snapshot's position, which may take long, then the snapshot. The history comes in several
 * stretches side by side: while the one is on its way, the other is read. Each part is asked of whichever peer has had
 * its rest; one that does not come is asked of another. What there is already stays: nothing is asked for that is on its
 * way into the store, and nothing is written by this server itself until the job is over. What came is gathered into
 * large writes; only the last one says that it is there.
 */
import type { ChatState } from '../chat/state';
import { recordsGiven } from '../history/given';
import { headRecord } from '../history/history';
import type {
  FetchHistory,
  FetchSnapshot,
  HistoryPart,
  HistoryStretch,
  SnapshotInfo,
  SnapshotPart,
} from '../wire/peer';
import { Gathering } from './gathering';
import { Givers } from './givers';
import type { ServerParts } from './parts';
import { openSnapshot, type Snapshots } from './snapshots';

/** Stretches of the history that are asked for side by side. */
const STRETCHES = 2;
/** A peer that was silent, or had nothing to give, is asked again when the others had so many times to answer. */
const SILENCE_TIMEOUTS = 6;

/** What is to be asked next, or has been: one question of a snapshot, or of a stretch of the history. */
interface Ask {
  question: FetchSnapshot | FetchHistory;
  /** Who has been asked; 0: nobody yet. */
  peer: number;
  askedAtMs: number;
  /** Which stretch of the history it is. */
  readonly stretch: number;
  /** How much of it has come. */
  permille: number;
}

interface Job {
  readonly givers: Givers;
  asks: readonly Ask[];
  info: SnapshotInfo | undefined;
  /** Stretches that have come as a whole. */
  finished: number;
  /** The history is here up to this position. */
  through: number;
  /** Rounds that were committed here when it began. */
  readonly committed: number;
  readonly gathering: Gathering;
  readonly snapshot: Uint8Array[];
  /** All of it is here and is being written: there is no way back, the next start goes on from it. */
  complete: boolean;
}

/** A snapshot that is complete, and what it says. */
export interface Restored {
  readonly info: SnapshotInfo;
  readonly chat: ChatState;
}

export class Restoring {
  private job: Job | undefined;
  /** Of the history something is being written. */
  private writing = false;
  /** Parts that came and could not be used. */
  private refused = 0;

  constructor(
    private readonly parts: ServerParts,
    private readonly snapshots: Snapshots,
  ) {}

  /** The history comes from peers: what happened here is not written meanwhile. */
  get active(): boolean {
    return this.job !== undefined;
  }

  /** How much of what is asked for has come, 0 to 1000; undefined: nothing is being restored. */
  get permille(): number | undefined {
    if (!this.job) return undefined;
    const { asks, finished } = this.job;
    const sum = asks.reduce((sofar, { permille }) => sofar + permille, 1000 * finished);
    return Math.floor(sum / Math.max(1, asks.length + finished));
  }

  /** The rounds that are missing here are cut off at that peer. */
  start(peer: number): void {
    // Who has no incarnation yet may write nothing down.
    if (this.job || this.parts.view().standing === 'new') return;
    const { history, options, view, writeHistory } = this.parts;
    // A block of a peer may begin where one of this server's does, and reach further: none is asked for that does.
    writeHistory();
    const peers = options.servers.filter((id) => id !== options.id);
    this.job = {
      givers: new Givers(peers, peer),
      asks: [askFor(HEAD)],
      info: undefined,
      finished: 0,
      through: history.written,
      committed: view().committed,
      gathering: new Gathering(options.limits.server),
      snapshot: [],
      complete: false,
    };
    this.parts.send({ type: 'log', level: 'info', text: `too far behind: asks server ${peer} for a snapshot` });
    this.askAll(this.job);
  }

  tick(): void {
    const { job } = this;
    if (!job || job.complete) return;
    // Rounds came from somebody who still has them. What they bring about is written by this server itself again.
    if (this.parts.view().committed > job.committed) {
      this.job = undefined;
      return;
    }
    const { questionTimeoutMs } = this.parts.options.limits.paxos;
    const lateMs = this.nowMs() - 2 * questionTimeoutMs;
    for (const ask of job.asks) if (ask.peer !== 0 && ask.askedAtMs <= lateMs) this.setAside(job, ask.peer);
    this.askAll(job);
  }

  onSnapshotPart(from: number, { snapshot, part, bytes, waitMs }: SnapshotPart): void {
    const { job } = this;
    const ask = job?.asks.find(({ peer }) => peer === from);
    if (!job || ask?.question.type !== 'FetchSnapshot' || ask.question.part !== part) return;
    const { question } = ask;
    if (waitMs > 0) job.givers.rest(from, this.nowMs(), waitMs);
    ask.peer = 0;
    // None, or one that is no further than this server.
    if (snapshot.round <= job.committed) this.setAside(job, from);
    else if (question.round !== snapshot.round || job.info?.digest !== snapshot.digest) this.onHead(job, snapshot);
    else if (bytes.length === 0) {
      // Its parts are not written yet.
      if (waitMs === 0) this.setAside(job, from);
    } else {
      job.snapshot[part] = bytes;
      const next = part + 1;
      if (next >= snapshot.parts) return this.complete(job, from, snapshot);
      job.asks = [askFor({ type: 'FetchSnapshot', round: snapshot.round, part: next })];
    }
    this.askAll(job);
  }

  onHistoryPart(from: number, { asked, records, waitMs, room, position, permille }: HistoryPart): void {
    const { job } = this;
    const ask = job?.asks.find(({ peer }) => peer === from);
    // A late answer may be to another question: what is missing of the present one would never be asked for again.
    if (!job || ask?.question.type !== 'FetchHistory' || !isSame(ask.question, asked)) return;
    const isLast = room === '' && waitMs === 0;
    const isNothing = waitMs > 0 && isSame(asked, { ...asked, room, position });
    const given = isNothing ? [] : recordsGiven(records, { ...asked, next: isLast ? undefined : { room, position } });
    if ('bad' in given) return this.refuse(job, from, given.bad);
    job.givers.rest(from, this.nowMs(), waitMs);
    ask.peer = 0;
    if (!isNothing) {
      ask.question = { ...ask.question, room, position };
      ask.permille = Math.max(ask.permille, permille);
      if (isLast) {
        job.asks = job.asks.filter((other) => other !== ask);
        job.finished += 1;
      }
      job.gathering.add(ask.stretch, given);
      this.write(job);
    }
    this.askAll(job);
  }

  /** What was gathered, or a part of it, has been written. */
  onWritten(): void {
    this.writing = false;
    const { job } = this;
    if (!job) return;
    this.write(job);
    this.askAll(job);
  }

  /** Which snapshot the peer has: first the history up to it, then its parts. */
  private onHead(job: Job, info: SnapshotInfo): void {
    job.info = info;
    job.snapshot.length = 0;
    if (info.position > job.through) {
      job.finished = 0;
      job.asks = stretchesOf(job.through, info.position).map((question, stretch) => askFor(question, stretch));
    } else job.asks = [askFor({ type: 'FetchSnapshot', round: info.round, part: 0 })];
  }

  /** Writes what was gathered, one write after the other: with the last one, that all of it is there. */
  private write(job: Job): void {
    if (this.writing || job.complete) return;
    const full = job.gathering.takeFull();
    if (full) {
      this.writing = true;
      return this.parts.persist({ bulk: full }, [{ type: 'given' }]);
    }
    if (job.asks.length > 0 || !job.info) return;
    this.writing = true;
    job.through = job.info.position;
    job.asks = [askFor(HEAD)];
    this.parts.history.onGiven(job.through);
    const puts = [...job.gathering.takeAll(), headRecord(job.through)];
    this.parts.persist({ puts }, [{ type: 'given' }, { type: 'stored', through: job.through }]);
  }

  private complete(job: Job, from: number, info: SnapshotInfo): void {
    const { parts } = this;
    const chat = openSnapshot(info, job.snapshot);
    if ('bad' in chat) {
      job.asks = [askFor(HEAD)];
      return this.refuse(job, from, chat.bad);
    }
    job.asks = [];
    job.complete = true;
    parts.persist(this.snapshots.replacing(info, job.snapshot), [{ type: 'restored', restored: { info, chat } }]);
  }

  /** What came is written, and this server goes on from it. */
  end(): void {
    this.job = undefined;
  }

  /** What came cannot be used: another one is asked. Told as often as somebody is asked again, every few seconds. */
  private refuse(job: Job, from: number, why: string): void {
    this.refused += 1;
    const text = `what server ${from} gave cannot be used (${this.refused} parts so far): ${why}`;
    this.parts.send({ type: 'log', level: 'warn', text });
    this.setAside(job, from);
    this.askAll(job);
  }

  /** Who was asked is of no use for a while. */
  private setAside(job: Job, peer: number): void {
    const { questionTimeoutMs } = this.parts.options.limits.paxos;
    job.givers.rest(peer, this.nowMs(), SILENCE_TIMEOUTS * questionTimeoutMs);
    for (const ask of job.asks) if (ask.peer === peer) ask.peer = 0;
  }

  /** Asks what is to be asked, as far as there is somebody to ask now. */
  private askAll(job: Job): void {
    const nowMs = this.nowMs();
    for (const ask of job.asks) {
      if (ask.peer !== 0 || job.gathering.isFull(ask.stretch)) continue;
      const busy = job.asks.map(({ peer }) => peer);
      const peer = job.givers.next(nowMs, busy);
      if (peer === undefined) return;
      ask.peer = peer;
      ask.askedAtMs = nowMs;
      this.parts.send({ type: 'ask', to: peer, message: ask.question });
    }
  }

  private nowMs(): number {
    return this.parts.options.clock.monotonicMs();
  }
}

const HEAD: FetchSnapshot = { type: 'FetchSnapshot', round: 0, part: 0 };

function isSame(one: HistoryStretch, other: HistoryStretch): boolean {
  const isSameStretch = one.after === other.after && one.through === other.through;
  return isSameStretch && one.room === other.room && one.position === other.position;
}

function askFor(question: FetchSnapshot | FetchHistory, stretch = 0): Ask {
  return { question, peer: 0, askedAtMs: 0, stretch, permille: 0 };
}

/** The history in (after, through], in stretches of equal length. */
function stretchesOf(after: number, through: number): readonly FetchHistory[] {
  const count = Math.min(STRETCHES, through - after);
  const ends = Array.from({ length: count + 1 }, (_, at) => after + Math.floor((at * (through - after)) / count));
  return ends.slice(1).map((end, at) => {
    return { type: 'FetchHistory', after: ends[at] as number, through: end, room: '', position: 0 };
  });
}
