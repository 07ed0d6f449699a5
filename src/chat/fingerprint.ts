/** Digests of the chat, for comparing servers: one that rolls on with each batch, and one over all that there is. */
import { Digest } from './digest';
import { type Applied, type EventRun, LINES, type Outcome } from './events';
import { type ChatLimits, LIMIT_NAMES } from './limits';
import type { Room } from './rooms';
import type { Session } from './sessions';
import type { ChatState } from './state';

/** The sessions and rooms that a batch edited, in the order of it. */
export interface Edited {
  readonly sessions: readonly Session[];
  readonly rooms: readonly Room[];
  /** What changed of nicks and of who may do what. */
  readonly notes: readonly string[];
}

/** What a chain begins with. */
export const EMPTY_CHAIN = new Digest().hex();

/** The chain after a batch: of the one before, of what the batch brought about, and of what is new of what it edited. */
export function nextChain(
  { chain, birth, time, position, limits }: ChatState,
  applied: Applied,
  edited: Edited,
): string {
  const digest = new Digest().text(chain).text(birth).number(time).number(position).number(applied.round);
  addLimits(digest, limits);
  for (const run of applied.runs) addRun(digest, run);
  for (const outcome of applied.outcomes) addOutcome(digest.text(outcome.session), outcome);
  for (const session of edited.sessions) addSession(digest, session);
  for (const room of edited.rooms) addRoom(digest, room);
  for (const { session } of applied.closed) digest.text(session);
  for (const note of edited.notes) digest.text(note);
  return digest.hex();
}

/** Of everything, in an order that is the same on every server. */
export function fingerprint(state: ChatState): string {
  const { birth, position, time, chain, limits } = state;
  const digest = new Digest().text(birth).number(position).number(time).text(chain);
  addLimits(digest, limits);
  addPeople(digest, state);
  for (const session of state.sessions.values()) {
    addSession(digest, session);
    for (const outcome of session.outcomes) addOutcome(digest, outcome);
    for (const { room, from } of session.rooms.values()) digest.text(room).number(from);
    for (const { room, from, to } of session.past) digest.text(room).number(from).number(to);
  }
  for (const room of state.roomsByKey.values()) {
    addRoom(digest, room);
    digest.text(room.name).text(room.topic).text(room.members.join(' '));
    for (const { position: at, index, time: then, bytes } of room.marks) {
      digest.number(at).number(index).number(then).number(bytes);
    }
  }
  return digest.hex();
}

function addPeople(digest: Digest, { people, claims, markers }: ChatState): void {
  const { rules, mode, rulings } = people.image();
  for (const list of [rules.operators, rules.listed, rules.unlimited]) digest.text(list.join(' '));
  digest.text(rules.mode).text(mode);
  for (const { kind, key, nick, text, by, time } of rulings) {
    digest.text(kind).text(key).text(nick).text(text).text(by).number(time);
  }
  for (const { nick, key, offered, since, seen } of claims) {
    digest.text(nick).text(key).text(offered).number(since).number(seen);
  }
  for (const [key, own] of markers) {
    digest.text(key);
    for (const { room, index } of own) digest.text(room).number(index);
  }
}

function addLimits(digest: Digest, limits: ChatLimits): void {
  for (const name of LIMIT_NAMES) digest.number(limits[name]);
}

/** Of lines, what was said is in the digest of their room: see `addRoom`. */
function addRun(digest: Digest, { kind, room, session, nick, seq, texts, to }: EventRun): void {
  digest.text(kind).text(room).text(session).number(seq).number(texts.count);
  if (to) digest.text(to.nick);
  if (LINES.has(kind)) return;
  digest.text(nick);
  for (let index = 0; index < texts.count; index += 1) digest.number(texts.lengthOf(index));
  digest.bytes(texts.bytes);
}

function addOutcome(digest: Digest, { firstSeq, count, round, firstPosition, refusal }: Outcome): void {
  digest.number(firstSeq).number(count).number(round).number(firstPosition);
  digest.text(refusal?.code ?? '').text(refusal?.message ?? '');
}

/** Its fields, and how much there is of its lists: what comes to them is told by events and outcomes. */
function addSession(digest: Digest, session: Session): void {
  const { id, key, nick, since, server, attachment, online, away, lastSeq, lastActive, outcomes, rooms, past } =
    session;
  digest.text(id).text(key).text(nick).number(since).number(server).text(attachment).text(away);
  digest
    .number(online ? 1 : 0)
    .number(lastSeq)
    .number(lastActive);
  digest.number(outcomes.size).number(outcomes.droppedThrough).number(rooms.size).number(past.length);
}

function addRoom(digest: Digest, { key, lines, lastPosition, lastTime, bytes, ...room }: Room): void {
  const { members, retention, floor, marks, parties, shut, pauseMs, spoke } = room;
  digest.text(key).number(lines).word(room.digest.a).word(room.digest.b);
  digest.number(lastPosition).number(lastTime).number(bytes);
  digest.number(members.length).number(floor.position).number(marks.length);
  digest.number(retention.ageMs).number(retention.count).number(retention.bytes);
  digest
    .text(parties.join(' '))
    .number(shut ? 1 : 0)
    .number(pauseMs)
    .number(spoke.length);
  // The others were the newest when they came.
  const newest = spoke[spoke.length - 1];
  if (newest) digest.text(newest.key).number(newest.time);
}
