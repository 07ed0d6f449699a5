/**
 * A client's session: one identity across reconnects, reroutes and restarts of any part of the cluster. It sends what
 * was posted, in order, until each command's outcome is known; it hands on what happened, in order, once, without a
 * gap. Pure: frames and time come in, frames and events go out.
 *
 *   detached ─ attached ─▶ opening ─ welcome ─▶ reading ─ page(live) ─▶ online
 *      ▲                      ▲                    ▲                      │
 *      └─ silence, unknown ───┴─ attached ─────────┴─ gap ────────────────┘
 *
 * Here is what may happen at which stage. The parts: link.ts finds a server, identity.ts opens, posts.ts says, reader.ts
 * reads, rooms.ts shows, questions.ts asks, searches.ts searches.
 */
import { type Command, gathered } from '../chat/commands';
import { EXIT } from '../lib/exit';
import type { RefusalReason } from '../transport/security';
import type { LinkState } from '../transport/transport';
import type { AckRun, ClientRequest, ServerMessage, WireEvent } from '../wire/client';
import { encodeGroup } from '../wire/codec-batch';
import type { ToClientFrame } from '../wire/frames';
import { acksIn } from './acknowledged';
import { Answers } from './answers';
import { Continuity } from './continuity';
import type { SessionEffect } from './effects';
import { NO_ORIGIN } from './events';
import { Identity } from './identity';
import { Link, type PayloadPlace } from './link';
import { Outlet } from './outlet';
import { Posts } from './posts';
import { type Asked, Questions } from './questions';
import { Reader } from './reader';
import { Retry } from './retry';
import { Rooms } from './rooms';
import { Seam } from './seam';
import { Searches } from './searches';
import type { SessionOptions } from './session-options';

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { readonly type: Type }>;
type Effects = readonly SessionEffect[];
type Stage = 'detached' | 'opening' | 'reading' | 'ended';

/** Refusals of an open after which a new session can be made. */
export const GONE = ['session-gone', 'other-birth'];

export class ClientSession {
  private readonly out = new Outlet();
  private readonly identity: Identity;
  private readonly link: Link;
  private readonly posts: Posts;
  private readonly reader: Reader;
  private readonly rooms: Rooms;
  private readonly questions: Questions;
  private readonly searches: Searches;
  private readonly answers: Answers;
  private readonly openAgain: Retry;
  private readonly continuity = new Continuity();
  private readonly seam = new Seam(this.continuity, (event) => this.out.tell(event));
  private readonly spareNicks: string[];
  private stage: Stage = 'detached';
  /** The server from which everything was heard last; 0: there is none at present. */
  private servedBy = 0;
  private nowMs = 0;

  constructor(options: SessionOptions) {
    const { cluster, endpoint = '', nick, limits, random, history } = options;
    this.spareNicks = [...(options.spareNicks ?? [])];
    this.identity = new Identity(nick, options);
    const request = (asked: ClientRequest) => this.link.request(asked);
    this.link = new Link(cluster, endpoint, limits, random, this.out);
    this.posts = new Posts(limits, random, this.out, (firstSeq, settled, commands) => {
      const group = encodeGroup({
        type: 'group',
        session: this.identity.session,
        firstSeq,
        settled,
        commands: gathered(commands),
      });
      this.link.request({ type: 'submit', group });
    });
    this.reader = new Reader(limits, random, {
      read: (after) => request({ type: 'read', after }),
      take: (event) => this.onEvent(event),
    });
    this.questions = new Questions(limits, random, this.out, (question) => {
      if (this.stage === 'reading') request(question);
    });
    this.rooms = new Rooms(history, {
      tell: (event) => this.out.tell(event),
      askHistory: (room, before, limit) => this.questions.ask({ type: 'history', room, before, limit }, 0, this.nowMs),
      forget: (question) => this.questions.settle(question),
    });
    this.searches = new Searches(
      this.questions,
      (event) => this.out.tell(event),
      () => this.nowMs,
    );
    this.answers = new Answers(this.questions, this.rooms, this.searches, this.out);
    this.openAgain = new Retry(limits.resendMs, limits.resendMostMs, random);
  }

