/** Reads what a SnapshotWalk gave: all of it, or nothing. */
import type { Claim } from './claims';
import { ACCESS_MODES, RULING_KINDS } from './commands';
import type { Outcome, RefusalCode } from './events';
import { Fields } from './fields';
import { type ChatLimits, LIMIT_NAMES } from './limits';
import { fold, isConversation } from './names';
import { OutcomeList } from './outcomes';
import type { PeopleImage, Ruling } from './people';
import type { Mark } from './retention';
import { digestOfText, type RoomDigest } from './room-digest';
import type { Room } from './rooms';
import { type Membership, ONGOING, type Session } from './sessions';
import { type ChatImage, SNAPSHOT_VERSION, SnapshotError } from './snapshot';

/** How many there are of each. */
type Counts = readonly [rulings: number, claims: number, sessions: number, rooms: number, markers: number];

interface Head extends Omit<ChatImage, 'claims' | 'sessions' | 'rooms' | 'markers'> {
  readonly counts: Counts;
}

/** @throws SnapshotError when these are not the chunks of one snapshot, each once and in order */
export function readSnapshot(chunks: Iterable<unknown>): ChatImage {
  let head: Head | undefined;
  const rulings: Ruling[] = [];
  const claims: Claim[] = [];
  const sessions: Session[] = [];
  const rooms: Room[] = [];
  const markers: ChatImage['markers'][number][] = [];
  let number = 0;
  let ended = false;
  for (const chunk of chunks) {
    const fields = new Fields(chunk, `chunk ${number}`);
    const found = fields.uint('number');
    if (found !== number) throw new SnapshotError(`chunk ${number} is missing: there is chunk ${found}`);
    if (ended) throw new SnapshotError(`chunk ${number} comes after the end`);
    const kind = fields.text('kind');
    const unknown = `chunk ${number} is of kind ${kind.slice(0, 16)}`;
    if ((kind === 'chat') !== (number === 0)) throw new SnapshotError(unknown);
    if (kind === 'chat') head = readHead(fields);
    else if (kind === 'rulings') rulings.push(...fields.list('rulings').map(readRuling));
    else if (kind === 'claims') claims.push(...fields.list('claims').map(readClaim));
    else if (kind === 'sessions') sessions.push(...fields.list('sessions').map(readSession));
    else if (kind === 'rooms') rooms.push(...fields.list('rooms').map(readRoom));
    else if (kind === 'markers') markers.push(...fields.list('markers').map(readMarkers));
    else if (kind === 'end') ended = true;
    else throw new SnapshotError(unknown);
    fields.end();
    number += 1;
  }
  if (!head || !ended) throw new SnapshotError(`chunk ${number} is missing: there is no end`);
  const { counts, people, ...scalars } = head;
  checkCounts(counts, [rulings.length, claims.length, sessions.length, rooms.length, markers.length]);
  const there = { claims, sessions, rooms: withMembers(rooms, sessions), markers };
  const image = { ...scalars, people: { ...people, rulings }, ...there };
  check(image);
  return image;
}

function checkCounts(expected: Counts, found: Counts): void {
  if (expected.every((count, at) => count === found[at])) return;
  const words = ([rulings, claims, sessions, rooms, markers]: Counts) =>
    `${rulings} rulings, ${claims} claims, ${sessions} sessions, ${rooms} rooms and markers of ${markers} persons`;
  throw new SnapshotError(`there are ${words(found)}, not ${words(expected)}`);
}

function readHead(fields: Fields): Head {
  const version = fields.uint('version');
  if (version !== SNAPSHOT_VERSION) {
    throw new SnapshotError(`version ${version} of the snapshot is not known, only ${SNAPSHOT_VERSION}`);
  }
  return {
    birth: fields.text('birth'),
    position: fields.uint('position'),
    time: fields.uint('time'),
    chain: fields.text('chain'),
    limits: readLimits(fields.only('limits', LIMIT_NAMES.length)),
    people: readPeople(fields.only('people', 5)),
    counts: [
      fields.uint('number of rulings'),
      fields.uint('number of claims'),
      fields.uint('number of sessions'),
      fields.uint('number of rooms'),
      fields.uint('number of markers'),
    ],
  };
}

