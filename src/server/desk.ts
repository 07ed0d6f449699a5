/**
 * Where clients' requests are answered: opening a session, handing over commands, reading what was missed, paging
 * back, asking who is where. What comes in was decoded and is of the right shape; whether it is allowed is seen here.
 */
import { countOfAll, type SessionId } from '../chat/commands';
import { runOf } from '../chat/event-runs';
import type { ChatEvent } from '../chat/events';
import { markersOf, nicksOf, rulingsOf } from '../chat/listings';
import { utf8Length } from '../chat/text';
import { eventOfRoom } from '../history/event';
import { type Missed, type PageQuery, readMissed, readPage } from '../history/reading';
import { searchRoom } from '../history/search';
import { unreachable } from '../lib/assert';
import { NO_BALLOT } from '../paxos/ballot';
import {
  type ClientRequest,
  type QueryRow,
  type ServerMessage,
  TOO_MANY_QUESTIONS,
  type WireRun,
} from '../wire/client';
import { decodeGroup } from '../wire/codec-batch';
import type { Attachment } from '../wire/frames';
import { agreementOf } from './agreements';
import { type AttachedClient, address } from './attached';
import { viewOf } from './delivery';
import { serversAtAGlance } from './glance';
import { Openings } from './openings';
import type { ServerParts } from './parts';
import { answerPlace, spanOf } from './places';

type RequestOf<Type extends ClientRequest['type']> = Extract<ClientRequest, { readonly type: Type }>;

type Question = RequestOf<'read' | 'history' | 'search' | 'query' | 'why' | 'digest' | 'place'>;
type Done = (bytes: number) => void;

/** Of an event beside its text, on the wire, at most: names, numbers. */
const EVENT_BYTES = 512;
const ROW_BYTES = 64;

/** Commands that a client may hand over at once: no more than its burst, or hardly more, are proposed at once. */
export const MAX_SUBMITTED = 128;

export class ClientDesk {
  private readonly openings: Openings;

  constructor(private readonly parts: ServerParts) {
    this.openings = new Openings(parts);
  }

  onRequest(attachment: Attachment, request: ClientRequest | { readonly bad: string }): void {
    const client = this.parts.clients.get(attachment);
    if (!client) {
      // The balancer still thinks that this client is here: it is to come anew.
      this.parts.send({ type: 'toBalancer', frame: { type: 'detach', attachment } });
      return;
    }
    if ('bad' in request) {
      this.tell(client, { type: 'error', id: 0, seq: 0, code: 'bad-request', message: request.bad });
      return;
    }
    if (request.type === 'greet') this.openings.onGreet(client);
    else if (request.type === 'open') this.openings.onOpen(client, request);
    else if (request.type === 'cluster') this.onClusterAsked(client, request);
    else if (client.session === '' || client.opening) this.tellNotOpen(client, request);
    else this.onOpened(client, request);
  }

  /** Everything that may have been lost with the last leader: opens first, then each session's commands in order. */
  proposeAgain(): void {
    this.openings.proposeAgain();
    this.parts.pending.allAgain();
  }

  /** What was proposed longer than `retryMs` ago and is not in the log yet. */
  retry(): void {
    this.openings.retry();
    this.parts.pending.overdueAgain(this.parts.options.limits.server.retryMs, this.nowMs());
    this.parts.pending.tidy(this.nowMs());
  }

  tick(): void {
    this.openings.tick();
  }

  /** What the session said waits its turn: it says more than it may. */
  tellSlowed(session: SessionId): void {
    const { clients, options } = this.parts;
    const client = clients.ofSession(session);
    if (client) this.tell(client, { type: 'slowed', perSecond: options.limits.server.postsPerSecond });
  }

  /** Whoever was let in may ask, also while no session can be opened, as too few servers are there. */
  private onClusterAsked(client: AttachedClient, request: RequestOf<'cluster'>): void {
    const isTaken = this.parts.turns.ask(`attachment ${client.attachment}`, (done) => {
      if (this.parts.clients.get(client.attachment) === client) this.onCluster(client, request);
      done(0);
    });
    if (!isTaken) this.tellTooMany(client, request.id);
  }

