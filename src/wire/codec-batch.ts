/**
 * The value of a round and what it is made of. A *command* in the sense of Paxos is the bytes of one entry. A batch is
 * its time in eight bytes and the entries as pieces: the leader copies them side by side and never opens them.
 */
import {
  type AccessMode,
  type AccessRules,
  type Batch,
  countOfAll,
  type Entry,
  type Group,
  type GroupCommand,
  type RulingKind,
} from '../chat/commands';
import type { ChatLimits } from '../chat/limits';
import { invariant, unreachable } from '../lib/assert';
import {
  CHAT_BOUNDS,
  MAX_ENTRY_VALUES,
  MAX_GROUP_COMMANDS,
  MAX_KEYS,
  MAX_PAUSE_MS,
  MAX_PAYLOAD_BYTES,
  MAX_SERVER_ID,
  MAX_TOUCH_SESSIONS,
} from './limits';
import { pack, unpack } from './msgpack';
import { piecesBytes, readPieces, writePieces } from './pieces';
import {
  arity,
  type Bad,
  flag,
  isUint,
  list,
  listOf,
  name,
  oneOf,
  personKey,
  ShapeError,
  sessionId,
  text,
  uint,
} from './shape';
import { readTexts, textsFields } from './texts';

const ENTRY_TYPES = [
  'group',
  'birth',
  'open',
  'touch',
  'detach',
  'sweep',
  'limits',
  'access',
] as const satisfies readonly Entry['type'][];
const COMMAND_TYPES = [
  'lines',
  'direct',
  'join',
  'leave',
  'topic',
  'nick',
  'away',
  'close',
  'retain',
  'release',
  'give',
  'kick',
  'rule',
  'pardon',
  'shut',
  'reopen',
  'slow',
  'access',
  'strip',
  'read',
] as const satisfies readonly GroupCommand['type'][];

const ACCESS_MODES = ['open', 'listed'] as const satisfies readonly AccessMode[];
const RULING_KINDS = ['ban', 'mute', 'admit', 'expel'] as const satisfies readonly RulingKind[];

/** The order is the protocol, as that of the types is. */
const LIMIT_NAMES = Object.keys(CHAT_BOUNDS) as readonly (keyof ChatLimits)[];

const ENTRY_BOUNDS = { bytes: MAX_PAYLOAD_BYTES, values: MAX_ENTRY_VALUES };
const TIME_BYTES = 8;

/** A batch as it was read: entries that do not decode are passed over, by every server alike. */
export interface DecodedBatch extends Batch {
  readonly passedOver: number;
}

/** The bytes of a group: encoded once by its client, unchanged from there on. */
export function encodeGroup(group: Group): Buffer {
  return pack([0, group.session, group.firstSeq, group.settled, group.commands.map(commandFields)]);
}

export function decodeGroup(bytes: Uint8Array): Group | Bad {
  const entry = unpack(bytes, readEntry, ENTRY_BOUNDS);
  if ('bad' in entry) return entry;
  return entry.type === 'group' ? entry : { bad: 'not a group' };
}

/** The bytes of an entry that no client made. */
export function encodeEntry(entry: Exclude<Entry, Group>): Buffer {
  const kind = ENTRY_TYPES.indexOf(entry.type);
  switch (entry.type) {
    case 'birth':
      return pack([kind, entry.id]);
    case 'open': {
      const { session, key, nick, reclaim, server, attachment, resume, position } = entry;
      return pack([kind, session, key, nick, reclaim, server, attachment, resume, position]);
    }
    case 'touch':
      return pack([kind, entry.server, entry.sessions]);
    case 'detach':
      return pack([kind, entry.session, entry.attachment]);
    case 'sweep':
      return pack([kind]);
    case 'limits':
      return pack([kind, LIMIT_NAMES.map((name) => entry.limits[name])]);
    case 'access': {
      const { mode, operators, listed, unlimited } = entry.rules;
      return pack([kind, ACCESS_MODES.indexOf(mode), operators, listed, unlimited]);
    }
    default:
      return unreachable(entry);
  }
}

