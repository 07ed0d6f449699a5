/** Reads what a SnapshotWalk gave: all of it, or nothing. */
import type { Outcome, RefusalCode } from './events';
import { Fields } from './fields';
import { type ChatLimits, LIMIT_NAMES } from './limits';
import { fold } from './names';
import { OutcomeList } from './outcomes';
import type { Mark } from './retention';
import { isConversation, type Room } from './rooms';
import { type Membership, ONGOING, type Session } from './sessions';
import { type ChatImage, SNAPSHOT_VERSION, SnapshotError } from './snapshot';

type Head = Omit<ChatImage, 'sessions' | 'rooms'> & { readonly sessionCount: number; readonly roomCount: number };

/** @throws SnapshotError when these are not the chunks of one snapshot, each once and in order */
export function readSnapshot(chunks: Iterable<unknown>): ChatImage {
  let head: Head | undefined;
  const sessions: Session[] = [];
  const rooms: Room[] = [];
  let number = 0;
  let ended = false;
  for (const chunk of chunks) {
    const fields = new Fields(chunk, `chunk ${number}`);
    const found = fields.uint('number');
    if (found !== number) throw new SnapshotError(`chunk ${number} is missing: there is chunk ${found}`);
    if (ended) throw new SnapshotError(`chunk ${number} comes after the end`);
    const kind = fields.text('kind');
    if ((kind === 'chat') !== (number === 0))
      throw new SnapshotError(`chunk ${number} is of kind ${kind.slice(0, 16)}`);
    if (kind === 'chat') head = readHead(fields);
    else if (kind === 'sessions') sessions.push(...fields.list('sessions').map(readSession));
    else if (kind === 'rooms') rooms.push(...fields.list('rooms').map(readRoom));
    else if (kind === 'end') ended = true;
    else throw new SnapshotError(`chunk ${number} is of kind ${kind.slice(0, 16)}`);
    fields.end();
    number += 1;
  }
  if (!head || !ended) throw new SnapshotError(`chunk ${number} is missing: there is no end`);
  const { sessionCount, roomCount, ...scalars } = head;
  if (sessions.length !== sessionCount || rooms.length !== roomCount) {
    const there = `${sessions.length} sessions and ${rooms.length} rooms`;
    throw new SnapshotError(`there are ${there}, not ${sessionCount} and ${roomCount}`);
  }
  const image = { ...scalars, sessions, rooms: withMembers(rooms, sessions) };
  check(image);
  return image;
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
    sessionCount: fields.uint('number of sessions'),
    roomCount: fields.uint('number of rooms'),
  };
}

function readLimits(fields: Fields): ChatLimits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, fields.uint(name)])) as unknown as ChatLimits;
}

function readSession(plain: unknown): Session {
  const fields = new Fields(plain, 'a session');
  const id = fields.text('id');
  const session = {
    id,
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
  fields.end();
  return { ...room, members: [], retention, floor: readMark(floor), marks };
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

function check({ position, sessions, rooms }: ChatImage): void {
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
}
