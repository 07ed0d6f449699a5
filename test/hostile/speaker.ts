/** A connection to a port that is spoken byte by byte, in the clear or, once the handshake is through, in CURVE's boxes. */
import { connect, type Socket } from 'node:net';
import { type Boxes, CurveClient, type CurveKeys, CurveServer, type OwnKeys } from './curve';
import { COMMAND, command, type Frame, FrameReader, frame, greeting, MORE, metadata } from './zmtp';

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface Manner {
  /** What kind of socket it says it is. */
  readonly socketType: string;
  readonly identity?: Uint8Array;
  /** Without: in the clear. */
  readonly curve?: CurveKeys | undefined;
}

/** How long an answer of the other end may take, milliseconds. */
const ANSWER_MS = 5000;

export class Speaker {
  /** Frames that came after the handshake. */
  readonly heard: Buffer[] = [];
  closed = false;
  /** The last whole message among them. */
  latest: readonly Buffer[] = [];
  private parts: Buffer[] = [];
  /** Whether it answers when it is asked whether it is still there. */
  private staysAlive = false;
  private curve: Boxes | undefined;
  private onFrame: (frame: Frame) => void = () => {};
  private greeted = 0;
  private readonly reader = new FrameReader();

  private constructor(private readonly socket: Socket) {
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (chunk) => this.onData(chunk as Buffer));
  }

  /** Only the connection: nothing has been said. */
  static connected({ host, port }: Place): Promise<Speaker> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      socket.once('connect', () => resolve(new Speaker(socket)));
      socket.once('error', reject);
    });
  }

  /** Through the handshake. @returns undefined when it was not let in */
  static async admitted(place: Place, manner: Manner): Promise<Speaker | undefined> {
    const speaker = await Speaker.connected(place);
    if (await speaker.shakeHands(manner)) return speaker;
    speaker.end();
    return undefined;
  }

  /** One that somebody else has begun; nothing has been said. */
  static met(socket: Socket): Speaker {
    return new Speaker(socket);
  }

  /** Through the handshake with somebody who has connected to here. @returns whether it went through */
  async admits(socketType: string, identity: Uint8Array, keys: OwnKeys): Promise<boolean> {
    const server = new CurveServer(keys);
    const hello = this.next();
    this.raw(greeting({ mechanism: 'CURVE', asServer: true }));
    const said = await hello;
    if (!said || nameOf(said) !== 'HELLO') return false;
    const initiate = this.next();
    this.raw(server.welcome(said.subarray(6)));
    if (nameOf(await initiate) !== 'INITIATE') return false;
    this.raw(server.ready(metadata({ 'Socket-Type': socketType, Identity: identity })));
    this.curve = server;
    this.staysAlive = true;
    return true;
  }

  raw(bytes: Uint8Array): void {
    if (!this.closed) this.socket.write(bytes);
  }

  frame(body: Uint8Array, flags = 0): void {
    this.raw(this.curve ? this.curve.message(flags, body) : frame(body, flags));
  }

  /** Waits until the other end takes more, or closes. */
  async taken(body: Uint8Array, flags: number): Promise<void> {
    this.frame(body, flags);
    while (this.socket.writableNeedDrain && !this.closed) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  message(frames: readonly Uint8Array[]): void {
    for (const [index, body] of frames.entries()) this.frame(body, index < frames.length - 1 ? MORE : 0);
  }

  command(name: string, body: Uint8Array = Buffer.alloc(0)): void {
    if (!this.curve) return this.raw(command(name, body));
    const bytes = Buffer.concat([Buffer.of(name.length), Buffer.from(name, 'latin1'), body]);
    this.raw(this.curve.message(COMMAND, bytes));
  }

  /** Whether the other end closes, within so many milliseconds. */
  async closes(ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (!this.closed && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
    return this.closed;
  }

  end(): void {
    this.socket.destroy();
    this.closed = true;
  }

  private async shakeHands({ socketType, identity = Buffer.alloc(0), curve }: Manner): Promise<boolean> {
    const properties = metadata({ 'Socket-Type': socketType, Identity: identity });
    if (!curve) {
      this.raw(greeting());
      const ready = this.next();
      this.raw(command('READY', properties));
      return nameOf(await ready) === 'READY';
    }
    this.raw(greeting({ mechanism: 'CURVE' }));
    const client = new CurveClient(curve);
    const welcome = this.next();
    this.raw(client.hello());
    const welcomed = await welcome;
    if (!welcomed || nameOf(welcomed) !== 'WELCOME') return false;
    const ready = this.next();
    this.raw(client.initiate(welcomed.subarray(8), properties));
    if (nameOf(await ready) !== 'READY') return false;
    this.curve = client;
    return true;
  }

  /** The next frame; undefined when none comes. */
  private next(): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const done = (body: Buffer | undefined) => {
        clearTimeout(timer);
        this.socket.off('close', none);
        this.onFrame = (later) => this.onHeard(this.curve ? this.curve.open(later.body) : later);
        resolve(body);
      };
      const none = () => done(undefined);
      const timer = setTimeout(none, ANSWER_MS);
      this.socket.once('close', none);
      this.onFrame = ({ body }) => done(body);
    });
  }

  private onHeard({ flags, body }: Frame): void {
    this.heard.push(body);
    if ((flags & COMMAND) !== 0) {
      // After the name come two bytes of time, and what the answer is to repeat.
      if (this.staysAlive && nameOf(body) === 'PING') this.command('PONG', body.subarray(7));
      return;
    }
    this.parts.push(body);
    if ((flags & MORE) !== 0) return;
    this.latest = this.parts;
    this.parts = [];
  }

  private onData(chunk: Buffer): void {
    const rest = chunk.subarray(Math.max(0, 64 - this.greeted));
    this.greeted += chunk.length - rest.length;
    for (const frame of this.reader.push(rest)) this.onFrame(frame);
  }
}

function nameOf(body: Buffer | undefined): string {
  return body ? body.toString('latin1', 1, 1 + (body[0] ?? 0)) : '';
}