  private onOpened(
    client: AttachedClient,
    request: Exclude<ClientRequest, RequestOf<'greet' | 'open' | 'cluster'>>,
  ): void {
    if (request.type === 'submit') return this.onSubmit(client, request);
    const { session } = client;
    const isTaken = this.parts.turns.ask(session, (done) => {
      if (this.isOpen(client, session)) this.onQuestion(client, request, done);
      else done(0);
    });
    if (!isTaken) this.tellTooMany(client, 'id' in request ? request.id : 0);
  }

  private tellTooMany(client: AttachedClient, id: number): void {
    const message = `${this.parts.options.limits.server.questionsOfClient} questions have no answer yet`;
    this.tell(client, { type: 'error', id, seq: 0, code: TOO_MANY_QUESTIONS, message });
  }

  /** @param done to be called once, with the bytes that the answer took, also when there is none */
  private onQuestion(client: AttachedClient, request: Question, done: Done): void {
    switch (request.type) {
      case 'read':
        return this.onRead(client, request, done);
      case 'history':
        return this.onHistory(client, request, done);
      case 'search':
        return this.onSearch(client, request, done);
      case 'query':
        return this.onQuery(client, request, done);
      case 'why':
        return this.onWhy(client, request, done);
      case 'digest':
      case 'place':
        return this.onPlace(client, request, done);
      default:
        return unreachable(request);
    }
  }

  private onSubmit(client: AttachedClient, request: RequestOf<'submit'>): void {
    const group = decodeGroup(request.group);
    if ('bad' in group) {
      this.tell(client, { type: 'error', id: 0, seq: 0, code: 'bad-request', message: group.bad });
      return;
    }
    if (group.session !== client.session) {
      const message = 'the commands are of another session';
      this.tell(client, { type: 'error', id: 0, seq: group.firstSeq, code: 'bad-session', message });
      return;
    }
    const { firstSeq, commands } = group;
    const count = countOfAll(commands);
    if (count > MAX_SUBMITTED) {
      const message = `a group has at most ${MAX_SUBMITTED} commands`;
      this.tell(client, { type: 'error', id: 0, seq: firstSeq, code: 'bad-request', message });
      return;
    }
    const { chat, pending } = this.parts;
    const logged = chat.sessions.get(client.session)?.lastSeq ?? 0;
    pending.add(client.session, logged, firstSeq, count, request.group, this.nowMs());
  }

  /** What the session missed, a page at a time; with the last page the client is live. */
  private onRead(client: AttachedClient, { after }: RequestOf<'read'>, done: Done): void {
    const { chat, history, reads, options } = this.parts;
    const { session } = client;
    const { pageEvents, pageBytes } = options.limits.server;
    const { recent } = history;
    const page = recent.after(after, pageEvents, ({ room, position }) => {
      return position > chat.floorOf(room) && chat.wasMember(session, room, position);
    });
    if (page) return done(this.tellMissed(client, session, after, page));
    const reading = readMissed(chat.readable(session, after), after, recent.from, {
      events: pageEvents,
      bytes: pageBytes,
    });
    const isStarted = reads.start(reading, (missed, read) => {
      done(read + (this.isOpen(client, session) ? this.tellMissed(client, session, after, missed) : 0));
    });
    if (!isStarted) done(0);
  }

  /** @returns bytes of the answer, about */
  private tellMissed(client: AttachedClient, session: SessionId, after: number, missed: Missed): number {
    const { chat } = this.parts;
    const events = this.fitting(missed.events);
    // What does not fit in this page is the next one's.
    const through = events.length < missed.events.length ? (events.at(-1)?.position ?? after) : missed.through;
    const live = through >= chat.position;
    // Once it is, it stays so: what it reads again is asked for because something was lost, or comes twice, or late.
    client.live ||= live;
    this.tell(client, {
      type: 'page',
      after,
      through,
      live,
      runs: this.seenBy(session, events),
    });
    return bytesOf(events);
  }

