/**
 * Commands of a session that are not acknowledged yet, in the order of their sequences: the ones that were sent, the
 * ones that wait for room in the window, and which to send next. A command leaves only when its outcome is known.
 */
import type { Command } from '../chat/commands';
import type { Origin } from './events';

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
  add(command: Command, { id, line }: Origin, bytes: number): number {
    this.lastSeq += 1;
    this.bytesThrough += bytes;
    this.commands.push({ seq: this.lastSeq, id, line, command, bytes, bytesThrough: this.bytesThrough });
    return this.lastSeq;
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