  get nick(): string {
    return this.identity.nick;
  }

  /** The server that serves this client; 0: none. */
  get server(): number {
    return this.link.server;
  }

  /** Milliseconds until the balancer is looked for again; undefined when it is there. */
  nextTryMs(nowMs: number): number | undefined {
    return this.link.nextTryMs(nowMs);
  }

  /** Commands whose outcome is not known. */
  get unconfirmed(): number {
    return this.posts.size;
  }

  /** Lines among them; those that were given up stay so. */
  get unconfirmedLines(): number {
    return this.posts.lines;
  }

  /** Questions without an answer, those for the earlier lines of a joined room among them. */
  get unanswered(): number {
    return this.questions.size;
  }

  get ended(): boolean {
    return this.stage === 'ended';
  }

  start(nowMs: number): Effects {
    this.nowMs = nowMs;
    this.link.start(nowMs);
    return this.out.take();
  }

  /** A routing frame of the balancer, with the server's message when it is `data`. */
  onFrame(frame: ToClientFrame, message: ServerMessage | undefined, nowMs: number): Effects {
    this.nowMs = nowMs;
    if (this.ended) return [];
    const said = this.link.onFrame(frame, nowMs);
    switch (said?.type) {
      case 'attached':
        if (this.link.onAttached(said)) {
          this.onLost();
          this.open();
        }
        break;
      case 'wait':
        this.link.onWait(said);
        this.onDetached();
        break;
      case 'unknown':
        if (this.link.onUnknown(nowMs)) this.onDetached();
        break;
      case 'refused':
        this.fail('refused', said.reason);
        break;
      case 'data':
        if (message && this.link.isOf(said.attachment)) {
          const place = this.link.placeOf(said.number);
          if (place === 'gap') this.reader.onMissed(nowMs);
          this.onMessage(message, place);
        }
        break;
    }
    return this.out.take();
  }

  /** Why the balancer does not let this client in, in words; '' when it does, or is not there. */
  get refusal(): string {
    return this.link.refusal;
  }

  /**
   * The socket's connection to the balancer came or went: a hint that spares a timeout.
   * @param refused why the balancer did not let it in
   */
  onSocket(state: LinkState, nowMs: number, refused?: RefusalReason): Effects {
    this.nowMs = nowMs;
    if (!this.ended && this.link.onSocket(state, nowMs, refused)) this.onDetached();
    return this.out.take();
  }

  /**
   * Takes a command, to be sent with the next `flush`. What became of it comes as an `ack` or an `error`.
   * @param id comes back with it; '' for none
   * @param line of the input that it came from, comes back in an error; 0 for none
   */
  post(command: Command, id: string, nowMs: number, line = 0): Effects {
    this.nowMs = nowMs;
    this.posts.add(command, { id, line });
    return this.out.take();
  }

  /** Sends what was posted, all of one turn together. */
  flush(nowMs: number): Effects {
    this.nowMs = nowMs;
    if (this.stage === 'reading') this.posts.flush(nowMs);
    return this.out.take();
  }

  /**
   * Asks the server something. A history, found, answer, why or cluster event has the answer, of a search after as many
   * questions as it takes; what cannot be asked or has none gives an error.
   */
  ask(question: Asked, nowMs: number, origin = NO_ORIGIN): Effects {
    this.nowMs = nowMs;
    // How the servers are is asked because nothing has an outcome.
    const after = question.type === 'cluster' ? 0 : this.posts.lastChange;
    if (question.type === 'search') this.searches.start({ ...question, origin }, after);
    else this.questions.ask(question, after, nowMs, origin);
    return this.out.take();
  }

