/** What a session is made of, how its parts are put together, and what can be seen of them. */
import { gathered } from '../chat/commands';
import type { ClientRequest, WireEvent } from '../wire/client';
import { encodeGroup } from '../wire/codec-batch';
import { Answers } from './answers';
import { Comparison } from './comparison';
import { Continuity } from './continuity';
import { Doubts } from './doubts';
import { Identity } from './identity';
import { Keeper } from './keeper';
import { Link } from './link';
import { Outlet } from './outlet';
import { Posts } from './posts';
import { Questions } from './questions';
import { ReadMarks } from './read-marks';
import { Reader } from './reader';
import { Renewal } from './renewal';
import { Retry } from './retry';
import { Rooms } from './rooms';
import { type Said, Seam } from './seam';
import { Searches } from './searches';
import type { SessionOptions } from './session-options';

/** Where a session stands; session.ts has the picture. */
export type Stage = 'detached' | 'opening' | 'reading' | 'ended';

export abstract class SessionParts {
  protected readonly out = new Outlet();
  protected readonly identity: Identity;
  protected readonly link: Link;
  protected readonly posts: Posts;
  protected readonly reader: Reader;
  protected readonly rooms: Rooms;
  protected readonly questions: Questions;
  protected readonly searches: Searches;
  protected readonly doubts: Doubts;
  protected readonly answers: Answers;
  protected readonly keeper: Keeper;
  protected readonly renewal: Renewal;
  /** It goes on with what a process before this one left behind, and no server has welcomed it yet. */
  protected isRevived: boolean;
  protected readonly hasChosenNick: boolean;
  protected readonly openAgain: Retry;
  protected readonly continuity: Continuity;
  protected readonly comparison = new Comparison((question) => this.questions.ask(question, 0, this.nowMs));
  protected readonly marks = new ReadMarks((room, index) => this.posts.addMarker(room, index, this.nowMs));
  protected readonly seam: Seam;
  protected readonly spareNicks: string[];
  protected stage: Stage = 'detached';
  /** The server from which everything was heard last; 0: there is none at present. */
  protected servedBy = 0;
  protected nowMs = 0;

  constructor(options: SessionOptions) {
    const { cluster, endpoint = '', nick, limits, random, history, outbox } = options;
    const isKept = outbox !== undefined;
    this.spareNicks = [...(options.spareNicks ?? [])];
    this.identity = new Identity(nick, options, outbox?.kept);
    const request = (asked: ClientRequest) => this.link.request(asked, this.nowMs);
    this.link = new Link(cluster, endpoint, limits, random, this.out);
    this.posts = new Posts(limits, random, this.out, isKept, (firstSeq, settled, commands) => {
      const group = encodeGroup({
        type: 'group',
        session: this.identity.session,
        firstSeq,
        settled,
        commands: gathered(commands),
      });
      request({ type: 'submit', group });
    });
    this.reader = new Reader(limits, random, {
      read: (after) => request({ type: 'read', after }),
      take: (event) => this.onEvent(event),
    });
    this.questions = new Questions(limits, random, this.out, (question) => {
      // How the servers are can be asked of one that cannot open a session.
      const isTime = this.stage === 'reading' || (this.stage === 'opening' && question.type === 'cluster');
      if (isTime) request(question);
      return isTime;
    });
    const askHistory = (room: string, before: number, limit: number, after = 0) =>
      this.questions.ask({ type: 'history', room, before, limit }, after, this.nowMs);
    this.continuity = new Continuity({
      askHistory,
      forget: (question) => this.questions.settle(question),
      tell: (event) => this.out.tell(event),
    });
    this.seam = new Seam(this.continuity, (event) => this.out.tell(event));
    this.rooms = new Rooms(history, {
      tell: (event) => {
        this.out.tell(event);
        if (event.type === 'message' && !options.trusting) this.comparison.onLine(event);
      },
      askHistory,
      forget: (question) => this.questions.settle(question),
    });
    this.searches = new Searches(
      this.questions,
      (event) => this.out.tell(event),
      () => this.nowMs,
    );
    this.doubts = new Doubts(this.out, {
      askHistory: (room, before, limit) => askHistory(room, before, limit, this.posts.lastChange),
      forget: (question) => this.questions.settle(question),
      onGone: (lines) => this.seam.onGone(lines),
    });
    const { identity, posts, reader, rooms, doubts, searches, comparison, continuity } = this;
    this.answers = new Answers(this.questions, { rooms, searches, doubts, comparison, continuity, posts }, this.out);
    this.openAgain = new Retry(limits.resendMs, limits.resendMostMs, random);
    this.keeper = new Keeper({ identity, posts, reader, rooms, doubts }, isKept);
    this.renewal = new Renewal({ identity, posts, reader, rooms, doubts }, this.questions, this.out);
    if (outbox?.kept) this.keeper.revive(outbox.kept);
    this.isRevived = this.identity.isWelcome;
    this.hasChosenNick = this.spareNicks.length === 0;
  }

  /** The next event of the log. */
  protected abstract onEvent(event: WireEvent): void;

  get nick(): string {
    return this.identity.nick;
  }

  /** The server that serves this client; 0: none. */
  get server(): number {
    return this.link.server;
  }

  /**
   * Milliseconds until what has no answer is tried again: to find the balancer, to open the session, to have posted what
   * waits; undefined when nothing is due, or the balancer tells as soon as there is a server.
   */
  nextTryMs(nowMs: number): number | undefined {
    if (this.stage === 'opening') return this.openAgain.leftMs(nowMs);
    return this.stage === 'reading' ? this.posts.nextTryMs(nowMs) : this.link.nextTryMs(nowMs);
  }

  /** What has been said so far, and what became of it. */
  protected get said(): Said {
    const { sentThrough, settledThrough } = this.posts;
    return { sentThrough, settledThrough, doubted: this.doubts.size + this.continuity.unexplained };
  }

  /** Commands whose outcome is not known. */
  get unconfirmed(): number {
    return this.posts.size + this.doubts.size;
  }

  /** Lines among them; those that were given up stay so. */
  get unconfirmedLines(): number {
    return this.posts.lines + this.doubts.size;
  }

  /** Questions without an answer, those for the earlier lines of a joined room among them, not those of a comparison. */
  get unanswered(): number {
    return this.questions.size - (this.comparison.isAsking ? 1 : 0);
  }

  get ended(): boolean {
    return this.stage === 'ended';
  }

  /** Why the balancer does not let this client in, in words; '' when it does, or is not there. */
  get refusal(): string {
    return this.link.refusal;
  }
}
