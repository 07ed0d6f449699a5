/**
 * Commands of a session that are not acknowledged yet, in the order of their sequences: the ones that were sent, the
 * ones that wait for room in the window, and which to send next. A command leaves only when its outcome is known.
 */
import type { Command } from '../chat/commands';
import { NO_ORIGIN, type Origin } from './events';

export interface OutstandingCommand {
  /** Counts the session's commands: 1, 2, 3, … */
  readonly seq: number;
  /** The caller's name for it; '' for none. */
  readonly id: string;
  /** Of the input, from 1; 0 for none. */
  readonly line: number;
  readonly command: Command;
  /** About its size on the wire. */
  readonly bytes: number;
  /** What all before it and itself have of these. */
  readonly bytesThrough: number;
  /** When it was posted; undefined: in a window that is not there any more. */
  readonly postedMs: number | undefined;
  /** How often it was sent. */
  sends: number;
}

/** What is known of the commands without an outcome, to go on with later, in another process. */
export interface KeptCommands {
  /** Everything up to this sequence has an outcome. */
  readonly settled: number;
  /** Everything up to this sequence may have been sent. */
  readonly sent: number;
  /** Sequences above `settled` that have an outcome already. */
  readonly done: readonly number[];
  /** Those above `settled`, in the order of their sequences, without a gap. */
  readonly commands: readonly Command[];
}

/** How much may be sent at once. */
export interface GroupBounds {
  /** How far beyond the oldest unsettled sequence may be sent. */
  readonly window: number;
  /** And how many bytes, the oldest one in any case. */
  readonly windowBytes: number;
  readonly groupCommands: number;
  /** A group of one command may have more. */
  readonly groupBytes: number;
}

/** The settled ones are cut off when they are this many, and the larger half: moving the list costs. */
const COMPACT_AFTER = 1024;

export class Outstanding {
  /** Sequences ascending, without a gap. */
  private commands: OutstandingCommand[] = [];
  /** Index of the first that is not settled: those before it are only not cut off yet. */
  private first = 0;
  private readonly settled = new Set<number>();
  private lastSeq = 0;
  private bytesThrough = 0;
  /** Everything up to this sequence has been sent on the present attachment. */
  private sentThrough = 0;
  /** Everything up to this sequence has been sent at least once. */
  private everSent = 0;
  private editCount = 0;

  /** Counts what was added and taken back. */
  get edits(): number {
    return this.editCount;
  }

  /** Of all that has no outcome, about. */
  get bytes(): number {
    const oldest = this.commands[this.first];
    return oldest ? this.bytesThrough - oldest.bytesThrough + oldest.bytes : 0;
  }

  get size(): number {
    return this.commands.length - this.first - this.settled.size;
  }

  /** Whether anything was sent and not answered. */
  get awaiting(): boolean {
    return this.size > 0 && this.firstSeq <= this.sentThrough;
  }

  /** Everything up to this sequence has an outcome. */
  get settledThrough(): number {
    return this.firstSeq - 1;
  }

  /** Everything up to this sequence has been sent at least once. */
  get sentSeq(): number {
    return this.everSent;
  }

  /** What was sent and has no outcome. */
  get openSent(): readonly OutstandingCommand[] {
    const sent = this.commands.slice(this.first, this.first + Math.max(0, this.everSent - this.settledThrough));
    return sent.filter(({ seq }) => !this.settled.has(seq));
  }

  /** @returns its sequence */
  add(command: Command, { id, line }: Origin, bytes: number, postedMs: number | undefined): number {
    this.editCount += 1;
    this.lastSeq += 1;
    this.bytesThrough += bytes;
    const { lastSeq: seq, bytesThrough } = this;
    this.commands.push({ seq, id, line, command, bytes, bytesThrough, postedMs, sends: 0 });
    return seq;
  }

  /** Takes back what was never sent. @returns it, undefined when there is no such command or it was sent */
  cancel(id: string): OutstandingCommand | undefined {
    const at = this.commands.findIndex((each) => each.seq > this.everSent && each.id === id);
    const cancelled = this.commands[at];
    if (!cancelled) return undefined;
    this.editCount += 1;
    this.lastSeq -= 1;
    this.bytesThrough -= cancelled.bytes;
    // Nobody has heard of the sequences after it yet.
    const after = this.commands.slice(at + 1).map((each) => {
      return { ...each, seq: each.seq - 1, bytesThrough: each.bytesThrough - cancelled.bytes };
    });
    this.commands = [...this.commands.slice(0, at), ...after];
    return cancelled;
  }

