/**
 * A client's session: one identity across reconnects, reroutes and restarts of any part of the cluster. It sends what
 * was posted, in order, until each command's outcome is known; it hands on what happened, in order, once, without a
 * gap. Pure: frames and time come in, frames and events go out.
 *
 *   connecting ─ hello ─▶ (waiting) ─ attached ─▶ opening ─ welcome ─▶ reading ─ page(live) ─▶ online
 *        ▲                                                                 ▲                      │
 *        └── silence, unknown ─────────────────────────────────────────────┴── gap, attached ─────┘
 */
import type { Command } from '../chat/commands';
import { utf8Length } from '../chat/text';
import { EXIT } from '../lib/exit';
import type { AckRun, ClientRequest, ServerMessage } from '../wire/client';
import { encodeGroup } from '../wire/codec-batch';
import { type AttachReason, PROTOCOL_VERSION, type ToClientFrame } from '../wire/frames';
import type { SessionEffect } from './effects';
import type { ClientEvent, LinkState } from './events';
import { Inbox } from './inbox';
import type { ClientLimits } from './limits';
import { Outstanding, type OutstandingCommand } from './outstanding';
import { Rooms } from './rooms';

export interface SessionOptions {
  /** The cluster's name; '' for whichever answers. */
  readonly cluster: string;
  readonly nick: string;
  /** 16 random bytes each time: whoever knows them is the session. */
  readonly newSecret: () => Uint8Array;
  readonly limits: ClientLimits;
  /** Earlier lines to show when a room is joined. */
  readonly history: number;
}

type Phase = 'connecting' | 'waiting' | 'opening' | 'reading' | 'online' | 'ended';

export class ClientSession {
  private readonly inbox = new Inbox();
  private readonly outstanding = new Outstanding();
  private readonly rooms: Rooms;
  private out: SessionEffect[] = [];
  private phase: Phase = 'connecting';
  private nowMs = 0;
  private attachment = 0;
  private server = 0;
  /** Where the session was before: named in the next hello. */
  private previousServer = 0;
  private secret: Uint8Array;
  private session = '';
  private nickname: string;
  private birth = '';
  private told: { state: LinkState; server: number; reason: string } | undefined;
  private majority = true;
  private heardMs = 0;
  private pingedMs = 0;
  private helloMs = Number.NEGATIVE_INFINITY;
  /** When the last question was asked, or commands were sent or answered, and how long an answer is waited for. */
  private askedMs = 0;
  private resendMs: number;
  private closing = false;

  constructor(private readonly options: SessionOptions) {
    this.secret = options.newSecret();
    this.nickname = options.nick;
    this.resendMs = options.limits.resendMs;
    this.rooms = new Rooms(options.history, {
      ask: (request) => this.request(request),
      tell: (event) => this.tell(event),
    });
  }

  get nick(): string {
    return this.nickname;
  }

  /** Commands whose outcome is not known. */
  get unconfirmed(): number {
    return this.outstanding.size;
  }

  get ended(): boolean {
    return this.phase === 'ended';
  }

  start(nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    this.heardMs = nowMs;
    this.say('connecting', 'looking for the cluster');
    this.hello();
    return this.take();
  }

  /** A routing frame of the balancer, with the server's message when it is `data`. */
  onFrame(frame: ToClientFrame, message: ServerMessage | undefined, nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    if (this.phase === 'ended') return [];
    this.heardMs = nowMs;
    switch (frame.type) {
      case 'attached':
        this.onAttached(frame.attachment, frame.server, frame.reason);
        break;
      case 'wait':
        this.detach('waiting');
        this.say('waiting', whyWait(frame));
        break;
      case 'unknown':
        this.detach('connecting');
        if (nowMs - this.helloMs > this.options.limits.pingMs / 10) this.hello();
        break;
      case 'refused':
        this.fail('refused', frame.reason);
        break;
      case 'data':
        if (frame.attachment === this.attachment && message) this.onMessage(message);
        break;
      case 'pong':
      case 'info':
        break;
    }
    return this.take();
  }

  /**
   * Hands over a command, to be sent with the next `flush`.
   * @param id comes back with the acknowledgement or the error; '' for none
   */
  post(command: Command, id: string, nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    const { queue, textBytes } = this.options.limits;
    if (this.outstanding.size >= queue)
      this.refusePost(id, 'queue-full', `more than ${queue} posts wait to be confirmed`);
    else if ('text' in command && utf8Length(command.text) > textBytes) {
      this.refusePost(id, 'text-too-long', `the message has more than ${textBytes} bytes`);
    } else this.outstanding.add(command, id);
    return this.take();
  }

  /** Sends what was posted, all of one turn together. */
  flush(nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    if (this.phase === 'reading' || this.phase === 'online') this.submit();
    return this.take();
  }

  /** Asks for lines of a room before the one with index `before` (0: the last ones). Answered by a history event. */
  history(room: string, before: number, limit: number, nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    this.rooms.askHistory(room, before, limit);
    return this.take();
  }

  /** Answered by an answer event. */
  query(what: 'names' | 'rooms' | 'whois', name: string, nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    this.rooms.query(what, name);
    return this.take();
  }

