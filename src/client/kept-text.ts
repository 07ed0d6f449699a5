/** What is kept of a session as text, and back. What is read may be anything: it is checked to the last field. */
import { ACCESS_MODES, type Command, RULING_KINDS } from '../chat/commands';
import { SALT_BYTES } from '../wire/proof';
import { type Fields, listOf, nameOf, objectOf, oneOf, parseFields, textOf, WrongField, wholeOf } from './fields';
import type { Doubt, Kept } from './kept';
import { MAX_READ_COMMANDS } from './limits';
import type { SaidCommand } from './posts';
import type { Damaged } from './window-file';

/** Of the text: one of another version is left alone. */
const VERSION = 1;
const MAX_ROOMS = 4096;

type FieldKind = 'name' | 'text' | 'flag' | 'number' | 'ruling' | 'access';
type CommandOf<Type extends Command['type']> = Extract<Command, { readonly type: Type }>;
type FieldsOf<Type extends Command['type']> = Readonly<Record<Exclude<keyof CommandOf<Type>, 'type'>, FieldKind>>;

const COMMANDS: { readonly [Type in Command['type']]: FieldsOf<Type> } = {
  say: { room: 'name', text: 'text', action: 'flag' },
  direct: { nick: 'name', text: 'text', action: 'flag' },
  join: { room: 'name' },
  leave: { room: 'name', text: 'text' },
  topic: { room: 'name', text: 'text' },
  nick: { nick: 'name' },
  away: { text: 'text' },
  close: { text: 'text' },
  retain: { room: 'name', ageMs: 'number', count: 'number', bytes: 'number' },
  release: { nick: 'name' },
  give: { nick: 'name', to: 'name' },
  read: { room: 'name', index: 'number' },
  kick: { room: 'name', who: 'name', text: 'text' },
  rule: { ruling: 'ruling', who: 'name', text: 'text' },
  pardon: { ruling: 'ruling', who: 'name', text: 'text' },
  shut: { room: 'name', text: 'text' },
  reopen: { room: 'name', text: 'text' },
  slow: { room: 'name', pauseMs: 'number' },
  access: { mode: 'access' },
  strip: { nick: 'name', text: 'text' },
};

export function keptText(kept: Kept): string {
  return `${JSON.stringify({ version: VERSION, ...kept, salt: Buffer.from(kept.salt).toString('hex') })}\n`;
}

export function parseKept(text: string): Kept | Damaged {
  return parseFields(text, VERSION, readKept);
}

function readKept(fields: Fields): Kept {
  const settled = wholeOf(fields.settled, 'settled');
  const commands = listOf(fields.commands, 'commands', MAX_READ_COMMANDS, commandOf);
  const last = settled + commands.length;
  const sent = wholeOf(fields.sent, 'sent');
  if (sent > Math.max(last, settled) || sent < settled) throw new WrongField('sent is not among the commands');
  const done = listOf(fields.done, 'done', MAX_READ_COMMANDS, wholeOf);
  if (done.some((seq) => seq <= settled || seq > sent)) throw new WrongField('done is not among what was sent');
  const birth = textOf(fields.birth, 'birth');
  if (!/^([0-9a-f]{16})?$/.test(birth)) throw new WrongField('birth is no birth id');
  if (birth === '' && sent > 0) throw new WrongField('something was sent before a welcome');
  return {
    salt: saltOf(fields.salt),
    birth,
    position: wholeOf(fields.position, 'position'),
    rooms: listOf(fields.rooms, 'rooms', MAX_ROOMS, nameOf),
    settled,
    sent,
    done,
    commands,
    doubts: listOf(fields.doubts, 'doubts', MAX_READ_COMMANDS, doubtOf),
  };
}

function doubtOf(value: unknown): Doubt {
  const { session, seq, after, command } = objectOf(value, 'doubts');
  if (typeof session !== 'string' || !/^[0-9a-f]{16}$/.test(session)) throw new WrongField('session is no session id');
  const said = commandOf(command);
  if (said.type !== 'say' && said.type !== 'direct') throw new WrongField('a doubt is about no line');
  return { session, seq: wholeOf(seq, 'seq'), after: wholeOf(after, 'after'), command: said as SaidCommand };
}

function commandOf(value: unknown): Command {
  const fields = objectOf(value, 'commands');
  const { type } = fields;
  const kinds =
    typeof type === 'string' && Object.hasOwn(COMMANDS, type) ? COMMANDS[type as Command['type']] : undefined;
  if (!kinds) throw new WrongField('a command has no known type');
  const read = Object.entries(kinds).map(([name, kind]) => [name, fieldOf(fields[name], kind, name)]);
  return Object.fromEntries([['type', type], ...read]) as Command;
}

function fieldOf(value: unknown, kind: FieldKind, name: string): unknown {
  switch (kind) {
    case 'name':
      return nameOf(value, name);
    case 'text':
      return textOf(value, name);
    case 'flag':
      return oneOf(value, [true, false], name);
    case 'number':
      return wholeOf(value, name);
    case 'ruling':
      return oneOf(value, RULING_KINDS, name);
    case 'access':
      return oneOf(value, ACCESS_MODES, name);
  }
}

function saltOf(value: unknown): Uint8Array {
  const hex = new RegExp(`^[0-9a-f]{${2 * SALT_BYTES}}$`);
  if (typeof value !== 'string' || !hex.test(value)) throw new WrongField('salt is none');
  return new Uint8Array(Buffer.from(value, 'hex'));
}
