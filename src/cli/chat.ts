/** `synod chat`: the window where there is a terminal for it, lines in and out where there is none. */
import { userInfo } from 'node:os';
import path from 'node:path';
import { badNick, badRoom, nickName, roomName } from '../chat/names';
import { DRAFTS_FILE } from '../client/drafts-file';
import { type HeadlessOptions, runHeadless } from '../client/headless';
import { jsonVoice } from '../client/json';
import { OUTBOX_FILE } from '../client/outbox-file';
import { linkedPlace } from '../client/place';
import { plainVoice } from '../client/plain';
import type { ConnectOptions } from '../client/shell';
import { openWindowFile, ownerOf, stateFolder } from '../client/window-file';
import type { Limits } from '../config/limits';
import { DEFAULT_PREFERENCES, type Preferences } from '../config/preferences';
import {
  changePreference,
  logsFolder,
  preferencesFile,
  type ReadPreferences,
  readPreferences,
} from '../config/preferences-file';
import { EXIT, ExitError } from '../lib/exit';
import { fileName } from '../lib/file-name';
import { thisMachine } from '../lib/machine';
import { keyText } from '../lib/signer';
import { INSECURE } from '../transport/security';
import { createZeroMqTransport } from '../transport/zeromq';
import { freshRandom } from './context';
import { type IdentityFlags, signerFor } from './identity';
import { LOUD } from './security';
import { complain, type TargetFlags, targetOf } from './target';

export interface ChatFlags extends TargetFlags, IdentityFlags {
  readonly nick?: string;
  readonly room?: string;
  /** Opens the window at this place, as /goto does. */
  readonly link?: string | undefined;
  /** Whether another session of this person gives the nick up. */
  readonly reclaim?: boolean;
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly stay?: boolean;
  readonly history?: number;
  readonly timeout?: number;
  readonly connectTimeout?: number;
}

/** The flags, checked. */
interface Wishes {
  readonly mode: 'window' | 'plain' | 'json';
  readonly room: string;
  readonly link: string | undefined;
  readonly nick: string;
  /** For when somebody has that nick: alice-2, alice-3, … */
  readonly spareNicks: readonly string[];
}

const DEFAULT_ROOM = 'lobby';
const DEFAULT_NICK = 'guest';
const SPARE_NICKS = 8;
const DEFAULT_TIMEOUT_S = 30;
const DEFAULT_CONNECT_TIMEOUT_S = 10;
/** Earlier lines that are shown on joining. A bot has to ask for them: it would take them for new ones. */
const DEFAULT_HISTORY = { window: 100, plain: 20, json: 0 };
const NO_PREFERENCES: ReadPreferences = { preferences: DEFAULT_PREFERENCES, problems: [] };
const HELP = 'F1 or /help: the commands and the keys';

/** How a chat is opened by another command. */
export interface ChatManner {
  /** Said first. */
  readonly greeting: readonly string[];
  /** The cluster ends with the chat: nothing is kept for the next time. */
  readonly isFleeting: boolean;
}

