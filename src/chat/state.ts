/**
 * The chat: who is there, who is where, how far each room and the whole has come. Applied by every server in log
 * order, once each round, with the same result. The record of what was said is src/history.
 */

import { invariant } from '../lib/assert';
import { applyBatch } from './apply';
import { type Claim, Claims } from './claims';
import type { AccessMode, AccessRules, Batch, PersonKey, RulingKind, SessionId } from './commands';
import type { Applied } from './events';
import { EMPTY_CHAIN, fingerprint, nextChain } from './fingerprint';
import { type ChatLimits, FIRST_LIMITS } from './limits';
import { AUDIT_ROOM, fold, isConversation, roomName } from './names';
import { forgotten } from './nicks';
import { People, type Ruling } from './people';
import { type ReadMarker, ReadMarkers } from './read-markers';
import { readSnapshot } from './restore';
import { dueFloor } from './retention';
import { conversationKey, conversationOf, type EditableRoom, editableRoom, type Room } from './rooms';
import { type EditableSession, editableSession, type Membership, ONGOING, type Session, wasMember } from './sessions';
import { type ChatImage, SnapshotWalk } from './snapshot';

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
  limits: ChatLimits = FIRST_LIMITS;
  /** Who may do what. To be changed by the methods here only. */
  readonly people: People;
  /** Whose each nick is. To be changed by the methods here only. */
  readonly claims: Claims;
  /** How far each person has read. To be changed by the methods here only. */
  readonly markers: ReadMarkers;
  /** A digest that each batch goes into, and what came of it. */
  chain = EMPTY_CHAIN;

  private readonly sessionTable = new Map<SessionId, EditableSession>();
  private readonly nickTable = new Map<string, SessionId>();
  /** The sessions of each person that has any, in the order of opening. */
  private readonly sessionsByKey = new Map<PersonKey, Set<SessionId>>();
  private readonly roomTable = new Map<string, EditableRoom>();
  /** Of each session, also of one that has ended: its conversations, in the order of creation. Follows from the rooms. */
  private readonly conversationTable = new Map<SessionId, string[]>();

  /** In the order of opening. */
  readonly sessions: ReadonlyMap<SessionId, Session> = this.sessionTable;
  /** By folded nick. */
  readonly nicks: ReadonlyMap<string, SessionId> = this.nickTable;
  /** By key, in the order of creation. */
  readonly roomsByKey: ReadonlyMap<string, Room> = this.roomTable;

  /** Counts the batches applied here. */
  private edition = 0;
  /** Snapshots hold what was last edited in this edition, or before: it is copied before it is edited. */
  private frozen = -1;
  /** In this batch. */
  private edited: { sessions: Session[]; rooms: Room[]; notes: string[] } = { sessions: [], rooms: [], notes: [] };

  /** @param image what to start from */
  constructor(image?: ChatImage) {
    this.people = new People(image?.people);
    this.claims = new Claims(image?.claims);
    this.markers = new ReadMarkers(image?.markers);
    if (!image) return;
    this.birth = image.birth;
    this.position = image.position;
    this.time = image.time;
    this.chain = image.chain;
    this.limits = image.limits;
    for (const session of image.sessions) this.addSession(session);
    for (const room of image.rooms) this.addRoom(room);
  }

  /** A state from what a SnapshotWalk gave, all of it in its order. @throws SnapshotError */
  static restore(chunks: Iterable<unknown>): ChatState {
    return new ChatState(readSnapshot(chunks));
  }

  /** A view of all that there is now, which what comes does not change. Takes milliseconds. */
  beginSnapshot(): SnapshotWalk {
    this.frozen = this.edition;
    const { birth, position, time, chain, limits } = this;
    const [sessions, rooms] = [[...this.sessionTable.values()], [...this.roomTable.values()]];
    const [people, claims, markers] = [this.people.image(), [...this.claims], [...this.markers]];
    return new SnapshotWalk({ birth, position, time, chain, limits, people, claims, sessions, rooms, markers });
  }

  /** Applies a round's batch. What cannot be done is refused in the outcomes; nothing is thrown. */
  apply(round: number, batch: Batch): Applied {
    this.edition += 1;
    this.edited = { sessions: [], rooms: [], notes: [] };
    const applied = applyBatch(this, round, batch);
    this.chain = nextChain(this, applied, this.edited);
    return applied;
  }

  // ---- For the state machine ----------------------------------------------------------------------------------------

  /** The session, to be edited in this batch. What `sessions` gave of it before need not be the same any more. */
  edit(id: SessionId): EditableSession {
    let session = this.sessionTable.get(id);
    invariant(session, 'a session that is not there is edited');
    if (session.edition === this.edition) return session;
    if (session.edition <= this.frozen) {
      session = editableSession(session, this.edition);
      this.sessionTable.set(id, session);
    }
    session.edition = this.edition;
    this.edited.sessions.push(session);
    return session;
  }

  /** The room, to be edited in this batch. What `roomsByKey` gave of it before need not be the same any more. */
  editRoom(key: string): EditableRoom {
    let room = this.roomTable.get(key);
    invariant(room, 'a room that is not there is edited');
    if (room.edition === this.edition) return room;
    if (room.edition <= this.frozen) {
      room = editableRoom(room, this.edition);
      this.roomTable.set(key, room);
    }
    room.edition = this.edition;
    this.edited.rooms.push(room);
    return room;
  }

  /** Its nick must be free. */
  addSession(session: Session): void {
    const added = editableSession(session, this.edition);
    this.sessionTable.set(session.id, added);
    this.nickTable.set(fold(session.nick), session.id);
    const own = this.sessionsByKey.get(session.key);
    if (own) own.add(session.id);
    else this.sessionsByKey.set(session.key, new Set([session.id]));
    this.edited.sessions.push(added);
  }

  removeSession(id: SessionId): void {
    const session = this.sessionTable.get(id);
    invariant(session, 'a session that is not there is removed');
    this.nickTable.delete(fold(session.nick));
    this.sessionTable.delete(id);
    const own = this.sessionsByKey.get(session.key);
    own?.delete(id);
    if (own?.size === 0) this.sessionsByKey.delete(session.key);
  }

  /** In the place of one that there is. */
  setClaim(claim: Claim): void {
    this.claims.set(claim);
    this.edited.notes.push(`${claim.nick} ${claim.key} ${claim.offered} ${claim.seen}`);
  }

  removeClaim({ nick }: Claim): void {
    this.claims.remove(nick);
    this.edited.notes.push(nick);
  }

  /** Not backwards: who has read farther already has read that far. */
  advanceMarker(key: PersonKey, marker: ReadMarker): void {
    if (this.markers.advance(key, marker)) this.edited.notes.push(`${key} read ${marker.room} ${marker.index}`);
  }

  setRules(rules: AccessRules): void {
    this.people.setRules(rules);
    this.edited.notes.push(rules.mode, ...rules.operators, ...rules.listed, ...rules.unlimited);
  }

  setMode(mode: AccessMode): void {
    this.people.setMode(mode);
    this.edited.notes.push(mode);
  }

  addRuling(ruling: Ruling): void {
    this.people.add(ruling);
    this.edited.notes.push(`${ruling.kind} ${ruling.key} ${ruling.by}`);
  }

  /** @returns whether there was one */
  removeRuling(kind: RulingKind, key: PersonKey): boolean {
    this.edited.notes.push(`not ${kind} ${key}`);
    return this.people.remove(kind, key);
  }

  /** The nick must be free. */
  renameSession(session: EditableSession, nick: string): void {
    this.nickTable.delete(fold(session.nick));
    this.nickTable.set(fold(nick), session.id);
    session.nick = nick;
  }

  addRoom(room: Room): void {
    const added = editableRoom(room, this.edition);
    this.roomTable.set(room.key, added);
    this.edited.rooms.push(added);
    if (!isConversation(room.key)) return;
    for (const id of new Set(conversationOf(room.key))) {
      const sofar = this.conversationTable.get(id);
      if (sofar) sofar.push(room.key);
      else this.conversationTable.set(id, [room.key]);
    }
  }

  // ---- What is to be known ------------------------------------------------------------------------------------------

  session(
    id: SessionId,
  ): { id: SessionId; nick: string; attachment: string; lastSeq: number; rooms: readonly string[] } | undefined {
    const session = this.sessions.get(id);
    if (!session) return undefined;
    const { nick, attachment, lastSeq } = session;
    return { id, nick, attachment, lastSeq, rooms: [...session.rooms.keys()].map((key) => this.nameOf(key)) };
  }

  /** The sessions of a person, in the order of opening. */
  sessionsOf(key: PersonKey): readonly Session[] {
    return Array.from(this.sessionsByKey.get(key) ?? [], (id) => this.sessions.get(id) as Session);
  }

  /** Whether an event of that room at that position is for the session: it was told of it, or would have been. */
  wasMember(id: SessionId, room: string, position: number): boolean {
    if (position <= (this.roomsByKey.get(room)?.floor.position ?? 0)) return false;
    const session = this.sessions.get(id);
    if (!session) return false;
    return isConversation(room) ? this.isParty(session, room) : wasMember(session, room, position);
  }

  /** Keys of the rooms that are conversations of that session, in the order of creation. */
  conversations(id: SessionId): readonly string[] {
    return this.conversationTable.get(id) ?? [];
  }

  /** Where the session was or is, and from which position to which: its rooms and its conversations. */
  memberships(id: SessionId): readonly Membership[] {
    const session = this.sessions.get(id);
    if (!session) return [];
    const own = this.conversations(id).filter((room) => this.isParty(session, room));
    const always = own.map((room) => ({ room, from: 0, to: ONGOING }));
    return [...session.rooms.values(), ...session.past, ...always];
  }

  /** Where the session may have missed something after a position, as far as it was there and it is still kept. */
  readable(id: SessionId, after: number): readonly Membership[] {
    return this.memberships(id).flatMap(({ room: key, from, to }) => {
      const room = this.roomsByKey.get(key);
      if (!room || to <= after || room.lastPosition <= after) return [];
      const kept = Math.max(from, room.floor.position + 1);
      return kept <= Math.min(to, room.lastPosition) ? [{ room: key, from: kept, to }] : [];
    });
  }

  /** What a room has let go: everything of it up to this position. */
  floorOf(room: string): number {
    return this.roomsByKey.get(room)?.floor.position ?? 0;
  }

  /** Rooms are open to all, a conversation to its two, the record of what operators did to operators. */
  canRead(id: SessionId, room: string): boolean {
    const session = this.sessions.get(id);
    if (!session) return false;
    if (room === AUDIT_ROOM) return this.people.isOperator(session.key);
    return !isConversation(room) || this.isParty(session, room);
  }

  /** Whether a conversation is the session's: its id alone might be that of another person's, long ago. */
  private isParty({ id, key }: Session, room: string): boolean {
    const parties = this.roomsByKey.get(room)?.parties ?? [];
    return conversationOf(room).some((one, at) => one === id && parties[at] === key);
  }

  /** The key of what a reader calls `lobby`, `#lobby` or `@bob`; undefined when there is no such thing. */
  resolveRoom(reader: SessionId, name: string): string | undefined {
    if (isConversation(name)) {
      const other = this.nicks.get(fold(name.slice(1)));
      const key = other && conversationKey(reader, other);
      return key !== undefined && this.roomsByKey.has(key) ? key : undefined;
    }
    const shown = name === AUDIT_ROOM ? name : roomName(name, this.limits);
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

  /** Rooms with their topics and how many are in them, in the order of creation. @param called only the one that is; '' for all */
  rooms(called = ''): readonly Row[] {
    return [...this.roomsByKey.values()]
      .filter(
        ({ key, name }) => !isConversation(key) && key !== AUDIT_ROOM && (called === '' || fold(name) === fold(called)),
      )
      .map(({ name, topic, members }) => ({ name, text: topic, count: members.length }));
  }

  /** What is known of a nick: its session, its server, its rooms; undefined when nobody has it. */
  whois(nick: string): readonly Row[] | undefined {
    const session = this.sessions.get(this.nicks.get(fold(nick)) ?? '');
    if (!session) return this.whoHas(nick);
    const rooms = [...session.rooms.keys()].map((key) => this.nameOf(key)).join(' ');
    return [
      { name: 'nick', text: session.nick, count: 0 },
      { name: 'key', text: session.key, count: 0 },
      { name: 'operator', text: this.people.isOperator(session.key) ? 'yes' : 'no', count: 0 },
      { name: 'session', text: session.id, count: 0 },
      { name: 'state', text: session.online ? session.away || 'here' : 'offline', count: 0 },
      { name: 'server', text: String(session.server), count: session.server },
      { name: 'rooms', text: rooms, count: session.rooms.size },
    ];
  }

  /** Whose a nick is that nobody is called by. */
  private whoHas(nick: string): readonly Row[] | undefined {
    const claim = this.claims.of(nick);
    return (
      claim && [
        { name: 'nick', text: claim.nick, count: 0 },
        { name: 'key', text: claim.key, count: 0 },
        { name: 'state', text: 'not here', count: 0 },
      ]
    );
  }

  /** Whether a sweep at this time would change anything. */
  sweepDue(timeMs: number): boolean {
    const { offlineAfterMs, sessionTtlMs } = this.limits;
    for (const { online, lastActive } of this.sessions.values()) {
      if (lastActive < timeMs - (online ? offlineAfterMs : sessionTtlMs)) return true;
    }
    for (const room of this.roomsByKey.values()) if (dueFloor(room, timeMs)) return true;
    return !forgotten(this, timeMs).next().done;
  }

  /** The name of a room by its key. */
  nameOf(key: string): string {
    return this.roomsByKey.get(key)?.name ?? key;
  }

  /** To compare servers by, at any time: two that applied the same rounds have the same one. */
  digest(): string {
    return this.chain;
  }

  /** Of everything here: walks over all of it. */
  fullDigest(): string {
    return fingerprint(this);
  }
}