function readPeople(fields: Fields): PeopleImage {
  const keys = (name: string) => fields.groups(name, 1).map((key) => key.text('key'));
  const rules = {
    mode: fields.oneOf('mode', ACCESS_MODES),
    operators: keys('operators'),
    listed: keys('listed'),
    unlimited: keys('unlimited'),
  };
  return { rules, mode: fields.oneOf('decided mode', ['', ...ACCESS_MODES]), rulings: [] };
}

function readRuling(plain: unknown): Ruling {
  const fields = new Fields(plain, 'a ruling');
  const ruling = {
    kind: fields.oneOf('kind', RULING_KINDS),
    key: fields.text('key'),
    nick: fields.text('nick'),
    text: fields.text('text'),
    by: fields.text('operator'),
    time: fields.uint('time'),
  };
  fields.end();
  return ruling;
}

function readClaim(plain: unknown): Claim {
  const fields = new Fields(plain, 'a claim');
  const claim = {
    nick: fields.text('nick'),
    key: fields.text('key'),
    offered: fields.text('offered'),
    since: fields.uint('since'),
    seen: fields.uint('seen'),
  };
  fields.end();
  return claim;
}

function readLimits(fields: Fields): ChatLimits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, fields.uint(name)])) as unknown as ChatLimits;
}

function readSession(plain: unknown): Session {
  const fields = new Fields(plain, 'a session');
  const id = fields.text('id');
  const session = {
    id,
    key: fields.text('key'),
    nick: fields.text('nick'),
    since: fields.uint('since'),
    server: fields.uint('server'),
    attachment: fields.text('attachment'),
    online: fields.flag('online'),
    away: fields.text('away'),
    lastSeq: fields.uint('last sequence'),
    lastActive: fields.uint('last sign of life'),
    rooms: new Map(fields.groups('rooms', 2).map(readPresent)),
    past: fields.groups('past', 3).map(readPast),
    outcomes: readOutcomes(id, fields),
  };
  fields.end();
  checkOutcomes(session);
  return session;
}

function readPresent(fields: Fields): readonly [string, Membership] {
  const room = fields.text('room');
  return [room, { room, from: fields.uint('from'), to: ONGOING }];
}

function readPast(fields: Fields): Membership {
  return { room: fields.text('room'), from: fields.uint('from'), to: fields.uint('to') };
}

function readOutcomes(session: string, fields: Fields): OutcomeList {
  const droppedThrough = fields.uint('last dropped outcome');
  const runs = fields.groups('outcomes', 6).map((group) => readOutcome(session, group));
  return new OutcomeList(runs, droppedThrough);
}

/** Each begins where the one before it ends, and the last of them is that of the last command. */
function checkOutcomes({ id, lastSeq, outcomes }: Session): void {
  let through = outcomes.droppedThrough;
  let isWhole = true;
  for (const { firstSeq, count } of outcomes) {
    // Of the first one a part may be dropped.
    const follows = through === outcomes.droppedThrough ? firstSeq <= through + 1 : firstSeq === through + 1;
    isWhole &&= follows && firstSeq + count > through + 1;
    through = firstSeq + count - 1;
  }
  if (!isWhole || through !== lastSeq) {
    throw new SnapshotError(`the outcomes of session ${id} do not reach its last command`);
  }
}

function readOutcome(session: string, fields: Fields): Outcome {
  const outcome = {
    session,
    firstSeq: fields.uint('first sequence'),
    count: fields.uint('count'),
    round: fields.uint('round'),
    firstPosition: fields.uint('first position'),
  };
  const code = fields.text('code');
  const message = fields.text('message');
  // A code is passed on as it is: one that is not known here yet was given by a later version.
  return code === '' ? outcome : { ...outcome, refusal: { code: code as RefusalCode, message } };
}

