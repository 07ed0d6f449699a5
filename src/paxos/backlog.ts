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

  get empty(): boolean {
    return this.head === this.commands.length;
  }

  /** Takes all of the commands, or none. @returns whether there was room */
  add(commands: readonly Uint8Array[]): boolean {
    let bytes = 0;
    for (const command of commands) bytes += command.length;
    const count = this.commands.length - this.head + commands.length;
    if (this.waitingBytes + bytes + count * COMMAND_OVERHEAD_BYTES > this.maxBytes) return false;
    for (const command of commands) this.commands.push(command);
    this.waitingBytes += bytes;
    return true;
  }

  /** Removes a batch: as many as fit in the bytes, at least one. Only when there is one. */
  takeBatch(maxBytes: number): readonly Uint8Array[] {
    let end = this.head;
    let bytes = 0;
    while (end < this.commands.length) {
      const size = this.commands[end]?.length ?? 0;
      if (end > this.head && bytes + size > maxBytes) break;
      bytes += size;
      end += 1;
    }
    const batch = this.commands.slice(this.head, end);
    this.head = end;
    this.waitingBytes -= bytes;
    this.releaseTaken();
    return batch;
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
