/** `synod chat --json` as a test drives it: posts in, events out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { BIN, PATIENCE_MS } from './cluster';

export interface ClientEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface MessageEvent extends ClientEvent {
  readonly type: 'message';
  readonly position: number;
  readonly room: string;
  readonly index: number;
  readonly text: string;
  readonly nick: string;
  readonly session: string;
  readonly seq: number;
}

interface Waiter {
  readonly wanted: (event: ClientEvent) => boolean;
  readonly resolve: (event: ClientEvent) => void;
}

export class JsonClient {
  readonly events: ClientEvent[] = [];
  /** The ids of posts that were acknowledged, in that order. */
  readonly acked: string[] = [];
  /** The ids of all posts handed over. */
  readonly posted: string[] = [];
  /** Lines on standard output that are no JSON object: there must be none. */
  readonly garbage: string[] = [];
  readonly exited: Promise<number | NodeJS.Signals>;
  stderr = '';
  private readonly child: ChildProcess;
  private waiters: Waiter[] = [];

  constructor(
    config: string,
    readonly nick: string,
    flags: readonly string[] = [],
  ) {
    const args = [BIN, 'chat', '--json', '--config', config, '--nick', nick, ...flags];
    this.child = spawn(process.execPath, args, { stdio: 'pipe' });
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(signal ?? code ?? 0));
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child.stdin?.on('error', () => {}); // The process was killed: what it had not read is not of interest.
    if (this.child.stdout) createInterface({ input: this.child.stdout }).on('line', (line) => this.onLine(line));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The lines of a room, in the order in which they came. */
  transcript(room = 'lobby'): MessageEvent[] {
    return this.events.filter((event): event is MessageEvent => event.type === 'message' && event.room === room);
  }

  /** The first event, past or to come, that is wanted. */
  until(wanted: (event: ClientEvent) => boolean, what: string): Promise<ClientEvent> {
    const past = this.events.find(wanted);
    return past ? Promise.resolve(past) : this.next(wanted, what);
  }

  /** The first event to come that is wanted. */
  next(wanted: (event: ClientEvent) => boolean, what: string): Promise<ClientEvent> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `${this.nick} never saw: ${what}; its last: ${JSON.stringify(this.events.slice(-5)).slice(0, 2000)}`,
            ),
          ),
        PATIENCE_MS,
      );
      const found = (event: ClientEvent) => {
        clearTimeout(timer);
        resolve(event);
      };
      this.waiters.push({ wanted, resolve: found });
    });
  }

  online(): Promise<ClientEvent> {
    return this.until((event) => event.type === 'status' && event.state === 'online', 'online');
  }

  /** It has joined the room, and history has been read. */
  joined(room = 'lobby'): Promise<ClientEvent> {
    return this.until(
      (event) => event.type === 'presence' && event.event === 'join' && event.room === room && event.nick === this.nick,
      `joined ${room}`,
    );
  }

  post(id: string, text: string, room = 'lobby'): void {
    this.posted.push(id);
    this.write(JSON.stringify({ type: 'post', id, room, text }));
  }

  write(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Every post handed over so far is acknowledged. */
  async allAcked(): Promise<void> {
    const acked = new Set(this.acked);
    const wanted = new Set(this.posted.filter((id) => !acked.has(id)));
    if (wanted.size === 0) return;
    await this.next((event) => {
      if (event.type === 'ack') wanted.delete(String(event.id));
      return wanted.size === 0;
    }, `acknowledgements of ${wanted.size} posts`);
  }

  /** The room's transcript has all of these texts. */
  async sees(texts: readonly string[], room = 'lobby'): Promise<void> {
    const missing = new Set(texts);
    for (const { text } of this.transcript(room)) missing.delete(text);
    if (missing.size === 0) return;
    await this.next((event) => {
      if (event.type === 'message' && event.room === room) missing.delete(String(event.text));
      return missing.size === 0;
    }, `${missing.size} lines in ${room}`);
  }

  /** Ends standard input: the client leaves once everything is confirmed. */
  end(): Promise<number | NodeJS.Signals> {
    this.child.stdin?.end();
    return this.exited;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private onLine(line: string): void {
    let event: ClientEvent;
    try {
      event = JSON.parse(line) as ClientEvent;
    } catch {
      this.garbage.push(line);
      return;
    }
    this.events.push(event);
    if (event.type === 'ack') this.acked.push(String(event.id));
    const waiting = this.waiters;
    this.waiters = [];
    for (const waiter of waiting) {
      if (waiter.wanted(event)) waiter.resolve(event);
      else this.waiters.push(waiter);
    }
  }
}
