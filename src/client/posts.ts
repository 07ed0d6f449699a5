/**
 * What a session has to say: takes commands, sends them in groups in the order of their sequences, and again until
 * their outcome is known, and tells what became of each. The state machine sees to it that a repeat counts once.
 */
import type { Command } from '../chat/commands';
import { utf8Length } from '../chat/text';
import type { Random } from '../lib/prng';
import type { AckRun } from '../wire/client';
import { type AckEvent, NO_ORIGIN, type Origin } from './events';
import { type ClientLimits, MAX_KEPT_BYTES, MAX_KEPT_COMMANDS, MAX_NAME_UNITS, MAX_REMEMBERED_POSTS } from './limits';
import type { Outlet } from './outlet';
import { type KeptCommands, Outstanding, type OutstandingCommand } from './outstanding';
import { Retry } from './retry';

/** The code of a post whose outcome nobody knows. */
export const UNCONFIRMED = 'unconfirmed';
/** What that means. */
export const MAYBE_SAID = 'not confirmed: it may have been said or not';
/** The code of what was not said or done, and will not be. */
export const NOT_POSTED = 'not-posted';
const OF_OTHER_LOG = 'it was written for another log of this cluster';
/** UTF-16 units of a command that is told, about. */
const MAX_TOLD_UNITS = 80;
/** Of the numbers and the frame of a command on the wire. */
const COMMAND_OVERHEAD_BYTES = 16;

/** What acknowledgements say beyond the events that they give. */
export interface Settled {
  /** The session has ended, as it was asked to. */
  readonly closed: boolean;
  /** The log is now known to have what this session did up to this position; 0 for nothing new. */
  readonly position: number;
}

/** How a post came into the log, as the process knows that sent it. */
export interface Way {
  readonly resends: number;
  /** From the post to its acknowledgement. */
  readonly afterMs: number;
}

/** What a session says, and what it is sent with. */
export type SaidCommand = Extract<Command, { readonly type: 'say' | 'direct' }>;
export type Post = OutstandingCommand & { readonly command: SaidCommand };

export class Posts {
  private readonly outstanding = new Outstanding();
  private readonly again: Retry;
  private closing = false;
  /** What to leave with, once everything has an outcome: what had none would be lost with the session. */
  private closeText: string | undefined;
  /** The sequence of the last command that changes who is where, or who is who. */
  private lastChangeSeq = 0;
  private openLines = 0;
  /** Of the latest lines that were posted and acknowledged here, by their position: how they came there. */
  private readonly ways = new Map<number, Way>();

  /**
   * @param submit sends a group; the outcome of everything up to `settled` is known
   * @param isKept what has no outcome is kept for the next time
   */
  constructor(
    private readonly limits: ClientLimits,
    random: Random,
    private readonly out: Outlet,
    private readonly isKept: boolean,
    private readonly submit: (firstSeq: number, settled: number, commands: readonly Command[]) => void,
  ) {
    this.again = new Retry(limits.resendMs, limits.resendMostMs, random);
  }

  /** Goes on with what was kept, and tells which posts that are. */
  revive(kept: KeptCommands): void {
    const open = this.outstanding.revive(kept, bytesOf);
    for (const { command, seq } of open) {
      if (isLine(command)) this.openLines += 1;
      else if (!isSilent(command)) this.lastChangeSeq = seq;
    }
    const posts = open.filter(isPost).map(({ id, command, sends }) => ({ id, command, sent: sends > 0 }));
    if (posts.length > 0) this.out.tell({ type: 'kept', posts });
  }

  /** What is to be kept of it. */
  keep(): KeptCommands {
    return this.outstanding.keep();
  }

  /** Changes with everything that has to be kept before it is sent. */
  get keptAs(): string {
    const { edits, sentSeq, size } = this.outstanding;
    return `${edits} ${sentSeq} ${size === 0}`;
  }

  /** Somebody else went on with the session: what was kept of it may have been sent since. */
  suspect(): void {
    this.outstanding.suspect();
  }

  /** How what is at this position came there; undefined: it is no post of this process, or one of long ago. */
  wayOf(position: number): Way | undefined {
    return this.ways.get(position);
  }

  /** Commands whose outcome is not known. */
  get size(): number {
    return this.outstanding.size;
  }

  /** Lines among them; those that were given up stay so. A person asks for no more than these. */
  get lines(): number {
    return this.openLines;
  }

  /** The sequence of the last command that changes who is where; 0 for none. */
  get lastChange(): number {
    return this.lastChangeSeq;
  }

  /** The last sequence that was sent. */
  get sentThrough(): number {
    return this.outstanding.sentSeq;
  }

  /** Everything up to this sequence has an outcome. */
  get settledThrough(): number {
    return this.outstanding.settledThrough;
  }

  /** Nothing more is taken. */
  get isClosing(): boolean {
    return this.closing;
  }

  /** The command that ends the session is among the others. */
  get hasClosed(): boolean {
    return this.closing && this.closeText === undefined;
  }