  /** Time has passed. Called a few times a second. */
  tick(nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    if (this.phase === 'ended') return [];
    const { silenceMs, pingMs } = this.options.limits;
    if (nowMs - this.heardMs >= silenceMs && nowMs - this.helloMs >= silenceMs) {
      this.detach('connecting');
      this.say('connecting', 'the balancer does not answer');
      this.hello();
    } else if (nowMs - this.pingedMs >= pingMs) {
      this.pingedMs = nowMs;
      this.send({ type: 'ping', attachment: this.attachment });
    }
    if (nowMs - this.askedMs >= this.resendMs) this.askAgain();
    return this.take();
  }

  /** Ends the session by a command in the log, after everything that was posted before. */
  close(text: string, nowMs: number): readonly SessionEffect[] {
    this.nowMs = nowMs;
    if (this.closing || this.phase === 'ended') return [];
    this.closing = true;
    this.outstanding.add({ type: 'close', text }, '');
    if (this.phase === 'reading' || this.phase === 'online') this.submit();
    return this.take();
  }

  // ---- The link ---------------------------------------------------------------------------------------------------

  private hello(): void {
    this.helloMs = this.nowMs;
    this.send({
      type: 'hello',
      version: PROTOCOL_VERSION,
      cluster: this.options.cluster,
      previous: this.previousServer,
    });
  }

  private onAttached(attachment: number, server: number, reason: AttachReason): void {
    const moved = this.previousServer !== 0 && server !== this.previousServer;
    if (moved) this.say('rerouted', `server ${this.previousServer} is gone, now on server ${server}`, server);
    else if (reason === 'lagged') this.say('rerouted', 'this client did not read fast enough', server);
    this.attachment = attachment;
    this.server = server;
    this.previousServer = server;
    this.phase = 'opening';
    this.open();
  }

  private detach(phase: 'connecting' | 'waiting'): void {
    this.attachment = 0;
    this.server = 0;
    this.phase = phase;
    this.outstanding.sendAgain();
  }

  private open(): void {
    const resume = this.session !== '';
    this.request({
      type: 'open',
      secret: this.secret,
      nick: this.nickname,
      position: this.inbox.position,
      birth: resume ? this.birth : '',
      resume,
    });
  }

  /** No answer for too long: whatever is waited for is asked for again, ever more rarely. */
  private askAgain(): void {
    const { resendMostMs } = this.options.limits;
    this.askedMs = this.nowMs;
    if (this.phase === 'opening') this.open();
    else if (this.phase === 'reading') this.read();
    if (this.phase !== 'reading' && this.phase !== 'online') return;
    this.rooms.askAgain();
    if (!this.outstanding.awaiting) return;
    this.resendMs = Math.min(2 * this.resendMs, resendMostMs);
    this.outstanding.sendAgain();
    this.submit();
  }

  // ---- The server's messages --------------------------------------------------------------------------------------

