/** What operators may do to others. Each of it is written down in the audit room, which only they can read. */
import { unreachable } from '../lib/assert';
import type { Application, Saying } from './apply';
import type { AccessRules, OperatorCommand, PersonKey, RulingKind } from './commands';
import type { Refusal } from './events';
import { AUDIT_ROOM, fold, roomName } from './names';
import { free, freeNicks } from './nicks';
import { type Person, personOf } from './person';
import { type EditableRoom, newRoom } from './rooms';
import { endMembership, type Session } from './sessions';
import type { ChatState } from './state';
import { excerpt, refuseNote } from './text';

type CommandOf<Type extends OperatorCommand['type']> = Extract<OperatorCommand, { readonly type: Type }>;

/** What was done, in words; or why it was not. */
type Done = string | Refusal;

const RULING_WORDS: Readonly<Record<RulingKind, string>> = {
  ban: 'banned',
  mute: 'muted',
  admit: 'admitted',
  expel: 'expelled',
};

/** Who says what the configuration says. */
const CONFIGURATION = { id: '0000000000000000', nick: 'configuration' };

/** Rulings that nobody makes of an operator. */
const AGAINST: ReadonlySet<RulingKind> = new Set<RulingKind>(['ban', 'mute', 'expel']);

/** @see OperatorCommand */
export function moderate(
  application: Application,
  session: Session,
  seq: number,
  command: OperatorCommand,
): Refusal | undefined {
  if (!application.state.people.isOperator(session.key)) {
    return { code: 'not-operator', message: `only operators may do that; your key is ${session.key}` };
  }
  const done = perform(application, session, seq, command);
  if (typeof done !== 'string') return done;
  record(application, session, seq, `${done}, by ${session.key}`);
  return undefined;
}

/** Why the person is not let in, or undefined. */
export function refuseEntry({ people }: ChatState, key: PersonKey): Refusal | undefined {
  // Whatever others decided before the configuration said so.
  if (people.isOperator(key)) return undefined;
  const ban = people.ruling('ban', key);
  if (ban) return { code: 'banned', message: `you are banned by ${because(ban.by, ban.text)}` };
  if (people.mode === 'open' || people.isListed(key)) return undefined;
  const message = `this cluster is for those on its list; your key is ${key}, an operator can /admit it`;
  return { code: 'not-listed', message };
}

/** Why the person cannot say anything, or undefined. */
export function refuseVoice({ people }: ChatState, key: PersonKey): Refusal | undefined {
  if (people.isOperator(key)) return undefined;
  const mute = people.ruling('mute', key);
  return mute && { code: 'muted', message: `you are muted by ${because(mute.by, mute.text)}` };
}

/** Ends the sessions of those who are not let in any more. None of them hears of the others' end. */
export function endUnwelcome(application: Application): void {
  const { state } = application;
  const unwelcome = [...state.sessions.values()].filter(({ key }) => refuseEntry(state, key));
  application.leaveRooms(new Set(unwelcome.map(({ id }) => id)));
  for (const { id, key } of unwelcome) {
    const ban = state.people.ruling('ban', key);
    const words = ban ? `was banned by ${because(ban.by, ban.text)}` : 'is not on the list any more';
    application.end(state.edit(id), 0, words, refuseEntry(state, key));
  }
}

function perform(application: Application, session: Session, seq: number, command: OperatorCommand): Done {
  switch (command.type) {
    case 'kick':
      return kick(application, session, command);
    case 'rule':
      return rule(application, session, command);
    case 'pardon':
      return pardon(application, session, command);
    case 'shut':
      return shut(application, session, seq, command);
    case 'reopen':
      return reopen(application, session, seq, command);
    case 'slow':
      return slow(application, session, seq, command);
    case 'access':
      return access(application, command);
    case 'strip':
      return strip(application, command);
    default:
      return unreachable(command);
  }
}

function kick(application: Application, { nick }: Session, { room: name, who, text }: CommandOf<'kick'>): Done {
  const { state } = application;
  const refusal = refuseNote(text, state.limits);
  if (refusal) return refusal;
  const room = roomOf(state, name);
  if (!room) return noSuchRoom(name);
  const person = personOf(state, who);
  const there = person ? room.members.filter((id) => state.sessions.get(id)?.key === person.key) : [];
  if (!person || there.length === 0)
    return { code: 'no-such-person', message: `${excerpt(who)} is not in ${room.name}` };
  for (const id of there) {
    const session = state.edit(id);
    application.happen(room, { kind: 'kick', session, seq: 0, text: because(nick, text) });
    application.remove(session, room);
  }
  return `kicked ${nameOf(person)} from #${room.name}${reason(text)}`;
}

function rule(application: Application, { nick: by }: Session, { ruling, who, text }: CommandOf<'rule'>): Done {
  const { state, time } = application;
  const { people, limits } = state;
  const refusal = refuseNote(text, limits);
  if (refusal) return refusal;
  const person = personOf(state, who);
  if (!person) return { code: 'no-such-person', message: `${excerpt(who)} is neither a nick nor a key` };
  const { key, nick } = person;
  if (AGAINST.has(ruling) && people.isOperator(key)) {
    return { code: 'is-operator', message: `${nameOf(person)} is an operator, as the configuration says` };
  }
  if (people.size >= limits.rulings && !people.isReplacing(ruling, key)) {
    return { code: 'too-many-rulings', message: `there are ${limits.rulings} rulings, and no more; take one back` };
  }
  state.addRuling({ kind: ruling, key, nick, text, by, time });
  if (ruling === 'mute') tellOfVoice(application, key, 'mute', because(by, text));
  endUnwelcome(application);
  // It has no use for them, and others may.
  if (ruling === 'ban') freeNicks(application, key);
  return `${RULING_WORDS[ruling]} ${nameOf(person)}${reason(text)}`;
}