  /** Takes a command; what cannot be sent is refused at once. */
  add(command: Command, origin: Origin, nowMs: number): void {
    if (this.closing) return this.out.tellError('ended', 'the session is ending; nothing more is posted', origin);
    const refusal = this.refuseMore() ?? refuse(command, this.limits.textBytes);
    if (refusal) this.out.tellError(refusal.code, refusal.message, origin);
    else this.take(command, origin, bytesOf(command), nowMs);
  }

  /** Takes how far somebody has read: whatever becomes of it, nothing is told. @returns false: not now */
  addMarker(room: string, index: number, nowMs: number): boolean {
    const command: Command = { type: 'read', room, index };
    if (this.closing || this.refuseMore() || refuse(command, this.limits.textBytes)) return false;
    this.take(command, NO_ORIGIN, bytesOf(command), nowMs);
    return true;
  }

  /** Takes back a line that was never sent. @returns its sequence, which is another one's now; 0: it was sent */
  cancel(id: string): number {
    const cancelled = this.outstanding.cancel(id);
    if (!cancelled) return 0;
    this.openLines -= 1;
    if (this.lastChangeSeq > cancelled.seq) this.lastChangeSeq -= 1;
    this.out.tell({ type: 'cancelled', id });
    return cancelled.seq;
  }

  /** The last command: ends the session after everything before it. */
  close(text: string): void {
    this.closing = true;
    this.closeText = refuse({ type: 'close', text }, this.limits.textBytes) ? '' : text;
    if (!this.isKept) this.closeNow();
  }

  /** Everything else has an outcome: if the session is to end, it ends now. */
  closeAtLast(): void {
    if (this.size === 0) this.closeNow();
  }

  /** Sends what the window has room for. */
  flush(nowMs: number): void {
    if (!this.outstanding.awaiting) this.again.arm(nowMs);
    this.sendNext();
  }

  /** A new attachment: whatever has no outcome is sent again. @returns the sequences of the lines among it */
  flushAll(nowMs: number): readonly number[] {
    const lines = this.outstanding.openSent.filter(({ command }) => isLine(command)).map(({ seq }) => seq);
    this.outstanding.sendAgain();
    this.flush(nowMs);
    return lines;
  }

  /** Milliseconds until what was sent and has no outcome is sent again; undefined: there is no such thing. */
  nextTryMs(nowMs: number): number | undefined {
    return this.outstanding.awaiting ? this.again.leftMs(nowMs) : undefined;
  }

  /** Nothing was heard of the oldest for too long: it may be lost, and with it all after it. */
  tick(nowMs: number): void {
    if (this.outstanding.awaiting && this.again.due(nowMs)) {
      this.outstanding.sendAgain();
      this.sendNext();
    }
  }

  onAcks(runs: readonly AckRun[], nowMs: number): Settled {
    let closed = false;
    let position = 0;
    for (const { firstSeq, count, firstPosition, round } of runs) {
      for (const settled of this.outstanding.settle(firstSeq, count)) {
        const { id, seq, command } = settled;
        const at = firstPosition + seq - firstSeq;
        if (command.type === 'close') closed = true;
        if (isLine(command)) this.openLines -= 1;
        position = Math.max(position, at);
        if (isLine(command)) this.remember(at, settled, nowMs);
        if (isLine(command) || (id !== '' && !isSilent(command))) {
          this.out.tell({ type: 'ack', id, seq, position: at, round, ...wayOf(settled, nowMs) });
        }
        this.again.arm(nowMs);
      }
    }
    return { closed, position };
  }

  onFailed(seq: number, code: string, message: string, nowMs: number): void {
    for (const refused of this.outstanding.settle(seq, 1)) {
      if (isLine(refused.command)) this.openLines -= 1;
      if (!isSilent(refused.command)) this.out.tellError(code, message, refused);
      this.again.arm(nowMs);
    }
  }

  /**
   * The session is another one, and joins these rooms again first. What was never sent is said in the new one, unless it
   * was written for another log: there only rooms are joined. What was sent may have been said, so it is not said again.
   * @param sameLog the log is the one for which all that was kept was written
   * @returns the posts among those that were sent
   */
  restart(rooms: readonly string[], sameLog: boolean, nowMs: number): readonly Post[] {
    const { sent, neverSent } = this.outstanding.clear();
    this.openLines = 0;
    this.lastChangeSeq = 0;
    if (!sameLog) this.ways.clear();
    this.tellLost(
      sent.filter((open) => !isPost(open)),
      MAYBE_SAID,
    );
    const joining = sent.flatMap(({ command }) => (command.type === 'join' ? [command.room] : []));
    for (const room of new Set([...rooms, ...joining]))
      this.take({ type: 'join', room }, NO_ORIGIN, room.length, nowMs);
    for (const open of neverSent) {
      // Read-marks.ts knows what is to be said of that.
      if (isSilent(open.command)) continue;
      const isMeant = sameLog || open.postedMs !== undefined || open.command.type === 'join';
      if (isMeant) this.take(open.command, open, open.bytes, open.postedMs);
      else this.out.tellError(NOT_POSTED, isPost(open) ? OF_OTHER_LOG : notDone(open.command), open);
    }
    return sent.filter(isPost);
  }

