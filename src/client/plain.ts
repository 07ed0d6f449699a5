/** `--plain`: a line for each message, in the order in which things happened; for pipes, dumb terminals, screen readers. */
import { AUDIT_ROOM, isConversation } from '../chat/names';
import { clusterLines, whyLines } from './agreement-lines';
import { helpLines, parseInput } from './commands';
import { clockOf, dateOf, dayInWords, isSameDay } from './days';
import type {
  AnswerEvent,
  ClientEvent,
  DigestDiffersEvent,
  DigestEvent,
  DiscontinuityEvent,
  FoundEvent,
  HistoryEvent,
  MessageEvent,
  PresenceEvent,
  SeamEvent,
} from './events';
import type { Voice } from './headless';
import { ignoredAfter, ignoredInWords, isIgnored, withoutIgnored } from './ignoring';
import { inertLine } from './inert';
import type { Hearer } from './news';
import { roomLabel } from './room-label';

/** Whose lines a person does not want to see. */
export interface Ignoring {
  readonly ignored: readonly string[];
  /** Changes that for good. @returns how it is now, or in a line why it is not */
  change(ignored: readonly string[]): Pick<Ignoring, 'ignored'> | { readonly problem: string };
}

/** @param now milliseconds since the epoch: what is of this day needs no date */
export function plainVoice(now: number, ignoring: Ignoring): Voice {
  const page = new Page(now);
  let { ignored } = ignoring;
  return {
    errorsAreEvents: false,
    parse: (line, room) => ({ action: parseInput(line, room, 'plain'), id: '' }),
    show: (event, nick) => showPlain(event, { nick, ignored }, page),
    help: (about) => `${helpLines(about, 'plain').join('\n')}\n`,
    moved: (room) => `-- what you type goes to ${inertLine(roomLabel(room))} now\n`,
    wish: (wish, nick) => {
      if (wish.type !== 'ignore' && wish.type !== 'unignore') return '';
      const after = ignoredAfter(ignored, wish, nick);
      if ('say' in after) return `-- ${inertLine(after.say)}\n`;
      const changed = ignoring.change(after.ignored);
      if ('problem' in changed) return `-- error: ${inertLine(changed.problem)}\n`;
      ignored = changed.ignored;
      return `-- ${inertLine(ignoredInWords(ignored))}\n`;
    },
  };
}

/** What was printed last: a new day is told before its first line. */
class Page {
  constructor(private time: number) {}

  /** A line of this time, below its day when that is another one. */
  dated(time: number, line: string): readonly string[] {
    const isNew = !isSameDay(time, this.time);
    this.time = time;
    return isNew ? [`-- ${dayInWords(time)} --`, line] : [line];
  }
}

/** Who reads it: what the person was called before it, and whose lines are left out. */
type Reader = Pick<Hearer, 'nick' | 'ignored'>;