/** The value of a round: the leader's time and the bytes of its commands, side by side. */
export function encodeBatch(timeMs: number, commands: readonly Uint8Array[]): Buffer {
  invariant(Number.isSafeInteger(timeMs) && timeMs >= 0, `a batch of the time ${timeMs}`);
  const bytes = Buffer.allocUnsafe(TIME_BYTES + piecesBytes(commands));
  bytes.writeDoubleBE(timeMs);
  writePieces(bytes, TIME_BYTES, commands);
  return bytes;
}

/** Never throws. The entries hold nothing of `bytes`. */
export function decodeBatch(bytes: Uint8Array): DecodedBatch | Bad {
  const pieces = bytes.length < TIME_BYTES ? undefined : readPieces(bytes, TIME_BYTES);
  if (!pieces) return { bad: 'truncated' };
  const time = new DataView(bytes.buffer, bytes.byteOffset, TIME_BYTES).getFloat64(0);
  if (!isUint(time)) return { bad: 'time is no number of milliseconds' };
  const entries: Entry[] = [];
  for (const piece of pieces) {
    const entry = unpack(piece, readEntry, ENTRY_BOUNDS);
    if (!('bad' in entry)) entries.push(entry);
  }
  return { time, entries, passedOver: pieces.length - entries.length };
}

function readEntry(fields: readonly unknown[]): Entry {
  const type = oneOf(fields[0], ENTRY_TYPES, 'entry');
  switch (type) {
    case 'group':
      return readGroup(fields);
    case 'birth':
      arity(fields, 2, type);
      return { type, id: sessionId(fields[1]) };
    case 'open':
      arity(fields, 9, type);
      return {
        type,
        session: sessionId(fields[1]),
        key: personKey(fields[2]),
        nick: name(fields[3], 'nick'),
        reclaim: flag(fields[4], 'reclaim'),
        server: uint(fields[5], 'server', MAX_SERVER_ID),
        attachment: text(fields[6], 'attachment'),
        resume: flag(fields[7], 'resume'),
        position: uint(fields[8], 'position'),
      };
    case 'touch':
      arity(fields, 3, type);
      return {
        type,
        server: uint(fields[1], 'server', MAX_SERVER_ID),
        sessions: listOf(fields[2], 'sessions', sessionId, MAX_TOUCH_SESSIONS),
      };
    case 'detach':
      arity(fields, 3, type);
      return { type, session: sessionId(fields[1]), attachment: text(fields[2], 'attachment') };
    case 'sweep':
      arity(fields, 1, type);
      return { type };
    case 'limits':
      arity(fields, 2, type);
      return { type, limits: readLimits(fields[1]) };
    case 'access':
      arity(fields, 5, type);
      return { type, rules: readRules(fields) };
    default:
      return unreachable(type);
  }
}

function readLimits(value: unknown): ChatLimits {
  const fields = list(value, 'limits');
  arity(fields, LIMIT_NAMES.length, 'limits');
  const limits = LIMIT_NAMES.map((name, at) => {
    const [least, most] = CHAT_BOUNDS[name];
    const limit = uint(fields[at], name, most);
    if (limit < least) throw new ShapeError(`${name} is less than ${least}`);
    return [name, limit];
  });
  return Object.fromEntries(limits) as ChatLimits;
}

function readRules(fields: readonly unknown[]): AccessRules {
  return {
    mode: oneOf(fields[1], ACCESS_MODES, 'mode'),
    operators: listOf(fields[2], 'operators', personKey, MAX_KEYS),
    listed: listOf(fields[3], 'listed', personKey, MAX_KEYS),
    unlimited: listOf(fields[4], 'unlimited', personKey, MAX_KEYS),
  };
}

function readGroup(fields: readonly unknown[]): Group {
  arity(fields, 5, 'group');
  const session = sessionId(fields[1]);
  const firstSeq = uint(fields[2], 'sequence');
  const settled = uint(fields[3], 'settled sequence');
  const commands = listOf(fields[4], 'commands', readCommand, MAX_GROUP_COMMANDS);
  const count = countOfAll(commands);
  if (firstSeq === 0 || count === 0) throw new ShapeError('a group without a command or a sequence');
  if (count > MAX_GROUP_COMMANDS) throw new ShapeError(`a group of more than ${MAX_GROUP_COMMANDS} commands`);
  if (settled >= firstSeq) throw new ShapeError('a group whose outcome is known before it is sent');
  if (firstSeq + count > Number.MAX_SAFE_INTEGER) throw new ShapeError('sequence is too large');
  return { type: 'group', session, firstSeq, settled, commands };
}