  /** The session ends with these without an outcome. @returns how many lines they were */
  giveUp(): number {
    const { sent, neverSent } = this.outstanding.clear();
    this.closing = true;
    const maybeSaid = this.tellLost(sent, MAYBE_SAID);
    return maybeSaid + this.tellLost(neverSent, 'not sent');
  }

  private remember(position: number, { sends, postedMs }: OutstandingCommand, nowMs: number): void {
    // How often a process before this one sent it is not known.
    if (postedMs === undefined) return;
    this.ways.set(position, { resends: sends - 1, afterMs: Math.round(nowMs - postedMs) });
    if (this.ways.size <= MAX_REMEMBERED_POSTS) return;
    for (const oldest of this.ways.keys()) {
      this.ways.delete(oldest);
      return;
    }
  }

  private closeNow(): void {
    if (this.closeText === undefined) return;
    this.outstanding.add({ type: 'close', text: this.closeText }, NO_ORIGIN, 0, undefined);
    this.closeText = undefined;
  }

  private refuseMore(): { readonly code: string; readonly message: string } | undefined {
    const { size, bytes } = this.outstanding;
    const most = this.isKept ? Math.min(this.limits.queue, MAX_KEPT_COMMANDS) : this.limits.queue;
    if (size >= most) return { code: 'queue-full', message: `more than ${most} posts wait to be confirmed` };
    if (!this.isKept || bytes < MAX_KEPT_BYTES) return undefined;
    return { code: 'queue-full', message: `more than ${MAX_KEPT_BYTES} bytes wait to be confirmed` };
  }

  private take(command: Command, origin: Origin, bytes: number, postedMs: number | undefined): void {
    const seq = this.outstanding.add(command, origin, bytes, postedMs);
    if (isLine(command)) this.openLines += 1;
    else if (!isSilent(command)) this.lastChangeSeq = seq;
  }

  private sendNext(): void {
    for (;;) {
      const group = this.outstanding.next(this.limits);
      const [first] = group;
      if (!first) return;
      const commands = group.map(({ command }) => command);
      this.submit(first.seq, this.settledThrough, commands);
      const posts = group.filter(isPost).flatMap(({ id, sends }) => (id === '' ? [] : [{ id, again: sends - 1 }]));
      if (posts.length > 0) this.out.tell({ type: 'sent', posts });
    }
  }

  /** @returns how many of them were lines */
  private tellLost(lost: readonly OutstandingCommand[], message: string): number {
    for (const open of lost) {
      if (isLine(open.command) || (open.id !== '' && !isSilent(open.command)))
        this.out.tellError(UNCONFIRMED, message, open);
    }
    return lost.filter(({ command }) => isLine(command)).length;
  }
}

function isLine(command: Command): command is SaidCommand {
  return command.type === 'say' || command.type === 'direct';
}

/** Nobody asked for it: nobody is told what becomes of it. */
function isSilent({ type }: Command): boolean {
  return type === 'read';
}

/** Of one of a window before this one: nobody sees any more what it was. */
function notDone(command: Command): string {
  const words = Object.values(command).join(' ').trimEnd();
  const told = words.length > MAX_TOLD_UNITS ? `${words.slice(0, MAX_TOLD_UNITS).toWellFormed()}…` : words;
  return `not done, as ${OF_OTHER_LOG}: ${told}`;
}

function isPost(open: OutstandingCommand): open is Post {
  return isLine(open.command);
}

/** What an acknowledgement says of the way of a command. */
function wayOf({ sends, postedMs }: OutstandingCommand, nowMs: number): Pick<AckEvent, 'resends' | 'afterMs'> {
  return {
    ...(sends > 1 && { resends: sends - 1 }),
    ...(postedMs !== undefined && { afterMs: Math.round(nowMs - postedMs) }),
  };
}

/** Why a command cannot be put on the wire, or undefined. What the chat allows of it, the servers say. */
function refuse(command: Command, textBytes: number): { readonly code: string; readonly message: string } | undefined {
  const name = namesIn(command).find((one) => one.length > MAX_NAME_UNITS || !one.isWellFormed());
  if (name !== undefined) {
    const code = 'room' in command ? 'bad-room' : 'bad-nick';
    return { code, message: `${name.slice(0, 32).toWellFormed()}… is no name` };
  }
  const text = 'text' in command ? command.text : '';
  const bytes = utf8Length(text);
  if (bytes > textBytes) {
    return { code: 'text-too-long', message: `the text has ${bytes} bytes, at most ${textBytes} are allowed` };
  }
  return text.isWellFormed() ? undefined : { code: 'bad-text', message: 'the text is not well-formed Unicode' };
}

function bytesOf(command: Command): number {
  const text = 'text' in command ? utf8Length(command.text) : 0;
  return text + utf8Length(namesIn(command).join('')) + COMMAND_OVERHEAD_BYTES;
}

function namesIn(command: Command): readonly string[] {
  const names: string[] = [];
  if ('room' in command) names.push(command.room);
  if ('nick' in command) names.push(command.nick);
  if ('who' in command) names.push(command.who);
  if ('to' in command) names.push(command.to);
  return names;
}
