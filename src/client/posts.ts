/**
 * What a session has to say: takes commands, sends them in groups in the order of their sequences, and again until
 * their outcome is known, and tells what became of each. The state machine sees to it that a repeat counts once.
 */
import type { Command } from '../chat/commands';
import { utf8Length } from '../chat/text';
import type { Random } from '../lib/prng';
import type { AckRun } from '../wire/client';
import { NO_ORIGIN, type Origin } from './events';
import { type ClientLimits, MAX_NAME_UNITS } from './limits';
import type { Outlet } from './outlet';
import { Outstanding, type OutstandingCommand } from './outstanding';
import { Retry } from './retry';

/** The code of a post whose outcome nobody knows. */
export const UNCONFIRMED = 'unconfirmed';
/** Of the numbers and the frame of a command on the wire. */
const COMMAND_OVERHEAD_BYTES = 16;

/** What acknowledgements say beyond the events that they give. */
export interface Settled {
  /** The session has ended, as it was asked to. */
  readonly closed: boolean;
  /** The log is now known to have what this session did up to this position; 0 for nothing new. */
  readonly position: number;
}

export class Posts {
  private readonly outstanding = new Outstanding();
  private readonly again: Retry;
  private closing = false;
  /** The sequence of the last command that changes who is where. */
  private lastChangeSeq = 0;
  private openLines = 0;

  /** @param submit sends a group; the outcome of everything up to `settled` is known */
  constructor(
    private readonly limits: ClientLimits,
    random: Random,
    private readonly out: Outlet,
    private readonly submit: (firstSeq: number, settled: number, commands: readonly Command[]) => void,
  ) {
    this.again = new Retry(limits.resendMs, limits.resendMostMs, random);
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

  get isClosing(): boolean {
    return this.closing;
  }

  /** Takes a command; what cannot be sent is refused at once. */
  add(command: Command, origin: Origin): void {
    if (this.closing) return this.out.tellError('ended', 'the session is ending; nothing more is posted', origin);
    if (this.outstanding.size >= this.limits.queue) {
      return this.out.tellError('queue-full', `more than ${this.limits.queue} posts wait to be confirmed`, origin);
    }
    const refusal = refuse(command, this.limits.textBytes);
    if (refusal) this.out.tellError(refusal.code, refusal.message, origin);
    else this.take(command, origin, bytesOf(command));
  }

  /** The last command: ends the session after everything before it. */
  close(text: string): void {
    const command = { type: 'close', text } as const;
    this.outstanding.add(refuse(command, this.limits.textBytes) ? { type: 'close', text: '' } : command, NO_ORIGIN, 0);
    this.closing = true;
  }

  /** Sends what the window has room for. */
  flush(nowMs: number): void {
    if (!this.outstanding.awaiting) this.again.arm(nowMs);
    this.sendNext();
  }

  /** A new attachment: whatever has no outcome is sent again. @returns how many of those are lines */
  flushAll(nowMs: number): number {
    const lines = this.outstanding.openSent.filter(({ command }) => isLine(command)).length;
    this.outstanding.sendAgain();
    this.flush(nowMs);
    return lines;
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
      for (const { id, seq, command } of this.outstanding.settle(firstSeq, count)) {
        const at = firstPosition + seq - firstSeq;
        if (command.type === 'close') closed = true;
        if (isLine(command)) this.openLines -= 1;
        position = Math.max(position, at);
        if (isLine(command) || id !== '') this.out.tell({ type: 'ack', id, seq, position: at, round });
        this.again.arm(nowMs);
      }
    }
    return { closed, position };
  }

  onFailed(seq: number, code: string, message: string, nowMs: number): void {
    for (const refused of this.outstanding.settle(seq, 1)) {
      if (isLine(refused.command)) this.openLines -= 1;
      this.out.tellError(code, message, refused);
      this.again.arm(nowMs);
    }
  }

  /**
   * The session is another one, and joins these rooms again first. What was never sent is said in the new one; what
   * was sent may have been said in the old one, so it is not said again. @returns how many of those were lines
   */
  restart(rooms: readonly string[]): number {
    const { sent, neverSent } = this.outstanding.clear();
    const lines = this.tellLost(sent, 'not confirmed: it may have been said or not');
    this.openLines = 0;
    this.lastChangeSeq = 0;
    const joining = sent.flatMap(({ command }) => (command.type === 'join' ? [command.room] : []));
    for (const room of new Set([...rooms, ...joining])) this.take({ type: 'join', room }, NO_ORIGIN, room.length);
    for (const open of neverSent) this.take(open.command, open, open.bytes);
    return lines;
  }

  /** The session ends with these without an outcome. @returns how many lines they were */
  giveUp(): number {
    const { sent, neverSent } = this.outstanding.clear();
    this.closing = true;
    const maybeSaid = this.tellLost(sent, 'not confirmed: it may have been said or not');
    return maybeSaid + this.tellLost(neverSent, 'not sent');
  }

  private take(command: Command, origin: Origin, bytes: number): void {
    const seq = this.outstanding.add(command, origin, bytes);
    if (isLine(command)) this.openLines += 1;
    else this.lastChangeSeq = seq;
  }

  private sendNext(): void {
    for (;;) {
      const group = this.outstanding.next(this.limits);
      const [first] = group;
      if (!first) return;
      const commands = group.map(({ command }) => command);
      this.submit(first.seq, this.settledThrough, commands);
    }
  }

  /** @returns how many of them were lines */
  private tellLost(lost: readonly OutstandingCommand[], message: string): number {
    for (const open of lost) {
      if (isLine(open.command) || open.id !== '') this.out.tellError(UNCONFIRMED, message, open);
    }
    return lost.filter(({ command }) => isLine(command)).length;
  }
}

function isLine(command: Command): boolean {
  return command.type === 'say' || command.type === 'direct';
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
