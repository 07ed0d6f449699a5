/**
 * Commands of a session that are not acknowledged yet, in the order of their sequences: the ones that were sent, the
 * ones that wait for room in the window, and which to send next. A command leaves only when its outcome is known.
 */
import type { Command } from '../chat/commands';

export interface OutstandingCommand {
  /** Counts the session's commands: 1, 2, 3, … */
  readonly seq: number;
  /** The caller's name for it; '' for none. */
  readonly id: string;
  readonly command: Command;
}

export class Outstanding {
  /** Sequences ascending, without a gap. */
  private commands: OutstandingCommand[] = [];
  /** Index of the first that is not settled: those before it are only not cut off yet. */
  private first = 0;
  private readonly settled = new Set<number>();
  private lastSeq = 0;
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

  add(command: Command, id: string): OutstandingCommand {
    this.lastSeq += 1;
    const outstanding = { seq: this.lastSeq, id, command };
    this.commands.push(outstanding);
    return outstanding;
  }

  /** The outcome of a command is known. @returns the command, undefined when it was known already */
  settle(seq: number): OutstandingCommand | undefined {
    const command = this.commands[this.first + seq - this.firstSeq];
    if (seq < this.firstSeq || !command || this.settled.has(seq)) return undefined;
    this.settled.add(seq);
    while (this.settled.delete(this.firstSeq)) this.first += 1;
    if (this.first > 1024 && this.first > this.commands.length / 2) {
      this.commands = this.commands.slice(this.first);
      this.first = 0;
    }
    return command;
  }

  /** A new attachment, or no answer for too long: what is not settled is sent again, from the oldest on. */
  sendAgain(): void {
    this.sentThrough = Math.min(this.sentThrough, this.firstSeq - 1);
  }

  /**
   * The next commands to send, consecutive, and marks them sent.
   * @param window how far beyond the oldest unsettled sequence may be sent
   */
  next(window: number, most: number, fits: (command: Command) => boolean): readonly OutstandingCommand[] {
    const from = Math.max(this.sentThrough + 1, this.firstSeq);
    const end = Math.min(this.lastSeq, this.firstSeq + window - 1, from + most - 1);
    const chosen: OutstandingCommand[] = [];
    for (let seq = from; seq <= end; seq += 1) {
      const command = this.commands[this.first + seq - this.firstSeq] as OutstandingCommand;
      if (chosen.length > 0 && !fits(command.command)) break;
      if (chosen.length === 0) fits(command.command);
      chosen.push(command);
    }
    const last = chosen[chosen.length - 1];
    if (last) {
      this.sentThrough = last.seq;
      this.everSent = Math.max(this.everSent, last.seq);
    }
    return chosen;
  }

  /**
   * The session is gone: numbers start anew for what was never sent.
   * @returns what had been sent and has no outcome: whether it was committed cannot be known any more
   */
  restart(): readonly OutstandingCommand[] {
    const open = this.commands.slice(this.first).filter(({ seq }) => !this.settled.has(seq));
    const lost = open.filter(({ seq }) => seq <= this.everSent);
    const kept = open.filter(({ seq }) => seq > this.everSent);
    this.commands = [];
    this.first = 0;
    this.settled.clear();
    this.lastSeq = 0;
    this.sentThrough = 0;
    this.everSent = 0;
    for (const { command, id } of kept) this.add(command, id);
    return lost;
  }

  /** The oldest sequence without an outcome. */
  private get firstSeq(): number {
    return this.commands[this.first]?.seq ?? this.lastSeq + 1;
  }
}