  /**
   * Time has passed. Called a few times a second.
   * @param listening false while whoever owns the session does not read from its socket: then silence says nothing
   */
  tick(nowMs: number, listening = true): Effects {
    this.nowMs = nowMs;
    if (this.ended) return [];
    if (!listening) this.link.onHeard(nowMs);
    if (this.link.tick(nowMs)) this.onDetached();
    if (this.stage === 'opening' && this.openAgain.due(nowMs)) this.link.request({ type: 'greet' });
    if (this.stage === 'reading') {
      this.reader.tick(nowMs);
      this.posts.tick(nowMs);
      this.questions.tick(nowMs);
    }
    return this.out.take();
  }

  /** Ends the session by a command in the log, after everything that was posted before. */
  close(text: string, nowMs: number): Effects {
    this.nowMs = nowMs;
    if (this.posts.isClosing || this.ended) return [];
    this.posts.close(text);
    return this.flush(nowMs);
  }

  /** Ends at once, saying of each post without an outcome that it has none. */
  giveUp(nowMs: number): Effects {
    this.nowMs = nowMs;
    if (!this.ended) this.end(EXIT.unconfirmed);
    return this.out.take();
  }

  // ---- Being attached ---------------------------------------------------------------------------------------------

  private open(): void {
    this.stage = 'opening';
    this.reader.pause();
    this.openAgain.arm(this.nowMs);
    this.link.request({ type: 'greet' });
  }

  private onChallenge({ nonce }: MessageOf<'challenge'>): void {
    if (this.stage !== 'opening') return; // The answer to a greeting that was sent twice.
    this.link.request(this.identity.open(nonce, this.link.clusterName, this.reader.position));
  }

  private onDetached(): void {
    this.onLost();
    this.stage = 'detached';
    this.reader.pause();
  }

  /** No server, or another one: whatever was under way is uncertain until it has an outcome there. */
  private onLost(): void {
    this.seam.onLost(this.servedBy, this.posts, this.nowMs);
    this.servedBy = 0;
  }

  /** Everything that was missed has been read. */
  private onLive(): void {
    this.servedBy = this.link.server;
    this.seam.onLive(this.servedBy, this.posts, this.nowMs);
    this.link.tellOnline();
  }

  // ---- The server's messages --------------------------------------------------------------------------------------

  private onMessage(message: ServerMessage, place: PayloadPlace): void {
    if (message.type === 'state') return this.onState(message.majority, message.reason);
    if (message.type === 'challenge') return this.onChallenge(message);
    // What answers an open may be of the session that this was before: its open was sent twice, or answered late.
    if (message.type === 'welcome' || message.type === 'refused') {
      if (message.session !== this.identity.session) return;
      return message.type === 'welcome' ? this.onWelcome(message) : this.onRefused(message.code, message.message);
    }
    if (this.stage === 'opening') return; // Before the welcome, all else is of the session before.
    switch (message.type) {
      case 'acks':
        return this.onAcks(message.runs);
      case 'failed':
        return this.onFailed(message);
      case 'deliver':
        this.onAcks(acksIn(message.runs, this.identity.session));
        return this.onRead(() => this.reader.onDeliver(message.runs, this.nowMs));
      case 'page':
        this.onAcks(acksIn(message.runs, this.identity.session));
        return this.onRead(() => this.reader.onPage(message, place === 'late', this.nowMs));
      case 'history':
        return this.answers.onHistory(message);
      case 'found':
        return this.searches.onFound(message);
      case 'answer':
        return this.answers.onAnswer(message);
      case 'why':
        return this.answers.onWhy(message);
      case 'cluster':
        return this.answers.onCluster(message);
      case 'error':
        return message.code === 'not-open' ? this.open() : this.answers.onError(message);
      case 'slowed':
        return this.link.tellSlowed(message.perSecond);
      case 'alive':
        return;
    }
  }