/** @returns the exit status */
export async function chat(
  flags: ChatFlags,
  manner: ChatManner = { greeting: [], isFleeting: false },
): Promise<number> {
  const { greeting, isFleeting } = manner;
  const { endpoint, cluster, limits, security } = targetOf(flags);
  const signer = signerFor(flags);
  const file = preferencesFile();
  const { preferences, problems } = isForPeople(flags) ? readPreferences(file) : NO_PREFERENCES;
  const { mode, nick, spareNicks, room, link } = wishesOf(flags, limits, keyText(signer.key), preferences);
  const transport = createZeroMqTransport({ limits: limits.transport, random: freshRandom(), security });
  const connect: Omit<ConnectOptions, 'onEvent'> = {
    endpoint,
    cluster,
    nick,
    spareNicks,
    signer,
    reclaim: flags.reclaim ?? false,
    trusting: mode === 'json',
    history: flags.history ?? preferences.history ?? DEFAULT_HISTORY[mode],
    limits: limits.client,
    transport,
    machine: thisMachine,
  };
  try {
    if (mode === 'window') {
      // What was said on standard error is out of sight there.
      const warnings = security === INSECURE ? [LOUD] : [];
      const { runWindow } = await import('../client/ui/window');
      const owner = ownerOf(cluster, endpoint, signer.key);
      const outbox = isFleeting ? undefined : openWindowFile(stateFolder(), owner, OUTBOX_FILE);
      const drafts = isFleeting ? undefined : openWindowFile(stateFolder(), owner, DRAFTS_FILE);
      const kept = [...(outbox?.warnings ?? []), ...(drafts?.warnings ?? [])];
      const warned = [...warnings, ...kept, ...problems.map(doneWithout)];
      return await runWindow({
        ...connect,
        ...(outbox && { outbox: { kept: outbox.found, keep: outbox.keep } }),
        textBytes: limits.client.textBytes,
        drafts: drafts?.found ?? [],
        keepDrafts: (now) => drafts?.keep(now.length === 0 ? undefined : now) ?? '',
        room,
        link,
        greeting: [...greeting, ...warned, HELP],
        preferences,
        prefer: (now, key, text) => changePreference(file, now, key, text),
        logsIn: (logs) => path.join(logsFolder(logs), fileName(cluster || endpoint)),
      });
    }
    for (const line of [...greeting, ...problems.map(doneWithout)]) complain(line);
    return await runHeadless({
      ...connect,
      room,
      ...(mode === 'json' ? { voice: jsonVoice } : plainly(preferences, file)),
      input: process.stdin,
      output: process.stdout,
      complain,
      stay: flags.stay ?? false,
      timeoutMs: (flags.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
      connectTimeoutMs: (flags.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT_S) * 1000,
    });
  } finally {
    await transport.close(100);
  }
}

/** For a person who reads lines: what they prefer holds for these, too. */
function plainly(preferences: Preferences, file: string): Pick<HeadlessOptions, 'voice' | 'call'> {
  let now = preferences;
  const change = (ignored: readonly string[]) => {
    const changed = changePreference(file, now, 'ignored', ignored.join(' '));
    if (!('problem' in changed)) now = changed;
    return changed;
  };
  const voice = plainVoice(thisMachine.clock.wallMs(), { ignored: preferences.ignored, change });
  // A bell in a file, or on a pipe, rings for nobody.
  const canRing = preferences.notify !== 'off' && process.stderr.isTTY;
  return { voice, call: canRing ? () => process.stderr.write('\u0007') : undefined };
}

/** A script is to do the same for everybody. */
function isForPeople({ json }: ChatFlags): boolean {
  return json !== true;
}

function doneWithout(problem: string): string {
  return `${problem}; it is done without`;
}

/** What the flags ask for. @param key the person's @throws ExitError usage */
export function wishesOf(flags: ChatFlags, limits: Limits, key = '', preferences = DEFAULT_PREFERENCES): Wishes {
  const mode = modeOf(flags);
  const preferred = preferences.room === undefined ? undefined : roomName(preferences.room, limits.chat);
  const { link } = flags;
  const asked = (link === undefined ? flags.room : roomOfLink(link, flags.room, mode)) ?? preferred ?? DEFAULT_ROOM;
  const room = roomName(asked, limits.chat);
  if (room === undefined) {
    throw new ExitError(EXIT.usage, `${link ?? `--room ${asked}`}: ${badRoom(asked, limits.chat).message}`);
  }
  return { mode, room, link, ...nicksOf(flags, limits, key, preferences.nick) };
}

function roomOfLink(link: string, room: string | undefined, mode: Wishes['mode']): string {
  const linked = linkedPlace(link)?.room;
  if (linked === undefined) throw new ExitError(EXIT.usage, `${link}: no link as synod://lobby/1042`);
  if (room !== undefined) throw new ExitError(EXIT.usage, `${link}: it says which room; leave --room out`);
  if (mode === 'window') return linked;
  throw new ExitError(EXIT.usage, `${link}: a link opens in the window only; synod history prints what was said`);
}

/** A window needs a terminal on both sides that can be painted on. */
function modeOf(flags: ChatFlags): Wishes['mode'] {
  if (flags.json && flags.plain) throw new ExitError(EXIT.usage, '--json and --plain: one of them is allowed');
  if (flags.json) return 'json';
  const terminal = process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== 'dumb';
  return flags.plain || !terminal ? 'plain' : 'window';
}

/** A nick that nobody chose may be taken: the same person has another window open, or is called as many others are. */
function nicksOf(
  flags: ChatFlags,
  { chat }: Limits,
  key: string,
  preferred = userName(),
): Pick<Wishes, 'nick' | 'spareNicks'> {
  if (flags.nick === undefined) {
    const nick = nickName(preferred, chat) ?? DEFAULT_NICK;
    const numbers = Array.from({ length: SPARE_NICKS }, (_, index) => `${nick}-${index + 2}`);
    const spares = [...numbers, `${nick}-${lettersOf(key)}`].map((spare) => nickName(spare, chat));
    return { nick, spareNicks: spares.filter((spare) => spare !== undefined) };
  }
  const nick = nickName(flags.nick, chat);
  if (nick === undefined) throw new ExitError(EXIT.usage, `--nick ${flags.nick}: ${badNick(flags.nick, chat).message}`);
  return { nick, spareNicks: [] };
}

/** Some of a key that can be read aloud, and are hardly those of another one. */
function lettersOf(key: string): string {
  return Buffer.from(key, 'base64url').toString('hex').slice(0, 6);
}

/** What the system calls the user; '' when it has no name for the user's number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
