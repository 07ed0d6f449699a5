/** Commands that wait to be proposed or forwarded, in order. Bounded by the memory that they take. */

/** What a command takes besides its bytes, about: so that many tiny ones are bounded too. */
const COMMAND_OVERHEAD_BYTES = 64;

export class Backlog {
  private commands: Uint8Array[] = [];
  private head = 0;
  private waitingBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.waitingBytes;
  }

  /** The next one to take. */
  get first(): Uint8Array | undefined {
    return this.commands[this.head];
  }

  /** Takes in all of the commands, or none. @returns whether there was room */
  add(commands: readonly Uint8Array[]): boolean {
    let bytes = 0;
    for (const command of commands) bytes += command.length;
    const count = this.commands.length - this.head + commands.length;
    if (this.waitingBytes + bytes + count * COMMAND_OVERHEAD_BYTES > this.maxBytes) return false;
    for (const command of commands) this.commands.push(command);
    this.waitingBytes += bytes;
    return true;
  }

  /** Removes the first one. Only when there is one. */
  take(): Uint8Array {
    const command = this.first as Uint8Array;
    this.head += 1;
    this.waitingBytes -= command.length;
    this.releaseTaken();
    return command;
  }

  clear(): void {
    this.commands = [];
    this.head = 0;
    this.waitingBytes = 0;
  }

  /** Copies what waits only when at least as much was taken: constant work for each command. */
  private releaseTaken(): void {
    if (this.head * 2 < this.commands.length) return;
    this.commands = this.commands.slice(this.head);
    this.head = 0;
  }
}

/**
 * Takes a batch out of one backlog or several, a command of each in turn: none waits because another has more.
 * @param maxBytes as many as fit in these, at least one where there is one
 */
export function takeBatch(backlogs: Iterable<Backlog>, maxBytes: number): readonly Uint8Array[] {
  const batch: Uint8Array[] = [];
  let waiting = [...backlogs].filter(({ first }) => first);
  for (let bytes = 0; waiting.length > 0; waiting = waiting.filter(({ first }) => first)) {
    for (const backlog of waiting) {
      bytes += backlog.first?.length ?? 0;
      if (batch.length > 0 && bytes > maxBytes) return batch;
      batch.push(backlog.take());
    }
  }
  return batch;
}
