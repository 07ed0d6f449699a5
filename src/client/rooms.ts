/**
 * The rooms of a session: turns what happened into events, shows the last lines of a room that was joined before what
 * comes next in it, and keeps the questions that have no answer yet.
 */
import type { ClientRequest, QueryRow, WireEvent } from '../wire/client';
import type { ClientEvent, MessageEvent, PresenceEvent } from './events';

/** Events of a room held back until its last lines are there; beyond it they are shown without. */
const MAX_HELD = 10_000;

type Asked = Extract<ClientRequest, { readonly type: 'history' | 'query' }>;

interface Out {
  ask(request: ClientRequest): void;
  tell(event: ClientEvent): void;
}

export class Rooms {
  private readonly joined = new Set<string>();
  private readonly asked = new Map<number, Asked>();
  /** Rooms whose last lines are awaited: the question, and what has happened since. */
  private readonly held = new Map<string, { readonly id: number; readonly events: WireEvent[] }>();
  private lastId = 0;

  /** @param history how many earlier lines to show when a room is joined */
  constructor(
    private readonly history: number,
    private readonly out: Out,
  ) {}

  /** Something happened in a room that this session is in. */
  onEvent(event: WireEvent, session: string): void {
    const isOwnJoin = event.kind === 'join' && event.session === session;
    if (isOwnJoin) this.joined.add(event.room);
    if (event.kind === 'leave' && event.session === session) this.joined.delete(event.room);
    if (isOwnJoin && this.history > 0 && event.index > 0 && !this.held.has(event.room)) {
      const id = this.askHistory(event.room, event.index + 1, this.history);
      this.held.set(event.room, { id, events: [event] });
      return;
    }
    const held = this.held.get(event.room);
    if (!held) return this.out.tell(eventOf(event));
    held.events.push(event);
    if (held.events.length > MAX_HELD) this.release(event.room);
  }

  askHistory(room: string, before: number, limit: number): number {
    this.lastId += 1;
    return this.ask({ type: 'history', id: this.lastId, room, before, limit });
  }

  query(what: 'names' | 'rooms' | 'whois', name: string): void {
    this.lastId += 1;
    this.ask({ type: 'query', id: this.lastId, what, name });
  }

  /** A new attachment, or no answer for too long: what has no answer is asked again. */
  askAgain(): void {
    for (const request of this.asked.values()) this.out.ask(request);
  }

  onHistory(id: number, events: readonly WireEvent[], more: boolean): void {
    const request = this.asked.get(id);
    if (request?.type !== 'history') return;
    this.asked.delete(id);
    const held = this.held.get(request.room);
    if (held?.id === id) {
      const joinedAt = held.events[0]?.position ?? 0;
      for (const event of events) if (event.position < joinedAt) this.tellEarlier(event);
      return this.release(request.room);
    }
    this.out.tell({ type: 'history', room: request.room, lines: events.map(eventOf), more });
  }

  onAnswer(id: number, rows: readonly QueryRow[]): void {
    const request = this.asked.get(id);
    if (request?.type !== 'query') return;
    this.asked.delete(id);
    this.out.tell({ type: 'answer', what: request.what, name: request.name, rows });
  }

  onFailed(id: number, code: string, message: string): void {
    const request = this.asked.get(id);
    if (!request) return;
    this.asked.delete(id);
    if (request.type === 'history' && this.held.get(request.room)?.id === id) this.release(request.room);
    else this.out.tell({ type: 'error', code, message });
  }

  /** The session is another one: it joins again what the last one was in. */
  rejoin(join: (room: string) => void): void {
    for (const room of this.joined) if (!room.startsWith('@')) join(room);
    for (const room of [...this.held.keys()]) this.release(room);
    this.asked.clear();
    this.joined.clear();
  }

  private ask(request: Asked): number {
    this.asked.set(request.id, request);
    this.out.ask(request);
    return request.id;
  }

  private release(room: string): void {
    const held = this.held.get(room);
    this.held.delete(room);
    for (const event of held?.events ?? []) this.out.tell(eventOf(event));
  }

  /** Of what was before this session joined only the lines are shown. */
  private tellEarlier(event: WireEvent): void {
    const earlier = eventOf(event);
    if (earlier.type === 'message') this.out.tell({ ...earlier, earlier: true });
  }
}

function eventOf(event: WireEvent): MessageEvent | PresenceEvent {
  const { kind, position, room, index, round, nick, text, time, session, seq } = event;
  if (kind !== 'message' && kind !== 'action') {
    return { type: 'presence', position, room, nick, event: kind, text, time, session, index };
  }
  const message: MessageEvent = { type: 'message', position, room, index, round, nick, text, time, session, seq };
  return kind === 'action' ? { ...message, action: true } : message;
}