  private onWelcome(welcome: MessageOf<'welcome'>): void {
    if (this.stage !== 'opening') return; // The answer to an open that was sent twice.
    const { session, server, nick, position } = welcome;
    if (!this.identity.isWelcome) this.reader.restart(position);
    this.identity.onWelcome(welcome);
    this.link.onMajority(true, '');
    this.stage = 'reading';
    this.openAgain.disarm();
    this.out.tell({ type: 'welcome', session, server, nick, position });
    this.seam.onSentAgain(this.posts.flushAll(this.nowMs));
    this.questions.askAll(this.nowMs);
    this.reader.catchUp(this.nowMs);
  }

  private onRefused(code: string, message: string): void {
    const isGone = GONE.includes(code);
    if (isGone && this.posts.isClosing) return this.end(EXIT.ok);
    if (code === 'nick-in-use') return this.onNickTaken(code, message);
    // One of the two has not heard of the balancer's new key yet: it is tried again.
    if (code === 'bad-proof') return this.link.tellRefused(message);
    if (!isGone) return this.fail(code, message);
    // Refused once already: the new session has not been answered yet.
    if (!this.identity.isWelcome) return;
    this.restart(code, message);
  }

  /** Somebody else is called so. Who did not choose the nick does not mind another one. */
  private onNickTaken(code: string, message: string): void {
    const spare = this.spareNicks.shift();
    if (spare === undefined)
      return this.fail(code, `${message}; choose another with --nick, or take your own with --reclaim`);
    this.identity.nick = spare;
    this.open();
  }

  /** The session is gone for good. Goes on as another one, and says what that means for what was posted. */
  private restart(code: string, message: string): void {
    const lost = this.posts.restart(this.rooms.restart(code !== 'other-birth'));
    this.questions.restart(this.posts.lastChange);
    this.continuity.restart();
    this.seam.onRestart(lost);
    const unconfirmed = lost === 0 ? '' : `; ${lost} posts could not be confirmed`;
    this.out.tellError(code, `${message}${unconfirmed}; starting a new session`);
    this.identity.renew();
    this.open();
  }

  private onAcks(runs: readonly AckRun[]): void {
    if (runs.length === 0) return;
    const { closed, position } = this.posts.onAcks(runs, this.nowMs);
    if (closed) return this.end(EXIT.ok);
    this.questions.onSettled(this.posts.settledThrough);
    this.seam.onSettled(this.posts);
    this.reader.onWitness(position, this.nowMs);
    // Nothing waits its turn any more.
    if (this.posts.size === 0 && this.reader.live) this.link.tellOnline();
    this.posts.flush(this.nowMs);
  }

  private onFailed({ seq, code, message }: MessageOf<'failed'>): void {
    if (code === 'session-gone') return this.onRefused(code, message);
    this.posts.onFailed(seq, code, message, this.nowMs);
    this.questions.onSettled(this.posts.settledThrough);
    this.seam.onSettled(this.posts);
    this.posts.flush(this.nowMs);
  }

  /** Tells when what was read makes the session live. */
  private onRead(read: () => void): void {
    const wasLive = this.reader.live;
    read();
    if (!wasLive && this.reader.live) this.onLive();
  }

  private onEvent(event: WireEvent): void {
    const isOwn = event.session === this.identity.session;
    if (isOwn && event.kind === 'nick') this.identity.nick = event.text;
    this.continuity.onEvent(event, isOwn);
    this.rooms.onEvent(event, isOwn);
  }

  private onState(majority: boolean, reason: string): void {
    this.link.onMajority(majority, reason);
    if (this.reader.live) this.link.tellOnline();
  }

  private fail(code: string, message: string): void {
    this.out.tellError(code, message);
    this.end(EXIT.failure);
  }

  /** @param status 0: as it was asked to. Posts without an outcome make it another one. */
  private end(status: number): void {
    const lost = this.posts.giveUp();
    this.link.bye();
    this.stage = 'ended';
    this.out.tell({ type: 'ended', status: lost > 0 && status === EXIT.ok ? EXIT.unconfirmed : status });
  }
}