  private onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.onWelcome(message);
      case 'refused':
        return this.onRefused(message.code, message.message);
      case 'acks':
        for (const run of message.runs) this.onAcks(run);
        return this.flushMore();
      case 'failed':
        this.onFailed(message.seq, message.code, message.message);
        return this.flushMore();
      case 'deliver':
        if (this.phase === 'online') this.onEvents(message.events, false);
        return;
      case 'page':
        return this.onPage(message);
      case 'history':
        return this.rooms.onHistory(message.id, message.events, message.more);
      case 'answer':
        return this.rooms.onAnswer(message.id, message.rows);
      case 'error':
        return this.onError(message);
      case 'state':
        return this.onState(message.majority, message.reason);
      case 'alive':
        return;
    }
  }

  private onWelcome(welcome: Extract<ServerMessage, { type: 'welcome' }>): void {
    if (this.phase !== 'opening') return;
    const isNew = this.session === '';
    if (isNew) this.inbox.restart(welcome.position);
    const { session, server, nick } = welcome;
    this.session = session;
    this.birth = welcome.birth;
    this.nickname = nick;
    this.resendMs = this.options.limits.resendMs;
    this.majority = true;
    this.phase = 'reading';
    this.tell({ type: 'welcome', session, server, nick, position: welcome.position });
    this.outstanding.sendAgain();
    this.rooms.askAgain();
    this.submit();
    this.read();
  }

  private onRefused(code: string, message: string): void {
    if (this.closing && code === 'session-gone') return this.end(EXIT.ok);
    if (code !== 'session-gone' && code !== 'other-birth') return this.fail(code, message);
    this.tell({ type: 'error', code, message: `${message}; starting a new session` });
    for (const lost of this.outstanding.restart()) this.tellUnconfirmed(lost);
    if (code === 'other-birth') this.inbox.restart(0);
    this.session = '';
    this.birth = '';
    this.secret = this.options.newSecret();
    this.rooms.rejoin((room) => this.outstanding.add({ type: 'join', room }, ''));
    this.phase = 'opening';
    this.open();
  }

  private tellUnconfirmed({ id, command }: OutstandingCommand): void {
    if (command.type !== 'say' && command.type !== 'direct') return;
    const message = 'the session ended before this was confirmed; it may have been posted or not';
    this.tell({ type: 'error', code: 'unconfirmed', message, id });
  }

  private onAcks({ firstSeq, count, firstPosition, round }: AckRun): void {
    this.askedMs = this.nowMs;
    this.resendMs = this.options.limits.resendMs;
    for (let offset = 0; offset < count; offset += 1) {
      const settled = this.outstanding.settle(firstSeq + offset);
      if (!settled) continue;
      const { id, seq, command } = settled;
      if (command.type === 'close') return this.end(EXIT.ok);
      if (command.type !== 'say' && command.type !== 'direct') continue;
      this.tell({ type: 'ack', id, seq, position: firstPosition + offset, round });
    }
  }

  private onFailed(seq: number, code: string, message: string): void {
    this.askedMs = this.nowMs;
    const settled = this.outstanding.settle(seq);
    if (settled) this.tell({ type: 'error', code, message, id: settled.id });
  }

  private onError({ id, code, message }: Extract<ServerMessage, { type: 'error' }>): void {
    if (id !== 0) this.rooms.onFailed(id, code, message);
    else if (code === 'not-open') {
      this.phase = 'opening';
      this.open();
    } else this.tell({ type: 'error', code, message });
  }

  private onPage({ after, through, live, events }: Extract<ServerMessage, { type: 'page' }>): void {
    if (this.phase !== 'reading' || after > this.inbox.position) return;
    this.onEvents(events, true);
    this.inbox.reached(through);
    if (!live) return this.read();
    this.phase = 'online';
    this.sayOnline();
  }

  private onEvents(events: Parameters<Inbox['take']>[0], complete: boolean): void {
    const { fresh, gap } = this.inbox.take(events, complete);
    for (const event of fresh) {
      if (event.kind === 'nick' && event.session === this.session) this.nickname = event.text;
      if (event.kind === 'leave' && event.session === this.session) this.inbox.forget(event.room);
      this.rooms.onEvent(event, this.session);
    }
    if (!gap) return;
    this.phase = 'reading';
    this.read();
  }

  private onState(majority: boolean, reason: string): void {
    this.majority = majority;
    if (!majority) this.say('no-majority', reason);
    else if (this.phase === 'online') this.sayOnline();
  }

  // ---- Out --------------------------------------------------------------------------------------------------------

  private flushMore(): void {
    if (this.phase === 'reading' || this.phase === 'online') this.submit();
  }

  /** Sends groups of consecutive commands until the window is full or nothing is left. */
  private submit(): void {
    const { window, groupCommands, groupBytes } = this.options.limits;
    if (!this.outstanding.awaiting) this.askedMs = this.nowMs;
    for (;;) {
      let bytes = 0;
      const fits = (command: Command) => {
        bytes += 'text' in command ? 3 * command.text.length : 0;
        return bytes <= groupBytes;
      };
      const group = this.outstanding.next(window, groupCommands, fits);
      const [first] = group;
      if (!first) return;
      const commands = group.map(({ command }) => command);
      const bytesOfGroup = encodeGroup({ type: 'group', session: this.session, firstSeq: first.seq, commands });
      this.send({ type: 'data', attachment: this.attachment }, { type: 'submit', group: bytesOfGroup });
    }
  }

  private read(): void {
    this.request({ type: 'read', after: this.inbox.position });
  }

  private request(request: ClientRequest): void {
    if (this.attachment === 0) return;
    this.askedMs = this.nowMs;
    this.send({ type: 'data', attachment: this.attachment }, request);
  }

  private send(frame: Extract<SessionEffect, { type: 'send' }>['frame'], request?: ClientRequest): void {
    this.out.push(request ? { type: 'send', frame, request } : { type: 'send', frame });
  }

  private tell(event: ClientEvent): void {
    this.out.push({ type: 'event', event });
  }

  private refusePost(id: string, code: string, message: string): void {
    this.tell({ type: 'error', code, message, ...(id !== '' && { id }) });
  }

  private sayOnline(): void {
    if (this.majority) this.say('online', `served by server ${this.server}`);
  }

  /** Tells the state of the link, when it is another one than was told last. */
  private say(state: LinkState, reason: string, server = this.server): void {
    const { told } = this;
    if (told && told.state === state && told.server === server && told.reason === reason) return;
    this.told = { state, server, reason };
    this.tell({ type: 'status', state, server, reason });
  }

  private fail(code: string, message: string): void {
    this.tell({ type: 'error', code, message });
    this.end(EXIT.failure);
  }

  private end(status: number): void {
    this.send({ type: 'bye', attachment: this.attachment });
    this.phase = 'ended';
    this.tell({ type: 'ended', status });
  }

  private take(): readonly SessionEffect[] {
    const effects = this.out;
    this.out = [];
    return effects;
  }
}

function whyWait({ reason, connected, needed }: Extract<ToClientFrame, { type: 'wait' }>): string {
  const count = `${connected} of ${needed} servers connected`;
  switch (reason) {
    case 'starting':
      return count;
    case 'no-majority':
      return `${count}: too few to agree on anything`;
    case 'no-server':
      return `no server can take clients yet (${count})`;
  }
}
