/**
 * A small cluster to try sessions on: one log that commits in order, with the real state machine on it, behind a
 * network that loses frames, a leader that loses commands, and a balancer that moves clients whenever it likes.
 */

import type { Entry } from '../../src/chat/commands';
import { eventsOf, isSaid, runOf } from '../../src/chat/event-runs';
import type { ChatEvent, EventRun, Outcome } from '../../src/chat/events';
import { ChatState } from '../../src/chat/state';
import { lastLines, type Missed } from '../../src/history/reading';
import { Recent } from '../../src/history/recent';
import { type Random, randomInt } from '../../src/lib/prng';
import { keyText } from '../../src/lib/signer';
import { viewOf } from '../../src/server/delivery';
import type { ClientRequest, ServerMessage } from '../../src/wire/client';
import { decodeGroup } from '../../src/wire/codec-batch';
import type { ClientFrame, ToClientFrame } from '../../src/wire/frames';
import { NONCE_BYTES, sessionOf } from '../../src/wire/proof';

export interface Upward {
  readonly frame: ClientFrame;
  readonly request?: ClientRequest;
}

export interface Downward {
  readonly frame: ToClientFrame;
  readonly message?: ServerMessage;
}

/** A client as the balancer and the servers see it. Frames do not overtake each other. */
interface Line {
  readonly up: Upward[];
  readonly down: Downward[];
  attachment: number;
  known: boolean;
  session: string;
  /** The attachment's name in the log. */
  openId: string;
  live: boolean;
  /** Of the last payload. */
  number: number;
}

/** Small pages, so that there are many of them. */
const PAGE_EVENTS = 3;
const SERVERS = 3;

export class ModelCluster {
  /** All that ever happened. */
  private readonly recent = new Recent({ bytes: Number.POSITIVE_INFINITY }, 0);
  readonly events: ChatEvent[] = [];
  chat = new ChatState();
  private readonly lines: Line[];
  private log: Entry[] = [];
  private round = 0;
  private attachments = 0;
  /** Frames and commands lost, of each hundred. */
  losses = 0;

  constructor(
    clients: number,
    private readonly random: Random,
  ) {
    this.lines = Array.from({ length: clients }, () => {
      return { up: [], down: [], attachment: 0, known: false, session: '', openId: '', live: false, number: 0 };
    });
    this.chat.apply(0, { time: 0, entries: [{ type: 'birth', id: 'f'.repeat(16) }] });
  }

  /** A client sends a frame. */
  send(client: number, upward: Upward): void {
    this.lineOf(client).up.push(upward);
  }

  /** The next frame of a client arrives, unless it is lost. */
  arrive(client: number): void {
    const line = this.lineOf(client);
    const upward = line.up.shift();
    if (!upward || this.loses()) return;
    const { frame, request } = upward;
    if (frame.type === 'hello') this.attach(client);
    else if (frame.type === 'ping') {
      this.tell(line, { frame: line.known && line.attachment === frame.attachment ? PONG : UNKNOWN });
    }
    if (frame.type === 'data' && frame.attachment === line.attachment && request) this.onRequest(line, request);
  }

  /** The next frame for a client, unless there is none or it is lost. */
  next(client: number): Downward | undefined {
    const downward = this.lineOf(client).down.shift();
    return downward && !this.loses() ? downward : undefined;
  }

  /** Whether nothing is on its way to or from anybody. */
  get quiet(): boolean {
    return this.log.length === 0 && this.lines.every(({ up, down }) => up.length === 0 && down.length === 0);
  }

  /** The client goes to some server. */
  attach(client: number): void {
    const line = this.lineOf(client);
    this.attachments += 1;
    Object.assign(line, { attachment: this.attachments, known: true, session: '', openId: '', live: false, number: 0 });
    const server = 1 + randomInt(this.random, 0, SERVERS);
    const why = { reason: 'moved', unservedMs: 0, cluster: 'm' } as const;
    const attached = { type: 'attached', attachment: this.attachments, server, ...why } as const;
    this.tell(line, { frame: attached });
  }

  /** The balancer is gone, and knows nobody when it is back. */
  restartBalancer(): void {
    for (const line of this.lines) Object.assign(line, { attachment: 0, known: false, session: '', live: false });
  }

  /** The balancer takes the client's server away, and has no other. */
  wait(client: number): void {
    const line = this.lineOf(client);
    Object.assign(line, { attachment: 0, session: '', live: false });
    this.tell(line, { frame: { type: 'wait', reason: 'no-server', connected: 1, needed: 2 } });
  }

  /** Whoever waits is given a server. */
  serveAll(): void {
    this.lines.forEach((line, client) => {
      if (line.known && line.attachment === 0) this.attach(client);
    });
  }

  /** The next command is committed, unless the leader dies with it. */
  commit(): void {
    const entry = this.log.shift();
    if (entry && !this.loses()) this.apply(entry);
  }

  /** A client's session ends by itself. */
  expire(client: number): void {
    const session = this.chat.sessions.get(this.lineOf(client).session);
    if (!session) return;
    Object.assign(session, { online: false, lastActive: Number.NEGATIVE_INFINITY });
    this.apply({ type: 'sweep' });
  }