  private onHistory(client: AttachedClient, request: RequestOf<'history'>, done: Done): void {
    const { history, reads } = this.parts;
    const { session } = client;
    const { id } = request;
    const query = this.pageOf(client, request);
    if (!query) return done(0);
    const { room } = query;
    const reading = readPage(query, history.recent.ofRoom(room, query), history.recent.from);
    const isStarted = reads.start(reading, ({ events, more }, read) => {
      if (!this.isOpen(client, session)) return done(read);
      // The latest ones: whoever wants the others asks for what is before these.
      const fitting = this.fitting(events.toReversed()).toReversed();
      const cut = fitting.length < events.length;
      const runs = this.seenBy(session, fitting);
      this.tell(client, { type: 'history', id, room: request.room, runs, more: more || cut });
      done(read + bytesOf(fitting));
    });
    if (!isStarted) done(0);
  }

  private onSearch(client: AttachedClient, request: RequestOf<'search'>, done: Done): void {
    const { history, reads } = this.parts;
    const { session } = client;
    const { id, text } = request;
    const page = this.pageOf(client, request);
    if (!page) return done(0);
    const reading = searchRoom({ ...page, text }, history.recent);
    const isStarted = reads.start(reading, ({ events, before }, read) => {
      if (!this.isOpen(client, session)) return done(read);
      const fitting = this.fitting(events.toReversed()).toReversed();
      const cut = fitting.length < events.length;
      const runs = this.seenBy(session, fitting);
      this.tell(client, { type: 'found', id, runs, before: cut ? (fitting[0]?.index ?? 0) : before });
      done(read + bytesOf(fitting));
    });
    if (!isStarted) done(0);
  }

  private onPlace(client: AttachedClient, request: RequestOf<'digest' | 'place'>, done: Done): void {
    const { session } = client;
    const room = this.readable(client, request.id, request.room);
    if (room === undefined) return done(0);
    const { chat, history, reads } = this.parts;
    const isStarted = reads.start(answerPlace(request, spanOf(chat, room), history.recent), (answer, read) => {
      if (this.isOpen(client, session)) this.tell(client, answer);
      done(read);
    });
    if (!isStarted) done(0);
  }

  /** Which lines a client asks for; undefined when it cannot have them: then it was told. */
  private pageOf(
    client: AttachedClient,
    { id, room: name, before, limit }: RequestOf<'history' | 'search'>,
  ): PageQuery | undefined {
    const { chat, options } = this.parts;
    const room = this.readable(client, id, name);
    if (room === undefined) return undefined;
    return {
      room,
      before: before === 0 ? Number.POSITIVE_INFINITY : before,
      limit: Math.min(Math.max(limit, 1), options.limits.server.pageEvents),
      floor: chat.floorOf(room),
    };
  }

  /** The room that a client calls so; undefined when it cannot read it: then it was told. */
  private readable(client: AttachedClient, id: number, name: string): string | undefined {
    const { chat } = this.parts;
    const room = chat.resolveRoom(client.session, name);
    if (room !== undefined && chat.canRead(client.session, room)) return room;
    const message = `there is no room or conversation ${name}`;
    this.tell(client, { type: 'error', id, seq: 0, code: 'no-such-room', message });
    return undefined;
  }

  private seenBy(session: SessionId, events: readonly ChatEvent[]): readonly WireRun[] {
    return events.map((event) => viewOf(runOf(event), session, this.parts.chat));
  }

  /** The first of these events, at least one, as many as a page may have bytes of. */
  private fitting(events: readonly ChatEvent[]): readonly ChatEvent[] {
    const { pageBytes } = this.parts.options.limits.server;
    let bytes = 0;
    const end = events.findIndex((event) => {
      bytes += bytesOfOne(event);
      return bytes > pageBytes;
    });
    return end < 0 ? events : events.slice(0, Math.max(1, end));
  }

  /** Reading took a while: whether the client is still here, and still who it was. */
  private isOpen(client: AttachedClient, session: SessionId): boolean {
    const isHere = this.parts.clients.get(client.attachment) === client;
    return isHere && client.session === session && !client.opening;
  }