function pardon(application: Application, { nick: by }: Session, { ruling, who, text }: CommandOf<'pardon'>): Done {
  const { state } = application;
  const refusal = refuseNote(text, state.limits);
  if (refusal) return refusal;
  const person = personOf(state, who);
  if (!person || !state.removeRuling(ruling, person.key)) {
    return { code: 'no-such-person', message: `${excerpt(who)} is not ${RULING_WORDS[ruling]}` };
  }
  if (ruling === 'mute') tellOfVoice(application, person.key, 'unmute', because(by, text));
  endUnwelcome(application);
  return `no longer ${RULING_WORDS[ruling]} ${nameOf(person)}${reason(text)}`;
}

function shut(application: Application, session: Session, seq: number, command: CommandOf<'shut'>): Done {
  const { state } = application;
  const refusal = refuseNote(command.text, state.limits);
  if (refusal) return refusal;
  const room = roomOf(state, command.room);
  if (!room) return noSuchRoom(command.room);
  if (!room.shut) {
    room.shut = true;
    application.happen(room, { kind: 'shut', session, seq, text: command.text });
    for (const id of room.members) endMembership(state.edit(id), room.key, state.position);
    room.members = [];
  }
  return `closed #${room.name}${reason(command.text)}`;
}

function reopen(application: Application, session: Session, seq: number, command: CommandOf<'reopen'>): Done {
  const refusal = refuseNote(command.text, application.state.limits);
  if (refusal) return refusal;
  const room = roomOf(application.state, command.room);
  if (!room) return noSuchRoom(command.room);
  if (room.shut) {
    room.shut = false;
    application.happen(room, { kind: 'reopen', session, seq, text: command.text });
  }
  return `opened #${room.name} again${reason(command.text)}`;
}

function slow(
  application: Application,
  session: Session,
  seq: number,
  { room: name, pauseMs }: CommandOf<'slow'>,
): Done {
  const room = roomOf(application.state, name);
  if (!room) return noSuchRoom(name);
  room.pauseMs = pauseMs;
  if (pauseMs === 0) room.spoke = [];
  const text = pauseMs === 0 ? 'as often as you like' : `once in ${pauseMs / 1000} s`;
  application.happen(room, { kind: 'slow', session, seq, text });
  return `posts in #${room.name}: ${text}`;
}

function access(application: Application, { mode }: CommandOf<'access'>): Done {
  application.state.setMode(mode);
  endUnwelcome(application);
  return mode === 'open' ? 'opened the cluster to all' : 'closed the cluster to all who are not on its list';
}

function strip(application: Application, { nick, text }: CommandOf<'strip'>): Done {
  const refusal = refuseNote(text, application.state.limits);
  if (refusal) return refusal;
  const claim = application.state.claims.of(nick);
  if (!claim) return { code: 'no-such-person', message: `nobody has the nick ${excerpt(nick)}` };
  free(application, claim);
  return `took the nick ${claim.nick} from ${claim.key}${reason(text)}`;
}

/** In every room of each of the person's sessions. */
function tellOfVoice(application: Application, key: PersonKey, kind: 'mute' | 'unmute', text: string): void {
  for (const session of application.state.sessionsOf(key)) {
    application.happenEverywhere({ kind, session, seq: 0, text });
  }
}

/** What the configuration says now, where operators read what was done. */
export function recordRules(application: Application, { mode, operators, listed, unlimited }: AccessRules): void {
  const lists = `operators ${operators.join(' ') || 'nobody'}; ${listed.length} listed, ${unlimited.length} unlimited`;
  record(application, CONFIGURATION, 0, `access ${mode}; ${lists}`);
}

function record(application: Application, session: Saying['session'], seq: number, text: string): void {
  application.happen(auditRoom(application.state), { kind: 'audit', session, seq, text });
}

function auditRoom(state: ChatState): EditableRoom {
  if (!state.roomsByKey.has(AUDIT_ROOM)) state.addRoom(newRoom(AUDIT_ROOM, AUDIT_ROOM, state.birth));
  return state.editRoom(AUDIT_ROOM);
}

function roomOf(state: ChatState, name: string): EditableRoom | undefined {
  const key = fold(roomName(name, state.limits) ?? '');
  return state.roomsByKey.has(key) ? state.editRoom(key) : undefined;
}

function noSuchRoom(name: string): Refusal {
  return { code: 'bad-room', message: `there is no room ${excerpt(name)}` };
}

/** Who, for the record: a nick may belong to somebody else one day, a key does not. */
function nameOf({ nick, key }: Person): string {
  return nick === '' ? key : `${nick} (${key})`;
}

function because(by: string, text: string): string {
  return `${by}${reason(text)}`;
}

function reason(text: string): string {
  return text === '' ? '' : `: ${text}`;
}