function readRoom(plain: unknown): Room {
  const fields = new Fields(plain, 'a room');
  const room = {
    key: fields.text('key'),
    name: fields.text('name'),
    topic: fields.text('topic'),
    lines: fields.uint('lines'),
    lastPosition: fields.uint('last position'),
    lastTime: fields.uint('last time'),
    bytes: fields.uint('bytes'),
  };
  const [kept, floor] = [fields.only('retention', 3), fields.only('floor', 4)];
  const retention = { ageMs: kept.uint('age'), count: kept.uint('count'), bytes: kept.uint('bytes') };
  const marks = fields.groups('marks', 4).map(readMark);
  const pacing = {
    parties: fields.groups('parties', 1).map((party) => party.text('key')),
    shut: fields.flag('shut'),
    pauseMs: fields.uint('pause'),
    spoke: fields.groups('spoke', 2).map((spoke) => ({ key: spoke.text('key'), time: spoke.uint('time') })),
  };
  const digest = readDigest(fields);
  fields.end();
  return { ...room, digest, members: [], retention, floor: readMark(floor), marks, ...pacing };
}

function readMarkers(plain: unknown): ChatImage['markers'][number] {
  const fields = new Fields(plain, 'read markers');
  const key = fields.text('key');
  const markers = fields
    .groups('markers', 2)
    .map((marker) => ({ room: marker.text('room'), index: marker.uint('index') }));
  fields.end();
  return [key, markers];
}

function readDigest(fields: Fields): RoomDigest {
  const text = fields.text('digest');
  const digest = digestOfText(text);
  if (!digest) throw new SnapshotError(`the digest of a room is ${text.slice(0, 32)}`);
  return digest;
}

function readMark(fields: Fields): Mark {
  return {
    position: fields.uint('position'),
    index: fields.uint('index'),
    time: fields.uint('time'),
    bytes: fields.uint('bytes'),
  };
}

/** Who is in a room, in the order of joining, is told by who is where. */
function withMembers(rooms: readonly Room[], sessions: readonly Session[]): readonly Room[] {
  const joins = new Map<string, { id: string; from: number }[]>(rooms.map(({ key }) => [key, []]));
  for (const { id, rooms: present } of sessions) {
    for (const { room, from } of present.values()) {
      const there = joins.get(room);
      if (!there || isConversation(room)) throw new SnapshotError(`session ${id} is in a room that is not there`);
      there.push({ id, from });
    }
  }
  return rooms.map((room) => {
    const members = joins.get(room.key)?.sort((a, b) => a.from - b.from) ?? [];
    return { ...room, members: members.map(({ id }) => id) };
  });
}

function check({ position, people, claims, sessions, rooms, markers }: ChatImage): void {
  if (new Set(people.rulings.map(({ kind, key }) => `${kind} ${key}`)).size < people.rulings.length) {
    throw new SnapshotError('a ruling is there twice');
  }
  if (new Set(claims.map(({ nick }) => fold(nick))).size < claims.length)
    throw new SnapshotError('a nick is claimed twice');
  if (new Set(sessions.map(({ id }) => id)).size < sessions.length) throw new SnapshotError('a session is there twice');
  if (new Set(sessions.map(({ nick }) => fold(nick))).size < sessions.length) {
    throw new SnapshotError('two sessions have one nick');
  }
  if (new Set(rooms.map(({ key }) => key)).size < rooms.length) throw new SnapshotError('a room is there twice');
  for (const { id, since } of sessions) {
    if (since > position) throw new SnapshotError(`session ${id} is ahead of the whole`);
  }
  for (const { key, lastPosition } of rooms) {
    if (lastPosition > position) throw new SnapshotError(`room ${key} is ahead of the whole`);
  }
  checkMarkers(markers, rooms);
}

function checkMarkers(markers: ChatImage['markers'], rooms: readonly Room[]): void {
  if (new Map(markers).size < markers.length) throw new SnapshotError('the read markers of a person are there twice');
  const lines = new Map(rooms.map((room) => [room.key, room.lines]));
  for (const [key, own] of markers) {
    if (new Set(own.map(({ room }) => room)).size < own.length) {
      throw new SnapshotError(`${key} has two read markers in one room`);
    }
    if (own.some(({ room, index }) => index > (lines.get(room) ?? 0))) {
      throw new SnapshotError(`${key} has read what was never said`);
    }
  }
}