  private onQuery(client: AttachedClient, request: RequestOf<'query'>, done: Done): void {
    const rows = this.rowsOf(client, request);
    const { id } = request;
    if (rows) this.tell(client, { type: 'answer', id, rows });
    else {
      const nobody = request.what === 'names' ? `there is no room ${request.name}` : `nobody is called ${request.name}`;
      const message = request.what === 'rulings' ? 'only operators may see that' : nobody;
      this.tell(client, { type: 'error', id, seq: 0, code: 'not-found', message });
    }
    done((rows?.length ?? 0) * ROW_BYTES);
  }

  private rowsOf(client: AttachedClient, request: RequestOf<'query'>): readonly QueryRow[] | undefined {
    const { chat } = this.parts;
    const limit = this.parts.options.limits.server.pageEvents;
    switch (request.what) {
      case 'rooms':
        return chat.rooms(request.name).slice(0, limit);
      case 'names': {
        const room = chat.resolveRoom(client.session, request.name);
        if (room === undefined || !chat.canRead(client.session, room)) return undefined;
        return chat.names(room).slice(0, limit);
      }
      case 'whois':
        return chat.whois(request.name);
      case 'nicks':
        return nicksOf(chat, chat.sessions.get(client.session)?.key ?? '').slice(0, limit);
      case 'rulings': {
        const isOperator = chat.people.isOperator(chat.sessions.get(client.session)?.key ?? '');
        return isOperator ? rulingsOf(chat).slice(0, limit) : undefined;
      }
      case 'markers':
        return markersOf(chat, client.session).slice(-limit);
      default:
        return unreachable(request.what);
    }
  }

  /** Reads what is there, as its round is not known otherwise, nor whether it is of a room that may be read. */
  private onWhy(client: AttachedClient, request: RequestOf<'why'>, done: Done): void {
    const { id, room: name } = request;
    const { chat, history, reads } = this.parts;
    const { session } = client;
    const room = this.readable(client, id, name);
    if (room === undefined) return done(0);
    const isStarted = reads.start(eventOfRoom(history, room, request, chat.floorOf(room)), (event, read) => {
      if (!this.isOpen(client, session)) return done(read);
      if (event) this.tell(client, { type: 'why', id, agreement: agreementOf(event, this.parts) });
      else {
        this.tell(client, { type: 'error', id, seq: 0, code: 'not-found', message: notThere(request) });
      }
      done(read);
    });
    if (!isStarted) done(0);
  }

  private onCluster(client: AttachedClient, { id }: RequestOf<'cluster'>): void {
    const { options, view } = this.parts;
    const { role, ballot } = view();
    const servers = serversAtAGlance(this.parts);
    const followed = role === 'candidate' ? NO_BALLOT : ballot;
    this.tell(client, { type: 'cluster', id, server: options.id, ballot: followed, servers });
  }

  private tellNotOpen(client: AttachedClient, request: ClientRequest): void {
    if (this.openings.isOpening(client)) return; // It said more than `open` before the welcome: it says that again by itself.
    const id = 'id' in request ? request.id : 0;
    this.tell(client, {
      type: 'error',
      id,
      seq: 0,
      code: 'not-open',
      message: 'no session is open on this attachment',
    });
  }

  private tell(client: AttachedClient, message: ServerMessage): void {
    this.parts.send({ type: 'toClients', to: [address(client)], message });
  }

  private nowMs(): number {
    return this.parts.options.clock.monotonicMs();
  }
}

function notThere({ room, index, position }: RequestOf<'why'>): string {
  if (index > 0) return `${room} has no line ${index}, or does not keep it any more`;
  return position === 0 ? `nothing was said in ${room} yet` : `position ${position} is not of ${room}`;
}

/** On the wire, at most. */
function bytesOf(events: readonly ChatEvent[]): number {
  return events.reduce((bytes, event) => bytes + bytesOfOne(event), 0);
}

function bytesOfOne({ text }: ChatEvent): number {
  return utf8Length(text) + EVENT_BYTES;
}