  /** What is to be known of it later. */
  keep(): KeptCommands {
    const commands = this.commands.slice(this.first).map(({ command }) => command);
    return { settled: this.settledThrough, sent: this.everSent, done: [...this.settled], commands };
  }

  /** Goes on with what was kept. @returns the commands without an outcome */
  revive({ settled, sent, done, commands }: KeptCommands, bytesOf: (command: Command) => number) {
    this.lastSeq = settled;
    for (const command of commands) this.add(command, NO_ORIGIN, bytesOf(command), undefined);
    this.commands = this.commands.map((each) => {
      return { ...each, id: `kept ${each.seq}`, sends: each.seq <= sent ? 1 : 0 };
    });
    this.sentThrough = settled;
    this.everSent = sent;
    for (const seq of done) this.settled.add(seq);
    return this.commands.filter(({ seq }) => !this.settled.has(seq));
  }

  /** Who kept them may have sent them all. */
  suspect(): void {
    for (const { seq, postedMs } of this.commands)
      if (postedMs === undefined) this.everSent = Math.max(this.everSent, seq);
  }

  /** The outcome of these consecutive commands is known. @returns those of which it was not known before */
  settle(firstSeq: number, count: number): readonly OutstandingCommand[] {
    const fresh: OutstandingCommand[] = [];
    const start = this.firstSeq;
    const end = Math.min(firstSeq + count - 1, this.everSent);
    for (let seq = Math.max(firstSeq, start); seq <= end; seq += 1) {
      if (this.settled.has(seq)) continue;
      this.settled.add(seq);
      fresh.push(this.commands[this.first + seq - start] as OutstandingCommand);
    }
    while (this.settled.delete(this.firstSeq)) this.first += 1;
    if (this.first > COMPACT_AFTER && this.first > this.commands.length / 2) {
      this.commands = this.commands.slice(this.first);
      this.first = 0;
    }
    return fresh;
  }

  /** A new attachment, or no answer for too long: what is not settled is sent again, from the oldest on. */
  sendAgain(): void {
    this.sentThrough = Math.min(this.sentThrough, this.firstSeq - 1);
  }

  /** The next commands to send, consecutive, and marks them sent. Empty when the window is full or nothing is left. */
  next({ window, windowBytes, groupCommands, groupBytes }: GroupBounds): readonly OutstandingCommand[] {
    const from = Math.max(this.sentThrough + 1, this.firstSeq);
    const end = Math.min(this.lastSeq, this.firstSeq + window - 1, from + groupCommands - 1);
    const oldest = this.commands[this.first];
    const most = oldest ? oldest.bytesThrough - oldest.bytes + windowBytes : 0;
    const group: OutstandingCommand[] = [];
    let bytes = 0;
    for (let seq = from; seq <= end; seq += 1) {
      const command = this.commands[this.first + seq - this.firstSeq] as OutstandingCommand;
      bytes += command.bytes;
      if (group.length > 0 && bytes > groupBytes) break;
      if (command !== oldest && command.bytesThrough > most) break;
      command.sends += 1;
      group.push(command);
      this.sentThrough = seq;
    }
    this.everSent = Math.max(this.everSent, this.sentThrough);
    return group;
  }

  /** Takes everything out; the next command is the first of another session. */
  clear(): { readonly sent: readonly OutstandingCommand[]; readonly neverSent: readonly OutstandingCommand[] } {
    const open = this.commands.slice(this.first).filter(({ seq }) => !this.settled.has(seq));
    const { everSent } = this;
    this.commands = [];
    this.first = 0;
    this.settled.clear();
    this.lastSeq = 0;
    this.sentThrough = 0;
    this.everSent = 0;
    return { sent: open.filter(({ seq }) => seq <= everSent), neverSent: open.filter(({ seq }) => seq > everSent) };
  }

  /** The oldest sequence without an outcome. */
  private get firstSeq(): number {
    return this.commands[this.first]?.seq ?? this.lastSeq + 1;
  }
}