  private onRequest(line: Line, request: ClientRequest): void {
    if (request.type === 'greet') this.answer(line, { type: 'challenge', nonce: new Uint8Array(NONCE_BYTES) });
    else if (request.type === 'open') {
      const { key, salt, nick, reclaim, resume, position } = request;
      const session = sessionOf(key, salt);
      // Whoever was attached to the session before is not any more.
      for (const other of this.lines) if (other !== line && other.session === session) other.session = '';
      line.session = session;
      line.openId = `${line.attachment}`;
      line.live = false;
      const { openId: attachment } = line;
      const open = { session, key: keyText(key), nick, reclaim, server: 1, attachment, resume, position };
      this.log.push({ type: 'open', ...open });
    } else if (line.session === '') {
      // Somebody else opened the session after it: as servers have it, that is for the client to know.
      this.answer(line, { type: 'error', id: 0, seq: 0, code: 'not-open', message: 'no session is open here' });
    } else if (request.type === 'submit') {
      const group = decodeGroup(request.group);
      if ('bad' in group) throw new Error(group.bad);
      this.log.push(group);
    } else if (request.type === 'read') {
      const wants = (event: Pick<ChatEvent, 'room' | 'position'>) =>
        this.chat.wasMember(line.session, event.room, event.position);
      const { events, through } = this.recent.after(request.after, PAGE_EVENTS, wants) as Missed;
      line.live = through >= this.chat.position;
      const runs = events.map((event) => viewOf(runOf(event), line.session, this.chat));
      this.answer(line, { type: 'page', after: request.after, through, live: line.live, runs });
    } else if (request.type === 'history') {
      const { id, room, before, limit } = request;
      const query = { room, before: before === 0 ? Number.POSITIVE_INFINITY : before, limit, floor: 0 };
      const { events, more } = lastLines(this.recent.ofRoom(room), query);
      const runs = events.map((each) => viewOf(runOf(each), '', this.chat));
      this.answer(line, { type: 'history', id, room, runs, more });
    }
  }

  private apply(entry: Entry): void {
    this.round += 1;
    const { chat, round } = this;
    const applied = chat.apply(round, { time: round, entries: [entry] });
    for (const run of applied.runs) this.recent.add(run);
    this.events.push(...eventsOf(applied.runs));
    for (const { session: id, attachment, refusal } of applied.opened) {
      const line = this.lines.find(({ openId, session }) => session === id && openId === attachment);
      if (!line) continue;
      if (refusal) this.answer(line, { type: 'refused', session: id, ...refusal });
      else this.welcome(line, id);
    }
    for (const { session, firstSeq, count, firstPosition, refusal } of applied.outcomes) {
      const line = this.lines.find((each) => each.session === session);
      if (!line) continue;
      if (refusal) this.answer(line, { type: 'failed', seq: firstSeq, ...refusal, round });
      else if (!line.live || !areSaid({ session, firstSeq, count }, applied.runs)) {
        this.answer(line, { type: 'acks', runs: [{ firstSeq, count, firstPosition, round }] });
      }
    }
    for (const line of this.lines) {
      const mine = applied.runs.filter((_, index) => applied.audiences[index]?.includes(line.session));
      if (line.live && mine.length > 0) {
        this.answer(line, { type: 'deliver', runs: mine.map((run) => viewOf(run, line.session, chat)) });
      }
    }
    for (const { session: id, refusal } of applied.closed) {
      const line = this.lines.find(({ session }) => session === id);
      if (line) this.answer(line, { type: 'refused', session: id, nick: '', ...refusal });
    }
  }

  private welcome(line: Line, id: string): void {
    const { chat } = this;
    const state = chat.session(id);
    if (!state) throw new Error(`session ${id} was opened and is not there`);
    const { nick, lastSeq, rooms } = state;
    const { position, birth } = chat;
    this.answer(line, { type: 'welcome', session: id, server: 1, nick, position, birth, lastSeq, rooms });
  }

  private answer(line: Line, message: ServerMessage): void {
    const { attachment } = line;
    if (attachment === 0) return;
    line.number += 1;
    this.tell(line, { frame: { type: 'data', attachment, number: line.number }, message });
  }

  private tell(line: Line, downward: Downward): void {
    line.down.push(downward);
  }

  private loses(): boolean {
    return randomInt(this.random, 0, 100) < this.losses;
  }

  private lineOf(client: number): Line {
    const line = this.lines[client];
    if (!line) throw new Error(`no client ${client}`);
    return line;
  }
}

const PONG = { type: 'pong', token: 0 } as const;
const UNKNOWN = { type: 'unknown' } as const;

/** Whether all these commands of a session are lines among these events: who hears them needs no more. */
function areSaid(
  { session, firstSeq, count }: Pick<Outcome, 'session' | 'firstSeq' | 'count'>,
  runs: readonly EventRun[],
) {
  const said = eventsOf(runs.filter((run) => run.session === session && isSaid(run)));
  return said.filter(({ seq }) => seq >= firstSeq && seq < firstSeq + count).length === count;
}
