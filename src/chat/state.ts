/**
 * The chat: who is there, who is where, how far each room and the whole has come. Applied by every server in log
 * order, once each round, with the same result. The record of what was said is history.ts.
 */
import { applyBatch } from './apply';
import type { Batch, SessionId } from './commands';
import { Digest } from './digest';
import type { Applied } from './events';
import type { ChatLimits } from './limits';
import { conversationKey, conversationOf, isConversation, type Room } from './rooms';
import { type Membership, type Session, wasMember } from './sessions';
import { fold, roomName } from './text';

/** A line of an answer about names or rooms. */
export interface Row {
  readonly name: string;
  readonly text: string;
  readonly count: number;
}

export class ChatState {
  /** '' until the log has one. */
  birth = '';
  /** Of the last event. */
  position = 0;
  /** The log's time: that of the last batch, milliseconds since the epoch. */
  time = 0;
  /** A digest over all events so far, in order. */
  chain = '';
  /** In the order of opening. */
  readonly sessions = new Map<SessionId, Session>();
  /** By folded nick. */
  readonly nicks = new Map<string, SessionId>();
  /** By key, in the order of creation. */
  readonly roomsByKey = new Map<string, Room>();

  constructor(readonly limits: ChatLimits) {}

  /** Applies a round's batch. What cannot be done is refused in the outcomes; nothing is thrown. */
  apply(round: number, batch: Batch): Applied {
    return applyBatch(this, round, batch);
  }

  session(
    id: SessionId,
  ): { id: SessionId; nick: string; attachment: string; lastSeq: number; rooms: readonly string[] } | undefined {
    const session = this.sessions.get(id);
    if (!session) return undefined;
    const { nick, attachment, lastSeq } = session;
    return { id, nick, attachment, lastSeq, rooms: [...session.rooms.keys()].map((key) => this.nameOf(key)) };
  }

  /** Whether an event of that room at that position is for the session: what it would have been told. */
  wasMember(id: SessionId, room: string, position: number): boolean {
    if (isConversation(room)) return conversationOf(room).includes(id);
    const session = this.sessions.get(id);
    return session !== undefined && wasMember(session, room, position);
  }

  /** Where the session may have missed something, and from which position to which: its rooms and its conversations. */
  memberships(id: SessionId): readonly Membership[] {
    const session = this.sessions.get(id);
    if (!session) return [];
    const conversations = [...this.roomsByKey.keys()].filter(
      (key) => isConversation(key) && conversationOf(key).includes(id),
    );
    const always = conversations.map((room) => ({ room, from: 0, to: Number.MAX_SAFE_INTEGER }));
    return [...session.rooms.values(), ...session.past, ...always];
  }

  /** Rooms are open to all, a conversation to its two. */
  canRead(id: SessionId, room: string): boolean {
    return !isConversation(room) || conversationOf(room).includes(id);
  }

  /** The key of what a reader calls `lobby`, `#lobby` or `@bob`; undefined when there is no such thing. */
  resolveRoom(reader: SessionId, name: string): string | undefined {
    if (name.startsWith('@')) {
      const other = this.nicks.get(fold(name.slice(1)));
      const key = other && conversationKey(reader, other);
      return key !== undefined && this.roomsByKey.has(key) ? key : undefined;
    }
    const shown = roomName(name, this.limits);
    const key = shown && fold(shown);
    return key !== undefined && this.roomsByKey.has(key) ? key : undefined;
  }

  /** Who is in a room, in the order of joining: the text is what they are away with. */
  names(room: string): readonly Row[] {
    return (this.roomsByKey.get(room)?.members ?? []).map((id) => {
      const session = this.sessions.get(id) as Session;
      const text = session.online ? session.away : 'offline';
      return { name: session.nick, text, count: 0 };
    });
  }

  /** Rooms with their topics and how many are in them, in the order of creation. */
  rooms(): readonly Row[] {
    return [...this.roomsByKey.values()]
      .filter(({ key }) => !isConversation(key))
      .map(({ name, topic, members }) => ({ name, text: topic, count: members.length }));
  }

  /** What is known of a nick: its session, its server, its rooms; undefined when nobody has it. */
  whois(nick: string): readonly Row[] | undefined {
    const session = this.sessions.get(this.nicks.get(fold(nick)) ?? '');
    if (!session) return undefined;
    const rooms = [...session.rooms.keys()].map((key) => this.nameOf(key)).join(' ');
    return [
      { name: 'nick', text: session.nick, count: 0 },
      { name: 'session', text: session.id, count: 0 },
      { name: 'state', text: session.online ? session.away || 'here' : 'offline', count: 0 },
      { name: 'server', text: String(session.server), count: session.server },
      { name: 'rooms', text: rooms, count: session.rooms.size },
    ];
  }

  /** Whether a sweep at this time would change anything. */
  sweepDue(timeMs: number): boolean {
    const { offlineAfterMs, sessionTtlMs } = this.limits;
    for (const { online, lastActive } of this.sessions.values()) {
      if (lastActive < timeMs - (online ? offlineAfterMs : sessionTtlMs)) return true;
    }
    return false;
  }

  /** The name of a room by its key. */
  nameOf(key: string): string {
    return this.roomsByKey.get(key)?.name ?? key;
  }

  /** Of everything here, in an order that is the same on every server. */
  digest(): string {
    const digest = new Digest().text(this.birth).number(this.position).number(this.time).text(this.chain);
    for (const session of this.sessions.values()) digestSession(digest, session);
    for (const { key, name, topic, lines, members } of this.roomsByKey.values()) {
      digest.text(key).text(name).text(topic).number(lines).text(members.join(' '));
    }
    return digest.hex();
  }
}

function digestSession(digest: Digest, session: Session): void {
  const { id, nick, server, attachment, online, away, lastSeq, lastActive } = session;
  digest.text(id).text(nick).number(server).text(attachment).text(String(online)).text(away);
  digest.number(lastSeq).number(lastActive).number(session.outcomes.length);
  for (const { firstSeq, count, round, firstPosition, refusal } of session.outcomes) {
    digest
      .number(firstSeq)
      .number(count)
      .number(round)
      .number(firstPosition)
      .text(refusal?.code ?? '');
  }
  for (const { room, from } of session.rooms.values()) digest.text(room).number(from);
  for (const { room, from, to } of session.past) digest.text(room).number(from).number(to);
}
