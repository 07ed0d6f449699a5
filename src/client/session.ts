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
import type { Command } from '../chat/commands';
import { EXIT } from '../lib/exit';
import type { RefusalReason } from '../transport/security';
import type { LinkState } from '../transport/transport';
import type { AckRun, ServerMessage, WireEvent } from '../wire/client';
import type { ToClientFrame } from '../wire/frames';
import { acksIn } from './acknowledged';
import type { SessionEffect } from './effects';
import { NO_ORIGIN } from './events';
import type { PayloadPlace } from './link';
import type { Asked } from './questions';
import { OTHER_BIRTH, SHARED } from './renewal';
import { SessionParts } from './session-parts';

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { readonly type: Type }>;
type Effects = readonly SessionEffect[];

/** Refusals of an open after which a new session can be made. */
export const GONE = ['session-gone', OTHER_BIRTH];

export class ClientSession extends SessionParts {
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
          this.seam.onAttached(said.reason, said.unservedMs, this.link.lastPayloadMs);
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
          const place = this.link.placeOf(said.number, nowMs);
          if (place === 'gap') this.reader.onMissed(nowMs);
          this.onMessage(message, place);
        }
        break;
    }
    return this.done();
  }

  /**
   * The socket's connection to the balancer came or went: a hint that spares a timeout.
   * @param refused why the balancer did not let it in
   */
  onSocket(state: LinkState, nowMs: number, refused?: RefusalReason): Effects {
    this.nowMs = nowMs;
    if (!this.ended && this.link.onSocket(state, nowMs, refused)) this.onDisconnected();
    return this.out.take();
  }

  /**
   * Takes a command, to be sent with the next `flush`. What became of it comes as an `ack` or an `error`.
   * @param id comes back with it; '' for none
   * @param line of the input that it came from, comes back in an error; 0 for none
   */
  post(command: Command, id: string, nowMs: number, line = 0): Effects {
    this.nowMs = nowMs;
    this.posts.add(command, { id, line }, nowMs);
    return this.out.take();
  }

  /** Takes back a post that was never sent: a `cancelled` event says so; an error, that it cannot be taken back. */
  cancel(id: string, nowMs: number): Effects {
    this.nowMs = nowMs;
    const seq = this.posts.cancel(id);
    if (seq > 0) this.questions.onCancelled(seq);
    else this.out.tellError('was-sent', 'what was sent cannot be taken back');
    return this.done();
  }

  /** The person has read a room up to this index. It is said with a tick, now and then; nothing is told of it. */
  markRead(room: string, index: number): void {
    this.marks.mark(room, index);
  }

  /** Sends what was posted, all of one turn together. */
  flush(nowMs: number): Effects {
    this.nowMs = nowMs;
    if (this.stage === 'reading') this.say();
    return this.done();
  }

  /**
   * Asks the server something. A history, found, answer, why or cluster event has the answer, of a search after as many
   * questions as it takes; what cannot be asked or has none gives an error.
   */
  ask(question: Asked, nowMs: number, origin = NO_ORIGIN): Effects {
    this.nowMs = nowMs;
    const after = this.posts.lastChange;
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
    if (this.link.tick(nowMs)) this.onDisconnected();
    if (this.stage === 'opening' && this.openAgain.due(nowMs)) this.link.request({ type: 'greet' }, nowMs);
    if (this.stage !== 'detached') this.questions.tick(nowMs);
    if (this.stage === 'reading') {
      this.reader.tick(nowMs);
      this.posts.tick(nowMs);
      if (this.marks.tick(nowMs)) this.say();
      if (this.reader.live) this.comparison.tick(nowMs);
    }
    return this.done();
  }

  /** Ends the session by a command in the log, after everything that was posted before. */
  close(text: string, nowMs: number): Effects {
    this.nowMs = nowMs;
    if (this.posts.isClosing || this.ended) return [];
    this.marks.sayAll();
    this.posts.close(text);
    return this.flush(nowMs);
  }

  /** Ends at once, saying of each post without an outcome that it has none. */
  giveUp(nowMs: number): Effects {
    this.nowMs = nowMs;
    if (!this.ended) this.end(EXIT.unconfirmed);
    return this.out.take();
  }

  /** What is to be done: what rests on something that is to be kept comes after it. */
  private done(): Effects {
    return [...this.keeper.due(this.nowMs), ...this.out.take()];
  }

  private say(): void {
    if (this.doubts.size === 0) this.posts.closeAtLast();
    this.posts.flush(this.nowMs);
  }

  // ---- Being attached ---------------------------------------------------------------------------------------------

  private open(): void {
    this.stage = 'opening';
    this.reader.pause();
    this.openAgain.arm(this.nowMs);
    this.link.request({ type: 'greet' }, this.nowMs);
    this.questions.askAll(this.nowMs);
  }

  private onChallenge({ nonce }: MessageOf<'challenge'>): void {
    if (this.stage !== 'opening') return; // The answer to a greeting that was sent twice.
    this.link.request(this.identity.open(nonce, this.link.clusterName, this.reader.position), this.nowMs);
  }

  /** The balancer is gone. */
  private onDisconnected(): void {
    this.onLost(this.link.goneSinceMs(this.nowMs));
    this.onDetached();
  }

  private onDetached(): void {
    this.onLost();
    this.stage = 'detached';
    this.reader.pause();
  }

  /**
   * No server, or another one: whatever was under way is uncertain until it has an outcome there.
   * @param goneSinceMs of the balancer; undefined: it is there, and says why when there is a server again
   */
  private onLost(goneSinceMs?: number): void {
    this.seam.onLost(this.servedBy, this.said, this.nowMs, goneSinceMs);
    this.servedBy = 0;
  }

  /** Everything that was missed has been read. */
  private onLive(): void {
    this.servedBy = this.link.server;
    this.seam.onLive(this.servedBy, this.said, this.nowMs);
    this.link.tellOnline();
    this.comparison.onLive(this.nowMs);
  }

  // ---- The server's messages --------------------------------------------------------------------------------------

  private onMessage(message: ServerMessage, place: PayloadPlace): void {
    if (message.type === 'state') return this.onState(message.majority, message.reason);
    if (message.type === 'challenge') return this.onChallenge(message);
    // What answers an open may be of the session that this was before: its open was sent twice, or answered late.
    if (message.type === 'welcome' || message.type === 'refused') {
      if (message.session !== this.identity.session) return;
      if (message.type === 'welcome') return this.onWelcome(message);
      // Or of the nick that it asked for before.
      if (message.nick !== '' && message.nick !== this.identity.nick) return;
      return this.onRefused(message.code, message.message);
    }
    if (message.type === 'cluster') return this.answers.onCluster(message);
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
        this.answers.onHistory(message);
        this.seam.onSettled(this.said);
        return this.say();
      case 'found':
        return this.searches.onFound(message);
      case 'answer':
        return this.answers.onAnswer(message);
      case 'digest':
        return this.answers.onDigest(message);
      case 'place':
        return this.answers.onPlace(message);
      case 'why':
        return this.answers.onWhy(message);
      case 'error':
        if (message.code === 'not-open') return this.open();
        this.answers.onError(message);
        return this.seam.onSettled(this.said);
      case 'slowed':
        return this.link.tellSlowed(message.perSecond);
      case 'alive':
        return;
    }
  }

  private onWelcome(welcome: MessageOf<'welcome'>): void {
    if (this.stage !== 'opening') return; // The answer to an open that was sent twice.
    const { session, server, nick, position, lastSeq, rooms } = welcome;
    // What this window says for the first time has not left yet: nobody can have it.
    if (lastSeq > this.posts.sentThrough)
      return this.restart(SHARED, 'this session was used by another client as well');
    if (!this.identity.isWelcome) this.reader.restart(position);
    const wanted = this.identity.nick;
    this.identity.onWelcome(welcome);
    this.link.onMajority(true, '');
    this.stage = 'reading';
    this.openAgain.disarm();
    this.out.tell({ type: 'welcome', session, server, nick, position, ...(this.isRevived && { rooms }) });
    if (this.isRevived) this.onRevived(rooms, wanted);
    this.seam.onSentAgain(this.posts.flushAll(this.nowMs));
    this.questions.askAll(this.nowMs);
    this.reader.catchUp(this.nowMs);
  }

  /** The session that was kept goes on. Who chose another nick meanwhile is called so. */
  private onRevived(rooms: readonly string[], wanted: string): void {
    this.isRevived = false;
    this.rooms.revive(rooms);
    if (this.hasChosenNick && wanted !== this.identity.nick) {
      this.posts.add({ type: 'nick', nick: wanted }, NO_ORIGIN, this.nowMs);
    }
  }

  private onRefused(code: string, message: string): void {
    const isGone = GONE.includes(code);
    if (isGone && this.posts.hasClosed) return this.end(EXIT.ok);
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

  private restart(code: string, message: string): void {
    // What was told is not of this log, or not known to be.
    this.comparison.restart();
    this.marks.restart(code !== OTHER_BIRTH);
    this.seam.onGone(this.renewal.start(code, message, this.isRevived, this.nowMs));
    this.isRevived = false;
    this.continuity.restart();
    this.seam.onRestart();
    this.open();
  }

  private onAcks(runs: readonly AckRun[]): void {
    if (runs.length === 0) return;
    const { closed, position } = this.posts.onAcks(runs, this.nowMs);
    if (closed) return this.end(EXIT.ok);
    this.questions.onSettled(this.posts.settledThrough);
    this.seam.onSettled(this.said);
    this.reader.onWitness(position, this.nowMs);
    // Nothing waits its turn any more.
    if (this.posts.size === 0 && this.reader.live) this.link.tellOnline();
    this.say();
  }

  private onFailed({ seq, code, message }: MessageOf<'failed'>): void {
    if (code === 'session-gone') return this.onRefused(code, message);
    this.posts.onFailed(seq, code, message, this.nowMs);
    this.questions.onSettled(this.posts.settledThrough);
    this.seam.onSettled(this.said);
    this.say();
  }

  /** Tells when what was read makes the session live. */
  private onRead(read: () => void): void {
    const wasLive = this.reader.live;
    read();
    if (!wasLive && this.reader.live) this.onLive();
  }

  protected onEvent(event: WireEvent): void {
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
    this.stage = 'ended';
    this.out.put(this.keeper.atLast(this.nowMs));
    const lost = this.posts.giveUp() + this.doubts.giveUp();
    this.link.bye();
    this.out.tell({ type: 'ended', status: lost > 0 && status === EXIT.ok ? EXIT.unconfirmed : status });
  }
}