/** An event as lines for a person, each with its line break; '' for what a person does not need to hear. */
function showPlain(event: ClientEvent, reader: Reader, page: Page): string {
  const lines = linesOf(event, reader, page);
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function linesOf(event: ClientEvent, { nick, ignored }: Reader, page: Page): readonly string[] {
  switch (event.type) {
    case 'message':
    case 'presence':
      return isIgnored(ignored, event.nick) ? [] : page.dated(event.time, logLine(event));
    case 'status':
      return [`-- ${event.state}: ${inertLine(event.reason)}`];
    case 'seam':
      return [`-- ${seamText(event)}`];
    case 'discontinuity':
      return [`-- ${missingText(event)}`];
    case 'error': // Said on standard error.
      return [];
    case 'history':
      if (event.room === AUDIT_ROOM) return auditLines(event).map((line) => `-- ${line}`);
      return withoutIgnored(ignored, event.lines)
        .filter((line) => line.type === 'message')
        .flatMap((line) => page.dated(line.time, messageLine(line)));
    case 'found':
      return foundLines(event, ignored).map((line) => `-- ${line}`);
    case 'answer':
      return answerLines(event).map((line) => `-- ${line}`);
    case 'digest':
      return [`-- ${digestLine(event)}`];
    case 'why':
      return whyLines(event).map((line) => `-- ${line}`);
    case 'cluster':
      return clusterLines(event).map((line) => `-- ${line}`);
    case 'welcome':
      return event.nick === nick ? [] : [`-- you are called ${inertLine(event.nick)} here`];
    case 'ack':
    case 'sent':
    case 'cancelled':
    case 'kept':
    case 'digest-differs': // An error, and said as such.
    case 'place': // Nobody can ask for these here.
    case 'markers':
    case 'ended':
      return [];
  }
}

/** The seam in one line. */
export function seamText({ reason, from, to, afterMs, lost, resent, doubled }: SeamEvent): string {
  const why = {
    lost: `server ${from} lost`,
    left: `server ${from} was stopped`,
    'cannot-serve': `server ${from} could not serve`,
    'too-slow': 'this client read too slowly',
    connection: 'the connection to the balancer was lost',
    moved: `taken from server ${from}`,
  }[reason];
  const where = `${from === to ? 'back' : 'now'} on server ${to} after ${(afterMs / 1000).toFixed(2)} s`;
  return `${why}, ${where}; ${lost} lost, ${resent} sent again, ${doubled} doubled`;
}

/** What happened in a room, on one line, with the time of day. */
export function logLine(event: MessageEvent | PresenceEvent): string {
  if (event.type === 'message') return messageLine(event);
  return `${clockOf(event.time)} #${inertLine(event.room)} ${presenceText(event)}`;
}

function messageLine({ time, room, nick, text, action }: MessageEvent): string {
  const where = isConversation(room) ? `(${inertLine(room)})` : `#${inertLine(room)}`;
  const who = inertLine(nick);
  return `${clockOf(time)} ${where} ${action ? `* ${who}` : `<${who}>`} ${inertLine(text)}`;
}

/** What somebody did, in words. */
export function presenceText({ nick, event, text }: PresenceEvent): string {
  const who = inertLine(nick);
  const what = inertLine(text);
  switch (event) {
    case 'join':
      return `${who} has joined`;
    case 'leave':
      return `${who} has left${what && `: ${what}`}`;
    case 'quit':
      return `${who} is gone${what && `: ${what}`}`;
    case 'nick':
      return `${who} is now called ${what}`;
    case 'topic':
      return what === '' ? `${who} took the topic away` : `${who} set the topic: ${what}`;
    case 'away':
      return `${who} is away: ${what}`;
    case 'back':
      return `${who} is back`;
    case 'offline':
      return `${who} lost the connection`;
    case 'online':
      return `${who} is connected again`;
    case 'retain':
      return `${who} set how much is kept here: ${what}`;
    case 'kick':
      return `${who} was taken out of the room by ${what}`;
    case 'mute':
      return `${who} was muted by ${what}`;
    case 'unmute':
      return `${who} can speak again, by ${what}`;
    case 'shut':
      return `${who} has closed this room${what && `: ${what}`}`;
    case 'reopen':
      return `${who} has opened this room again${what && `: ${what}`}`;
    case 'slow':
      return `${who} set how often one may post here: ${what}`;
  }
}

/** The answer to `/digest`. */
export function digestLine({ room, index, position, digest, ours }: DigestEvent): string {
  const where = roomLabel(room);
  const through = index === 0 ? 'without a line' : `through line ${index}, position ${position}`;
  const here =
    ours === digest ? '; the same here and at the server' : `; at the server, but ${inFours(ours ?? '')} here`;
  return inertLine(`${inFours(digest)} ${where} ${through}${ours === undefined ? '' : here}`);
}

function inFours(digits: string): string {
  return digits.replace(/(?<=.)(?=(?:.{4})+$)/g, ' ');
}

/** What was told is not what the server has. */
export function differsText({ room, index, ours, theirs }: DigestDiffersEvent): string {
  const where = roomLabel(room);
  return `the lines of ${where} through ${index} are not those of the server: ${ours} here, ${theirs} there`;
}

/** Lines were not told. */
export function missingText({ room, after, before, missing }: DiscontinuityEvent): string {
  return `${linesInWords(missing)} of ${roomLabel(room)} did not come between its lines ${after} and ${before}, and the log has ${missing === 1 ? 'it' : 'them'}`;
}

/** What a search found, as lines: each with its day, it may be long ago. Those of the ignored are only counted. */
export function foundLines(found: FoundEvent, ignored: readonly string[]): readonly string[] {
  const { room, text, before } = found;
  const lines = withoutIgnored(ignored, found.lines);
  const many = lines.length === 0 ? 'no line' : linesInWords(lines.length);
  const hidden = found.lines.length - lines.length;
  const rest = [before > 0 && ', and maybe earlier ones', hidden > 0 && `; ${linesInWords(hidden)} of ignored nicks`];
  const head = `${many} in ${roomLabel(room)} with ${text}${rest.filter(Boolean).join('')}`;
  // Each with its position, which /goto and /why take.
  return [inertLine(head), ...lines.map((line) => `  ${line.position}: ${datedLine(line)}`)];
}

function linesInWords(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}

/** What operators did, as lines. */
export function auditLines({ lines }: HistoryEvent): readonly string[] {
  const head = lines.length === 0 ? 'operators have done nothing yet' : 'what operators did';
  const rows = lines.map(
    ({ time, nick, text }) => `  ${dateOf(time)} ${clockOf(time)} ${inertLine(nick)} ${inertLine(text)}`,
  );
  return [head, ...rows];
}

/** A line that may be of long ago. */
export function datedLine(line: MessageEvent): string {
  return `${dateOf(line.time)} ${messageLine(line)}`;
}

function topicLine(room: string, topic: string): string {
  return inertLine(topic === '' ? `${roomLabel(room)} has no topic` : `the topic of ${roomLabel(room)}: ${topic}`);
}

/** The rows of an answer as lines. */
export function answerLines({ what, name, rows }: AnswerEvent): readonly string[] {
  if (what === 'rooms' && name !== '') return [topicLine(name, rows[0]?.text ?? '')];
  const about = {
    names: `in ${roomLabel(name)}`,
    rooms: 'rooms',
    whois: `whois ${name}`,
    nicks: 'your nicks',
    rulings: 'who is let in, and what operators decided',
  }[what];
  const row = ({ name: label, text, count }: AnswerEvent['rows'][number]) =>
    what === 'rooms' ? `${label} (${count})${text && `: ${text}`}` : `${label}${text && `: ${text}`}`;
  return [inertLine(about), ...rows.map((each) => `  ${inertLine(row(each))}`)];
}