function commandFields(command: GroupCommand): readonly unknown[] {
  const kind = COMMAND_TYPES.indexOf(command.type);
  switch (command.type) {
    case 'lines':
      return [kind, command.room, ...textsFields(command.texts), command.action];
    case 'direct':
      return [kind, command.nick, command.text, command.action];
    case 'join':
      return [kind, command.room];
    case 'leave':
    case 'topic':
    case 'shut':
    case 'reopen':
      return [kind, command.room, command.text];
    case 'nick':
    case 'release':
      return [kind, command.nick];
    case 'away':
    case 'close':
      return [kind, command.text];
    case 'retain':
      return [kind, command.room, command.ageMs, command.count, command.bytes];
    case 'give':
      return [kind, command.nick, command.to];
    case 'strip':
      return [kind, command.nick, command.text];
    case 'kick':
      return [kind, command.room, command.who, command.text];
    case 'rule':
    case 'pardon':
      return [kind, RULING_KINDS.indexOf(command.ruling), command.who, command.text];
    case 'slow':
      return [kind, command.room, command.pauseMs];
    case 'read':
      return [kind, command.room, command.index];
    case 'access':
      return [kind, ACCESS_MODES.indexOf(command.mode)];
    default:
      return unreachable(command);
  }
}

function readCommand(value: unknown): GroupCommand {
  const fields = list(value, 'command');
  const type = oneOf(fields[0], COMMAND_TYPES, 'command');
  switch (type) {
    case 'lines':
      arity(fields, 5, type);
      return {
        type,
        room: text(fields[1], 'room'),
        texts: readTexts(fields[2], fields[3], MAX_GROUP_COMMANDS),
        action: flag(fields[4], 'action'),
      };
    case 'direct':
      arity(fields, 4, type);
      return { type, nick: text(fields[1], 'nick'), text: text(fields[2], 'text'), action: flag(fields[3], 'action') };
    case 'join':
      arity(fields, 2, type);
      return { type, room: text(fields[1], 'room') };
    case 'leave':
    case 'topic':
    case 'shut':
    case 'reopen':
      arity(fields, 3, type);
      return { type, room: text(fields[1], 'room'), text: text(fields[2], 'text') };
    case 'nick':
    case 'release':
      arity(fields, 2, type);
      return { type, nick: text(fields[1], 'nick') };
    case 'away':
    case 'close':
      arity(fields, 2, type);
      return { type, text: text(fields[1], 'text') };
    case 'retain':
      arity(fields, 5, type);
      return {
        type,
        room: text(fields[1], 'room'),
        ageMs: uint(fields[2], 'age'),
        count: uint(fields[3], 'count'),
        bytes: uint(fields[4], 'bytes'),
      };
    case 'strip':
      arity(fields, 3, type);
      return { type, nick: text(fields[1], 'nick'), text: text(fields[2], 'text') };
    case 'give':
      arity(fields, 3, type);
      return { type, nick: text(fields[1], 'nick'), to: text(fields[2], 'to') };
    case 'kick':
      arity(fields, 4, type);
      return { type, room: text(fields[1], 'room'), who: text(fields[2], 'who'), text: text(fields[3], 'text') };
    case 'rule':
    case 'pardon': {
      arity(fields, 4, type);
      const ruling = oneOf(fields[1], RULING_KINDS, 'ruling');
      return { type, ruling, who: text(fields[2], 'who'), text: text(fields[3], 'text') };
    }
    case 'slow':
      arity(fields, 3, type);
      return { type, room: text(fields[1], 'room'), pauseMs: uint(fields[2], 'pause', MAX_PAUSE_MS) };
    case 'access':
      arity(fields, 2, type);
      return { type, mode: oneOf(fields[1], ACCESS_MODES, 'mode') };
    case 'read':
      arity(fields, 3, type);
      return { type, room: text(fields[1], 'room'), index: uint(fields[2], 'index') };
    default:
      return unreachable(type);
  }
}
